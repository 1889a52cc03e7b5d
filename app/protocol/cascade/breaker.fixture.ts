import { must } from "../../base/assert.ts";
import { askCall, type Call, noteResult } from "./breaker.ts";
import { type BreakerRules, breakerRules } from "./breaker-rules.ts";
import { type Breaker, type CircuitChange, createBreaker, type Moved } from "./breaker-state.ts";
import { breakerConfigSchema, type FailureClass } from "./claims.ts";

/** One breaker on a clock of its own, for tests that tell a story; what it publishes is kept. */
export class BreakerBench {
  atMs = 1_772_064_000_000;
  jitter = 0;
  breaker: Breaker;
  readonly rules: BreakerRules;
  readonly changes: CircuitChange[] = [];

  constructor(config: Readonly<Record<string, unknown>> = {}, callee: "known" | "unknown" = "known") {
    this.rules = breakerRules(breakerConfigSchema.parse(config));
    this.breaker = createBreaker(this.rules, callee, this.atMs);
  }

  get now() {
    return { atMs: this.atMs, jitter: this.jitter };
  }

  pass(seconds: number): this {
    this.atMs += seconds * 1000;
    return this;
  }

  do(moved: Moved): this {
    this.breaker = moved.breaker;
    this.changes.push(...moved.changes);
    return this;
  }

  ask(urgency: "normal" | "emergency" = "normal") {
    const asked = askCall(this.rules, this.breaker, this.now, urgency);
    this.do(asked);
    return asked.answer;
  }

  /** A call that has to be let through. */
  begin(): Call {
    const answer = this.ask();
    return must(answer.allowed ? answer.call : null, "the call is let through");
  }

  end(call: Call, failure: FailureClass | null = null, durationMs = 10): this {
    return this.do(noteResult(this.rules, this.breaker, call, { failure, durationMs }, this.now));
  }

  calls(count: number, failure: FailureClass | null = null, durationMs = 10): this {
    for (let done = 0; done < count; done += 1) this.end(this.begin(), failure, durationMs);
    return this;
  }

  /** From, to and reason of every transition so far. */
  get story(): readonly string[] {
    return this.changes.map(({ from, to, reason }) => `${from} ${to} ${reason}`);
  }
}
