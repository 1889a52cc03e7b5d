import { describe, expect, it } from "vitest";
import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import { actionOf } from "./text.ts";

describe("the action of a recorded name", () => {
  it.each([
    ["Build site 12", "build_site"],
    ["2fast", "run_2fast"],
    ["Run start", "recorded_run_start"],
    ["checkpoint create", "recorded_checkpoint_create"],
    ["run_start-3", "recorded_run_start"],
    ["join", "recorded_join"],
    ["HITL decision", "recorded_hitl_decision"],
    ["Override ack", "recorded_override_ack"],
    ["rollback deployment", "recorded_rollback_deployment"],
    ["rejoin", "rejoin"],
    ["compensate", "recorded_compensate"],
    ["compensated", "compensated"],
  ])("[ECT-54] %s is %s, which is no reserved value", (name, action) => {
    expect(actionOf(name)).toBe(action);
    expect(isReservedAct(action)).toBe(false);
  });

  it("[ECT-54] stays within the registry's pattern, however long the name", () => {
    for (let length = 1; length < 80; length += 1)
      expect(actionOf(`rollback ${"a".repeat(length)} b`)).toMatch(/^recorded_rollback_[a-z0-9_]{0,46}[a-z0-9]$/);
  });
});
