import { Exact, rounded, textOf } from "../protocol/audit/accounting/decimals.ts";
import type { Resource } from "../protocol/audit/accounting/resources.ts";
import { UNIT_OF } from "../protocol/audit/accounting/resources.ts";
import type { UsageItem } from "../protocol/audit/accounting/usage-record.ts";
import type { RunTask } from "../protocol/run/recorded-run.ts";

const MAX_MODEL = 128;

/**
 * What a recording tells of what a task used: model tokens and time. What it does not tell is not metered (XDA-14). A scenario
 * that was written for this console measured nothing: its numbers are estimates (XDA-19).
 */
export function recordedItems(task: RunTask, isScenario: boolean): UsageItem[] {
  const model = modelOf(task);
  const attrs = { source: isScenario ? "scenario" : "recording", ...(model === null ? {} : { model }) };
  const counted = (resource: Resource, count: number | null | undefined): UsageItem[] =>
    count == null || count <= 0
      ? []
      : [
          {
            resource,
            quantity: String(Math.ceil(count)),
            unit: UNIT_OF[resource],
            // A part of a token is nobody's count.
            estimated: isScenario || !Number.isInteger(count),
            attrs: { ...attrs },
          },
        ];
  const { input, cached } = inputOf(task);
  return [
    ...counted("llm_input_token", input),
    ...counted("llm_cached_token", cached),
    ...counted("llm_output_token", task.usage?.outputTokens),
    ...timeOf(task, isScenario),
  ];
}

/**
 * Input tokens are metered by what they are charged as: those from a cache are a part of all, and a resource of their own. More
 * of them than there are at all says that the source does not count them in.
 */
function inputOf({ usage }: RunTask): { readonly input: number | null; readonly cached: number | null } {
  const input = usage?.inputTokens ?? null;
  const cached = usage?.cachedTokens ?? null;
  return { input: input !== null && cached !== null && cached <= input ? input - cached : input, cached };
}

/** A task whose end was not recorded has no length to charge for. */
function timeOf(task: RunTask, isScenario: boolean): UsageItem[] {
  if (task.outcome === "unfinished" || task.durationMs <= 0) return [];
  const seconds = rounded(new Exact(task.durationMs).div(1000), 6);
  if (seconds.isZero()) return [];
  const attrs = { source: isScenario ? "scenario" : "recording" };
  return [
    { resource: "agent_time", quantity: textOf(seconds), unit: UNIT_OF.agent_time, estimated: isScenario, attrs },
  ];
}

/** The model a task says it asked, where it says. */
function modelOf({ args }: RunTask): string | null {
  const { model } = args;
  return typeof model === "string" && model !== "" ? model.slice(0, MAX_MODEL) : null;
}
