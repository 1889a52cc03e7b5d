import { useContext } from "react";
import { useMinute, useNow } from "../../../ui/clock.ts";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { leaseLeftMs, leaseStand } from "./lease-stand.ts";
import { type LivenessMark, leaseMark, leftWords, linkMark, planWords } from "./liveness-words.ts";
import { LivenessContext, type ShownLiveness } from "./use-liveness.ts";

/** On a node: how its agent's lease stands and what happens when its link is lost, by shape and words (L3, L5, N8, N9). */
export function LivenessTag({ agent }: { readonly agent: number }) {
  const liveness = useContext(LivenessContext);
  const one = liveness?.byIndex.get(agent);
  if (liveness === null || one === undefined) return null;
  if (!one.declared && one.link === null && one.lease === null) return null;
  return (
    <span
      data-liveness
      className="absolute -bottom-3 left-1 z-10 inline-flex items-center gap-1 border border-line bg-panel px-0.5 text-xs leading-4 whitespace-nowrap text-ink"
    >
      {one.lease === null ? null : <LeaseOnNode lease={one.lease} readAtMs={liveness.readAtMs} />}
      <OnNode mark={linkMark(one, "short")} />
    </span>
  );
}

function OnNode({ mark }: { readonly mark: LivenessMark }) {
  return (
    <span className={`inline-flex items-center gap-1 ${mark.tone === "neutral" ? "" : "font-semibold"}`}>
      <MarkIcon shape={mark.shape} tone={mark.tone} size={9} />
      {mark.label}
    </span>
  );
}

type WithLease = { readonly lease: NonNullable<ShownLiveness["lease"]>; readonly readAtMs: number };

/** By the second only while somebody is asked; a graph has many nodes. */
function LeaseOnNode(props: WithLease) {
  const leftMs = leaseLeftMs(props.lease, props.readAtMs, useMinute());
  const near = leaseStand(props.lease, Math.max(0, leftMs - 60_000)) !== "running";
  if (near) return <NearOnNode {...props} />;
  const { shape, tone } = leaseMark("running", leftMs);
  // Both fit under a node without the word, which its sign says, and the details say in words.
  return (
    <span className="inline-flex items-center gap-1">
      <MarkIcon shape={shape} tone={tone} size={9} />
      <span className="sr-only">lease </span>
      {leftWords(leftMs)}
    </span>
  );
}

function NearOnNode({ lease, readAtMs }: WithLease) {
  const leftMs = leaseLeftMs(lease, readAtMs, useNow());
  return <OnNode mark={leaseMark(leaseStand(lease, leftMs), leftMs)} />;
}

/** The same in a table or a list, to the second. */
export function LeaseMark({ lease, readAtMs }: WithLease) {
  const leftMs = leaseLeftMs(lease, readAtMs, useNow());
  return <Mark {...leaseMark(leaseStand(lease, leftMs), leftMs)} />;
}

export function LivenessCell({ agent }: { readonly agent: number | null }) {
  const liveness = useContext(LivenessContext);
  const one = agent === null ? undefined : liveness?.byIndex.get(agent);
  if (liveness === null || one === undefined)
    return <span className="text-muted">{agent === null ? "several" : "—"}</span>;
  // One line, as every row.
  return (
    <span
      title={`When its link is lost: ${planWords(one.plan)}`}
      className="flex min-w-0 items-center gap-2 overflow-hidden whitespace-nowrap"
    >
      {one.lease === null ? null : <LeaseMark lease={one.lease} readAtMs={liveness.readAtMs} />}
      <Mark {...linkMark(one, "row")} />
    </span>
  );
}
