import { describe, expect, it } from "vitest";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { acceptAcp } from "../../../protocol/acp/accept-acp.ts";
import { acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { compilePolicy } from "../../../protocol/acp/compile-policy.ts";
import { RUN, sha256, TASK_SET } from "../../../protocol/behavior/bench.fixture.ts";
import { benchHash, benchProblem } from "../../../protocol/behavior/bench-profile.ts";
import {
  type BenchDraft,
  checkDraft,
  DRILL_METRICS,
  drillFacts,
  FIRST_DRAFT,
  runFacts,
  withVersion,
} from "./bench-draft.ts";
import { benchPolicy } from "./bench-policy.ts";

const graph = {
  ...{ agents: [{ id: "builder", name: "Builder", kind: "program" }], actions: ["build", "build", "deploy"] },
  ...{ ids: ["a", "b", "c"], startMs: [0, 1000, null], durationMs: [1000, 3000, 200] },
} as unknown as RunGraph; // the members that are read
const FACTS = runFacts([graph]);
const draft = (change: Partial<BenchDraft> = {}): BenchDraft => ({
  ...FIRST_DRAFT,
  ...{ id: "small", runs: [RUN], reason: "why" },
  ...change,
});

describe("the draft of a benchmark", () => {
  it("[BEH-15] becomes a profile that can be ordered, with what the recording gives where nothing was typed", () => {
    const { profile, problems, runs, takesMs } = checkDraft(draft({ environment: "machine: a: b\n\nrack: 2" }), FACTS);
    expect(problems).toEqual({});
    expect({ runs, takesMs }).toEqual({ runs: 6, takesMs: (4000 * 6) / 100 });
    expect(profile?.environment).toEqual({ machine: "a: b", rack: "2" });
    // The slowest of three tasks, at 100 times the speed.
    expect(profile?.targets.latency_p95_ms).toEqual({ goal: 30, worst: 400 });
    const whole = profile === null ? null : withVersion(profile, TASK_SET, 3, [], sha256);
    expect(whole === null ? "none" : benchProblem(whole, TASK_SET)).toBeNull();
  });

  it.each([
    [{ repetitions: "2" }, "repetitions"],
    [{ timeoutS: "x" }, "timeoutS"],
    [{ id: "No Name" }, "id"],
    [{ runs: [] }, "runs"],
    [{ repetitions: "50", runs: [RUN, `${RUN.slice(0, 42)}A`] }, "runs"],
    [{ environment: "no value" }, "environment"],
    [{ environment: "host.cores: 64" }, "environment"],
    [{ reason: " " }, "reason"],
    [{ metrics: {} }, "metrics"],
    [{ metrics: { accuracy: { isOn: true, weight: "90", goal: "1", worst: "0" } } }, "metrics"],
    [{ metrics: { accuracy: { isOn: true, weight: "100", goal: "1", worst: "1" } } }, "metrics"],
    [{ metrics: { throughput: { isOn: true, weight: "100", goal: "", worst: "" } } }, "metrics"],
  ] as const)("[BEH-15] says what is wrong with %j at its field", (change, field) => {
    const { profile, problems } = checkDraft(draft(change as Partial<BenchDraft>), FACTS); // readonly lists
    expect(Object.keys(problems)).toEqual([field]);
    expect(profile).toBeNull();
  });

  it("[BEH-15] is the version it was where its text is the same, and the next one where anything differs", () => {
    const { profile } = checkDraft(draft(), FACTS);
    if (profile === null) throw new Error("it is complete");
    const first = withVersion(profile, TASK_SET, 3, [], sha256);
    const known = [{ benchId: "small", version: 1, hash: benchHash(first, sha256) }];
    expect(first.version).toBe(1);
    expect(withVersion(profile, TASK_SET, 3, known, sha256)).toEqual(first);
    expect(withVersion({ ...profile, seed: 2 }, TASK_SET, 3, known, sha256).version).toBe(2);
    expect(withVersion({ ...profile, bench_id: "other" }, TASK_SET, 3, known, sha256).version).toBe(1);
  });

  it("[BEH-15] of a drill runs one at a time at its own speed, for as long as its script goes on", () => {
    const drill = { script: "one-lies", size: "3" };
    const { profile, problems, runs, takesMs } = checkDraft(
      draft({ drill, runs: [], metrics: DRILL_METRICS, repetitions: "3" }),
      drillFacts(90),
    );
    expect(problems).toEqual({});
    expect({ runs, takesMs }).toEqual({ runs: 3, takesMs: 270_000 });
    expect(profile).toMatchObject({ warmup: 0, playback: 1, concurrency: 1, timeout_ms: 150_000 });
  });
});

describe("the policy of a run", () => {
  const WID = "0195400c-0000-4000-8000-00000000000a";
  const policy = (actions: readonly string[], gated: readonly string[]) =>
    acpClaimsSchema.parse(
      benchPolicy({
        ...{ operator: "spiffe://console.local/human/alice", pepId: "spiffe://console.local/pep" },
        ...{ trustDomain: "console.local", wid: WID, jti: WID, nowS: 1_772_064_000, actions, gated },
      }),
    );

  it("[BEH-15] lets the agents of that run do what is recorded, and asks a human before what the profile says alone", () => {
    const made = policy(["build", "deploy"], ["deploy", "never_recorded"]);
    expect(acceptAcp(made)).toMatchObject({ ok: true });
    const { nodeFor } = compilePolicy(made);
    expect(nodeFor(`spiffe://console.local/agent/${WID}/builder`, "build")).toBeDefined();
    expect(nodeFor(`spiffe://console.local/agent/${WID}/builder`, "drop_table")).toBeUndefined();
    expect(nodeFor(`spiffe://console.local/agent/${WID.replace("a", "b")}/builder`, "build")).toBeUndefined();
    expect(made.hitl.rules.map(({ trigger }) => trigger)).toEqual([{ kind: "action", patterns: ["deploy"] }]);
    expect(policy(["build"], ["deploy"]).hitl.rules).toEqual([]);
    const many = policy(
      Array.from({ length: 300 }, (_, at) => `act_${at}`),
      [],
    );
    expect(many.dag.nodes.at(-1)?.actions).toEqual(["*"]);
  });
});
