import type { CascadeView } from "../../../api/contract/cascade.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { ShownDomain } from "../domains/shown-domains.ts";
import { STATE_WORDS } from "./breaker-words.tsx";
import type { Breakers } from "./use-breakers.ts";

export interface BreakerNoteProps {
  readonly breakers: Breakers;
  onOpen(): void;
  /** Rehearses what going back to before a task would do. */
  onRollBack(task: number): void;
}

/** Only where something is abnormal: breakers that are not closed, what waits for them, and a cascade with its root. */
export function BreakerNote({ breakers, onOpen, onRollBack }: BreakerNoteProps) {
  const { abnormal, waiting, cascades, cascadesOldMs, heldEdges, domains, problem } = breakers;
  if (problem !== null)
    return (
      <Line tone="warning">
        <Mark shape="triangle" tone="warning" label="Breakers not known" />
        <span>Whether calls between the agents pass could not be read: {problem.title}.</span>
      </Line>
    );
  const held = heldEdges.filter(({ from, to }) => !abnormal.some((one) => one.from === from && one.to === to));
  const quiet = abnormal.length === 0 && waiting.length === 0 && held.length === 0;
  return (
    <>
      {cascadesOldMs === null ? null : (
        <Line tone="warning">
          <Mark shape="triangle" tone="warning" label="Cascades not known" />
          <span>
            Whether failures spread could not be read
            {cascadesOldMs === 0 ? (
              "."
            ) : (
              <>
                ; last read <Ago sinceMs={cascadesOldMs} />.
              </>
            )}
          </span>
        </Line>
      )}
      {cascades.map((cascade) => (
        <Cascade key={cascade.id} cascade={cascade} breakers={breakers} onRollBack={onRollBack} />
      ))}
      {domains.map((domain) =>
        domain.alert === null ? null : (
          <Line key={`alert ${domain.id}`} tone="warning">
            <Mark
              shape="triangle"
              tone="warning"
              label={`Failure domain ${visibleText(domain.id)}: ${domain.alert.kind === "error_rate" ? "more failures than usual" : "slower than usual"}`}
            />
            <Button size="sm" onPress={onOpen}>
              Failure domains
            </Button>
          </Line>
        ),
      )}
      {domains.filter(isCut).map((domain) => (
        <Line key={domain.id} tone={domain.state === "isolated" ? "critical" : "warning"}>
          <Mark
            shape="triangle"
            tone={domain.state === "isolated" ? "critical" : "warning"}
            label={`Failure domain ${visibleText(domain.id)} is ${domain.state}`}
          />
          {domain.state === "isolated" ? <span>Nothing is handed in or out of it.</span> : null}
          <Button size="sm" onPress={onOpen}>
            Failure domains
          </Button>
        </Line>
      ))}
      {quiet ? null : (
        <Line tone="warning">
          <Mark shape="triangle" tone="warning" label={stateCounts(breakers)} />
          {waiting.length === 0 ? null : (
            <span>
              {formatCount(waiting.length)} {waiting.length === 1 ? "task waits" : "tasks wait"} for a breaker.
            </span>
          )}
          <Button size="sm" shortcut="b" onPress={onOpen}>
            Breakers
          </Button>
        </Line>
      )}
    </>
  );
}

/** Degraded is what the line about its breakers says. */
const isCut = ({ state }: ShownDomain): boolean => state === "isolated" || state === "recovering";

/** "2 breakers open, 1 half open". */
function stateCounts({ abnormal, heldEdges }: Breakers): string {
  const words = (["open", "half_open", "forced_open", "isolated"] as const).flatMap((state) => {
    const count = abnormal.filter((breaker) => breaker.state === state).length;
    return count === 0 ? [] : [`${formatCount(count)} ${STATE_WORDS[state]}`];
  });
  if (words.length === 0) return heldEdges.length > 0 ? "An edge is tripped" : "Breakers closed again";
  return `${abnormal.length === 1 ? "Breaker" : "Breakers"}: ${words.join(", ")}`;
}

const DONE: Record<CascadeView["action"], string> = {
  observe: "Nothing is cut.",
  contain: "The breakers where it spreads were opened.",
  isolate_domain: "The breakers where it spreads were isolated.",
  halt_workflow: "It is too large to contain. Whether to stop the workflow is yours to say.",
};

/** CAS-9: which agent is suspected to be first out, why, and where the failures spread from. */
function Cascade({
  cascade,
  breakers,
  onRollBack,
}: Omit<BreakerNoteProps, "onOpen"> & { readonly cascade: CascadeView }) {
  const name = (agent: string): string => breakers.nameOf(breakers.indexOf(agent));
  const { why, index } = cascade.root;
  return (
    <Line tone="critical">
      <Mark shape="triangle" tone="critical" label={`Cascade: ${formatCount(cascade.agents.length)} agents fail`} />
      <span>
        First out, suspected: <bdi className="font-semibold">{name(cascade.root.agent)}</bdi> (
        {why.withoutCause ? "nothing before it failed" : "failures go round, it failed first"}, at{" "}
        <Instant epochMs={why.failedAt * 1000} />, {formatCount(why.descendants)} after it).
      </span>
      {/* In the order in which they began to fail (A6). */}
      <span>
        Then:{" "}
        <bdi>
          {cascade.agents
            .filter((agent) => agent !== cascade.root.agent)
            .map(name)
            .join(", ")}
        </bdi>
        .
      </span>
      {cascade.front.length === 0 ? null : (
        <span>
          Spreads from: <bdi className="font-semibold">{cascade.front.map(name).join(", ")}</bdi>.
        </span>
      )}
      <span>
        {DONE[cascade.action]} {Math.round(cascade.confidence * 100)} % of its links were named by a failure, the others
        are inferred.
      </span>
      <GoLink to="/timeline" search={{ wid: cascade.wid, action: "cascade_alert" }}>
        Its entries
      </GoLink>
      {index === null ? null : (
        <Button writes size="sm" onPress={() => onRollBack(index)}>
          Roll back …
        </Button>
      )}
    </Line>
  );
}

function Line({ tone, children }: { readonly tone: "warning" | "critical"; readonly children: React.ReactNode }) {
  const look = tone === "warning" ? "border-line bg-panel" : "border-critical bg-critical-soft";
  return (
    <div role="status" className={`flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1 ${look}`}>
      {children}
    </div>
  );
}
