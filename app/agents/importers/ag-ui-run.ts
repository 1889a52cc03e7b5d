import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import type { AgUiTurnPart, AgUiEvent as Event } from "./ag-ui-schema.ts";
import { isObject } from "./bounded-json.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";
import { countOf } from "./run-span.ts";
import { callArguments, type Step, stepTask, timelessRun } from "./step-run.ts";
import { AgentTable, actionOf, cut, splitWords, Warnings } from "./text.ts";

/** A task while its events come in. */
interface Open {
  readonly step: Step;
  readonly parents: RunTask["parents"];
  readonly caller: string | null;
  readonly text: string[];
  result: string | null;
  /** Whether it is over: a call is when its result is there. */
  isOver: boolean;
  error: string | null;
  usage: RunTask["usage"];
  startMs: number | null;
  endMs: number | null;
}

/** Things side by side that what comes next is taken to come after, at most: an edge each, and they are inferred. */
const MAX_BEFORE = 64;

/** One session: what people said, each run of the agent with the messages and calls in it, and what was answered to calls. */
class Session {
  readonly tasks: Open[] = [];
  readonly agents = new AgentTable();
  readonly warnings = new Warnings();
  readonly counts = new Map<string, number>();
  /** What ended last, side by side; what comes next comes after all of it. */
  #before: string[] = [];
  #ended: string[] = [];
  readonly #byKey = new Map<string, Open>();

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  begin(
    key: string,
    step: Omit<Step, "id">,
    more: { caller?: string | null; parents?: RunTask["parents"] | undefined; at?: number | null | undefined },
  ): Open {
    const id = `task-${this.tasks.length + 1}`;
    if (this.#ended.length > 0) {
      this.warnings.add(
        "edges_left_out",
        "of very many things that ended side by side the last 64 are taken to come before what follows",
        id,
        Math.max(0, this.#ended.length - MAX_BEFORE),
      );
      [this.#before, this.#ended] = [this.#ended.slice(-MAX_BEFORE), []];
    }
    const made: Open = {
      step: { ...step, id },
      parents:
        more.parents ?? this.#before.filter((one) => one !== more.caller).map((one) => ({ id: one, inferred: true })),
      caller: more.caller ?? null,
      text: [],
      result: null,
      isOver: false,
      error: null,
      usage: null,
      startMs: more.at ?? null,
      endMs: null,
    };
    this.tasks.push(made);
    this.#byKey.set(key, made);
    return made;
  }

  of(key: string): Open | undefined {
    return this.#byKey.get(key);
  }

  end(open: Open, at: number | null | undefined = null): void {
    const isAgain = open.isOver;
    open.isOver = true;
    open.endMs = at ?? open.endMs;
    if (!isAgain) this.#ended.push(open.step.id);
  }

  /** What is in a run comes during it, and after nothing else. */
  enterRun(): void {
    this.#before = [];
    this.#ended = [];
  }

  /** A run that has ended comes before what is said next; what was in it is behind it. */
  endRun(open: Open, at: number | null | undefined): void {
    open.isOver = true;
    open.endMs = at ?? null;
    this.#before = [open.step.id];
    this.#ended = [];
  }
}

export function agUiRun(parts: readonly AgUiTurnPart[], file: string): Result<RecordedRun, FormatProblem> {
  const session = new Session();
  let runs = 0;
  let asked: Open | null = null;
  let isFirst = true;
  for (const part of parts) {
    if (part.request !== null) {
      asked = takeRequest(session, part.request, isFirst);
      isFirst = false;
      continue;
    }
    runs += takeEvents(session, part.events, asked, runs);
    asked = null;
  }
  const { tasks, warnings, agents } = session;
  if (tasks.length === 0) return malformed("$", "at least one message or run", "the session has none");
  const made = tasks.map((open) => taskOf(open, warnings));
  const times = tasks.flatMap((open) => (open.startMs === null ? [] : [open.startMs]));
  const run = timelessRun({
    format: "ag-ui",
    formatVersion: "",
    name: file.replace(/\.gz$/i, "").replace(/(?:\.turn\d+)?(?:\.(?:request|response))?\.jsonl?$/i, ""),
    file,
    agents,
    tasks: made,
    warnings: times.length === 0 ? warnings : new Warnings(),
    counts: { turns: runs, ...Object.fromEntries(session.counts) },
  });
  if (times.length === 0) return ok(run);
  const first = times.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER);
  const last = tasks.reduce((most, { startMs, endMs }) => Math.max(most, endMs ?? startMs ?? first), first);
  return ok({
    ...run,
    schedule: "recorded",
    startedAtMs: first,
    makespanMs: last - first,
    tasks: made.map((task, at) => {
      const { startMs = null, endMs = null } = tasks[at] ?? {};
      if (startMs === null) return task;
      return { ...task, startMs: startMs - first, durationMs: Math.max(0, (endMs ?? startMs) - startMs) };
    }),
    warnings: warnings.list(),
  });
}

/** What is new in a request: after the last thing the agent said. What was there before is a repetition. */
function takeRequest(session: Session, request: NonNullable<AgUiTurnPart["request"]>, isFirst: boolean): Open | null {
  const { messages } = request;
  const lastSaid = messages.findLastIndex(({ role }) => role === "assistant");
  const from = isFirst ? 0 : lastSaid + 1;
  session.warnings.add("history_repeated", "messages that a later turn sends again are left out", null, from);
  let asked: Open | null = null;
  for (const { role, content, toolCallId, toolCalls, ...kept } of messages.slice(from)) {
    session.count(`messages.${cut(role, 64)}`);
    const isPerson = role === "user" || role === "tool";
    const agent = isPerson
      ? session.agents.idOf("user", "User", "human")
      : session.agents.idOf("agent", "Agent", "agent");
    const call = role === "tool" ? session.of(`call ${toolCallId ?? ""}`) : undefined;
    const said = textOf(content);
    asked = session.begin(
      `message ${session.tasks.length}`,
      {
        name: call === undefined ? `${role}: message` : `answer to ${call.step.name}`,
        agent,
        action:
          call === undefined ? (isPerson ? "message" : "respond") : actionOf(`answer ${splitWords(call.step.name)}`),
        said,
        // It came from JSON, so that it is JSON.
        kept: {
          ...(kept as JsonObject),
          role,
          ...(toolCalls == null ? {} : { toolCalls: toolCalls as unknown as Json }), // read from JSON as well
        },
      },
      // The call that is answered is named: an edge of the recording's own.
      call === undefined ? {} : { parents: [{ id: call.step.id, inferred: false }] },
    );
    if (call !== undefined && call.result === null) {
      call.result = said;
      call.isOver = true;
    }
    session.end(asked);
  }
  return asked;
}

/** The events of a turn; answers how many runs began in it. */
function takeEvents(session: Session, events: readonly Event[], asked: Open | null, before: number): number {
  const first = session.tasks.length;
  let runs = 0;
  let run: Open | null = null;
  let message: Open | null = null;
  let calling: Open | null = null;
  const { warnings, agents } = session;
  const agent = agents.idOf("agent", "Agent", "agent");
  for (const event of events) {
    session.count(`events.${event.type}`);
    const at = event.timestamp ?? null;
    const caller = run?.step.id ?? null;
    const turn = `${before + runs}`;
    switch (event.type) {
      case "RUN_STARTED":
        runs += 1;
        run = session.begin(
          `run ${before + runs}`,
          { name: `turn ${before + runs}`, agent, action: "agent_turn", said: null, kept: plain(event) },
          // A request and the run it asks for come in one turn.
          { at, parents: asked === null ? undefined : [{ id: asked.step.id, inferred: false }] },
        );
        session.enterRun();
        break;
      case "RUN_FINISHED":
      case "RUN_ERROR":
        if (run === null) break;
        run.error =
          event.type === "RUN_ERROR" ? (typeof event.message === "string" ? event.message : "RUN_ERROR") : null;
        run.usage = usageOf(event);
        session.endRun(run, at);
        break;
      case "TEXT_MESSAGE_START":
      case "TEXT_MESSAGE_CHUNK":
      case "TEXT_MESSAGE_CONTENT": {
        const key = `text ${turn} ${event.messageId ?? ""}`;
        const known: Open | null | undefined = session.of(key) ?? (event.messageId == null ? message : null);
        const kept = { messageId: event.messageId ?? null };
        const said: Open =
          known ??
          session.begin(key, { name: "agent: message", agent, action: "respond", said: "", kept }, { caller, at });
        message = said;
        if (typeof event.delta === "string") said.text.push(event.delta);
        if (event.type === "TEXT_MESSAGE_CHUNK") said.endMs = at;
        break;
      }
      case "TEXT_MESSAGE_END": {
        const known = session.of(`text ${turn} ${event.messageId ?? ""}`);
        if (known !== undefined && !known.isOver) session.end(known, at);
        break;
      }
      case "TOOL_CALL_START":
      case "TOOL_CALL_CHUNK":
      case "TOOL_CALL_ARGS": {
        const key = `call ${event.toolCallId ?? ""}`;
        // A piece of a call need not name it again.
        const known = event.toolCallId == null && calling !== null ? calling : session.of(key);
        const isNew: boolean = known === undefined || (event.type === "TOOL_CALL_START" && known.caller !== caller);
        const name = event.toolCallName ?? "tool";
        const call: Open =
          isNew || known === undefined
            ? session.begin(
                key,
                {
                  name,
                  agent,
                  action: actionOf(splitWords(name)),
                  said: null,
                  kept: { toolCallId: event.toolCallId ?? null },
                },
                { caller, at },
              )
            : known;
        calling = call;
        if (typeof event.delta === "string") call.text.push(event.delta);
        break;
      }
      case "TOOL_CALL_RESULT": {
        const call = session.of(`call ${event.toolCallId ?? ""}`);
        if (call === undefined)
          warnings.add(
            "result_without_call",
            "results of calls that the session does not have",
            event.toolCallId ?? null,
          );
        else {
          call.result = typeof event.content === "string" ? event.content : "";
          session.end(call, at);
        }
        break;
      }
      case "TOOL_CALL_END":
      case "STEP_STARTED":
      case "STEP_FINISHED":
        break;
      default:
        warnings.add(
          "events_left_out",
          "events that tell of state and not of something done are counted and left out",
          event.type,
        );
    }
  }
  // A streamed message that nothing ended is over with its turn.
  for (const open of session.tasks.slice(first)) if (open.step.action === "respond") open.isOver = true;
  return runs;
}

function taskOf(open: Open, warnings: Warnings): RunTask {
  const { step, text, result, error } = open;
  const isCall = step.kept !== undefined && "toolCallId" in step.kept && step.said === null;
  const joined = text.join("");
  if (!open.isOver) warnings.add("unfinished", "calls that nobody answered, and runs that did not end", step.id);
  const task = stepTask(
    {
      ...step,
      said: step.said === "" ? joined : step.said,
      args: isCall ? callArguments(joined, step.id, warnings) : {},
      kept: { ...step.kept, ...(result === null ? {} : { result }) },
      error,
      outcome: error !== null ? "failure" : open.isOver ? "success" : "unfinished",
    },
    warnings,
  );
  return { ...task, parents: [...open.parents], caller: open.caller, usage: open.usage };
}

function usageOf(event: Event): RunTask["usage"] {
  const list = Array.isArray(event.usage) ? event.usage : [];
  const sum = (name: string): number | null =>
    list.reduce<number | null>((total, one: unknown) => {
      const count = isObject(one) ? countOf(one[name]) : null;
      return count === null ? total : (total ?? 0) + count;
    }, null);
  const [inputTokens, outputTokens] = [sum("inputTokens"), sum("outputTokens")];
  if (inputTokens === null && outputTokens === null) return null;
  const cachedTokens = sum("cachedInputTokens");
  return { inputTokens, outputTokens, ...(cachedTokens === null ? {} : { cachedTokens }), cost: null };
}

/** Members of an event but what its type says; it came from JSON, so that it is JSON. */
function plain(event: Event): JsonObject {
  const { type: _type, rawEvent: _raw, timestamp: _timestamp, ...rest } = event;
  return rest as JsonObject;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content
    .slice(0, 1_000)
    .map((part: unknown) => (isObject(part) && typeof part.text === "string" ? part.text : JSON.stringify(part)))
    .join("\n");
}
