import type { Json, JsonObject } from "../../base/json.ts";
import { isObject, withoutZeros } from "./bounded-json.ts";
import type { TaskEndReason } from "./spark-events.ts";
import { cut } from "./text.ts";

/** Members of an event; it came from JSON, so that they are JSON too. */
type Members = { readonly [name: string]: unknown };

/** The reason of a task's end as one text. */
export function errorOf(reason: TaskEndReason): string {
  const texts = ["Class Name", "Description", "Kill Reason", "Loss Reason", "Message"]
    .map((name) => reason[name])
    .filter((text) => typeof text === "string" && text !== "");
  return cut([reason.Reason, ...texts].join(": "), 2000);
}

/** Where and how a task ran; what is true of nearly every task is left unsaid. */
export function placement(info: Members): Record<string, Json> {
  const kept: Record<string, Json> = {};
  for (const name of ["Host", "Locality", "Partition ID"])
    if (info[name] !== undefined) kept[name] = info[name] as Json;
  if (info.Speculative === true) kept.Speculative = true;
  return kept;
}

/** Metrics that are not zero, and what the query's operators counted; `internal.metrics` repeat the metrics. */
export function measured(event: Members): Record<string, Json> {
  const kept: Record<string, Json> = {};
  for (const name of ["Task Metrics", "Task Executor Metrics"]) {
    const value = withoutZeros((event[name] ?? null) as Json);
    if (value !== undefined && value !== null) kept[name] = value;
  }
  const counted = accumulated(isObject(event["Task Info"]) ? event["Task Info"].Accumulables : null, "Update");
  if (counted !== undefined) kept.Accumulables = counted;
  const reason = event["Task End Reason"];
  if (isObject(reason) && reason.Reason !== "Success") {
    const { "Accumulator Updates": _updates, Accumulables: _again, "Stack Trace": _frames, ...told } = reason;
    kept["Task End Reason"] = told;
  }
  return kept;
}

/** `name (id)` to the value; several operators have an accumulator of the same name. */
export function accumulated(list: Json | undefined, member: "Update" | "Value"): JsonObject | undefined {
  if (!Array.isArray(list)) return undefined;
  const pairs = list.flatMap((item: Json): [string, Json][] => {
    if (!isObject(item) || typeof item.Name !== "string" || item.Name.startsWith("internal.metrics.")) return [];
    const value = item[member] ?? 0;
    return value === 0 || value === "0" ? [] : [[`${item.Name} (${String(item.ID)})`, value]];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
