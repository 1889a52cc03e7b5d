import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { type LeaseStand, leaseLeftMs, leaseStand } from "./lease-stand.ts";
import type { Liveness, ShownLiveness } from "./use-liveness.ts";

/** Only where somebody has to look: a lease to renew or over, a link that is lost, or all of it not known (L2). */
export function LivenessNote({ liveness, onOpen }: { readonly liveness: Liveness; onOpen(): void }) {
  if (liveness.problem !== null)
    return (
      <Line>
        <Mark shape="triangle" tone="warning" label="Leases and links not known" />
        <span>Whether the agents still have both could not be read: {liveness.problem.title}.</span>
      </Line>
    );
  const hasSomething = liveness.all.some(({ lease, link }) => lease !== null || link !== null);
  return hasSomething ? <Known liveness={liveness} onOpen={onOpen} /> : null;
}

function Known({ liveness, onOpen }: { readonly liveness: Liveness; onOpen(): void }) {
  const nowMs = useNow();
  const standOf = ({ lease }: ShownLiveness) =>
    lease === null ? null : leaseStand(lease, leaseLeftMs(lease, liveness.readAtMs, nowMs));
  const lost = liveness.all.filter(({ link }) => link !== null);
  const over = liveness.all.filter((one) => standOf(one) === "lapsed");
  const due = liveness.all.filter((one) => DUE.has(standOf(one)));
  if (lost.length + over.length + due.length === 0) return null;
  return (
    <Line>
      {lost.length === 0 ? null : (
        <Mark shape="triangle" tone="critical" label={`${agents(lost.length)} not heard of: ${names(lost)}`} />
      )}
      {over.length === 0 ? null : (
        <Mark shape="bar" tone="warning" label={`Lease over, begins nothing new: ${names(over)}`} />
      )}
      {due.length === 0 ? null : <Mark shape="diamond" tone="notice" label={`Lease to renew: ${names(due)}`} />}
      <Button size="sm" shortcut="v" onPress={onOpen}>
        Leases and links
      </Button>
    </Line>
  );
}

const DUE: ReadonlySet<LeaseStand | null> = new Set(["asked", "sounding", "due"]);

const NAMED = 3;

const agents = (count: number): string => `${formatCount(count)} ${count === 1 ? "agent" : "agents"}`;

const names = (list: readonly ShownLiveness[]): string =>
  list
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(", ") + (list.length > NAMED ? ` and ${formatCount(list.length - NAMED)} more` : "");

function Line({ children }: { readonly children: React.ReactNode }) {
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1"
    >
      {children}
    </div>
  );
}
