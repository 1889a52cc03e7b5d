import { ATTEMPTS, type Attempts, mayRetry } from "../../protocol/cascade/bulkhead.ts";
import { isolateDomain } from "../../protocol/cascade/failure-domain.ts";
import { addSliding, slidingAt } from "../../protocol/cascade/sliding-window.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { DomainState, QueuedTask, State } from "../state.ts";
import { taskOf } from "../workflow/evolve.ts";
import { domainDraft, domainsOf } from "./domains.ts";

/**
 * CAS-6 at the enforcement point: how many tasks of a failure domain run at once, and how many wait for that. A permission
 * takes a place, however the task ends it is free again. What waits is in the log, so that a queue has its order and its
 * bound whoever asks. What a person has approved is let in; a stop asks nothing of it (CAS-S8).
 */
export interface Breach {
  readonly domain: DomainState;
  readonly bulkhead: NonNullable<DomainState["bulkhead"]>;
  readonly kind: "queued" | "shed" | "isolate" | "budget";
}

/** Null where its agent's domain, and those that is in, have room, and their retry budget is not spent (CAS-7). */
export function breachOf(
  state: State,
  { wid, iss, needs }: Pick<IntentClaims, "wid" | "iss" | "needs">,
  nowS: number,
): Breach | null {
  const isRetry = (needs?.attempt ?? 0) > 0;
  for (const domain of domainsOf(state, wid)) {
    const { bulkhead, queue } = domain;
    if (bulkhead === null || !domain.members.includes(iss)) continue;
    const { sum } = slidingAt(ATTEMPTS, domain.attempts, nowS * 1000);
    if (isRetry && bulkhead.budget !== undefined && !mayRetry(sum, bulkhead.budget.retries_ratio))
      return { domain, bulkhead, kind: "budget" };
    if (!isFull(domain)) continue;
    const mayWait = bulkhead.on_breach === "queue" && queue.length < bulkhead.queue_max;
    return { domain, bulkhead, kind: mayWait ? "queued" : bulkhead.on_breach === "isolate" ? "isolate" : "shed" };
  }
  return null;
}

/** Whoever waits goes first. */
const isFull = ({ bulkhead, running, queue }: DomainState): boolean =>
  bulkhead !== null && (running.size >= bulkhead.max_concurrency || queue.length > 0);

/** What a record says of a task that waits, and of one that is not let in. */
export function breachData({ domain, bulkhead, kind }: Breach, nowS: number): { readonly [member: string]: string } {
  if (kind === "queued")
    return { domain: domain.id, until: String(Math.ceil(nowS + bulkhead.queue_timeout_ms / 1000)) };
  if (kind === "budget")
    return {
      code: "retry_budget_spent",
      detail: `the failure domain ${domain.id} has had as many retries of late as it may have`,
      domain: domain.id,
    };
  const what = bulkhead.on_breach === "queue" ? "its queue is full" : "none may wait";
  return {
    code: "bulkhead_full",
    detail: `${bulkhead.max_concurrency} tasks of the failure domain ${domain.id} run already, and ${what}`,
    domain: domain.id,
  };
}

/** `on_breach` = `isolate`: more wanted in than the domain takes, which is reason enough to cut it off. */
export function breachIsolation({ domain, kind }: Breach, cause: string, ids: HostIds, moment: Moment): Draft[] {
  const change = kind === "isolate" ? isolateDomain(domain.health, "bulkhead", moment.nowS * 1000).change : null;
  return change === null ? [] : [domainDraft(domain, change, { jti: cause }, ids, moment)];
}

/** When the task that waits longest has waited too long, epoch ms. */
export const queueDueMs = ({ queue }: DomainState): number | null => queue[0]?.untilMs ?? null;

/** Those that have waited too long are refused (`bulkhead_timeout`). */
export function timeoutDrafts(state: State, domain: DomainState, ids: HostIds, moment: Moment): Draft[] {
  return domain.queue
    .filter(({ untilMs }) => untilMs <= moment.nowS * 1000)
    .map(({ task }) => {
      const found = taskOf(state, domain.wid, task)?.task;
      const cause = { timer: "bulkhead_queue", of: task };
      return recordDraft(ids, moment, "refused", domain.wid, cause, {
        task,
        agent: found?.agent ?? "",
        exec_act: found?.execAct ?? "",
        code: "bulkhead_timeout",
        detail: `it has waited too long for the failure domain ${domain.id}`,
        domain: domain.id,
      });
    });
}

