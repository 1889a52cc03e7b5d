import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { utf8 } from "../app/base/bytes.ts";
import { runCli } from "./cli.ts";

/** Scenarios of resilience4j and opossum that nobody here wrote (docs/breaker-scenarios.md). */
const FILE = new URL("../e2e/fixtures/vectors/circuit-breaker/scenarios.json", import.meta.url);
interface Entry {
  readonly id: string;
  readonly steps: readonly object[];
}
type Groups = Record<
  "state_machine" | "windows" | "single_probe",
  { readonly config?: object; readonly scenarios: Entry[] }
>;
const { state_machine, windows, single_probe } = JSON.parse(readFileSync(FILE, "utf8")) as Groups;
const ALL = [...state_machine.scenarios, ...windows.scenarios, ...single_probe.scenarios];
const find = (id: string): Entry => ALL.find((entry) => entry.id === id) ?? { id, steps: [] };

async function run(...lines: readonly unknown[]) {
  async function* input() {
    for (const line of lines) yield utf8(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }
  const answers: unknown[] = [];
  const result = await runCli(["breaker", "run"], input(), async (line) => {
    answers.push(JSON.parse(line));
  });
  return { answers, problem: result.ok ? null : result.error };
}
const failedSteps = async (...lines: readonly unknown[]) => {
  const { answers, problem } = await run(...lines);
  expect(problem).toBeNull();
  return answers.map((answer) => (answer as { failedStep: number | null }).failedStep);
};
const GOOD = { ok: true, failedStep: null };

/** Where ours differs on purpose, and at which step. */
const DIFFERENT: Readonly<Record<string, number>> = {
  "half-open-back-to-open-on-failures": 4,
  "half-open-to-closed": 4,
};

describe("breaker run", () => {
  it("has all the scenarios there are", () => {
    expect(ALL).toHaveLength(14);
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(14);
  });

  it.each(ALL.map((entry) => [entry.id, entry] as const))("[CAS-2] answers for %s", async (id, entry) => {
    const failedStep = DIFFERENT[id] ?? null;
    const { answers, problem } = await run(entry);
    expect({ answers, problem }).toEqual({ answers: [{ ok: failedStep === null, failedStep }], problem: null });
  });

  it("takes the group's configuration with the entry as well as without", async () => {
    const entries = state_machine.scenarios.map((entry) => ({ ...entry, config: state_machine.config }));
    expect(await failedSteps(...entries)).toEqual(await failedSteps(...state_machine.scenarios));
  });

  it("finds the step when any one expectation of a scenario is turned round", async () => {
    const turn = (step: object): object | null => {
      if ("expect" in step && typeof step.expect === "boolean") return { ...step, expect: !step.expect };
      if ("state" in step) return { ...step, state: step.state === "OPEN" ? "CLOSED" : "OPEN" };
      if ("buffered" in step) return { ...step, buffered: 99 };
      if ("total" in step) return { ...step, total: 99 };
      if ("count" in step) return { ...step, count: 99 };
      return null;
    };
    let turned = 0;
    for (const entry of ALL.filter(({ id }) => DIFFERENT[id] === undefined))
      for (const [at, step] of entry.steps.entries()) {
        const other = turn(step);
        if (other === null) continue;
        turned += 1;
        expect(await failedSteps({ ...entry, steps: entry.steps.with(at, other) })).toEqual([at]);
      }
    expect(turned).toBe(48);
  });

  describe("where ours differs on purpose", () => {
    const { config } = state_machine;
    const toHalfOpen = [{ op: "force_transition", to: "HALF_OPEN" }];
    const acquire = (expected: boolean) => ({ op: "acquire", expect: expected });
    const state = (name: string) => ({ op: "expect_state", state: name });
    const holds = async (...steps: readonly object[]) => expect(await failedSteps({ config, steps })).toEqual([null]);

    it("[CAS-2] the first failed probe opens it again: no share of the probes may fail", async () => {
      await holds(...toHalfOpen, acquire(true), { op: "error" }, state("OPEN"), acquire(false));
      const upTo = find("half-open-to-closed").steps.slice(0, 4);
      await holds(...upTo, state("OPEN"), acquire(false));
    });

    it("[CAS-2] all the probes have to succeed", async () => {
      const probe = [acquire(true), { op: "success" }];
      await holds(...toHalfOpen, ...probe, ...probe, ...probe, state("HALF_OPEN"), ...probe, state("CLOSED"));
    });

    it("[CAS-2] the timer makes it half-open, not the next call", async () => {
      await holds({ op: "force_transition", to: "OPEN" }, { op: "advance", ms: 5000 }, state("HALF_OPEN"));
    });

    it("[CAS-19] nobody closes a breaker by hand: a reset leads to probes", async () => {
      await holds({ op: "force_transition", to: "FORCED_OPEN" }, { op: "reset" }, state("HALF_OPEN"));
      const steps = [
        { op: "force_transition", to: "OPEN" },
        { op: "force_transition", to: "CLOSED" },
      ];
      expect(await failedSteps({ config, steps })).toEqual([1]);
    });

    it("no breaker is ever switched off", async () => {
      for (const to of ["DISABLED", "METRICS_ONLY"])
        expect(await failedSteps({ config, steps: [{ op: "force_transition", to }] })).toEqual([0]);
    });

    it("[CAS-2] the time of a probe begins when it is asked for, not when the breaker became half-open", async () => {
      await holds(
        ...toHalfOpen,
        { op: "advance", ms: 900 },
        acquire(true),
        { op: "advance", ms: 999 },
        state("HALF_OPEN"),
      );
      await holds(...toHalfOpen, acquire(true), { op: "advance", ms: 1000 }, state("OPEN"));
    });
  });

  it("[CAS-22] takes a configuration in the words of cascade.md, with its defaults", async () => {
    const error = { op: "error" };
    const steps = [error, error, error, error, { op: "expect_state", state: "CLOSED" }, error];
    const open = { op: "expect_state", state: "OPEN" };
    expect(
      await failedSteps(
        { config: {}, steps: [...steps, open] },
        { config: { consecutive: 6 }, steps: [...steps, open] },
      ),
    ).toEqual([null, 6]);
  });

  it("errors that are to be ignored are, and a window of time slides", async () => {
    const ignored = Array.from({ length: 9 }, () => ({ op: "error", error: "IGNORED" }));
    const record = { op: "record", outcome: "ERROR", duration_ms: 5 };
    const window = { type: "time", seconds: 10 };
    expect(
      await failedSteps(
        { steps: [...ignored, { op: "expect_metrics", buffered: 0, failure_rate_pct: -1 }] },
        {
          window,
          steps: [record, { op: "advance", ms: 9999 }, record, { op: "expect_snapshot", total: 2, average_ms: 5 }],
        },
        {
          window,
          steps: [
            record,
            { op: "advance", ms: 10_000 },
            record,
            { op: "expect_snapshot", total: 1, total_duration_ms: 5 },
          ],
        },
      ),
    ).toEqual([null, null, null]);
  });

  it.each([
    ["no JSON", "{", /line 2: /],
    ["no steps", "{}", /line 2: steps: /],
    ["no step", '{"steps":[]}', /line 2: steps: /],
    ["an unknown step", '{"steps":[{"op":"melt"}]}', /line 2: steps\.0\.op: /],
    [
      "a step with a member too many",
      '{"steps":[{"op":"acquire","expected":true}]}',
      /line 2: steps\.0: Unrecognized key/,
    ],
    [
      "an unknown member of a configuration",
      '{"config":{"window_s":1,"colour":1},"steps":[{"op":"reset"}]}',
      /line 2: config: /,
    ],
    [
      "a step about a breaker in a scenario about a window",
      '{"window":{"type":"count","size":4},"steps":[{"op":"acquire"}]}',
      /steps\.0\.op: /,
    ],
    ["a window that is none", '{"window":{"type":"lunar"},"steps":[{"op":"acquire"}]}', /line 2: window\.type: /],
  ])("stops at %s with one clear line, after the answers before it", async (_what, line, message) => {
    const { answers, problem } = await run(find("open-rejects"), line, find("open-rejects"));
    expect(answers).toEqual([GOOD]);
    expect(problem).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
    expect(problem?.message).toMatch(/^breaker run: line 2: \P{Cc}+$/u);
  });
});
