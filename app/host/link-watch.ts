import type { AgentPool, FromAgent } from "../agents/messages.ts";
import { createAwakeClock } from "../base/awake-clock.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { LINK_STAGES, type LinkStage, livenessOf } from "../engine/liveness/liveness-state.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../protocol/jose/keys.ts";
import { verifyToken } from "../protocol/jose/verify-token.ts";
import { type ClockOffset, createClockOffset } from "../protocol/liveness/clock-offset.ts";
import { HEARTBEAT_TYPE } from "../protocol/liveness/heartbeat.ts";
import { DEGRADED_AFTER_S, HEARTBEAT_S, type LinkLossPlan, RESTRICTED_AFTER_S } from "../protocol/liveness/terms.ts";

export interface LinkWatchPorts {
  readonly engine: Engine;
  readonly pool: AgentPool;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Agents of a workflow that are here to be heard of. */
  present(wid: string): readonly string[];
  /** Resolves once what has arrived by now has been handed out: a heartbeat in the queue is no silence. */
  turn(): Promise<void>;
}

/**
 * Listens for the agents of the workflows that go on, and tells the log only what changes: a link is degraded, restricted,
 * lost for as long as its plan says, or back (O4, L3). The newest heartbeat of each is kept in memory, none is logged.
 *
 * Silence is counted by a clock that stands still while this host does: a tab that was hidden, throttled or frozen makes
 * nobody silent (L6). In the Node host, where nothing throttles it, that is the monotonic clock.
 */
export interface LinkWatch {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** How far an agent's clock is ahead of this host's, ms (L7); null where nothing was heard of it. */
  clockOffsetMs(agent: string): number | null;
  /** Who is here may have changed. */
  changed(): void;
  close(): void;
}

interface Watched {
  readonly agent: string;
  readonly wid: string;
  plan: LinkLossPlan;
  stage: LinkStage | null;
  seq: number;
  /** In awake ms, and epoch seconds. */
  heardMs: number;
  heardAt: number;
  readonly clock: ClockOffset;
  /** When it was asked last to let itself be heard, awake ms. */
  askedMs: number;
}

/** How often it is looked, ms: a plan is carried out within 1 s of its time (L3). */
const TICK_MS = 500;

