import { ORPCError } from "@orpc/client";
import type { SignalboxClient } from "./client.ts";

/** What can be read as of an entry, by area. */
const PAST: Readonly<Record<string, readonly string[]>> = {
  workflow: ["list", "get", "states", "task"],
  gate: ["queue", "request"],
  override: ["list", "agents", "due", "limits"],
  cascade: ["breakers", "alerts"],
  policy: ["list", "get", "grants"],
  rollback: ["list", "show", "checkpoints"],
  liveness: ["agents"],
  drill: ["state", "history", "proven", "selfTests"],
  identity: ["people", "trust", "trustReach"],
  attention: ["overview", "now", "people"],
  audit: ["why"],
  accounting: ["usage", "records", "limits", "tariffs", "settlements", "focus"],
  benchmark: ["list", "detail", "compare"],
  behavior: ["fleet", "alarms", "reach", "agent", "asserted", "profiles"],
};

/** What is the same at all times, and reads of the log itself; who looks at what was looks now (XA-18). */
const TIMELESS: Readonly<Record<string, readonly string[]>> = {
  workflow: ["listRuns", "graph", "runTask"],
  identity: ["describe"],
  drill: ["scripts"],
  liveness: ["discovery"],
  audit: ["entries", "entry", "facets", "instant", "records", "noteRead"],
  accounting: ["accounts"],
  host: ["status"],
};

type Call = (input: unknown, options?: unknown) => Promise<unknown>;

/**
 * A client that reads as of an entry: what can be read so is asked for with `at`, what is the same at all times goes through,
 * and everything else is refused with `past_view`. Nothing is ever answered with what holds now, and nothing is written but that
 * somebody has read it (XA-18).
 */
export function pastClient(client: SignalboxClient, at: number): SignalboxClient {
  const areas = client as unknown as Readonly<Record<string, Readonly<Record<string, Call | undefined>> | undefined>>; // any host's client is operations by area
  const call = (area: string, operation: string): Call => {
    const through: Call = async (input, options) => areas[area]?.[operation]?.(input, options);
    if (PAST[area]?.includes(operation) === true)
      return (input, options) => through({ ...(input as object | undefined), at }, options); // a read takes an object or nothing
    return TIMELESS[area]?.includes(operation) === true ? through : refuse;
  };
  return named((area) => named((operation) => call(area, operation))) as SignalboxClient; // every operation is there, under its name
}

/** An object that has a member for every name; a promise it never looks like. */
function named<T>(member: (name: string) => T): object {
  const made = new Map<string, T>();
  return new Proxy(
    {},
    {
      get: (_target, name) => {
        if (typeof name !== "string" || name === "then") return undefined;
        const known = made.get(name) ?? member(name);
        made.set(name, known);
        return known;
      },
    },
  );
}

const refuse: Call = async () => {
  throw new ORPCError("REFUSED", {
    status: 403,
    data: {
      type: "urn:signalbox:problem:past_view",
      title: "Refused",
      status: 403,
      detail: "the past is shown, where nothing can be done",
      code: "past_view",
    },
  });
};
