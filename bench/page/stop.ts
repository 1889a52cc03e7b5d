import { deleteDB } from "idb";
import type { SignalboxClient } from "../../app/api/client/client.ts";
import { must } from "../../app/base/assert.ts";
import type { LayoutRequest } from "../../app/features/watch/layout/layout-worker.ts";
import { openKeyStore } from "../../app/operator/key-store.ts";
import { releaseClaims } from "../../app/operator/order-claims.ts";
import { createOperatorSession, type OperatorSession } from "../../app/operator/session.ts";
import { stopSenderOf } from "../../app/operator/use-override.ts";
import type { StopLine } from "../../app/protocol/override/stop-line.ts";
import { AGENTS_PER_WORKFLOW } from "../work/fleet.ts";
import type { StopOutcome } from "../workers/stop-messages.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { openStopHost, type StopHostLink } from "./stop-host-link.ts";

export interface StopOptions {
  /** Busy agents, a multiple of a workflow's; with `runaway` one workflow whose agents spin. */
  readonly agents: number;
  readonly presses: number;
  readonly runaway: boolean;
  /** What else goes on in every second press (S5). */
  readonly beside: Beside;
}

/** `queue`: as many operations that the page has asked for wait; `layout`: a graph of as many tasks is laid out. */
export type Beside = { readonly kind: "queue" | "layout"; readonly count: number } | null;

/** One press, with the empty round trips right before it; ms. */
export interface StopSample {
  readonly beside: boolean;
  /** Operations that still waited when the stop was answered. */
  readonly waiting: number;
  /** From the press to its being raised on the line: nothing more is let through; NaN where there is no line. */
  readonly barredMs: number;
  /** Effects let through after that, and the last of them, ms after it. */
  readonly effectsAfterBar: number;
  readonly lastAfterBarMs: number;
  /** From the press to the signed command's going out. */
  readonly sentMs: number;
  readonly latchedMs: number;
  /** From the press to the last effect let through; 0 when none was. */
  readonly lastEffectMs: number;
  readonly answeredMs: number;
  readonly settledMs: number;
  readonly effectsAfterPress: number;
  readonly effectsAfterLatch: number;
  readonly targets: number;
  readonly terminated: number;
  /** Page to host's worker and back. */
  readonly echoMs: readonly number[];
  /** Page through the host's worker to the agents' workers and back. */
  readonly relayMs: readonly number[];
  /** The browser alone ending a spinning worker; only with `runaway`. */
  readonly rawTerminationMs: number | null;
}

/** Chains of short tasks over the whole fleet: about 200 effects a second where the machine can. */
const CHAINS = 20;
const TASKS_PER_CHAIN = 600;
/** Effects that have to pass before a press, so that the traffic is steady again. */
const EFFECTS_BEFORE = 40;
const ROUND_TRIPS = 8;
const PASSPHRASE = "a passphrase for the bench";

const nowMs = (): number => performance.timeOrigin + performance.now();
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Presses the console's own stop so many times, over a host of its own that is opened for this and left behind. */
export async function measureStop(options: StopOptions): Promise<StopSample[]> {
  const profile = `bench-stop-${crypto.randomUUID()}`;
  const host = await openStopHost(profile, options.runaway);
  const watching = new AbortController();
  void follow(host, watching.signal);
  try {
    const session = await signIn(host, profile);
    const workflows = options.agents / AGENTS_PER_WORKFLOW;
    const fleet = await createFleet(host.client, session, {
      workflows,
      chains: options.runaway ? 0 : CHAINS / workflows,
      tasksPerChain: TASKS_PER_CHAIN,
    });
    const samples: StopSample[] = [];
    for (let press = 0; press < options.presses; press += 1) {
      const beside = press % 2 === 0 ? options.beside : null;
      samples.push(await pressOnce(host, session, fleet, { ...options, beside }));
    }
    return samples;
  } finally {
    watching.abort();
    host.close();
    await Promise.all([deleteDB(profile), deleteDB(`${profile}-operator`)]);
  }
}

