import { must } from "../base/assert.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { endsInDrill, type Fault, needsOwnWorker } from "./drill/faults.ts";
import type { AgentPool, FromAgent, ToAgent } from "./messages.ts";
import { answerCall, type DeskAnswer, type DeskCall } from "./resources/desk-messages.ts";

/** What a pool worker is told besides the agents' messages. */
export type ToPoolWorker =
  | { readonly t: "pool"; readonly lock: string; readonly shared: Int32Array | null }
  | { readonly t: "stored"; readonly agent: string; readonly id: number; readonly answer: DeskAnswer }
  | ToAgent;
/** What it says besides them: an agent of it asks the store. */
export type FromPoolWorker =
  | { readonly t: "store"; readonly agent: string; readonly id: number; readonly call: DeskCall }
  | FromAgent;

/** Agents that can be flagged at once; two shared numbers each: the stop flag and the count of tasks under way. */
export const FLAG_SLOTS = 8192;

interface PoolWorker {
  readonly worker: Worker;
  readonly lock: string;
  readonly agents: Set<string>;
  /** For one agent alone, beside the others. */
  readonly alone: boolean;
  /** The drill whose agents alone it is for; null for everybody else. */
  readonly drill: string | null;
  /** What it is told once it holds its lock; null from then on. */
  waiting: ToPoolWorker[] | null;
}

interface Admitted {
  readonly signer: Signer;
  readonly pepId: string;
  readonly slot: number;
  readonly faults: readonly Fault[];
  readonly drill: string | null;
  /** There for a rollback alone, until it is revived. */
  halted: boolean;
  home: PoolWorker | null;
  /** Settles when the worker it ran in, which is being ended, is gone; null when there is none. */
  ending: Promise<void> | null;
}

export interface WorkerPoolPorts {
  /** Makes a worker that runs `pool-worker.ts`. */
  spawn(): Worker;
  /** Workers at most: cores - 1, at least one. */
  readonly workers: number;
  /** A name no other pool of this origin uses: prefix of the locks by which the end of a worker is seen. */
  readonly name: string;
  readonly locks: LockManager;
  /** True where memory can be shared (cross-origin isolation). */
  readonly isolated: boolean;
}

/**
 * Agents in a small pool of dedicated workers (design: what the machine taught). A stop raises a shared flag that an agent
 * checks between its steps. `terminate` resolves when the browser has given back the lock the worker held: only then it
 * is gone, which can be two seconds after the call.
 */
