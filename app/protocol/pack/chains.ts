import type { Json, JsonObject } from "../../base/json.ts";
import { ECT_EXT } from "../ect/claims.ts";
import { ECT_TYP, LEGACY_ECT_TYP } from "../ect/ect-token.ts";

/** A verified entry as it is told: its claims are the token's own words. */
export interface ToldEntry {
  readonly seq: number;
  /** Epoch seconds. */
  readonly receivedAt: number;
  readonly typ: string;
  readonly claims: JsonObject;
}

/** What somebody decided about a request. */
export interface ToldDecision {
  readonly seq: number;
  readonly by: string;
  readonly outcome: string;
  readonly reason: string | null;
}

/** What the enforcement point stated about an action: that it permitted, refused or held it. */
export interface ToldRecord {
  readonly seq: number;
  readonly kind: string;
  readonly code: string | null;
}

/** One action from its being asked for to its effect: who allowed what (J7). */
export interface Chain {
  readonly task: string;
  readonly wid: string | null;
  readonly action: string;
  readonly agent: string;
  readonly target: string | null;
  /** The exact arguments, where a person was asked about them. */
  readonly args: string | null;
  readonly at: number;
  readonly asked: number | null;
  readonly request: number | null;
  readonly decisions: readonly ToldDecision[];
  readonly records: readonly ToldRecord[];
  readonly result: { readonly seq: number; readonly outcome: string } | null;
}

type Building = { -readonly [Member in keyof Chain]: Chain[Member] } & {
  decisions: ToldDecision[];
  records: ToldRecord[];
};

/** Chains in the order in which their actions were first heard of. An action without any step but its report is one too. */
export function chainsOf(entries: readonly ToldEntry[]): Chain[] {
  const chains = new Map<string, Building>();
  const requests = new Map<string, Building>();
  const chain = (task: string, entry: ToldEntry): Building => {
    // A task's id is its workflow's: an agent of another one may have given its own task the same.
    const key = keyOf(entry.claims.wid, task);
    const known = chains.get(key);
    if (known !== undefined) return known;
    const made: Building = {
      ...{ task, wid: textOf(entry.claims.wid), action: "", agent: "", target: null, args: null },
      ...{ at: entry.receivedAt, asked: null, request: null, decisions: [], records: [], result: null },
    };
    chains.set(key, made);
    return made;
  };
  for (const entry of entries) {
    const { typ, claims, seq } = entry;
    if (typ === "intent+jwt") takeIntent(chain(textOf(claims.task) ?? "", entry), claims, seq);
    else if (typ === "record+jwt") takeRecord(chains, requests, claims, seq);
    else if (typ === "hitl-request+jwt") takeRequest(requests, chain, entry);
    else if (typ === "hitl-decision+jwt") takeDecision(requests, claims, seq);
    else if (typ === ECT_TYP || typ === LEGACY_ECT_TYP) takeReport(chains, claims, seq);
  }
  return [...chains.values()];
}

function takeIntent(chain: Building, claims: JsonObject, seq: number): void {
  chain.asked ??= seq;
  chain.action = textOf(claims.exec_act) ?? "";
  chain.agent = textOf(claims.iss) ?? "";
  chain.target = textOf(claims.target);
}

function takeRecord(
  chains: ReadonlyMap<string, Building>,
  requests: ReadonlyMap<string, Building>,
  claims: JsonObject,
  seq: number,
): void {
  const data = objectOf(claims.data);
  const chain = chains.get(keyOf(claims.wid, textOf(data?.task))) ?? requests.get(textOf(data?.request) ?? "");
  chain?.records.push({ seq, kind: textOf(claims.kind) ?? "", code: textOf(data?.code) });
}

function takeRequest(
  requests: Map<string, Building>,
  chain: (task: string, entry: ToldEntry) => Building,
  entry: ToldEntry,
): void {
  const { claims, seq } = entry;
  const task = objectOf(claims.task);
  const found = chain(textOf(task?.jti) ?? "", entry);
  found.request = seq;
  found.action ||= textOf(task?.exec_act) ?? "";
  found.agent ||= textOf(claims.iss) ?? "";
  found.target ??= textOf(task?.target);
  found.args = task?.args === undefined ? null : JSON.stringify(task.args);
  requests.set(textOf(claims.jti) ?? "", found);
}

function takeDecision(requests: ReadonlyMap<string, Building>, claims: JsonObject, seq: number): void {
  const chain = requests.get(textOf(objectOf(claims.request)?.jti) ?? "");
  const [by, outcome] = [textOf(claims.iss) ?? "", textOf(claims.outcome) ?? ""];
  chain?.decisions.push({ seq, by, outcome, reason: textOf(claims.reason) });
}

/** The report of a task that was asked for; those of starts, requests and decisions tell nothing new. */
function takeReport(chains: ReadonlyMap<string, Building>, claims: JsonObject, seq: number): void {
  const chain = chains.get(keyOf(claims.wid, textOf(claims.jti)));
  if (chain === undefined) return;
  const ext = objectOf(claims.ect_ext) ?? objectOf(claims.ext);
  chain.result = { seq, outcome: textOf(ext?.[ECT_EXT.outcome]) ?? "reported" };
}

const keyOf = (wid: Json | undefined, task: string | null): string => `${textOf(wid) ?? ""} ${task ?? ""}`;
const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const objectOf = (value: Json | undefined): JsonObject | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null; // neither list nor null