async function signIn(host: StopHostLink, profile: string): Promise<OperatorSession> {
  const session = createOperatorSession({
    client: host.client,
    openKeyStore: () => openKeyStore(`${profile}-operator`),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
  await session.load();
  const enrolled = await session.enrol("Bench", { kind: "passphrase", passphrase: PASSPHRASE });
  if (!enrolled.ok) throw new Error(enrolled.error.detail);
  return session;
}

/** Hears what changed, as every page of the console does. */
async function follow(host: StopHostLink, signal: AbortSignal): Promise<void> {
  try {
    for await (const _notice of await host.client.audit.watch(undefined, { signal })) if (signal.aborted) return;
  } catch {
    // The stream ends with its host.
  }
}

async function pressOnce(
  host: StopHostLink,
  session: OperatorSession,
  fleet: Fleet,
  options: StopOptions,
): Promise<StopSample> {
  const { runaway } = options;
  await fleet.startAll();
  await host.ask({
    t: "busy",
    agents: runaway ? 1 : options.agents,
    effects: runaway ? 0 : EFFECTS_BEFORE,
  });
  const trips = runaway ? { echoMs: [], relayMs: [] } : await roundTrips(host);
  const crowd = options.beside?.kind === "queue" ? queueUp(host, options.beside.count) : null;
  const endLayout = options.beside?.kind === "layout" ? await layOut(options.beside.count) : null;
  // A press comes at any moment of the traffic.
  await pause(Math.random() * 50);
  const scope = { kind: "domain" as const, id: must(session.store.getState().operator, "signed in").domain };
  let sentAtMs: number | null = null;
  const signal: SignalboxClient["override"]["signal"] = (...given) => {
    sentAtMs ??= nowMs();
    return host.control.override.signal(...given);
  };
  // All that a sender of stops uses of the client, whose type is a proxy's.
  const control = { override: { signal } } as unknown as SignalboxClient;
  let barredAtMs = Number.NaN;
  const { stopLine } = host;
  const line: StopLine | null = stopLine && {
    raise: (press) => {
      const lower = stopLine.raise(press);
      barredAtMs = nowMs();
      return lower;
    },
  };
  const sender = stopSenderOf(session, control, () => ({ scope, reason: "bench" }), line);
  const pressedMs = nowMs();
  sender.press();
  const stop = await latched(sender);
  const answeredMs = nowMs() - pressedMs;
  const waiting = crowd?.waiting() ?? 0;
  const outcome = (await host.ask({ t: "settled", signal: stop, pressedMs, barredMs: barredAtMs })) as StopOutcome;
  endLayout?.();
  await crowd?.leave();
  await release(host, session, stop, scope);
  return {
    beside: options.beside !== null,
    waiting,
    barredMs: barredAtMs - pressedMs,
    effectsAfterBar: outcome.effectsAfterBar,
    lastAfterBarMs: outcome.effectsAfterBar === 0 ? 0 : (outcome.lastEffectMs ?? barredAtMs) - barredAtMs,
    sentMs: (sentAtMs ?? Number.NaN) - pressedMs,
    latchedMs: outcome.latchedMs - pressedMs,
    lastEffectMs: outcome.lastEffectMs === null ? 0 : outcome.lastEffectMs - pressedMs,
    answeredMs,
    settledMs: outcome.settledMs - pressedMs,
    effectsAfterPress: outcome.effectsAfterPress,
    effectsAfterLatch: outcome.effectsAfterLatch,
    targets: outcome.targets,
    terminated: outcome.terminated,
    ...trips,
    rawTerminationMs: runaway ? ((await host.ask({ t: "terminate_raw" })) as number) : null,
  };
}

interface Crowd {
  waiting(): number;
  leave(): Promise<void>;
}

/** Reads and refused writes in turn, all asked for at once, as a page that went wild would. */
function queueUp({ client }: StopHostLink, count: number): Crowd {
  const leaving = new AbortController();
  const { signal } = leaving;
  let waiting = count;
  const operations = Array.from({ length: count }, async (_, at) => {
    try {
      await (at % 2 === 0
        ? client.identity.describe(undefined, { signal })
        : client.gate.decide({ token: `no token ${at}`, node: "" }, { signal }));
    } catch {
      // Refused, or given up after the press.
    }
    waiting -= 1;
  });
  return {
    waiting: () => waiting,
    leave: async () => {
      leaving.abort();
      await Promise.all(operations);
    },
  };
}

/** The console's own layout of a graph, over and over in its worker, until it is ended. */
async function layOut(nodes: number): Promise<() => void> {
  const worker = new Worker(new URL("../../app/features/watch/layout/layout-worker.ts", import.meta.url), {
    type: "module",
  });
  const from = Int32Array.from({ length: nodes * 2 }, (_, edge) => Math.floor(edge / 2));
  const to = Int32Array.from(from, (node, edge) => Math.min(nodes - 1, node + 1 + ((edge * 7) % 40)));
  const options = { direction: "down", nodeWidth: 168, nodeHeight: 44 } as const;
  const request: LayoutRequest = { id: 0, graph: { nodes, from, to, lane: null }, options, refine: false };
  await new Promise<void>((begun) => {
    worker.onmessage = () => {
      worker.postMessage(request);
      begun();
    };
    worker.postMessage(request);
  });
  return () => worker.terminate();
}

async function roundTrips(host: StopHostLink): Promise<{ echoMs: number[]; relayMs: number[] }> {
  const echoMs: number[] = [];
  const relayMs: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    await pause(Math.random() * 20);
    echoMs.push(await host.echo());
    await pause(Math.random() * 20);
    relayMs.push(await host.relay());
  }
  return { echoMs, relayMs };
}

/** The jti of the stop, once the enforcement point has answered that it holds. */
function latched(sender: ReturnType<typeof stopSenderOf>): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { phase, answer, problem } = sender.store.getState();
      if (phase === "latched" && answer !== null) resolve(answer.jti);
      if (phase === "refused") reject(new Error(`the stop was refused: ${problem?.detail ?? "no reason given"}`));
    };
    sender.store.subscribe(look);
    look();
  });
}

async function release(
  host: StopHostLink,
  session: OperatorSession,
  of: string,
  scope: { readonly kind: "domain"; readonly id: string },
): Promise<void> {
  const operator = must(session.store.getState().operator, "signed in");
  // A long bench outlasts what a release may rest on (OVR-S5); a stop waits for none of this.
  const again = await session.unlock(operator.kid, PASSPHRASE);
  if (!again.ok) throw new Error(again.error.detail);
  const claims = releaseClaims({
    of,
    scope,
    reason: "bench",
    operator,
    authTime: session.touch(),
    nowMs: Date.now(),
  });
  await host.client.override.signal({ token: await session.sign("override+jwt", claims) });
}
