import { ok } from "../app/base/result.ts";
import { failedStep } from "./breaker-run.ts";
import { readScenario, scenarioSchema } from "./breaker-scenario.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

const run: Answer = (line) => {
  const read = readLine(line, scenarioSchema);
  if (!read.ok) return read;
  const scenario = readScenario(read.value);
  if (!scenario.ok) return scenario;
  const failed = failedStep(scenario.value);
  return ok({ ok: failed === null, failedStep: failed });
};

export const breakerCommand: LineCommand = {
  answer: run,
  help: [
    "whether our circuit breaker does what a scenario expects, step by step on a clock of its own",
    '{"steps", "config"} or {"steps", "window"}; what else there is (id, source, test, note) is not looked at',
    "config  of the breaker, in the members of cascade.md (window_s, min_calls, failure_rate, ...), of resilience4j",
    "        (failure_rate_threshold_pct, ...) or of opossum (error_threshold_pct, ...); default: that of the group",
    "        state_machine in the published scenarios",
    'window  {"type": "count", "size"} or {"type": "time", "seconds"}: the steps are about the window alone',
    "steps   op acquire, release, success, error, call, force_transition, reset, disable, enable, advance, expect_state,",
    "        expect_metrics, expect_not_permitted; about a window: record, advance, expect_snapshot",
    'answer: {"ok": true, "failedStep": null}, or {"ok": false, "failedStep": index of the first step that does not',
    "hold, counted from 0}. docs/breaker-scenarios.md tells the mapping and where ours differs on purpose",
  ],
};
