import { assertNever } from "../app/base/assert.ts";
import {
  advance,
  askCall,
  type Call,
  forceOpen,
  giveBack,
  noteResult,
  releaseForced,
  trip,
} from "../app/protocol/cascade/breaker.ts";
import { type Breaker, createBreaker } from "../app/protocol/cascade/breaker-state.ts";
import {
  type CallCounts,
  type CallWindow,
  emptyWindow,
  record,
  windowAt,
} from "../app/protocol/cascade/call-window.ts";
import type { MachineSetup, MachineStep, Scenario, ScenarioWindow, WindowStep } from "./breaker-scenario.ts";

/** Index of the first step that does not hold, counted from 0; null when all hold. */
export function failedStep(scenario: Scenario): number | null {
  const holds = scenario.kind === "machine" ? machineRun(scenario.setup) : windowRun(scenario.window);
  // Each step is its own kind's: the two lists were read apart.
  const failed = (scenario.steps as readonly (MachineStep & WindowStep)[]).findIndex((step) => !holds(step));
  return failed === -1 ? null : failed;
}

/** A call that nobody asked for and the breaker would have refused: begun before, so that it moves nothing. */
const EARLIER: Call = { kind: "call", seq: -1, probe: null };

function machineRun({ rules, ignored }: MachineSetup): (step: MachineStep) => boolean {
  let atMs = 0;
  let breaker = createBreaker(rules, "known", atMs);
  let disabled = false;
  /** Calls let through whose end is not known, first out first. */
  const out: Call[] = [];
  const now = () => ({ atMs, jitter: 0 });
  const current = (): Breaker => {
    breaker = advance(rules, breaker, now()).breaker;
    return breaker;
  };
  const ask = (): Call | null => {
    const asked = askCall(rules, breaker, now(), disabled ? "emergency" : "normal");
    breaker = asked.breaker;
    return asked.answer.allowed ? asked.answer.call : null;
  };
  const end = (failure: "error" | "policy" | null, durationMs: number): true => {
    const before = current();
    const call = out.shift() ?? ask() ?? EARLIER;
    if (call === EARLIER) breaker = before;
    breaker = noteResult(rules, breaker, call, { failure, durationMs }, now()).breaker;
    return true;
  };
  const force = (): void => {
    breaker = forceOpen(rules, breaker, "operator", now()).breaker;
  };
  const release = (): void => {
    breaker = releaseForced(rules, breaker, now()).breaker;
  };
  const moveTo = (to: "CLOSED" | "OPEN" | "HALF_OPEN" | "FORCED_OPEN" | "DISABLED" | "METRICS_ONLY"): boolean => {
    const { state } = current();
    switch (to) {
      case "OPEN":
        breaker = trip(rules, breaker, "failure_signal", now()).breaker;
        return breaker.state === "open";
      case "HALF_OPEN":
        if (state === "half_open") return true;
        force();
        release();
        return true;
      case "FORCED_OPEN":
        force();
        return true;
      // Nobody closes a breaker by hand, and none is ever switched off.
      case "CLOSED":
        return state === "closed";
      case "DISABLED":
      case "METRICS_ONLY":
        return false;
      default:
        return assertNever(to, "state to force");
    }
  };

  return (step) => {
    switch (step.op) {
      case "acquire": {
        const call = ask();
        if (call !== null) out.push(call);
        return step.expect === undefined || step.expect === (call !== null);
      }
      case "release": {
        const call = out.pop();
        if (call !== undefined) breaker = giveBack(rules, breaker, call, now()).breaker;
        return true;
      }
      case "success":
        return end(null, step.duration_ms);
      case "error":
        return end(ignored.includes(step.error ?? "") ? "policy" : "error", step.duration_ms);
      case "call": {
        const call = ask();
        if (call !== null) out.push(call);
        return (step.expect === "allowed") === (call !== null);
      }
      case "force_transition":
        return moveTo(step.to);
      case "reset":
        force();
        release();
        return true;
      case "disable":
        disabled = true;
        return true;
      case "enable":
        disabled = false;
        return true;
      case "advance":
        atMs += step.ms;
        return true;
      case "expect_state": {
        const { state } = current();
        const pending = step.pending_close === undefined || step.pending_close === (state === "half_open");
        return pending && state === step.state.toLowerCase();
      }
      case "expect_metrics": {
        const { window, refused } = current();
        return fits(step, {
          ...figures(windowAt(window, atMs).sum, rules.minCalls),
          not_permitted: refused,
        });
      }
      case "expect_not_permitted":
        return current().refused === step.count;
      default:
        return assertNever(step, "step");
    }
  };
}

/** A window of n calls is our window of time with its n-th part between one call and the next. */
function windowRun(window: ScenarioWindow): (step: WindowStep) => boolean {
  const lengthMs = window.type === "time" ? window.seconds * 1000 : 10_000;
  let atMs = 0;
  let recorded = 0;
  let calls: CallWindow = emptyWindow(lengthMs, atMs);
  return (step) => {
    switch (step.op) {
      case "record": {
        if (window.type === "count") atMs = (recorded * lengthMs) / window.size;
        recorded += 1;
        const result = {
          failed: step.outcome.endsWith("ERROR"),
          slow: step.outcome.startsWith("SLOW"),
          late: false,
          durationMs: step.duration_ms,
        };
        calls = record(calls, result, atMs);
        return true;
      }
      case "advance":
        if (window.type === "time") atMs += step.ms;
        return true;
      case "expect_snapshot":
        return fits(step, figures(windowAt(calls, atMs).sum, 1));
      default:
        return assertNever(step, "step");
    }
  };
}

/** The figures of both kinds of scenario under their names there; a rate of -1 is none yet. */
function figures(sum: CallCounts, minCalls: number): Readonly<Record<string, number>> {
  const { calls, failures, slow, slowFailures, durationMs } = sum;
  const rate = (part: number): number => (calls < minCalls ? -1 : calls === 0 ? 0 : (100 * part) / calls);
  return {
    total: calls,
    buffered: calls,
    successful: calls - failures,
    failed: failures,
    slow,
    slow_successful: slow - slowFailures,
    slow_failed: slowFailures,
    total_duration_ms: durationMs,
    average_ms: calls === 0 ? 0 : durationMs / calls,
    failure_rate_pct: rate(failures),
    slow_rate_pct: rate(slow),
  };
}

/** The figures upstream are in single precision. */
const NEAR = 1e-4;

/** Whether every figure the step names is as it says. */
const fits = (step: object, seen: Readonly<Record<string, number>>): boolean =>
  Object.entries(step).every(
    ([name, expected]) =>
      typeof expected !== "number" || Math.abs((seen[name] ?? Number.POSITIVE_INFINITY) - expected) <= NEAR,
  );
