import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { v4, v5 } from "uuid";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import type { PlanStep, RollbackResultClaims } from "../../protocol/cascade/rollback-claims.ts";
import { planHash } from "../../protocol/cascade/rollback-claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { createAgentHost } from "../agent-host.ts";
import type { FromAgent } from "../messages.ts";
import { boundDesk } from "./desk-messages.ts";
import type { Deed, TaskEffect } from "./effect.ts";
import { NOW_MS, value } from "./resource-store.suite.ts";
import type { ResourceDesk } from "./resource-store.ts";
import { createResourceStore } from "./values-store.ts";

export const PEP = "spiffe://console.local/pep";
export const agentId = (wid: string, name: string): string => `spiffe://console.local/agent/${wid}/${name}`;

/** Where a process dies: at which call of the store, before or after that was carried out. */
export interface Crash {
  readonly call: number;
  readonly done: boolean;
}

/** Agents over a store that outlives them, and a coordinator that sends them requests, with keys of its own. */
export async function participants(names: readonly string[], crashes: readonly Crash[] = []) {
  const wid = v4();
  let nowMs = NOW_MS;
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const { values } = createMemoryStorage();
  const store = createResourceStore(values, () => nowMs, nobleSha256);
  const [pep, ...keys] = await Promise.all([generateSigner(), ...names.map(() => generateSigner())]);
  const said: FromAgent[] = [];
  const left = [...crashes];
  let calls = 0;
  let alive = { dead: false };
  let host = createAgentHost({
    clock,
    ids: { uuid: v4 },
    send: () => undefined,
    flagged: () => false,
    busy: () => undefined,
  });

  /** The store as the process has it that lives now; when it dies in a call, nothing of it is heard any more. */
  const mortal = (agent: string, process: { dead: boolean }): ResourceDesk => {
    const desk = boundDesk(store, agent);
    const through = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (process.dead) return new Promise(() => undefined);
        calls += 1;
        const crash = left[0]?.call === calls ? left.shift() : undefined;
        if (crash === undefined) return call(...args);
        calls = 0;
        if (crash.done) await call(...args);
        process.dead = true;
        return new Promise(() => undefined);
      };
    };
    return {
      save: through(desk.save),
      perform: through(desk.perform),
      held: through(desk.held),
      undo: through(desk.undo),
      keep: through(desk.keep),
      kept: through(desk.kept),
      lockedBy: through(desk.lockedBy),
    };
  };

  const start = async (): Promise<void> => {
    const process = { dead: false };
    alive = process;
    host = createAgentHost({
      clock,
      ids: { uuid: v4 },
      send: (message) => {
        if (!process.dead) said.push(message);
      },
      flagged: () => false,
      busy: () => undefined,
      desk: (agent) => mortal(agent, process),
    });
    for (const [index, name] of names.entries()) {
      const { signer } = must(keys[index], "a key");
      const message = {
        t: "agent",
        agent: agentId(wid, name),
        signer,
        flag: index,
        pepId: PEP,
        pepKey: pep.jwk,
      } as const;
      await orDead(host.receive(message));
    }
  };
  /** Whoever died at its work answers nothing. */
  const orDead = (work: Promise<void>): Promise<void> => {
    const process = alive;
    const death = async (): Promise<void> => {
      while (!process.dead) await tick();
    };
    return Promise.race([work, death()]);
  };
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  await start();

  const requestOf = async (claims: object, signer = pep.signer) => {
    const iat = Math.floor(nowMs / 1000);
    const common = { iss: PEP, iat, exp: iat + 300, jti: v4(), wid, target: { kind: "workflow", id: wid } };
    const authority = { typ: "override+jwt", id: v4(), hash: "A".repeat(43) };
    const rest = { keep_target: false, reason: "test", authority, deadline: iat + 60, best_effort: true };
    return signToken("rollback-request+jwt", { ...common, ...rest, ...claims }, signer);
  };
  const resultsOf = (rbId: string): RollbackResultClaims[] =>
    said.flatMap((message) => {
      if (message.t !== "rollback_result") return [];
      const parsed = parseCompact(message.token);
      // Signed by the agent under test with claims of this type.
      const claims = parsed.ok ? (parsed.value.payload as unknown as RollbackResultClaims) : null;
      return claims?.rb_id === rbId ? [claims] : [];
    });

  return {
    wid,
    store,
    values,
    said,
    pep,
    requestOf,
    resultsOf,
    tick,
    start,
    isDead: () => alive.dead,
    crashesLeft: () => left.length,
    send: (name: string, token: string, plan: { steps: PlanStep[]; writes: string[][] } | null = null) =>
      orDead(host.receive({ t: "rollback", agent: agentId(wid, name), token, plan })),
    /** Time passes, and what was to happen by then happens. */
    wait: async (seconds: number): Promise<void> => {
      nowMs += seconds * 1000;
      for (const timer of [...timers])
        if (timer.atMs <= nowMs) {
          timers.delete(timer);
          timer.run();
        }
      for (let turns = 0; turns < 5; turns += 1) await tick();
    },
    /** A task saves, and writes, as its agent does. */
    act: async (name: string, id: string, deeds: readonly Deed[], change: Partial<TaskEffect> = {}) => {
      const task = v5(id, wid);
      const agent = agentId(wid, name);
      const ckptId = v4();
      const effect: TaskEffect = { deeds: [...deeds], undo: "automatic", compensation: null, tell: [], ...change };
      const usableUntilS = Math.floor(nowMs / 1000) + 86_400;
      const saved = value(await store.save({ agent, wid, task, ckptId, usableUntilS, effect }));
      value(await store.perform({ agent, wid, task, deeds }));
      return { task, ckptId, saved, agent };
    },
  };
}

export type Participants = Awaited<ReturnType<typeof participants>>;

export function hashOf(steps: readonly PlanStep[]): string {
  const hash = planHash(steps, nobleSha256);
  return must(hash.ok ? hash.value : null, "a plan");
}
