import type { AgentPool } from "../agents/messages.ts";
import type { ResourceStore } from "../agents/resources/resource-store.ts";
import type { Clock } from "../base/ports.ts";
import { type Engine, StateUncertain } from "../engine/engine.ts";
import type { FactOf, LoggedFact } from "../engine/fact.ts";
import { isHuman } from "../engine/identity/human.ts";
import { isUnderWay } from "../engine/rollback/rollback-states.ts";
import type { State } from "../engine/state.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import type { PlanStep } from "../protocol/cascade/rollback-claims.ts";
import { CONFIRM_WITHIN_S, isFinished, type RollbackState } from "../protocol/cascade/rollback-state.ts";
import { nextDueS } from "../protocol/cascade/rollback-steps.ts";

/** So long an answer is waited for until the request goes out again, and after the log has refused until it is tried again. */
const AGAIN_MS = 20_000;
/** So often; after that only the coordinator's own deadlines go on, and a new start of the host. */
const MAX_AGAIN = 3;

export interface RollbackDirectorPorts {
  /** One that waits for storage which cannot take what is submitted now. */
  readonly engine: Engine;
  readonly pool: AgentPool;
  readonly clock: Clock;
  /** What is restored is looked at here, not only reported. */
  readonly resources: Pick<ResourceStore, "saved" | "digest">;
  /** What the gateway of another domain of the console answers to a request; none where it cannot be reached. */
  atGateway(asked: {
    readonly to: string;
    readonly token: string;
    readonly plan: readonly PlanStep[];
  }): Promise<readonly string[]>;
  /** Admits those of a workflow's agents that are not in the pool, halted: they do nothing but what a rollback asks. */
  admit(wid: string, slugs: readonly string[]): Promise<boolean>;
}

/**
 * Carries the coordinator's logged requests to the participants and their answers to the log (C5). It decides nothing and
 * remembers nothing: what is owed is read from the log, so that a new start of the host goes on to the same end (CAS-25).
 */
export interface RollbackDirector {
  /** Sends again what is owed by rollbacks that were under way. */
  open(): Promise<void>;
  appended(logged: readonly LoggedFact[], entries: readonly LedgerEntry[]): void;
  close(): void;
}

