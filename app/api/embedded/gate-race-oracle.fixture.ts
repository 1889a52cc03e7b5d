import { APPROVALS, ASKED_SIZE } from "./gate-race-run.fixture.ts";

/*
 * What must be true of the exported log of one raced workflow, by rules written down here from docs/spec/acp-dag-hitl.md. It
 * reads the tokens as text: nothing of ours that parses, verifies, decides or folds is used.
 */

/** One token of the log, opened but not judged. */
export interface Logged {
  readonly seq: number;
  readonly at: number;
  readonly typ: string;
  readonly digest: string;
  // biome-ignore lint/suspicious/noExplicitAny: claims as they stand in the token, of any type
  readonly claims: Readonly<Record<string, any>>;
}

/** How the engine answered somebody who gave a decision, of all answers to the same token. */
export interface Answers {
  readonly outcome: string;
  /** Tabs that heard `ok`, and that heard `token_replayed`: it is in the log already. */
  ok: number;
  replayed: number;
  /** Other refusals by their code. */
  readonly refused: string[];
  /** Tabs that were killed before they heard anything. */
  lost: number;
}

/** The compact tokens of an exported log that are about this workflow, in their order. */
export async function openLog(text: string, wid: string): Promise<Logged[]> {
  const { entries } = JSON.parse(text) as { entries: { seq: number; token: string; received_at: number }[] };
  const opened: Logged[] = [];
  for (const { seq, token, received_at } of entries) {
    const [header, payload, signature] = token.split(".");
    if (signature === undefined || header === undefined || payload === undefined) continue;
    const claims = decode(payload);
    // A revocation names its policy, and a stop its scope.
    const about = [claims.wid, claims.scope?.id, opened.find((one) => one.claims.jti === claims.acp?.jti)?.claims.wid];
    if (!about.includes(wid)) continue;
    const digest = encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
    opened.push({ seq, at: received_at, typ: decode(header).typ, digest, claims });
  }
  return opened;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of a token
const decode = (part: string): Record<string, any> =>
  JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), code)));
const code = (char: string): number => char.charCodeAt(0);
const encode = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const isRecord = (entry: Logged, kind: string): boolean => entry.typ === "record+jwt" && entry.claims.kind === kind;
export const isEffect = (entry: Logged): boolean => isRecord(entry, "effect_started");
const isRefusal = ({ claims }: Logged): boolean => claims.outcome === "reject" || claims.outcome === "abort";
const decisionsOn = (log: readonly Logged[], request: string): Logged[] =>
  log.filter(({ typ, claims }) => typ === "hitl-decision+jwt" && claims.request.jti === request);

/** Everything that is wrong with the log, given what was answered about each decision, by its id. */
export function faults(log: readonly Logged[], starter: string, answers: ReadonlyMap<string, Answers>): string[] {
  const found = afterTheEnd(log);
  for (const effect of log.filter(isEffect)) {
    const why = unallowed(log, effect, starter);
    if (why !== null) found.push(`entry ${effect.seq} let ${effect.claims.data.exec_act} through: ${why}`);
  }
  for (const [jti, { ok, replayed, refused, lost }] of answers) {
    const places = log.filter(({ typ, claims }) => typ === "hitl-decision+jwt" && claims.jti === jti).length;
    const heard = `${ok} ok, ${replayed} replayed, ${lost} unheard, refused [${refused.join(" ")}]`;
    // ACP-12, ACP-S3: one token, one decision, whoever heard what.
    if (ok > 1 || places > 1) found.push(`decision ${jti} counted ${places} times: ${heard}`);
    if (ok + replayed > 0 && places !== 1)
      found.push(`decision ${jti} was acknowledged and is not in the log: ${heard}`);
    if (ok + replayed + lost === 0 && places > 0) found.push(`decision ${jti} was refused and is in the log: ${heard}`);
  }
  for (const { seq, typ, claims } of log)
    if (typ === "hitl-decision+jwt" && !answers.has(claims.jti)) found.push(`entry ${seq} is a decision nobody gave`);
  return found;
}

/** Decisions and effects that came after somebody had refused the request, or after what it was for had happened. */
function afterTheEnd(log: readonly Logged[]): string[] {
  const ended = new Map<string, string>();
  return log.flatMap((entry) => {
    const { seq, typ, claims } = entry;
    const of: unknown = typ === "hitl-decision+jwt" ? claims.request.jti : isEffect(entry) ? claims.data.request : null;
    if (typeof of !== "string") return [];
    const end = ended.get(of);
    if (isEffect(entry)) ended.set(of, `entry ${seq} used it`);
    else if (isRefusal(entry)) ended.set(of, `entry ${seq} refused it`);
    return end === undefined ? [] : [`entry ${seq} is about request ${of}, though ${end}`];
  });
}

