import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import { type FormatProblem, malformed, type RunFormatReader, tooManyTasks } from "./run-format-reader.ts";
import { readEvents, type TemporalEvent } from "./temporal-events.ts";
import { temporalRun } from "./temporal-run.ts";

/**
 * Temporal: the history of one workflow (a list of events, or `history.events` as the API gives it), or the description of
 * one, which has no events but tells what is pending. Both of the same workflow can be given together.
 */
export const TEMPORAL: RunFormatReader = {
  title: "Temporal workflow history",
  detect: (document) => eventsOf(document) !== null || isDescription(document),
  open({ file, maxTasks }) {
    let events: readonly TemporalEvent[] | null = null;
    let description: JsonObject | null = null;
    let isCut = false;
    return {
      add(document, place): Result<void, FormatProblem> {
        const where = place === "" ? "$" : place;
        const listed = eventsOf(document);
        if (listed !== null) {
          if (events !== null) return malformed(where, "one history", "there is a second one");
          // Three events make a task mostly, and none makes more than one.
          if (listed.length > maxTasks * 4) return tooManyTasks(where, maxTasks);
          const read = readEvents(listed, where);
          if (!read.ok) return read;
          events = read.value;
          isCut = isObject(document) && typeof document.nextPageToken === "string" && document.nextPageToken !== "";
          return ok(undefined);
        }
        if (!isDescription(document)) return malformed(where, "a history or a description", "the document is neither");
        if (description !== null) return malformed(where, "one description", "there is a second one");
        description = document;
        return ok(undefined);
      },
      finish: () => temporalRun({ events: events ?? [], description, isCut, file }),
    };
  },
};

const isDescription = (document: Json): document is JsonObject =>
  isObject(document) && isObject(document.workflowExecutionInfo);

function eventsOf(document: Json): readonly Json[] | null {
  const inner = isObject(document) && isObject(document.history) ? document.history : document;
  const list = isObject(inner) && Array.isArray(inner.events) ? inner.events : inner;
  if (!Array.isArray(list) || !isObject(list[0])) return null;
  return "eventId" in list[0] && "eventType" in list[0] ? list : null;
}