export function createRollbackDirector(ports: RollbackDirectorPorts): RollbackDirector {
  const { engine, pool, clock } = ports;
  const watches = new Map<string, () => void>();
  /** How often a rollback's requests went out again since an answer came. */
  const repeated = new Map<string, number>();
  /** By agent: its messages count in the order they were sent. */
  const lanes = new Map<string, Promise<void>>();
  /** By workflow: requests go out one after the other, once the agents are there. */
  const ways = new Map<string, Promise<void>>();
  let closed = false;

  /** While the host closes, the state may stay uncertain: that is nobody's loss. Anything else is a bug, and is heard of. */
  const alone = (work: Promise<void>): void => {
    void work.catch((error: unknown) => {
      if (!closed || !(error instanceof StateUncertain)) throw error;
    });
  };

  const inTurn = (turns: Map<string, Promise<void>>, key: string, next: () => Promise<void>): void => {
    const before = (turns.get(key) ?? Promise.resolve()).catch(() => undefined);
    const turn = before.then(() => (closed ? undefined : next()));
    turns.set(key, turn);
    alone(
      turn.finally(() => {
        if (turns.get(key) === turn) turns.delete(key);
      }),
    );
  };

  const send = async ({ claims }: FactOf<"rollback-request+jwt">, token: string): Promise<void> => {
    const gateways = await engine.read(
      (state) => new Set(state.rollbacks.get(claims.rb_id)?.run?.request.steps.flatMap(({ gateway }) => gateway ?? [])),
    );
    const others = claims.aud.filter((to) => to !== engine.ids.pepId);
    // A long plan is copied for those only who are to look at it.
    const isLookedAt = claims.phase === "prepare" || others.some((to) => gateways.has(to));
    const whole = isLookedAt ? await planOf(claims.rb_id) : null;
    const plan = claims.phase === "prepare" ? whole : null;
    // Gateways are asked beside the agents: one that does not answer holds up nobody else.
    for (const to of others) if (gateways.has(to)) inTurn(lanes, to, () => askGateway(to, token, whole?.steps ?? []));
    const agents = others.filter((to) => !gateways.has(to));
    if (agents.length === 0) return;
    await beThere(claims.wid);
    for (const agent of agents) pool.send({ t: "rollback", agent, token, plan });
  };

  const askGateway = async (to: string, token: string, plan: readonly PlanStep[]): Promise<void> => {
    for (const answer of await ports.atGateway({ to, token, plan })) await heard({ token: answer, ects: [] });
  };

  /** An agent whose workflow has finished or whose worker a stop has ended is not in the pool: now it is, and stays stopped. */
  const beThere = async (wid: string): Promise<void> => {
    const agents = await engine.read((state) => [...(state.workflows.get(wid)?.agents ?? [])]);
    if (agents.every((agent) => pool.houses(agent))) return;
    await ports.admit(
      wid,
      agents.map((agent) => agent.slice(agent.lastIndexOf("/") + 1)),
    );
  };

  const planOf = (
    rbId: string,
  ): Promise<{ steps: readonly PlanStep[]; writes: readonly (readonly string[])[] } | null> =>
    engine.read((state) => {
      const request = state.rollbacks.get(rbId)?.run?.request;
      return request === undefined ? null : structuredClone({ steps: request.steps, writes: request.writes });
    });

  /** Waits for the next time something is due: a deadline of the coordinator's, or asking again. */
  const watch = async (rbId: string, leastMs = 0): Promise<void> => {
    const due = await engine.read((state) => {
      const run = state.rollbacks.get(rbId)?.run ?? null;
      return run === null ? null : { atS: nextDueS(run), owes: owes(state, rbId, run, clock.nowMs()) };
    });
    watches.get(rbId)?.();
    watches.delete(rbId);
    if (due === null || closed) return;
    const leftMs = due.atS === null ? null : due.atS * 1000 - clock.nowMs();
    const dueMs = leftMs === null || leftMs > 0 ? leftMs : leastMs;
    const againMs = due.owes && (repeated.get(rbId) ?? 0) < MAX_AGAIN ? AGAIN_MS : null;
    const repeats = againMs !== null && (dueMs === null || againMs < dueMs);
    const waitMs = repeats ? againMs : dueMs;
    if (waitMs !== null)
      watches.set(
        rbId,
        clock.after(waitMs, () => alone(tick(rbId, repeats))),
      );
  };

  const tick = async (rbId: string, again: boolean): Promise<void> => {
    watches.delete(rbId);
    if (again) repeated.set(rbId, (repeated.get(rbId) ?? 0) + 1);
    const ticked = await engine.submit({ kind: "rollback_tick", rbId, again });
    // What is due stays due while the log refuses it.
    await watch(rbId, ticked.ok ? 0 : AGAIN_MS);
  };

  const heard = async (message: { readonly token: string; readonly ects: readonly string[] }): Promise<void> => {
    for (const compact of [...message.ects, message.token]) {
      const received = await engine.receive(compact);
      // What is not taken is answered by what the log holds: the coordinator asks again, or its time is over.
      if (!received.ok) continue;
      const found = await foundHash(received.value.fact);
      if (found !== "unreadable") await engine.submit({ kind: "token", ...received.value, ...found });
    }
  };

  /** What the resources hold after a restore; none where they are not this host's. Unreadable now: it is asked again. */
  const foundHash = async (fact: LoggedFact["fact"]): Promise<{ readonly foundHash?: string } | "unreadable"> => {
    if (fact.typ !== "rollback-result+jwt" || fact.claims.status !== "done") return {};
    const { rb_id: rbId, n = 0 } = fact.claims;
    const ckptId = await engine.read((state) => {
      const step = state.rollbacks.get(rbId)?.run?.request.steps[n - 1];
      // A gateway's word is about its log: what was restored was looked at before it was asked.
      if (step?.gateway === fact.claims.iss) return undefined;
      return step?.method === "restore" ? step.ckpt_id : undefined;
    });
    const saved = ckptId === undefined ? null : await ports.resources.saved(ckptId);
    if (saved === null || (saved.ok && saved.value === null)) return {};
    const digest = saved.ok && saved.value !== null ? await ports.resources.digest(saved.value.scope) : saved;
    return digest.ok && typeof digest.value === "string" ? { foundHash: digest.value } : "unreadable";
  };

  pool.onMessage((message) => {
    if (message.t === "rollback_result") inTurn(lanes, message.agent, () => heard(message));
    // Nobody confirmed, and it has let go: a failure signal like any other.
    if (message.t === "rollback_signal") inTurn(lanes, message.agent, () => heard({ ...message, ects: [] }));
  });

  return {
    open: async () => {
      const open = await engine.read((state) =>
        [...state.rollbacks.values()].flatMap(({ rbId, run }) =>
          run !== null && (isUnderWay(run.phase) || owes(state, rbId, run, clock.nowMs())) ? [rbId] : [],
        ),
      );
      for (const rbId of open) alone(tick(rbId, true));
    },
    appended: (logged, entries) => {
      const moved = new Set<string>();
      logged.forEach(({ fact }, index) => {
        const rbId = rollbackOf(fact);
        if (rbId !== null) moved.add(rbId);
        if (rbId !== null && fact.typ === "rollback-result+jwt") repeated.delete(rbId);
        const entry = entries[index];
        if (fact.typ === "rollback-request+jwt" && !isHuman(fact.claims.iss) && entry !== undefined)
          inTurn(ways, fact.claims.wid, () => send(fact, entry.token));
      });
      for (const rbId of moved) alone(watch(rbId));
    },
    close: () => {
      closed = true;
      for (const cancel of watches.values()) cancel();
      watches.clear();
    },
  };
}

/**
 * Whether a participant still owes an answer. Long after the end no agent is asked any more whether it has heard of it; a
 * gateway is, at each new start: its log is to say how it ended (CAS-38).
 */
function owes(state: State, rbId: string, run: RollbackState, nowMs: number): boolean {
  const { phase, answers, open, acknowledged, request, steps } = run;
  if (phase === "preparing") return true;
  if (phase === "executing")
    return (
      open > 0 &&
      request.steps.some(({ n, method }) => {
        const step = steps[n - 1];
        return step?.status === "open" && (method !== "manual" || step.said !== null);
      })
    );
  const overS = state.overrides.get(rbId)?.released?.at ?? null;
  if (isFinished(phase) && overS !== null && nowMs >= (overS + CONFIRM_WITHIN_S) * 1000)
    return request.steps.some(({ gateway }) => gateway !== undefined && !acknowledged.includes(gateway));
  return acknowledged.length < Object.keys(answers).length;
}

/** The rollback a fact has moved on. */
function rollbackOf(fact: LoggedFact["fact"]): string | null {
  if (fact.typ === "rollback-result+jwt" || fact.typ === "rollback-request+jwt") return fact.claims.rb_id;
  const moved = fact.typ === "record+jwt" && fact.claims.kind.startsWith("rollback_");
  return moved && typeof fact.claims.data.rb_id === "string" ? fact.claims.data.rb_id : null;
}
