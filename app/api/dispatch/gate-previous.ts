import type * as z from "zod";
import type { Json } from "../../base/json.ts";
import type { GateState, State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import type { evidenceSchema, previousSchema } from "../contract/gate-context.ts";
import { openEct } from "./open-ect.ts";

type Previous = z.infer<typeof previousSchema>;
type Evidence = z.infer<typeof evidenceSchema>;

const MAX_NAME = 256;
const MAX_EVIDENCE = 64;

/** An agent's own name, apart from the workflow it acts in. */
const nameOf = (agent: string): string => agent.slice(agent.lastIndexOf("/") + 1);

/**
 * The last settled request for the same action: of the same agent, or else of one of the same name in another workflow. By
 * the log's order of requests, so that everybody finds the same one.
 */
export function lastSettled(state: State, gate: GateState): GateState | null {
  let same: GateState | null = null;
  let namesake: GateState | null = null;
  for (const other of state.gates.values()) {
    if (other.closedAt === null && other.status !== "approved") continue;
    if (other.seq >= gate.seq || other.claims.task.exec_act !== gate.claims.task.exec_act) continue;
    if (other.agent === gate.agent) {
      if (same === null || other.seq > same.seq) same = other;
    } else if (nameOf(other.agent) === nameOf(gate.agent) && (namesake === null || other.seq > namesake.seq))
      namesake = other;
  }
  const found = same ?? namesake;
  return found === null ? null : { ...found };
}

/** What it was about, with its arguments; null where its run is not stored any more. */
export function previousOf(
  host: Host,
  runs: ReadonlyMap<string, string>,
  found: GateState,
  agent: string,
): Previous | null {
  const plan = host.runs.known(runs.get(found.wid) ?? "");
  const index = plan === undefined ? undefined : host.runs.jtis(found.wid, plan).indexOf.get(found.task);
  const task = index === undefined ? undefined : plan?.tasks[index];
  const text = task === undefined ? null : canonicalText(task.args);
  if (task === undefined || text?.ok !== true) return null;
  return {
    request: found.request,
    seq: found.seq,
    sameAgent: found.agent === agent,
    state: found.status,
    closedAt: found.closedAt,
    taskName: task.name.slice(0, MAX_NAME),
    target: found.claims.task.target ?? null,
    canonicalArgs: text.value,
    argsHash: found.claims.task.args_hash ?? "",
  };
}

/** Level 3 does not change any more; less may become more, so it is looked at again. */
const proven = new WeakMap<Host, Set<number>>();

/** What the action rests on, each verified again as of its receipt (COM-2, ACP-13). */
export async function evidenceOf(host: Host, gate: GateState, before: readonly string[]): Promise<Evidence[]> {
  const pred = [...new Set([...before, ...gate.claims.task.pred])];
  const named = gate.claims.explanation.evidence.filter((jti) => !pred.includes(jti));
  const all = [
    ...pred.map((jti) => ({ jti, source: "predecessor" as const })),
    ...named.map((jti) => ({ jti, source: "named" as const })),
  ].slice(0, MAX_EVIDENCE);
  const seqs = await host.engine.read((state) => {
    const ects = state.workflows.get(gate.wid)?.ects;
    return all.map(({ jti }) => ects?.get(jti)?.seq ?? null);
  });
  const found: Evidence[] = [];
  for (const [at, one] of all.entries()) {
    const seq = seqs[at] ?? null;
    found.push({ ...one, seq, level: seq === null ? 0 : await levelOf(host, gate.wid, seq) });
  }
  return found;
}

async function levelOf(host: Host, wid: string, seq: number): Promise<number> {
  const known = proven.get(host) ?? new Set<number>();
  proven.set(host, known);
  if (known.has(seq)) return 3;
  const opened = await openEct(host, wid, seq);
  const level = Math.min(3, Math.max(0, opened?.level ?? 0));
  if (level === 3) known.add(seq);
  return level;
}

/** What two argument values must have in common to be of one shape: names and kinds, not the values. */
export function shapeOf(value: Json, depth = 0): string {
  if (Array.isArray(value))
    return depth > 8
      ? "[…]"
      : `[${[...new Set(value.map((item: Json) => shapeOf(item, depth + 1)))].sort().join("|")}]`;
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (depth > 8) return "{…}";
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${shapeOf(item, depth + 1)}`).join(",")}}`;
}
