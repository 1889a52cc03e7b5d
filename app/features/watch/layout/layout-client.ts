import type { Layout, LayoutGraph, LayoutOptions } from "./layout-types.ts";
import type { LayoutAnswer, LayoutRequest } from "./layout-worker.ts";

/** A worker, as far as the client needs it. */
export interface LayoutPort {
  post(request: LayoutRequest): void;
  end(): void;
}

export interface LayouterPorts {
  spawn(onAnswer: (answer: LayoutAnswer) => void, onFailure: () => void): LayoutPort;
  after(delayMs: number, run: () => void): () => void;
}

/** How long refinement may take after the sweep was shown, and how long the sweep itself may take. */
export const REFINE_DEADLINE_MS = 2000;
export const SWEEP_DEADLINE_MS = 15_000;
/** d3-dag's time grows faster than the graph: above this it would only be ended at its deadline. */
const MAX_REFINED_NODES = 1500;

export interface LayoutJob {
  readonly graph: LayoutGraph;
  readonly options: LayoutOptions;
  /** Called with the sweep, and once more when a better layout came in time. */
  onLayout(layout: Layout): void;
  /** The worker failed or did not answer in time. */
  onFailure(): void;
}

export interface Layouter {
  layout(job: LayoutJob): void;
  /** Ends the worker and forgets every job. */
  close(): void;
}

/**
 * Asks the layout worker, with a time limit: a refinement that is late or no longer wanted is ended with its worker, and a
 * new worker is made when it is needed. At most one job waits, the newest.
 */
export function createLayouter(ports: LayouterPorts): Layouter {
  let port: LayoutPort | null = null;
  let running: { readonly id: number; readonly job: LayoutJob; readonly refine: boolean; refining: boolean } | null =
    null;
  let queued: LayoutJob | null = null;
  let cancelTimer = (): void => undefined;
  let lastId = 0;

  const limit = (delayMs: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = ports.after(delayMs, run);
  };
  const finish = (): void => {
    cancelTimer();
    running = null;
    const job = queued;
    queued = null;
    if (job !== null) start(job);
  };
  const endWorker = (): void => {
    port?.end();
    port = null;
    finish();
  };
  const fail = (): void => {
    const job = running?.job;
    endWorker();
    job?.onFailure();
  };

  function onAnswer(answer: LayoutAnswer): void {
    if (running === null || answer.id !== running.id) return;
    const { job, refine } = running;
    if (answer.stage === "sweep" && refine) {
      running.refining = true;
      // A newer job waits: the refinement of this one is not wanted any more.
      if (queued === null) limit(REFINE_DEADLINE_MS, endWorker);
      else endWorker();
    } else finish();
    if (answer.layout !== null) job.onLayout(answer.layout);
  }

  function start(job: LayoutJob): void {
    lastId += 1;
    const refine = job.graph.nodes <= MAX_REFINED_NODES;
    running = { id: lastId, job, refine, refining: false };
    port ??= ports.spawn(onAnswer, fail);
    limit(SWEEP_DEADLINE_MS, fail);
    port.post({ id: lastId, graph: job.graph, options: job.options, refine });
  }

  return {
    layout: (job) => {
      if (running === null) start(job);
      else {
        queued = job;
        if (running.refining) endWorker();
      }
    },
    close: () => {
      queued = null;
      endWorker();
    },
  };
}

/** The real worker. */
export const browserLayoutPorts: LayouterPorts = {
  spawn: (onAnswer, onFailure) => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module", name: "layout" });
    worker.addEventListener("message", (event: MessageEvent<LayoutAnswer>) => onAnswer(event.data));
    worker.addEventListener("error", onFailure);
    return { post: (request) => worker.postMessage(request), end: () => worker.terminate() };
  },
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
