import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import { profileFor, refOf } from "../../engine/behavior/conduct.ts";
import { windowAt } from "../../engine/behavior/decide-evidence.ts";
import { gatewayBet } from "../../engine/behavior/gateway-bet.ts";
import { isOfWindow } from "../../engine/behavior/watch-window.ts";
import { type Engine, StateUncertain } from "../../engine/engine.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import { isUnavailable } from "../../engine/patient-engine.ts";
import type { KeyValueStore } from "../../engine/ports.ts";
import { verifierId } from "../../engine/records.ts";
import type { State } from "../../engine/state.ts";
import { keyFor } from "../host-keys.ts";
import { IDENTITY_LIFETIME_S } from "../identity-renewal.ts";
import { waitUntil } from "../long-wait.ts";
import { bearsOnConduct, type Due, dueIn, evidenceAbout, keyOf, nextDueS, openSoFar, urgentOf } from "./due.ts";
import type { EvidenceQuestion, ObserverPort } from "./observers.ts";
import { type Look, watchInParts } from "./watch-in-parts.ts";
import { windowTasks } from "./window-tasks.ts";

export interface BehaviorPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  readonly values: KeyValueStore;
  /** Absent: the enforcement point alone observes, as far as the assurance profile allows that. */
  readonly observers?: ObserverPort;
}

/** A challenge that was given out to whoever brings evidence by themselves (BEH-19). */
export interface Challenge {
  readonly nonce: string;
  /** Epoch ms. */
  readonly untilMs: number;
}

/**
 * Has conduct judged: when a window is over, observers are asked for evidence, that of the enforcement point is signed and
 * logged, and the verifier appraises; when evidence stays away, the agent becomes stale. All of it by the host's clock and
 * after what it is about, so that nothing waits for it. What was closed for something grave is judged before all else, and
 * for that nobody is waited for; of all others observers are asked at once, so that one's silence holds up nobody else. What
 * is due is a fold of the log: a host that is opened again goes on where the log ends, without losing or doubling any window.
 */
export interface BehaviorDirector {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  challenge(agent: string): Challenge;
  /** The challenge that is out for an agent, where that is what is answered; it is answered once. */
  answered(agent: string, nonce: string | undefined): string | null;
  close(): void;
}

/** After what made a window due, ms: whatever else that sets going comes first. */
const SETTLE_MS = 200;
/** Rules that call for somebody at once are looked at this often while agents ask for something, ms. */
const GRAVE_EVERY_MS = 1000;
/** And left alone for so many times as long as the look took, so that long workflows with many agents take no whole core. */
const GRAVE_REST = 10;
/** Until a log that could not be read is tried again, ms. */
const AGAIN_MS = 5000;
/** How long observers are waited for, ms. */
const ANSWER_MS = 5000;
/** How long a challenge may be answered, ms. */
const CHALLENGE_MS = 300_000;
const MAX_CHALLENGES = 1000;
/** Taken to one question, of all observers. */
const MAX_ANSWERS = 8;
/** How often a window is tried whose appraisal ends in a defect. */
const MAX_TRIES = 3;

/** What could not be written down is still due, and is tried again. */
class NotNow extends Error {
  override readonly name = "NotNow";
}

