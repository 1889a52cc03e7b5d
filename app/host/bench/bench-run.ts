import { err, ok, type Result } from "../../base/result.ts";
import type { BenchAbort, BenchEnd } from "../../engine/behavior/bench-end.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { FactOf, LoggedFact } from "../../engine/fact.ts";
import { callOffProblem } from "../../engine/identity/called-off.ts";
import { workflowOfAgent } from "../../engine/workflow/evolve.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import { measure } from "../../protocol/behavior/bench-measure.ts";
import { type PlannedRun, plannedRuns } from "../../protocol/behavior/bench-plan.ts";
import type { BenchTaskSet } from "../../protocol/behavior/bench-profile.ts";
import { benchScore } from "../../protocol/behavior/bench-score.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { isDrill } from "../../protocol/override/params.ts";
import { agentOfSubject, checkedOrder, conductProblem } from "./bench-check.ts";
import type { BenchesPorts, BenchInput, BenchNow, BenchRun, BenchSite } from "./bench-site.ts";
import { watchDrill } from "./drill-watch.ts";
import { type RunWatch, watchRun } from "./run-watch.ts";

/** More of the measured runs than this share took too long: B5. */
const MOST_TIMEOUTS = 0.2;

/** Orders that change what agents do, or how long it takes. */
const HOLDS: ReadonlySet<string> = new Set(["stop", "pause", "modify", "takeover"]);

/** `prepare` (B5): everything that is known before is checked before the order is in the log. */
export async function orderBench(
  site: BenchSite,
  ports: BenchesPorts,
  input: BenchInput,
): Promise<Result<{ readonly run: BenchRun; readonly seq: number }, SubmitError>> {
  const received = await site.engine.receive(input.order);
  if (!received.ok) return received;
  const { verified, fact } = received.value;
  if (fact.typ !== "bench-order+jwt")
    return err(refusal("token_wrong_type", "an order of a benchmark is expected here"));
  const prepared = await checkedOrder(site, fact, input);
  if (!prepared.ok) return prepared;
  const accepted = await site.engine.submit({ kind: "token", verified, fact });
  if (!accepted.ok) return accepted;
  const run = createRun(site, ports, { fact, input, ...prepared.value });
  return ok({ run, seq: accepted.value.logged.at(-1)?.seq ?? 0 });
}

interface Ordered {
  readonly fact: FactOf<"bench-order+jwt">;
  readonly input: BenchInput;
  readonly set: BenchTaskSet;
  readonly plans: readonly RunPlan[];
  /** Epoch ms until which the starts are taken. */
  readonly untilMs: number;
}

