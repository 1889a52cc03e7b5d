import { createAwakeClock } from "../base/awake-clock.ts";
import type { Clock } from "../base/ports.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { HEARTBEAT_LIFETIME_S, type HeartbeatClaims } from "../protocol/liveness/heartbeat.ts";
import { HEARTBEAT_S, type LinkLossPlan } from "../protocol/liveness/terms.ts";
import type { FromAgent } from "./messages.ts";

/** What an agent does about its own link; its host and the enforcement point do the same on their side. */
export interface LinkedAgent {
  readonly agent: string;
  readonly signer: Signer;
  readonly pepId: string;
  state(): string;
  /** By its own clock. */
  nowMs(): number;
  /** Its host has not answered for as long as its plan says. */
  lost(plan: LinkLossPlan): void;
  /** It has again. */
  found(): void;
}

export interface Heartbeats {
  /** The agent is heard of from now on, and knows what to do when nobody answers. Said again it only takes the plan over. */
  begin(agent: LinkedAgent, plan: LinkLossPlan): void;
  /** The host has heard this. */
  heard(agent: string): void;
}

interface Linked {
  readonly agent: LinkedAgent;
  plan: LinkLossPlan;
  seq: number;
  /** In awake ms: when it was said last, and when it was answered. */
  beatMs: number;
  heardMs: number;
  isLost: boolean;
}

/** How often a worker looks at its agents' links, ms. */
const TICK_MS = 1000;

/**
 * The heartbeats of all agents of one worker: signed one by one, since each has its own key, and sent together. By a clock
 * that stands still while the worker does, so that a throttled tab loses no link (L6).
 */
export function createHeartbeats(ports: { readonly clock: Clock; send(message: FromAgent): void }): Heartbeats {
  const agents = new Map<string, Linked>();
  const awake = createAwakeClock(ports.clock, 2 * TICK_MS);
  let running = false;

  const sign = (linked: Linked): Promise<string> => {
    const atMs = Math.floor(linked.agent.nowMs());
    const at = Math.floor(atMs / 1000);
    linked.seq += 1;
    const claims: HeartbeatClaims = {
      iss: linked.agent.agent,
      aud: [linked.agent.pepId],
      iat: at,
      exp: at + HEARTBEAT_LIFETIME_S,
      at,
      at_ms: atMs,
      state: linked.isLost ? "degraded" : linked.agent.state(),
      seq: linked.seq,
    };
    return signToken("heartbeat+jwt", claims, linked.agent.signer);
  };

  const beat = async (due: readonly Linked[]): Promise<void> => {
    const beats = await Promise.all(
      due.map(async (linked) => ({ agent: linked.agent.agent, token: await sign(linked) })),
    );
    if (beats.length > 0) ports.send({ t: "heartbeats", beats });
  };

  const tick = async (): Promise<void> => {
    const nowMs = awake.look();
    const due: Linked[] = [];
    for (const linked of agents.values()) {
      if (nowMs - linked.beatMs >= HEARTBEAT_S * 1000) {
        linked.beatMs = nowMs;
        due.push(linked);
      }
      const { plan } = linked;
      if (!linked.isLost && plan.do !== "continue" && nowMs - linked.heardMs >= plan.after_s * 1000) {
        linked.isLost = true;
        linked.agent.lost(plan);
      }
    }
    await beat(due);
    ports.clock.after(TICK_MS, () => void tick());
  };

  return {
    begin: (agent, plan) => {
      const known = agents.get(agent.agent);
      if (known !== undefined) {
        known.plan = plan;
        return;
      }
      const nowMs = awake.look();
      const linked: Linked = {
        ...{ agent, plan, seq: Math.floor(ports.clock.nowMs()), isLost: false },
        // Spread over the seconds between two, so that many agents are no burst for anybody.
        ...{ beatMs: nowMs - (agents.size % HEARTBEAT_S) * 1000, heardMs: nowMs },
      };
      agents.set(agent.agent, linked);
      void beat([linked]);
      if (running) return;
      running = true;
      ports.clock.after(TICK_MS, () => void tick());
    },
    heard: (agent) => {
      const linked = agents.get(agent);
      if (linked === undefined) return;
      linked.heardMs = awake.look();
      if (!linked.isLost) return;
      linked.isLost = false;
      linked.agent.found();
    },
  };
}
