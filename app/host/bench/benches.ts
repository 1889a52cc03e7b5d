import { ok, type Result } from "../../base/result.ts";
import type { BenchEnd } from "../../engine/behavior/bench-end.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import type { BenchesPorts, BenchInput, BenchNow, BenchRun, BenchSite } from "./bench-site.ts";

/** Runs benchmarks (B5), one at a time. It holds no authority: every run is started by what the person has signed. */
export interface Benches {
  start(
    site: BenchSite,
    input: BenchInput,
  ): Promise<Result<{ readonly jti: string; readonly seq: number }, SubmitError>>;
  now(order: string): BenchNow | null;
  cancel(order: string, by: string): Promise<Result<void, SubmitError>>;
  /**
   * What ran when the host was closed has no result: what was measured before and after could not be told apart from one
   * run. Before re-enactments are taken up, so that its runs end with it.
   */
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  close(): void;
}

type Aborted = Extract<BenchEnd, { how: "aborted" }>;

const INTERRUPTED: Aborted = {
  how: "aborted",
  reason: "interrupted",
  detail: "the console was closed or reloaded while it ran: order it again",
};

const LOST: Aborted = { ...INTERRUPTED, detail: "it had no end in the log, and nothing ran it any more" };

export function createBenches(ports: BenchesPorts): Benches {
  const { engine } = ports;
  let running: BenchRun | null = null;
  return {
    start: async (site, input) => {
      // Loaded when somebody first orders one.
      const { orderBench } = await import("./bench-run.ts");
      const ordered = await orderBench(site, ports, input);
      if (!ordered.ok) return ordered;
      const { run, seq } = ordered.value;
      running = run;
      void run.over.then(() => {
        if (running === run) running = null;
        ports.changed(run.order);
      });
      run.begin();
      return ok({ jti: run.order, seq });
    },
    now: (order) => (running?.order === order ? running.now() : null),
    cancel: async (order, by) => {
      if (running?.order === order) return running.cancel(by);
      // Its end could not be written when it was over: nobody else ends it, and the next one would wait for ever.
      const ended = await engine.submit({ kind: "bench_end", order, end: { ...LOST, by } });
      return ended.ok ? ok(undefined) : ended;
    },
    open: async () => {
      const left = await engine.read((state) =>
        [...state.benchmarks.values()].filter(({ end }) => end === null).map(({ jti }) => jti),
      );
      for (const order of left) await engine.submit({ kind: "bench_end", order, end: INTERRUPTED });
    },
    facts: (logged) => running?.facts(logged),
    close: () => running?.close(),
  };
}