export function createBehaviorDirector(ports: BehaviorPorts): BehaviorDirector {
  const { engine, clock, ids, sha256, values, observers } = ports;
  const challenges = new Map<string, Challenge>();
  /** By agent, what ends the waits for the answer to its challenge. */
  const waiting = new Map<string, Set<() => void>>();
  /** Windows whose observers were asked, and whether all was heard that will be. */
  const asked = new Map<string, "asked" | "heard">();
  /** What was refused to be appraised: it is not tried again before the host opens anew. */
  const given = new Set<string>();
  /** How often an appraisal ended in a defect. */
  const tries = new Map<string, number>();
  /** Who asked for something since it was looked whether that cannot wait. */
  const recent = new Set<string>();
  let closed = false;
  let working = false;
  let again = false;
  let cancel = (): void => undefined;
  let settling: (() => void) | null = null;
  const grave = { asked: new Set<string>(), nextMs: Number.NEGATIVE_INFINITY, cancel: (): void => undefined };

  const later = (delayMs = SETTLE_MS): void => {
    if (closed) return;
    again = working;
    if (!working) settling ??= clock.after(delayMs, run);
  };

  /** While the log cannot be read, it is tried again. */
  const run = (): void => {
    work().catch(() => later(AGAIN_MS));
  };

  const moment = () => {
    const nowMs = clock.nowMs();
    return { nowMs, nowS: Math.floor(nowMs / 1000), uuid: () => ids.uuid(), sha256 };
  };

  const work = async (): Promise<void> => {
    settling = null;
    if (closed || working) return;
    working = true;
    try {
      const { windows, stale } = await engine.read((state) => dueIn(state, moment().nowS));
      // What was dropped meanwhile is not waited for.
      const known = new Set(windows.map(keyOf));
      for (const key of asked.keys()) if (!known.has(key)) asked.delete(key);
      for (const due of windows) {
        await attendUrgent();
        await attend(due);
      }
      await attendUrgent();
      await lookForGrave();
      for (const agent of stale) if (!closed) await engine.submit({ kind: "behavior_stale", agent });
    } finally {
      working = false;
    }
    await wait();
    if (again) later();
    again = false;
  };

  /** A window that is over: judged now, or once its observers are heard. */
  const attend = async (due: Due): Promise<void> => {
    const key = keyOf(due);
    if (closed || given.has(key)) return;
    try {
      const mayWait = due.urgent !== true && due.early !== true;
      if (mayWait && !(await heard(due, key))) return;
      await judge(due);
      for (const known of [asked, tries]) known.delete(key);
    } catch (error) {
      if (error instanceof NotNow || error instanceof StateUncertain) throw error;
      // A defect in what one window comes to keeps no other from being judged.
      const tried = (tries.get(key) ?? 0) + 1;
      tries.set(key, tried);
      if (tried >= MAX_TRIES) given.add(key);
      else clock.after(AGAIN_MS, () => later(0));
    }
    // Whatever else wants the thread comes between two windows.
    await turn();
  };

  /** What was closed at once since the last look. */
  const attendUrgent = async (): Promise<void> => {
    if (recent.size === 0) return;
    const agents = [...recent];
    recent.clear();
    const urgent = await engine.read((state) => agents.flatMap((agent) => urgentOf(state, agent)));
    for (const due of urgent) await attend(due);
  };

  /** Whether all evidence about a window is there that will be; asks for it first. */
  const heard = async ({ agent, from }: Due, key: string): Promise<boolean> => {
    const known = asked.get(key);
    if (known !== undefined) return known === "heard";
    const challenge = challenges.get(agent);
    const isChallenged = challenge !== undefined && challenge.untilMs >= clock.nowMs();
    if (observers === undefined && !isChallenged) return true;
    const question = await engine.read((state) => questionAbout(state, agent, from));
    if (question === null) return true;
    asked.set(key, "asked");
    const port = observers === undefined ? undefined : ask(observers, question);
    void Promise.all([port, isChallenged ? challenged(agent) : undefined])
      .catch(() => undefined)
      .then(() => {
        if (asked.has(key)) asked.set(key, "heard");
        later(0);
      });
    return false;
  };

  const questionAbout = (state: State, agent: string, from: number): Omit<EvidenceQuestion, "nonce"> | null => {
    const window = windowAt(state, agent, from, moment().nowS);
    const profile = profileFor(state, agent);
    if (window === null || profile === null) return null;
    return {
      ...{ wid: window.wid, agent, window: { from, to: window.to }, profile: refOf(profile) },
      ...{ tasks: windowTasks(state, window), expected: profile.profile },
      prev: structuredClone(state.behavior.instances.get(agent)?.chains ?? {}),
    };
  };

  /** What cannot wait for the end of its window, of those who asked for something since the last look. */
  const lookForGrave = async (): Promise<void> => {
    const leftMs = grave.nextMs - clock.monotonicMs();
    if (grave.asked.size === 0) return;
    if (leftMs > 0) {
      grave.cancel();
      grave.cancel = clock.after(leftMs, () => later(0));
      return;
    }
    grave.nextMs = clock.monotonicMs() + GRAVE_EVERY_MS;
    let lookedMs = 0;
    for (const agent of [...grave.asked]) {
      // Before the look: what it asks for meanwhile is for the next one.
      grave.asked.delete(agent);
      try {
        const beganMs = clock.monotonicMs();
        const seen = await watchInParts(ports, openSoFar(agent, moment().nowS));
        lookedMs += clock.monotonicMs() - beganMs;
        if (seen === null || seen.watched.observation.tally[4] === 0) await turn();
        else await attend({ agent, from: seen.window.from, early: true });
      } catch (error) {
        // What could not be looked at, or written down, is still to be looked at; a defect keeps nobody else from it.
        if (error instanceof NotNow || error instanceof StateUncertain) grave.asked.add(agent);
        throw error;
      }
      await attendUrgent();
    }
    grave.nextMs = Math.max(grave.nextMs, clock.monotonicMs() + lookedMs * GRAVE_REST);
  };

  const isLeft = (key: string): boolean => given.has(key) || asked.has(key) || tries.has(key);

  /** Until the next window is over, or evidence is missed. */
  const wait = async (): Promise<void> => {
    cancel();
    if (closed) return;
    const nextS = await engine.read((state) => nextDueS(state, isLeft, moment().nowS));
    if (nextS === null || closed) return;
    const atMs = clock.monotonicMs() + Math.max(0, nextS * 1000 - clock.nowMs());
    cancel = waitUntil(clock, atMs, run);
  };

  const judge = async (due: Due): Promise<void> => {
    const { agent, from, early = false } = due;
    const look: Look = (state) => {
      const window = windowAt(state, agent, from, moment().nowS, early);
      const profile = profileFor(state, agent);
      return window === null || profile === null ? null : { window, profile };
    };
    const first = await watchInParts(ports, look);
    if (closed) return;
    const found = await engine.read((state) => {
      const now = look(state);
      if (now === null) return null;
      // Of an open window what was seen, unless something was asked for meanwhile.
      const { watched } = first ?? {};
      const isStill = first !== null && isOfWindow(first.watched, state, first.window, now.profile);
      const window = isStill && now.window.endSeq === null ? { ...now.window, to: first.window.to } : now.window;
      const seen = window.bets.some(({ claims }) => claims.iss === engine.ids.pepId);
      const bet = seen ? null : gatewayBet(state, window, engine.ids, moment(), watched);
      return { bet, needsHead: now.profile.profile.assurance === "regulated" };
    });
    if (found === null) {
      given.add(keyOf(due));
      return;
    }
    if (found.bet !== null) await bring(await engine.signAsPep("bet+jwt", found.bet), agent, null);
    if (closed) return;
    if (!(await enrolled())) throw new NotNow("the verifier has no key");
    // Evidence is of level 3 once a signed head covers it (BEH-4).
    if (found.needsHead) await engine.issueHead();
    const covered = engine.newestHead()?.size ?? 0;
    const isSame = await engine.read((state) => {
      const now = look(state);
      return now !== null && first !== null && isOfWindow(first.watched, state, now.window, now.profile);
    });
    // Closed by now, it does not change any more.
    const last = isSame ? first : await watchInParts(ports, look);
    if (closed) return;
    const seen = last === null ? {} : { watched: last.watched };
    const done = await engine.submit({ kind: "appraise", agent, from, covered, ...seen });
    if (done.ok) return;
    if (isUnavailable(done.error)) throw new NotNow(done.error.detail);
    given.add(keyOf(due));
  };

  const bring = async (compact: string, about: string, nonce: string | null): Promise<void> => {
    const received = await engine.receive(compact);
    if (!received.ok || received.value.fact.typ !== "bet+jwt") return;
    const { verified, fact } = received.value;
    // Who was asked about one agent has not been asked about another.
    if (fact.claims.subject !== about) return;
    await engine.submit({ kind: "token", verified, fact, evidence: { nonce } });
  };

  const ask = async (port: ObserverPort, question: Omit<EvidenceQuestion, "nonce">): Promise<void> => {
    const nonce = ids.uuid();
    let end = (): void => undefined;
    const silence = new Promise<readonly string[]>((resolve) => {
      end = clock.after(ANSWER_MS, () => resolve([]));
    });
    // Whoever fails to answer has not answered.
    const answers = await Promise.race([port.ask({ ...question, nonce }).catch(() => []), silence]);
    end();
    for (const compact of answers.slice(0, MAX_ANSWERS)) await bring(compact, question.agent, nonce);
  };

  /** Whoever was given a challenge is waited for, as observers are. */
  const challenged = async (agent: string): Promise<void> => {
    const waits = waiting.get(agent) ?? new Set();
    waiting.set(agent, waits);
    await new Promise<void>((resolve) => {
      const end = clock.after(ANSWER_MS, resolve);
      waits.add(() => {
        end();
        resolve();
      });
    });
    waiting.delete(agent);
  };

  /** The verifier's key is enrolled with the first thing it says. */
  const enrolled = async (): Promise<boolean> => {
    const key = await keyFor(values, "signer/verifier");
    if (!key.ok) return false;
    const { kid } = key.value.signer;
    if (await engine.read((state) => state.keys.has(kid))) return true;
    const subject = verifierId(engine.ids);
    const name = "Verifier of conduct of this console";
    const done = await engine.submit({
      ...{ kind: "enrol", subject, name, jwk: key.value.jwk, kid, lifetimeS: IDENTITY_LIFETIME_S },
    });
    return done.ok;
  };

  return {
    open: async () => {
      await work().catch(() => later(AGAIN_MS));
      // Whether what was seen before it was closed had been looked at, nobody knows.
      const open = await engine
        .read(({ behavior }) => [...behavior.instances].flatMap(([agent, one]) => (one.open === null ? [] : [agent])))
        .catch(() => []);
      for (const agent of open) grave.asked.add(agent);
      if (open.length > 0) later();
    },
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ === "intent+jwt") for (const of of [grave.asked, recent]) of.add(fact.claims.iss);
        const answers = evidenceAbout(fact);
        if (answers !== null && answers.iss !== engine.ids.pepId)
          for (const end of waiting.get(answers.agent) ?? []) end();
      }
      if (logged.some(bearsOnConduct)) later();
    },
    challenge: (agent) => {
      const nowMs = clock.nowMs();
      for (const [of, { untilMs }] of challenges) if (untilMs < nowMs) challenges.delete(of);
      const [oldest] = challenges.keys();
      if (challenges.size >= MAX_CHALLENGES && oldest !== undefined) challenges.delete(oldest);
      const made = { nonce: ids.uuid(), untilMs: nowMs + CHALLENGE_MS };
      challenges.set(agent, made);
      return made;
    },
    answered: (agent, nonce) => {
      const found = challenges.get(agent);
      // Nobody else uses up what an agent is asked with.
      if (found === undefined || found.nonce !== nonce) return null;
      challenges.delete(agent);
      return found.untilMs < clock.nowMs() ? null : found.nonce;
    },
    close: () => {
      closed = true;
      cancel();
      grave.cancel();
      settling?.();
      for (const waits of waiting.values()) for (const end of waits) end();
    },
  };
}