export function createWorkerPool(ports: WorkerPoolPorts): AgentPool {
  const shared = ports.isolated ? new Int32Array(new SharedArrayBuffer(FLAG_SLOTS * 2 * 4)) : null;
  const listeners = new Set<(message: FromAgent) => void>();
  const agents = new Map<string, Admitted>();
  const clocks = new Map<string, Extract<ToAgent, { t: "clock" }>>();
  const workers: PoolWorker[] = [];
  let made = 0;
  let served: Parameters<AgentPool["serve"]> | null = null;

  const makeWorker = (alone: boolean, drill: string | null): PoolWorker => {
    const worker = ports.spawn();
    made += 1;
    const home: PoolWorker = { worker, lock: `${ports.name}-${made}`, agents: new Set(), alone, drill, waiting: [] };
    worker.onmessage = (event: MessageEvent<FromPoolWorker>) => {
      if (event.data.t === "store") {
        void answer(home, event.data);
        return;
      }
      if (event.data.t === "ready") holdsLock(home);
      for (const listener of listeners) listener(event.data);
    };
    worker.postMessage({ t: "pool", lock: home.lock, shared } satisfies ToPoolWorker);
    for (const clock of clocks.values()) post(home, clock);
    workers.push(home);
    return home;
  };

  /** An agent asks in its own name: for who does not live there nothing is done. */
  const answer = async (
    home: PoolWorker,
    { agent, id, call }: Extract<FromPoolWorker, { t: "store" }>,
  ): Promise<void> => {
    if (served === null || !home.agents.has(agent)) return;
    post(home, { t: "stored", agent, id, answer: await answerCall(served[0], agent, call) });
  };

  /** The agents of a drill share one worker with nobody else: what is ended because of one of them is of the drill. */
  const homeFor = (alone: boolean, drill: string | null): PoolWorker => {
    const common = workers.filter((home) => !home.alone && home.drill === drill);
    const most = drill === null ? ports.workers : 1;
    if (alone || common.length < most) return makeWorker(alone, drill);
    return must(
      common.reduce<PoolWorker | null>(
        (least, home) => (least === null || home.agents.size < least.agents.size ? home : least),
        null,
      ),
      "a pool has a worker",
    );
  };

  const house = (agent: string, admitted: Admitted): void => {
    const { faults: own, drill: of } = admitted;
    const home = homeFor(needsOwnWorker(own) || (of !== null && endsInDrill(own)), of);
    admitted.home = home;
    home.agents.add(agent);
    const { signer, slot, pepId, faults, drill, halted } = admitted;
    const pepKey = served === null ? {} : { pepKey: served[1] };
    post(home, { t: "agent", agent, signer, flag: slot, pepId, faults, drill, halted, ...pepKey });
  };

  /** Ends a worker and everybody in it; settles when it is gone. */
  const end = (home: PoolWorker): Promise<void> => {
    home.worker.onmessage = null;
    home.worker.terminate();
    workers.splice(workers.indexOf(home), 1);
    const gone = ports.locks.request(home.lock, () => undefined).then(() => undefined);
    for (const resident of home.agents) {
      const admitted = must(agents.get(resident), "a resident was admitted");
      admitted.home = null;
      const ending = gone.then(() => {
        const now = agents.get(resident);
        if (now?.ending === ending) now.ending = null;
      });
      admitted.ending = ending;
      if (shared !== null) Atomics.store(shared, admitted.slot * 2 + 1, 0);
    }
    return gone;
  };

  const terminate = async (agent: string): Promise<readonly string[]> => {
    const target = agents.get(agent);
    const home = target?.home ?? null;
    if (home === null) {
      // Its worker is being ended already, perhaps because of a neighbour: it is gone when that is.
      await target?.ending;
      return [];
    }
    const gone = end(home);
    const moved: string[] = [];
    for (const resident of home.agents) {
      const admitted = must(agents.get(resident), "a resident was admitted");
      if (resident === agent || isFlagged(shared, admitted.slot)) continue;
      house(resident, admitted);
      moved.push(resident);
    }
    await gone;
    return moved;
  };

  return {
    admit: (agent, signer, pepId, faults = [], drill = null, halted = false) => {
      const known = agents.get(agent);
      const slot = known?.slot ?? agents.size;
      if (shared !== null && slot < FLAG_SLOTS) Atomics.store(shared, slot * 2, halted ? 1 : 0);
      if (known?.home !== undefined && known.home !== null) return;
      const admitted: Admitted = {
        signer,
        pepId,
        slot,
        faults,
        drill,
        halted,
        home: null,
        ending: known?.ending ?? null,
      };
      agents.set(agent, admitted);
      house(agent, admitted);
    },
    houses: (agent) => (agents.get(agent)?.home ?? null) !== null,
    send: (message) => {
      const admitted = agents.get(message.agent);
      if (admitted === undefined) return;
      if (message.t === "revive") admitted.halted = false;
      if (message.t === "revive" && shared !== null && admitted.slot < FLAG_SLOTS)
        Atomics.store(shared, admitted.slot * 2, 0);
      if (admitted.home !== null) post(admitted.home, message);
    },
    clock: (message) => {
      clocks.set(message.wid, message);
      for (const home of workers) post(home, message);
    },
    serve: (...given) => {
      served = given;
    },
    onMessage: (listener) => void listeners.add(listener),
    flag: (agent) => {
      const slot = agents.get(agent)?.slot;
      if (shared !== null && slot !== undefined && slot < FLAG_SLOTS) Atomics.store(shared, slot * 2, 1);
    },
    terminate,
    observe: (agent) => {
      const admitted = agents.get(agent);
      if (admitted !== undefined && (admitted.home === null || admitted.halted) && admitted.ending !== null)
        return { halted: false, detail: "its worker is being ended and may still run" };
      if (admitted === undefined || admitted.home === null) return { halted: true, detail: "its worker has ended" };
      if (shared === null || admitted.slot >= FLAG_SLOTS)
        return { halted: false, detail: "without shared memory its worker cannot be looked into" };
      const busy = Atomics.load(shared, admitted.slot * 2 + 1);
      return busy === 0
        ? { halted: true, detail: "its worker shows no task under way" }
        : { halted: false, detail: `its worker shows ${busy} tasks under way` };
    },
    dismiss: (drill) => {
      for (const home of workers.filter((other) => other.drill === drill)) void end(home);
    },
    isolated: ports.isolated,
    place: "workers",
    size: () => ({ workers: workers.length, agents: agents.size }),
    close: () => {
      for (const home of workers.splice(0)) home.worker.terminate();
      listeners.clear();
    },
  };
}

/** No agent begins in a worker that does not hold its lock yet: one that never yields would run on unseen. */
function post(home: PoolWorker, message: ToPoolWorker): void {
  if (home.waiting === null) home.worker.postMessage(message);
  else home.waiting.push(message);
}

function holdsLock(home: PoolWorker): void {
  const waiting = home.waiting ?? [];
  home.waiting = null;
  for (const message of waiting) home.worker.postMessage(message);
}

function isFlagged(shared: Int32Array | null, slot: number): boolean {
  return shared !== null && slot < FLAG_SLOTS && Atomics.load(shared, slot * 2) === 1;
}
