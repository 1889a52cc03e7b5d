import * as z from "zod";
import { err, ok, type Result } from "../app/base/result.ts";
import { type BreakerRules, breakerRules } from "../app/protocol/cascade/breaker-rules.ts";
import { breakerConfigSchema, FAILURE_CLASSES } from "../app/protocol/cascade/claims.ts";

/**
 * Scenarios of other circuit breakers as steps on a clock that only `advance` moves, and how their configurations are
 * said in ours. docs/breaker-scenarios.md tells the mapping and every difference.
 */
const count = z.int().nonnegative();
const durationMs = z.number().nonnegative().default(0);
const percent = z.number().min(-1).max(100);
const note = z.string().optional();

const stepSchema = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("acquire"), expect: z.boolean().optional(), note }),
  z.strictObject({ op: z.literal("release"), note }),
  z.strictObject({ op: z.literal("success"), duration_ms: durationMs, note }),
  z.strictObject({ op: z.literal("error"), duration_ms: durationMs, error: z.string().optional(), note }),
  z.strictObject({ op: z.literal("call"), expect: z.enum(["rejected: breaker is open", "allowed"]), note }),
  z.strictObject({
    op: z.literal("force_transition"),
    to: z.enum(["CLOSED", "OPEN", "HALF_OPEN", "FORCED_OPEN", "DISABLED", "METRICS_ONLY"]),
    note,
  }),
  z.strictObject({ op: z.literal("reset"), note }),
  z.strictObject({ op: z.literal("disable"), note }),
  z.strictObject({ op: z.literal("enable"), note }),
  z.strictObject({ op: z.literal("advance"), ms: z.number().nonnegative(), note }),
  z.strictObject({
    op: z.literal("expect_state"),
    state: z.enum(["CLOSED", "OPEN", "HALF_OPEN", "FORCED_OPEN"]),
    pending_close: z.boolean().optional(),
    note,
  }),
  z.strictObject({
    op: z.literal("expect_metrics"),
    failure_rate_pct: percent.optional(),
    slow_rate_pct: percent.optional(),
    successful: count.optional(),
    buffered: count.optional(),
    failed: count.optional(),
    slow: count.optional(),
    not_permitted: count.optional(),
    note,
  }),
  z.strictObject({ op: z.literal("expect_not_permitted"), count, note }),
]);
export type MachineStep = z.infer<typeof stepSchema>;

const windowStepSchema = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("record"),
    duration_ms: durationMs,
    outcome: z.enum(["SUCCESS", "ERROR", "SLOW_SUCCESS", "SLOW_ERROR"]),
    note,
  }),
  z.strictObject({ op: z.literal("advance"), ms: z.number().nonnegative(), note }),
  z.strictObject({
    op: z.literal("expect_snapshot"),
    total: count.optional(),
    successful: count.optional(),
    failed: count.optional(),
    slow: count.optional(),
    slow_successful: count.optional(),
    slow_failed: count.optional(),
    total_duration_ms: z.number().nonnegative().optional(),
    average_ms: z.number().nonnegative().optional(),
    failure_rate_pct: percent.optional(),
    slow_rate_pct: percent.optional(),
    note,
  }),
]);
export type WindowStep = z.infer<typeof windowStepSchema>;

const timeWindow = z.strictObject({ type: z.literal("time"), seconds: z.number().positive() });
const windowSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("count"), size: z.int().positive() }),
  timeWindow,
]);
export type ScenarioWindow = z.infer<typeof windowSchema>;

const share = z.number().gt(0).max(100);
const periodMs = z.number().nonnegative();

/** The configuration of resilience4j; the defaults are those of the group `state_machine`, whose entries carry none. */
const resilienceSchema = z.strictObject({
  failure_rate_threshold_pct: share.default(50),
  slow_call_duration_threshold_ms: periodMs.default(4000),
  slow_call_rate_threshold_pct: share.default(50),
  permitted_calls_half_open: z.int().positive().default(4),
  max_wait_half_open_ms: periodMs.default(1000),
  window: timeWindow
    .extend({ minimum_calls: z.int().positive() })
    .default({ type: "time", seconds: 20, minimum_calls: 5 }),
  wait_in_open_ms: periodMs.default(5000),
  ignored_errors: z.array(z.string()).default(["IGNORED"]),
});

