import { ok, type Result } from "../../base/result.ts";
import { inSlices, STEP, slices } from "../../base/steps.ts";
import type { Host } from "../../host/open-host.ts";
import { learnSteps } from "../../protocol/behavior/learn.ts";
import { appliesTo } from "../../protocol/behavior/standing.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import {
  MAX_COUNTER_EXAMPLES,
  MAX_LEARNED_TASKS,
  type NamedTask,
  type Suggestion,
} from "../contract/behavior-profiles.ts";
import { conductBetween, type PlacedTask, taskNamer } from "./behavior-tasks.ts";

export interface LearnInput {
  readonly span: { readonly from: number; readonly to: number };
  /** Ids or beginnings of ids, of agents in a workflow or behind those; all where there are none. */
  readonly agents: readonly string[];
}

interface LearnReport {
  readonly tasks: number;
  readonly workflows: number;
  readonly suggestions: Suggestion[];
  readonly pruned: { readonly names: number; readonly rules: number };
  readonly tookMs: number;
}

/** What the conduct in a span suggests for a profile. Refused where it is too much to be looked at in one go. */
export async function learnFrom(
  host: Host,
  { span, agents }: LearnInput,
  signal?: AbortSignal,
): Promise<Result<LearnReport, Refusal>> {
  const startedMs = host.ports.clock.monotonicMs();
  const conduct = await conductBetween(host, span, signal);
  const isMeant = ({ agent }: PlacedTask["task"]): boolean => agents.length === 0 || appliesTo(agents, agent);
  const breathe = slices(host.ports.clock);
  const breath = async (): Promise<void> => {
    await breathe();
    signal?.throwIfAborted();
  };
  const placed: PlacedTask[] = [];
  let [looked, count] = [0, 0];
  for (const { tasks } of conduct)
    for (const one of tasks) {
      if (looked % STEP === 0) await breath();
      looked += 1;
      if (one.seq < span.from || !isMeant(one.task)) continue;
      count += 1;
      // What is too much is only counted.
      if (count <= MAX_LEARNED_TASKS) placed.push(one);
    }
  if (count > MAX_LEARNED_TASKS) {
    const detail = `${count} tasks are in this span; choose one with at most ${MAX_LEARNED_TASKS}, or fewer agents`;
    return { ok: false, error: { ...refusal("span_too_large", detail), status: 413 } };
  }
  placed.sort((a, b) => a.seq - b.seq);
  const learned = await inSlices(learnSteps(placed.map(({ task }) => task)), breath);
  const name = await taskNamer(host);
  const byJti = new Map(placed.map((one) => [one.task.jti, one]));
  const named = (jti: string): NamedTask[] => {
    const one = byJti.get(jti);
    return one === undefined ? [] : [name(one)];
  };
  return ok({
    tasks: learned.span.tasks,
    workflows: learned.span.workflows,
    suggestions: learned.suggestions.map(({ quantiles, counterExamples, ...suggestion }) => ({
      ...suggestion,
      ...(quantiles === undefined ? {} : { quantiles: [...quantiles] }),
      counterExamples: counterExamples.slice(0, MAX_COUNTER_EXAMPLES).flatMap(named),
    })),
    pruned: learned.pruned,
    tookMs: host.ports.clock.monotonicMs() - startedMs,
  });
}
