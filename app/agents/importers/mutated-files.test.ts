import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { fileOf } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";

const text = (path: string): string =>
  readFileSync(new URL(`../../../e2e/fixtures/${path}`, import.meta.url), "utf8").replace(/^\uFEFF/, "");
const documentOf = (path: string): Json => JSON.parse(text(path)) as Json;
const first = (path: string): Json => (documentOf(path) as Json[]).slice(0, 1);

const AG_UI = "ag-ui-sessions/Step04_HumanInLoop/PostRun_WithApprovalRequired_RoundTripsThroughBothWrappers";
const FILES: readonly (readonly [string, Json])[] = [
  ["a run of tau-bench", first("agentrx-tau-retail/tau_failed.json")],
  ["annotations", first("agentrx-tau-retail/ground_truth.json")],
  [
    "a log of Magentic-One",
    documentOf("agentrx-magentic-one/929b45f34805280d77c61d1e093e3d4e551d77ddb6ecd73552b12b1af286388d.json"),
  ],
  ["Who&When", documentOf("who-and-when/algorithm-generated-117.json")],
  ["a trajectory", documentOf("swe-agent/humanevalfix-python-0.traj.json")],
  ["an Inspect log", documentOf("inspect-logs/2024-11-05T13-31-45-05-00_input-task_8zXjbRzCWrL9GXiXo2vus9.json")],
  ["a Temporal history", documentOf("temporal-histories/events.timed-out.json")],
  ["a Temporal description", documentOf("temporal-histories/workflow.pending-activities.json")],
  ["an AG-UI request", documentOf(`${AG_UI}.turn02.request.json`)],
  ["AG-UI events", documentOf(`${AG_UI}.turn02.response.json`)],
];

const deep = (): Json => {
  let value: Json = 1;
  for (let depth = 0; depth < 50; depth += 1) value = depth % 2 === 0 ? [value] : { deep: value };
  return value;
};
const WRONG: readonly Json[] = [
  ...[null, true, 0, -1, 1.5, 1e308, "", "x".repeat(70_000), "\u202E__proto__", "step-1", [], {}, [null], [[{}]]],
  deep(),
];

/** Every place in a document, as keys from its root. */
function placesOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesOf(member as Json, [...path, key]))];
}

function changed(value: Json, [key, ...rest]: readonly string[], to: Json | undefined): Json | undefined {
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    const members = value.map((one: Json, at) => (String(at) === key ? changed(one, rest, to) : one));
    return members.filter((one): one is Json => one !== undefined);
  }
  const members = Object.entries(value as Record<string, Json>).map(
    ([name, member]) => [name, name === key ? changed(member, rest, to) : member] as const,
  );
  return Object.fromEntries(members.filter((pair): pair is readonly [string, Json] => pair[1] !== undefined));
}

describe("a file in which one thing is another", () => {
  it.each(FILES)(
    "%s: is refused with a place, or is a run within its bounds; nothing is thrown",
    async (_what, document) => {
      const places = placesOf(document);
      const place = fc.nat({ max: places.length - 1 });
      const wrong = fc.option(fc.constantFrom(...WRONG), { nil: undefined });
      await fc.assert(
        fc.asyncProperty(place, wrong, async (at, to) => {
          const mutated = changed(document, places[at] ?? [], to);
          const result = await importRun([fileOf(JSON.stringify(mutated ?? null), "made.json", 1_000_000)]);
          if (result.ok) {
            expect(canonicalText(result.value).ok).toBe(true);
            expect(result.value.tasks.every((task) => (task.narrative?.length ?? 0) <= 8_000)).toBe(true);
          } else expect(result.error.place).not.toBe("");
        }),
        { numRuns: 25, seed: 7 },
      );
    },
  );
});
