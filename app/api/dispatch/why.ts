import type * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import { CAUSE_KINDS } from "../../host/lane-index.ts";
import type { Host } from "../../host/open-host.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { whyOperation } from "../contract/why.ts";
import { readRuns, showRow } from "./entries.ts";

type Answer = z.infer<NonNullable<(typeof whyOperation)["~orpc"]["outputSchema"]>>;
type Found = Omit<Answer["entries"][number], "row"> & { readonly seq: number };

/** Causes told at most, and how far back. */
const MOST = 40;
const FURTHEST = 12;

/** The entry asked for and what it followed from, by breadth. */
export async function whyOf(
  host: Host,
  { seq, wid }: { readonly seq?: number | undefined; readonly wid?: string | undefined },
): Promise<Result<Pick<Answer, "entries" | "more">, Refusal>> {
  await host.index.catchUp();
  const asked = seq ?? (wid === undefined ? null : await entryOf(host, wid));
  if (asked === null) return err(refusal("workflow_unknown", "no such workflow in this log"));
  if (host.index.row(asked) === undefined) return err(refusal("entry_unknown", "no such entry in this log"));
  const found: Found[] = [{ seq: asked, distance: 0, causeOf: null, how: "asked" }];
  const seen = new Set([asked]);
  let more = false;
  for (let next = found[0]; next !== undefined; next = found[found.indexOf(next) + 1]) {
    const causes = causesOf(host, next.seq).filter((cause) => !seen.has(cause.seq));
    const distance = next.distance + 1;
    if (distance > FURTHEST) more ||= causes.length > 0;
    else
      for (const { seq: cause, how } of causes) {
        seen.add(cause);
        if (found.length >= MOST) more = true;
        else found.push({ seq: cause, distance, causeOf: next.seq, how });
      }
  }
  const runs = await readRuns(host);
  const entries = found.flatMap(({ seq: at, ...rest }) => {
    const row = host.index.row(at);
    return row === undefined ? [] : [{ row: showRow(host, runs, row), ...rest }];
  });
  return ok({ entries, more });
}

function causesOf(host: Host, seq: number): { readonly seq: number; readonly how: Found["how"] }[] {
  const { causes, kinds } = host.index.causes(seq, seq + 1);
  return [...causes]
    .map((cause, at) => ({ seq: cause, how: CAUSE_KINDS[kinds[at] ?? 0] ?? "task" }))
    .sort((a, b) => b.seq - a.seq);
}

/** The entry a workflow's status rests on: its end, the stop that holds it, or its start. */
function entryOf(host: Host, wid: string): Promise<number | null> {
  return host.engine.read((state) => {
    const workflow = state.workflows.get(wid);
    if (workflow === undefined) return null;
    const last = host.index.rows().findLast((row) => row.wid === wid && ENDS.has(row.action));
    if (workflow.status === "finished" && last !== undefined) return last.seq;
    return stopOf(state, workflow) ?? workflow.startSeq;
  });
}

const ENDS: ReadonlySet<string> = new Set(["run_finished"]);

function stopOf(state: State, { halted }: WorkflowState): number | null {
  const stops = [...state.overrides.values()].filter(
    ({ claims, targets }) => claims.action === "stop" && [...targets.keys()].some((agent) => halted.has(agent)),
  );
  return stops.at(-1)?.seq ?? null;
}