/** The configuration of opossum, with its own defaults. */
const opossumSchema = z.strictObject({
  error_threshold_pct: share.default(50),
  reset_timeout_ms: periodMs.default(30_000),
  volume_threshold: z.int().nonnegative().default(0),
});

export type Scenario =
  | { readonly kind: "machine"; readonly setup: MachineSetup; readonly steps: readonly MachineStep[] }
  | { readonly kind: "window"; readonly window: ScenarioWindow; readonly steps: readonly WindowStep[] };

export interface MachineSetup {
  readonly rules: BreakerRules;
  /** Names of errors that count as nothing. */
  readonly ignored: readonly string[];
}

/** A line: an entry of the file, with the configuration of its group where it has none. What it tells of itself is not read. */
export const scenarioSchema = z.looseObject({
  config: z.looseObject({}).optional(),
  window: windowSchema.optional(),
  steps: z.array(z.looseObject({ op: z.string() })).min(1),
});

export function readScenario({ config, window, steps }: z.infer<typeof scenarioSchema>): Result<Scenario, string> {
  if (window !== undefined && config === undefined) {
    const read = parse(z.array(windowStepSchema), steps, "steps");
    return read.ok ? ok({ kind: "window", window, steps: read.value }) : read;
  }
  const setup = setupOf(config ?? {}, config !== undefined);
  if (!setup.ok) return setup;
  const read = parse(z.array(stepSchema), steps, "steps");
  return read.ok ? ok({ kind: "machine", setup: setup.value, steps: read.value }) : read;
}

/** Whose configuration it is shows in its first known member; without any it is ours, all defaults. */
function setupOf(config: object, given: boolean): Result<MachineSetup, string> {
  const has = (schema: z.ZodObject): boolean => Object.keys(config).some((name) => name in schema.shape);
  if (has(opossumSchema)) {
    const read = parse(opossumSchema, config, "config");
    return read.ok ? ok({ rules: opossumRules(read.value), ignored: [] }) : read;
  }
  if (!given || has(resilienceSchema)) {
    const read = parse(resilienceSchema, config, "config");
    return read.ok ? ok({ rules: resilienceRules(read.value), ignored: read.value.ignored_errors }) : read;
  }
  const read = parse(breakerConfigSchema, config, "config");
  return read.ok ? ok({ rules: breakerRules(read.value), ignored: ["policy"] }) : read;
}

const NEVER = Number.MAX_SAFE_INTEGER;
const ALL_BUT_POLICY = FAILURE_CLASSES.filter((failure) => failure !== "policy");

/** Neither trips on failures in a row nor waits longer each time. */
function resilienceRules(config: z.infer<typeof resilienceSchema>): BreakerRules {
  return {
    windowMs: config.window.seconds * 1000,
    minCalls: config.window.minimum_calls,
    failureRate: config.failure_rate_threshold_pct / 100,
    slowMs: config.slow_call_duration_threshold_ms,
    slowRate: config.slow_call_rate_threshold_pct / 100,
    consecutive: NEVER,
    openMs: config.wait_in_open_ms,
    backoff: 1,
    openMaxMs: config.wait_in_open_ms,
    probes: config.permitted_calls_half_open,
    probeSuccess: config.permitted_calls_half_open,
    probeTimeoutMs: config.max_wait_half_open_ms === 0 ? NEVER : config.max_wait_half_open_ms,
    countClasses: ALL_BUT_POLICY,
  };
}

/** One probe; its threshold has to be exceeded where ours has to be reached, hence the least bit more. */
function opossumRules(config: z.infer<typeof opossumSchema>): BreakerRules {
  return {
    windowMs: 10_000,
    minCalls: Math.max(1, config.volume_threshold),
    failureRate: config.error_threshold_pct / 100 + Number.EPSILON,
    slowMs: NEVER,
    slowRate: 1,
    consecutive: NEVER,
    openMs: config.reset_timeout_ms,
    backoff: 1,
    openMaxMs: config.reset_timeout_ms,
    probes: 1,
    probeSuccess: 1,
    probeTimeoutMs: NEVER,
    countClasses: ALL_BUT_POLICY,
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): Result<T, string> {
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const issue = read.error.issues[0];
  return err(`${[place, ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? "not as expected"}`);
}