export function createLinkWatch(ports: LinkWatchPorts): LinkWatch {
  const { engine, pool, clock } = ports;
  const watched = new Map<string, Watched>();
  const keys = new Map<string, TrustedKey>();
  const awake = createAwakeClock(clock, 2 * TICK_MS);
  let over = false;
  let stale = false;
  /** Workflows that were started since it was looked. */
  const started = new Set<string>();
  let cancel = (): void => undefined;

  const keyOf = async (compact: string): Promise<void> => {
    const parsed = parseCompact(compact);
    const kid = parsed.ok ? parsed.value.header.kid : undefined;
    if (kid === undefined) return;
    const enrolled = await engine.read((state) => structuredClone(state.keys.get(kid)));
    // Renewed, or taken out of use, it has another end.
    if (keys.get(kid)?.revokedAt === enrolled?.exp) return;
    const imported = enrolled === undefined ? null : await importPublicKey(enrolled.jwk);
    if (enrolled === undefined || imported?.ok !== true) return;
    const { alg, key } = imported.value;
    keys.set(kid, { kid, subject: enrolled.subject, alg, key, revokedAt: enrolled.exp });
  };

  const listen = async (agent: string, token: string): Promise<void> => {
    const arrivedMs = clock.nowMs();
    await keyOf(token);
    const verified = await verifyToken(HEARTBEAT_TYPE, token, {
      nowS: Math.floor(clock.nowMs() / 1000),
      ownIds: [engine.ids.pepId],
      resolveKey: (kid) => keys.get(kid),
      seen: () => false,
      algorithms: ["ES256", "EdDSA"],
      sha256: ports.sha256,
    });
    const one = watched.get(agent);
    if (!verified.ok || one === undefined || verified.value.claims.iss !== agent) return;
    if (verified.value.claims.seq <= one.seq) return;
    one.seq = verified.value.claims.seq;
    const { at_ms: sentMs } = verified.value.claims;
    if (sentMs !== undefined) one.clock.add(sentMs, arrivedMs);
    one.heardMs = awake.look();
    one.heardAt = Math.floor(clock.nowMs() / 1000);
    pool.send({ t: "heard", agent });
    if (one.stage === null) return;
    one.stage = null;
    void tell(one, "returned");
  };

  const tell = async (one: Watched, stage: LinkStage | "returned"): Promise<void> => {
    const { agent, wid, heardAt } = one;
    await engine.submit({ kind: "link", agent, wid, stage, heardAt });
  };

  const stageOf = ({ plan }: Watched, silentMs: number): LinkStage | null => {
    if (plan.do !== "continue" && silentMs >= plan.after_s * 1000) return "planned";
    if (silentMs >= RESTRICTED_AFTER_S * 1000) return "restricted";
    return silentMs >= DEGRADED_AFTER_S * 1000 ? "degraded" : null;
  };

  const judge = (): void => {
    const nowMs = awake.look();
    for (const one of watched.values()) {
      const silentMs = nowMs - one.heardMs;
      // It may have been moved to another worker since.
      if (silentMs > HEARTBEAT_S * 1000 && nowMs - one.askedMs > HEARTBEAT_S * 1000) ask(one, nowMs);
      const stage = stageOf(one, silentMs);
      if (stage === null || (one.stage !== null && rank(stage) <= rank(one.stage))) continue;
      one.stage = stage;
      void tell(one, stage);
    }
  };

  const ask = (one: Watched, nowMs: number): void => {
    one.askedMs = nowMs;
    pool.send({ t: "link", agent: one.agent, plan: one.plan });
  };

  const tick = async (): Promise<void> => {
    await ports.turn();
    if (over) return;
    if (stale) await look();
    if (over) return;
    judge();
    cancel = clock.after(TICK_MS, () => void tick());
  };

  /** Listens for whoever goes on, as the log has it, and for whoever is lost. */
  const look = async (): Promise<void> => {
    stale = false;
    const anew = new Set(started);
    started.clear();
    const due = await engine.read((state) =>
      [...state.workflows.values()]
        .filter(({ status }) => status !== "finished")
        .flatMap(({ wid, agents, halted }) => {
          const here = new Set(ports.present(wid));
          return agents
            .filter((agent) => here.has(agent))
            .map((agent) => ({ agent, wid, halted: halted.has(agent), ...structuredClone(livenessOf(state, agent)) }))
            .filter((one) => !one.halted || one.link !== null);
        }),
    );
    if (over) return;
    const kept = new Set(due.map(({ agent }) => agent));
    for (const agent of [...watched.keys()]) if (!kept.has(agent)) watched.delete(agent);
    const nowMs = awake.look();
    for (const { agent, wid, plan, link } of due) {
      const known = watched.get(agent);
      // The start has ended the loss that halted it: it is silent from now on, if it still is.
      if (known?.stage === "planned" && link === null && anew.has(wid))
        Object.assign(known, { stage: null, heardMs: nowMs, heardAt: Math.floor(clock.nowMs() / 1000) });
      if (known !== undefined && known.plan.do === plan.do && known.plan.after_s === plan.after_s) continue;
      const heardAt = link?.heardAt ?? Math.floor(clock.nowMs() / 1000);
      const fresh = { stage: link?.stage ?? null, seq: -1, heardMs: nowMs, heardAt, askedMs: nowMs };
      const one: Watched =
        known === undefined ? { agent, wid, plan, clock: createClockOffset(), ...fresh } : { ...known, plan };
      watched.set(agent, one);
      ask(one, nowMs);
    }
  };

  pool.onMessage((message: FromAgent) => {
    if (message.t === "heartbeats") for (const { agent, token } of message.beats) void listen(agent, token);
  });

  return {
    open: async () => {
      await look();
      await tick();
    },
    facts: (logged) => {
      const moved = logged.some(
        ({ fact }) =>
          fact.typ === "override+jwt" ||
          (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") ||
          (fact.typ === "record+jwt" && MOVES.has(fact.claims.kind)),
      );
      stale ||= moved;
      for (const { fact } of logged)
        if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") started.add(fact.claims.wid ?? "");
    },
    clockOffsetMs: (agent) => watched.get(agent)?.clock.offsetMs() ?? null,
    changed: () => {
      stale = true;
    },
    close: () => {
      over = true;
      cancel();
    },
  };
}

const MOVES: ReadonlySet<string> = new Set(["run_finished", "link_lost", "link_returned"]);

const rank = (stage: LinkStage): number => LINK_STAGES.indexOf(stage);
