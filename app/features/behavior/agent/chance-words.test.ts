import { expect, test } from "vitest";
import type { ProfileBody } from "../../../protocol/behavior/profile.ts";
import { chanceWords } from "./chance-words.ts";

const ref = { profile_id: "executor-prod", version: 3, hash: "y9i8oDg3l7qgzMdecuhNeDChKV_T4XhO3YyS2v7CnuE" };
const body: ProfileBody = {
  profile_id: "executor-prod",
  version: 3,
  owner: "spiffe://ops.example/person/1",
  applies_to: ["spiffe://ops.example/agent/executor"],
  allowed_actions: ["*"],
  baseline: { action_freq: { apply_change: 0.5, read_state: 0.3, wait: 0.2 } },
  window_s: 3600,
  min_samples: 10,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  assurance: "standard",
};
const version = { profile: body, hash: ref.hash };

test("[BEH-36] a score that a window of this size reaches by chance is called that, and a higher one is not", () => {
  expect(chanceWords({ drift: 0.15, samples: 20, profile: ref }, version)).toBe(
    "With no change at all a window of 20 tasks scores 0.12 on average and up to 0.26 in 95 of 100. This score is no more than chance.",
  );
  expect(chanceWords({ drift: 0.15, samples: 2000, profile: ref }, version)).toContain("This score is above that.");
  // Where the score may come from a number's baseline, chance in the actions explains nothing.
  const numeric = {
    ...body,
    baseline: { action_freq: { wait: 1 }, numeric: { task_completion: { mean: 0.9, sd: 0.1 } } },
  };
  expect(chanceWords({ drift: 0, samples: 20, profile: ref }, { ...version, profile: numeric })).not.toContain(
    "chance",
  );
});

test("[BEH-36] nothing is said without a baseline, without tasks, or of a window that another version judged", () => {
  const window = { drift: 0.15, samples: 20, profile: ref };
  expect(chanceWords(window, null)).toBeNull();
  expect(chanceWords({ ...window, samples: 0 }, version)).toBeNull();
  expect(chanceWords({ ...window, drift: null }, version)).toBeNull();
  expect(chanceWords(window, { ...version, hash: "x" })).toBeNull();
});