function createRun(site: BenchSite, ports: BenchesPorts, ordered: Ordered): BenchRun {
  const { fact, input, set, plans } = ordered;
  const { claims } = fact;
  const { profile } = claims;
  const { clock } = ports;
  const { sha256 } = site;
  const runs = plannedRuns(profile, set.items.length, sha256);
  const measured = runs.filter((run) => !run.warmup).length;
  const watches = new Map<string, { readonly watch: RunWatch; readonly run: PlannedRun; settle(): void }>();
  /** By place in the seeded order. */
  const kept: { readonly watch: RunWatch; readonly run: PlannedRun; readonly index: number }[] = [];
  const startedMs = clock.monotonicMs();
  const startedAt = Math.floor(clock.nowMs() / 1000);
  let phase: BenchNow["phase"] = profile.warmup === 0 ? "running" : "warmup";
  let timeouts = 0;
  let isEnding = false;
  /** Runs that wait for the release of a stop that is in force, and how often a stop began or ended so far. */
  const held = new Set<() => void>();
  let stops = 0;
  const goOn = (): void => {
    stops += 1;
    for (const resolve of held) resolve();
    held.clear();
  };
  const isOversight = set.items.some(({ drill }) => drill !== undefined);
  let settleOver: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    settleOver = resolve;
  });

  const end = async (how: BenchEnd): Promise<Result<void, SubmitError>> => {
    if (isEnding) return ok(undefined);
    isEnding = true;
    for (const { settle } of watches.values()) settle();
    goOn();
    const answer = await ports.engine.submit({ kind: "bench_end", order: claims.jti, end: how }).catch((error) => {
      // A bug: it ends without a result, as whoever waits for it says next.
      isEnding = false;
      throw error;
    });
    settleOver();
    return answer.ok ? ok(undefined) : answer;
  };
  const abort = (reason: BenchAbort, detail: string): Promise<Result<void, SubmitError>> =>
    end({ how: "aborted", reason, detail });

  const one = async (index: number): Promise<void> => {
    const run = runs[index];
    const wid = claims.wids[index];
    const plan = plans[run?.item ?? -1];
    const start = input.starts[index];
    if (run === undefined || wid === undefined || plan === undefined || start === undefined) return;
    const conduct = await conductProblem(site, claims, plans);
    if (conduct !== null) {
      await abort("not_conformant", conduct);
      return;
    }
    const isDrilled = set.items[run.item]?.drill !== undefined;
    const watch = isDrilled ? watchDrill(wid) : watchRun(wid, plan, site.runs.jtis(wid, plan), sha256);
    const ended = new Promise<"over" | "late">((resolve) => {
      watches.set(wid, { watch, run, settle: () => resolve("over") });
      // The time begins with the asking: what is slow to start is slow.
      const cancel = clock.after(profile.timeout_ms, () => resolve("late"));
      void over.then(cancel);
    });
    ports.changed(claims.jti);
    const started = await startUnstopped({ ...start, speed: isDrilled ? 1 : profile.playback });
    if (!started.ok) {
      await abort("refused", `a run could not be started: ${started.error.detail}`);
      return;
    }
    if ((await ended) === "late" && !isEnding) await late(run, wid);
    watches.delete(wid);
    if (!run.warmup) kept.push({ watch, run, index });
    ports.changed(claims.jti);
  };

  /**
   * A stop that somebody holds on everything keeps the next drill back until they release it (S4), as it does everything
   * else; of recorded runs it has ended the benchmark by then.
   */
  const startUnstopped = async (run: Parameters<BenchSite["start"]>[0]): ReturnType<BenchSite["start"]> => {
    for (;;) {
      const before = stops;
      const answer = await site.start(run);
      if (answer.ok || answer.error.code !== "override_active" || !isOversight || isEnding) return answer;
      // Released while the answer came.
      if (stops !== before) continue;
      const released = new Promise<void>((resolve) => {
        held.add(resolve);
      });
      ports.changed(claims.jti);
      await released;
      if (isEnding) return answer;
    }
  };

  /** It is ended where it is; what it had completed counts. */
  const late = async (run: PlannedRun, wid: string): Promise<void> => {
    await ports.engine.submit({ kind: "finish", wid, cause: claims.jti, summary: { bench_timeout: 1 } });
    if (run.warmup) return;
    timeouts += 1;
    if (timeouts > MOST_TIMEOUTS * measured)
      await abort("timeouts", `${timeouts} of ${measured} runs took longer than ${profile.timeout_ms} ms`);
  };

  const all = async (indexes: readonly number[]): Promise<void> => {
    const due = [...indexes];
    const lane = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined && !isEnding; next = due.shift()) await one(next);
    };
    await Promise.all(Array.from({ length: profile.concurrency }, lane));
  };

  const play = async (): Promise<void> => {
    const indexes = runs.map((_, index) => index);
    await all(indexes.filter((index) => runs[index]?.warmup === true));
    phase = "running";
    ports.changed(claims.jti);
    await all(indexes.filter((index) => runs[index]?.warmup === false));
    if (isEnding) return;
    phase = "computing";
    ports.changed(claims.jti);
    await compute();
  };

  const compute = async (): Promise<void> => {
    const agent = agentOfSubject(claims, site.engine.ids.domain);
    kept.sort((one, other) => one.index - other.index);
    const seen = kept.map(({ watch, run }) => watch.seen(run.item, agent));
    const { n, failed, results, unmeasured } = measure(profile, seen);
    const score = benchScore(profile, results);
    if (!score.ok) {
      await abort("not_measured", score.error.detail);
      return;
    }
    await end({
      how: "done",
      outcome: {
        started_at: startedAt,
        ended_at: Math.floor(clock.nowMs() / 1000),
        n,
        failed,
        results,
        score: score.value,
        environment: { ...profile.environment, ...site.environment },
        runs: kept.flatMap(({ watch }) => (watch.started === null ? [] : [{ ...watch.started }])),
        deviations: [...unmeasured, ...deviations()],
        task_set: set,
      },
    });
  };

  const deviations = (): string[] => {
    const asked = new Set(kept.flatMap(({ watch }) => [...watch.gated]));
    const planned = new Set(profile.gated_actions);
    const more = [...asked].filter((action) => !planned.has(action));
    const fewer = [...planned].filter((action) => !asked.has(action));
    return [
      ...(timeouts === 0 ? [] : [`${timeouts} of ${measured} runs took longer than ${profile.timeout_ms} ms`]),
      ...(more.length === 0 ? [] : [`a human was asked before ${more.join(", ")}, which the profile does not say`]),
      ...(fewer.length === 0 ? [] : [`nobody was asked before ${fewer.join(", ")}`]),
    ].map((text) => text.slice(0, 500));
  };

  /** A stop, pause or takeover that reaches a run ends the benchmark: what is measured from then on is that order. */
  const halted = async (signal: string, action: string): Promise<void> => {
    const wids = new Set(watches.keys());
    const isReached = await ports.engine.read((state) =>
      [...(state.overrides.get(signal)?.targets.keys() ?? [])].some((agent) => wids.has(workflowOfAgent(agent) ?? "")),
    );
    if (isReached) await abort("stopped", `an order to ${action} reached one of its runs`);
  };

  return {
    order: claims.jti,
    over,
    begin: () => {
      void play().catch((error: unknown) => abort("refused", error instanceof Error ? error.message : "it failed"));
    },
    now: () => ({
      phase,
      isHeld: held.size > 0,
      done: kept.length,
      of: measured,
      timeouts,
      wids: [...watches.keys()],
      elapsedMs: Math.round(clock.monotonicMs() - startedMs),
      leftMs: Math.max(0, Math.round(ordered.untilMs - clock.nowMs())),
    }),
    cancel: async (by) => {
      // Who may not is told so before anything of it ends.
      const nowS = Math.floor(clock.nowMs() / 1000);
      const denied = await ports.engine.read((state) => callOffProblem(state, by, nowS, "bench_unauthorized"));
      if (denied !== null) return err(denied);
      return end({ how: "aborted", reason: "cancelled", detail: `${by} called it off`, by });
    },
    facts: (logged) => {
      const atMs = clock.monotonicMs();
      for (const entry of logged) {
        for (const { watch, settle } of watches.values()) {
          watch.take(entry, atMs);
          if (watch.isOver) settle();
        }
        if (entry.fact.typ === "override+jwt" || isEndOfOverride(entry)) goOn();
        // Of drills it is what they are for.
        if (isOversight || entry.fact.typ !== "override+jwt") continue;
        const { action, jti } = entry.fact.claims;
        if (HOLDS.has(action) && !isDrill(entry.fact.claims)) void halted(jti, action);
      }
    },
    close: () => {
      isEnding = true;
      for (const { settle } of watches.values()) settle();
      goOn();
      settleOver();
    },
  };
}

const isEndOfOverride = ({ fact }: LoggedFact): boolean =>
  fact.typ === "record+jwt" && fact.claims.kind === "override_ended";
