import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { agUiRun } from "./ag-ui-run.ts";
import { type AgUiEvent, type AgUiTurnPart, agUiEventSchema, requestSchema } from "./ag-ui-schema.ts";
import { isObject } from "./bounded-json.ts";
import { type FormatProblem, malformed, type RunFormatReader, tooManyTasks } from "./run-format-reader.ts";

/**
 * Sessions of the Agent-User Interaction protocol: for each turn what the console sent (`threadId`, `runId`, `messages`) and
 * the events that came back, each in a file, or an event a line. Turns come in the order of their files' names; ids are
 * those of a turn, and may be placeholders.
 */

const KNOWN = /^(?:RUN|STEP|TEXT_MESSAGE|TOOL_CALL|STATE|MESSAGES|ACTIVITY|REASONING|THINKING|RAW|CUSTOM)(?:_|$)/;

const isEvent = (value: Json | undefined): value is JsonObject =>
  isObject(value) && typeof value.type === "string" && KNOWN.test(value.type.slice(0, 64));

const isRequest = (document: Json): boolean =>
  isObject(document) &&
  typeof document.threadId === "string" &&
  typeof document.runId === "string" &&
  Array.isArray(document.messages);

export const AG_UI: RunFormatReader = {
  title: "AG-UI session",
  detect: (document) =>
    isRequest(document) ||
    (isEvent(document) && document.type === "RUN_STARTED") ||
    (Array.isArray(document) && isEvent(document[0])),
  open({ file: first, maxTasks }) {
    const parts: AgUiTurnPart[] = [];
    let events = 0;
    return {
      add(document: Json, place: string, file: string): Result<void, FormatProblem> {
        const where = place === "" ? "$" : place;
        if (isRequest(document)) {
          const parsed = requestSchema.safeParse(document);
          if (!parsed.success) return refused(where, parsed.error.issues[0], "a request");
          parts.push({ file, request: parsed.data, events: [] });
          return ok(undefined);
        }
        const list = Array.isArray(document) ? document : [document];
        events += list.length;
        // A word of a streamed answer is an event, so that there are many more of them than tasks.
        if (events > maxTasks * 100) return tooManyTasks(where, maxTasks);
        const read: AgUiEvent[] = [];
        for (const [index, item] of list.entries()) {
          const at = Array.isArray(document) ? `${where}.${index}` : where;
          const parsed = agUiEventSchema.safeParse(item);
          if (!parsed.success) return refused(at, parsed.error.issues[0], "an event");
          read.push(parsed.data);
        }
        const last = parts.at(-1);
        // An event a line goes on with the turn of the line before.
        if (!Array.isArray(document) && last?.file === file && last.request === null) last.events.push(...read);
        else parts.push({ file, request: null, events: read });
        return ok(undefined);
      },
      finish() {
        const ordered = [...parts].sort((a, b) => a.file.localeCompare(b.file, "en", { numeric: true }));
        return agUiRun(ordered, ordered[0]?.file ?? first);
      },
    };
  },
};

function refused(
  where: string,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
  what: string,
): Result<never, FormatProblem> {
  return malformed(
    [where, ...(issue?.path ?? [])].map(String).join("."),
    issue?.message ?? what,
    `this is not ${what}`,
  );
}
