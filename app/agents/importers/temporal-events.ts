import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import { instantNs } from "./instant.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";

/** One event of a workflow's history. */
export interface TemporalEvent {
  readonly id: number;
  /** Like `ActivityTaskScheduled`, however it is written. */
  readonly type: string;
  /** Epoch nanoseconds. */
  readonly atNs: bigint;
  /** What is told of an event of this type. */
  readonly told: JsonObject;
}

const eventSchema = z.looseObject({
  eventId: z.union([z.string().regex(/^\d{1,15}$/, "a number"), z.int().nonnegative()]),
  eventTime: z.string().max(64),
  eventType: z.string().min(1).max(128),
});

/** `EVENT_TYPE_TIMER_FIRED` is newer for `TimerFired`. */
function plainType(type: string): string {
  if (!type.startsWith("EVENT_TYPE_")) return type;
  return type
    .slice("EVENT_TYPE_".length)
    .split("_")
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join("");
}

export function readEvents(items: readonly Json[], place: string): Result<TemporalEvent[], FormatProblem> {
  const events: TemporalEvent[] = [];
  const ids = new Set<number>();
  for (const [index, item] of items.entries()) {
    const where = `${place}.${index}`;
    const parsed = eventSchema.safeParse(item);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return malformed([where, ...(issue?.path ?? [])].join("."), issue?.message ?? "an event", "this is no event");
    }
    const atNs = instantNs(parsed.data.eventTime);
    if (atNs === null) return malformed(`${where}.eventTime`, "a time like 2022-07-01T20:28:48.796Z", "it is no time");
    const id = Number(parsed.data.eventId);
    if (ids.has(id)) return malformed(`${where}.eventId`, "ids that occur once", "two events have this id");
    ids.add(id);
    const type = plainType(parsed.data.eventType);
    // It came from JSON, so that it is JSON.
    events.push({ id, type, atNs, told: toldBy(parsed.data as JsonObject, type) });
  }
  return ok(events.sort((a, b) => a.id - b.id));
}

/** The attributes under the name of the type; `attributes` is what a console made of them. */
function toldBy(event: JsonObject, type: string): JsonObject {
  const own = event[`${type.slice(0, 1).toLowerCase()}${type.slice(1)}EventAttributes`];
  if (isObject(own)) return own;
  return isObject(event.attributes) ? event.attributes : {};
}

/** A name that is text, or an object with one. */
export function nameOf(value: Json | undefined): string {
  const name = isObject(value) ? value.name : value;
  return typeof name === "string" ? name : "";
}

/** The number of another event. */
export function eventNumber(value: Json | undefined): number | null {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : null;
}

/** The innermost message of a failure with the outer one before it, bounded by depth. */
export function failureText(value: Json | undefined, depth = 0): string | null {
  if (!isObject(value) || depth > 5) return null;
  const own = typeof value.message === "string" && value.message !== "" ? value.message : null;
  const cause = failureText(value.cause, depth + 1);
  return own === null ? cause : cause === null ? own : `${own}: ${cause}`;
}