/** Requests that a tab shows in another state than the log has them in, by their decisions and effects. */
export function misshown(log: readonly Logged[], shown: readonly { request: string; state: string }[]): string[] {
  return shown.flatMap(({ request, state }) => {
    const used = log.some((entry) => isEffect(entry) && entry.claims.data.request === request);
    const refused = decisionsOn(log, request).find(isRefusal)?.claims.outcome;
    const due = refused === undefined ? (used ? "consumed" : null) : refused === "reject" ? "rejected" : "aborted";
    return due === null || state === due ? [] : [`request ${request} is ${due} and shown as ${state}`];
  });
}

/** Why this effect was let through although nobody allowed exactly it; null when it was allowed. */
function unallowed(log: readonly Logged[], effect: Logged, starter: string): string | null {
  const { data } = effect.claims;
  const before = log.filter(({ seq }) => seq < effect.seq);
  const intent = before.findLast(({ typ, claims }) => typ === "intent+jwt" && claims.task === data.task);
  if (intent === undefined) return "it was never asked for";
  const since = before.filter(({ seq }) => seq > intent.seq);
  if (since.some((entry) => isEffect(entry) && entry.claims.data.task === data.task)) return "it ran before";
  if (stopped(before)) return "a stop was latched";
  const policy = before.findLast(({ typ }) => typ === "acp+jwt");
  if (policy === undefined || policy.claims.jti !== intent.claims.acp.jti || policy.digest !== intent.claims.acp.hash)
    return "another policy took the place of the one it was asked under";
  if (effect.at > policy.claims.exp) return "the policy had expired";
  if (before.some(({ typ, claims }) => typ === "acp-revocation+jwt" && claims.acp.jti === policy.claims.jti))
    return "the policy was revoked";
  const due = APPROVALS[intent.claims.exec_act];
  if (due === undefined) return data.request === undefined ? null : "it names a request that nobody asked";
  const request = since.findLast(({ typ, claims }) => typ === "hitl-request+jwt" && claims.task.jti === data.task);
  if (request === undefined || request.claims.jti !== data.request) return "no human was asked";
  return disapproved(log, { effect, intent, request, due, starter });
}

function stopped(before: readonly Logged[]): boolean {
  const latched = new Set<string>();
  for (const { typ, claims } of before) {
    if (typ !== "override+jwt") continue;
    if (claims.action === "stop") latched.add(claims.jti);
    else latched.delete(claims.params.of);
  }
  return latched.size > 0;
}

interface Asked {
  readonly effect: Logged;
  readonly intent: Logged;
  readonly request: Logged;
  readonly due: number;
  readonly starter: string;
}

/** What people said of the request, and whether it is enough for exactly this effect. */
function disapproved(log: readonly Logged[], { effect, intent, request, due, starter }: Asked): string | null {
  const of = request.claims.jti;
  const { data } = effect.claims;
  // ACP-17: before the effect or after it, a refusal and an effect are never of one request.
  const refusal = decisionsOn(log, of).find(isRefusal);
  if (refusal !== undefined) return `it was refused by ${refusal.claims.iss} in entry ${refusal.seq}`;
  // ACP-12: consumed.
  if (log.some((entry) => isEffect(entry) && entry !== effect && entry.claims.data.request === of))
    return "another effect used the same approval";
  const asked = { action: intent.claims.exec_act, inputs: intent.claims.inp_hash, args: intent.claims.args_hash };
  const people = new Set<string>();
  let runs: string | undefined;
  for (const { seq, at, claims } of decisionsOn(log, of)) {
    if (seq > effect.seq) return `entry ${seq} decided after the effect`;
    if (claims.outcome === "escalate") continue;
    if (claims.request.hash !== request.digest) return "an approval is of another version of the request";
    const { exec_act: action, inp_hash: inputs, args_hash: args } = claims.bind;
    // ACP-11: exactly this action.
    if (action !== asked.action || inputs !== asked.inputs || args !== asked.args)
      return "an approval is for something else";
    if (effect.at > claims.exp) return "an approval had expired";
    if (at - claims.auth_time > 900) return "an approval rests on an old authentication";
    if (!String(claims.iss).includes("/human/")) return "an agent approved it";
    if (people.has(claims.iss)) return `${claims.iss} approved it twice`;
    if (due > 1 && claims.iss === starter) return "who started it approved it";
    if (claims.role !== "operator") return "an approval is by a role nobody asked";
    const { modified } = claims;
    if ((claims.outcome === "modify") !== (modified !== undefined)) return "an approval changed what it may not";
    if (modified !== undefined) {
      const { size } = modified.args;
      if (asked.action !== "deploy_size" || !(size >= 0 && size < ASKED_SIZE)) return "an approval asks for more";
      runs = modified.args_hash;
    }
    people.add(claims.iss);
  }
  if (people.size < due) return `${people.size} of ${due} people approved`;
  return data.args_hash === runs ? null : "other arguments ran than were approved";
}
