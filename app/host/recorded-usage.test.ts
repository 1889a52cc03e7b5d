import { describe, expect, it, test } from "vitest";
import type { GateState } from "../engine/state.ts";
import { endedTask, type ReviewedGate } from "./metered-task.ts";
import { modelRun } from "./metering.fixture.ts";
import { recordedItems } from "./recorded-usage.ts";

type Usage = { readonly inputTokens: number | null; readonly cachedTokens?: number };

/** What is metered of a task whose recording tells this. */
function itemsOf(usage: Usage): (readonly [string, string])[] {
  const [task] = modelRun([[0, 0]]).tasks;
  if (task === undefined) throw new Error("a run of one task has one");
  return recordedItems({ ...task, usage: { outputTokens: 7, cost: null, ...usage } }, false)
    .filter(({ resource }) => resource.startsWith("llm_"))
    .map(({ resource, quantity }) => [resource, quantity]);
}

describe("input tokens from a cache", () => {
  test.each<readonly [string, Usage, readonly (readonly [string, string])[]]>([
    [
      "a part of all, and are counted once",
      { inputTokens: 100, cachedTokens: 40 },
      [
        ["llm_input_token", "60"],
        ["llm_cached_token", "40"],
      ],
    ],
    ["all of them", { inputTokens: 100, cachedTokens: 100 }, [["llm_cached_token", "100"]]],
    [
      "beside the others, where there are more of them than there are at all",
      { inputTokens: 5, cachedTokens: 40 },
      [
        ["llm_input_token", "5"],
        ["llm_cached_token", "40"],
      ],
    ],
    ["none", { inputTokens: 100, cachedTokens: 0 }, [["llm_input_token", "100"]]],
    ["nothing that is told, and so nothing that is metered", { inputTokens: 100 }, [["llm_input_token", "100"]]],
  ])("[XDA-53] are %s", (_what, usage, expected) => {
    expect(itemsOf(usage)).toEqual([...expected, ["llm_output_token", "7"]]);
  });
});

describe("the time people needed for a task", () => {
  const ALICE = "spiffe://console.local/human/alice";
  const decision = (by: string, at: number): GateState["decisions"][number] => ({
    ...{ jti: "", by, role: "operator", outcome: "approve", at, exp: at, seq: 0 },
  });
  const reviewS = (...gates: ReviewedGate[]): number | undefined => {
    // Only what a metering point looks at.
    const task = {
      jti: "t",
      agent: "a",
      execAct: "x",
      at: 100,
      status: "done",
      ect: { iat: 90 },
    } as unknown as Parameters<typeof endedTask>[1];
    return endedTask("w", task, undefined, gates)?.reviewS;
  };

  it("[XDA-53] is from each request to the last decision about it", () => {
    expect(
      reviewS(
        { openedAt: 10, decisions: [decision(ALICE, 15), decision(`${ALICE}-2`, 40)] },
        { openedAt: 50, decisions: [decision(ALICE, 51)] },
      ),
    ).toBe(31);
  });

  it("[XDA-53] [XDA-42] is none where nobody was asked, or no person decided", () => {
    expect(reviewS()).toBe(0);
    expect(reviewS({ openedAt: 10, decisions: [] })).toBe(0);
    expect(reviewS({ openedAt: 10, decisions: [decision("spiffe://console.local/pep", 30)] })).toBe(0);
  });
});