/** The tasks that there is room for now, in order, as the intents they were asked for with. */
export function waitingIntents(state: State): FactOf<"intent+jwt">[] {
  return [...state.domains.values()]
    .flatMap(({ wid, queue }) => queue.flatMap(({ task }) => intentOf(state, wid, task)))
    .filter(({ claims: { wid, iss } }) => hasRoom(state, wid, iss));
}

/** Of each domain that its agent is in, also of those around. */
const hasRoom = (state: State, wid: string, agent: string): boolean =>
  domainsOf(state, wid).every(
    ({ members, bulkhead, running }) =>
      bulkhead === null || !members.includes(agent) || running.size < bulkhead.max_concurrency,
  );

function intentOf(state: State, wid: string, jti: string): FactOf<"intent+jwt">[] {
  const task = taskOf(state, wid, jti)?.task;
  if (task?.intent == null) return [];
  const { intent } = task;
  const claims = {
    iss: task.agent,
    // It was verified when it came; nothing that decides looks at these again.
    ...{ aud: [], iat: 0, exp: 0 },
    jti: intent.jti,
    wid,
    task: jti,
    exec_act: task.execAct,
    pred: [...intent.pred],
    inp_hash: intent.inpHash,
    args_hash: intent.argsHash,
    ...(intent.target === null ? {} : { target: intent.target }),
    acp: intent.acp,
    ...(intent.needs === undefined ? {} : { needs: intent.needs }),
  };
  return [{ typ: "intent+jwt", claims }];
}

/** A place is taken by a permission, and one in the queue by being told to wait. */
export function evolveBulkheads(state: State, logged: LoggedFact): void {
  if (state.domains.size === 0) return;
  const { fact } = logged;
  const record = fact.typ === "record+jwt" ? fact.claims : null;
  const atMs = logged.receivedAt * 1000;
  const task = typeof record?.data.task === "string" ? record.data.task : null;
  for (const domain of state.domains.values()) {
    if (domain.bulkhead === null) continue;
    if (task !== null && record?.wid === domain.wid) {
      const entered = record.kind === "permitted" && isInside(state, domain, task);
      const queued = record.kind === "queued" && record.data.domain === domain.id;
      if (queued || (entered && !domain.queue.some((one) => one.task === task)))
        domain.attempts = addSliding(ATTEMPTS, domain.attempts, attemptOf(state, domain.wid, task), atMs);
      if (entered) domain.running.add(task);
      if (queued) domain.queue.push({ task, untilMs: Number(record.data.until) * 1000 });
    }
    for (const one of domain.running) if (!isIn(GOING_ON, state, domain.wid, one)) domain.running.delete(one);
    if (domain.queue.length > 0) domain.queue = domain.queue.filter((one) => waits(state, domain, one, record));
  }
}

function attemptOf(state: State, wid: string, task: string): Attempts {
  const isRetry = (taskOf(state, wid, task)?.task.intent?.needs?.attempt ?? 0) > 0;
  return isRetry ? { first: 0, retries: 1 } : { first: 1, retries: 0 };
}

const GOING_ON: ReadonlySet<string> = new Set(["running", "effect"]);
const ASKED: ReadonlySet<string> = new Set(["asked"]);

/** Until it is answered, or ended otherwise. */
function waits(
  state: State,
  { wid }: DomainState,
  { task }: QueuedTask,
  record: FactOf<"record+jwt">["claims"] | null,
): boolean {
  const isAnswered = record?.kind === "gate_required" && record.data.task === task;
  return !isAnswered && isIn(ASKED, state, wid, task);
}

const isIn = (statuses: ReadonlySet<string>, state: State, wid: string, task: string): boolean =>
  statuses.has(taskOf(state, wid, task)?.task.status ?? "");

const isInside = (state: State, { wid, members }: DomainState, task: string): boolean =>
  members.includes(taskOf(state, wid, task)?.task.agent ?? "");
