import type { Sha256 } from "../../app/base/ports.ts";
import { type CompiledProfile, compileProfile } from "../../app/protocol/behavior/compile-profile.ts";
import { observeWindow } from "../../app/protocol/behavior/observe-window.ts";
import type { ObservedTask } from "../../app/protocol/behavior/observed.ts";
import { type ProfileBody, profileBodySchema, type SequenceRule } from "../../app/protocol/behavior/profile.ts";
import { createReplay } from "../../app/protocol/behavior/replay-rules.ts";

export interface AppraisalOptions {
  readonly warmups: number;
  readonly repetitions: number;
  readonly tasks: number;
}

/** Tasks a second, of one repetition: ours and the floors, one right after the other. */
export interface AppraisalSample {
  /** One task at a time through a profile of 64 rules, each about one action or a few. */
  readonly replayed: number;
  /** Counting the same tasks by their action, and nothing else. */
  readonly counted: number;
  /** The same through 64 rules about every action, each of them about what is touched: nothing is sorted out by name. */
  readonly replayedWorst: number;
  /** The whole of a window: replay, metrics, limits, compliance, drift, and the Merkle root of the tasks. */
  readonly observed: number;
  /** Hashing each task's id once. */
  readonly hashed: number;
  readonly rules: number;
  /** Findings per thousand tasks. */
  readonly findings: number;
}

const AGENT = "spiffe://bench.local/agent/0195400c-0000-7000-8000-00000000000a/executor";
const WID = "0195400c-0000-7000-8000-00000000000a";
const FROM_S = 1_772_064_000;
const RULES = 64;
const CLASSES = ["pii", "secret", "public", "internal"];
const KINDS = ["never_after", "must_precede", "must_follow", "never_after"] as const;

export function measureAppraisal(sha256: Sha256, options: AppraisalOptions): AppraisalSample[] {
  const tasks = benchTasks(options.tasks);
  const usual = compileProfile(benchProfile(namedRule));
  const worst = compileProfile(benchProfile(anyRule));
  const window = { from: FROM_S, to: FROM_S + 86_400 };
  const samples: AppraisalSample[] = [];
  for (let turn = 0; turn < options.warmups + options.repetitions; turn += 1) {
    let findings = 0;
    const replayed = perSecond(tasks.length, () => (findings = replay(usual, tasks)));
    const counted = perSecond(tasks.length, () => count(tasks));
    const replayedWorst = perSecond(tasks.length, () => replay(worst, tasks));
    const observed = perSecond(tasks.length, () => {
      const { samples: all } = observeWindow(usual, tasks, window, { subject: AGENT, ended: true, sha256 });
      if (all !== tasks.length) throw new Error("the bench's tasks are all in its window");
    });
    const hashed = perSecond(tasks.length, () => {
      for (const { jti } of tasks) sha256(new TextEncoder().encode(jti));
    });
    if (findings === 0) throw new Error("the bench's tasks offend against some of its rules");
    const sample = { replayed, counted, replayedWorst, observed, hashed, rules: RULES };
    if (turn >= options.warmups) samples.push({ ...sample, findings: (1000 * findings) / tasks.length });
  }
  return samples;
}

function replay(compiled: CompiledProfile, tasks: readonly ObservedTask[]): number {
  const one = createReplay(compiled, { subject: AGENT });
  let findings = 0;
  for (const task of tasks) findings += one.observe(task).length;
  return findings;
}

function count(tasks: readonly ObservedTask[]): number {
  const counts = new Map<string, number>();
  for (const { action } of tasks) counts.set(action, (counts.get(action) ?? 0) + 1);
  return counts.size;
}

function perSecond(times: number, work: () => unknown): number {
  const began = performance.now();
  work();
  return (times / (performance.now() - began)) * 1000;
}

function benchProfile(ruleAt: (at: number) => SequenceRule): ProfileBody {
  return profileBodySchema.parse({
    profile_id: "bench",
    version: 1,
    owner: "spiffe://bench.local/human/bench",
    applies_to: ["spiffe://bench.local/agent/executor"],
    allowed_actions: ["tool_*", ...Array.from({ length: 100 }, (_, at) => `act_${at}`)],
    forbidden_actions: ["tool_wipe*", "act_999"],
    sequences: Array.from({ length: RULES }, (_, at) => ruleAt(at)),
    limits: [{ id: "p95", metric: "latency_p95_ms", op: "<=", value: 60_000, severity: 2 }],
    baseline: { action_freq: { "tool_*": 0.5, "act_*": 0.5 } },
    window_s: 86_400,
    min_samples: 10,
    thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.5 },
    assurance: "standard",
  });
}

const kindAt = (at: number): Pick<SequenceRule, "id" | "kind" | "severity" | "within_s"> => {
  const kind = KINDS[at % KINDS.length] ?? "never_after";
  return { id: `r${at}`, kind, severity: 3, ...(kind === "must_precede" ? {} : { within_s: 5 + at }) };
};

/** As people write them: what is read, then where it goes. */
const namedRule = (at: number): SequenceRule => ({
  ...kindAt(at),
  a: { act: `act_${at}`, data: CLASSES[at % CLASSES.length] ?? "pii" },
  b: at % 3 === 0 ? `tool_${at}*` : { act: `tool_${at}`, to: `https://bench.local/${at % 7}/*` },
});

const anyRule = (at: number): SequenceRule => ({
  ...kindAt(at),
  a: { data: CLASSES[at % CLASSES.length] ?? "pii" },
  b: { to: `https://bench.local/${at % 7}/*` },
});

/** The same every time: mostly usual, one in fifty under a name that nobody knows, a third state nothing they touch. */
function benchTasks(count: number): readonly ObservedTask[] {
  return Array.from({ length: count }, (_, n): ObservedTask => {
    const mixed = Math.imul(n + 1, 0x9e37_79b1) >>> 8;
    const number = mixed % 100;
    const action = n % 50 === 0 ? `new_${mixed % 10_000}` : n % 2 === 0 ? `act_${number}` : `tool_${number}`;
    const atMs = (FROM_S + (n * 86_000) / count) * 1000;
    const states = n % 3 !== 0;
    return {
      jti: `0195400c-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
      wid: WID,
      agent: AGENT,
      action,
      atMs,
      endedMs: atMs + (mixed % 2000),
      outcome: n % 40 === 0 ? "failure" : "success",
      data: states ? [CLASSES[mixed % CLASSES.length] ?? "pii"] : null,
      targets: states ? [`https://bench.local/${mixed % 9}/x`] : null,
      gate: null,
      tokens: mixed % 500,
      cost: null,
      bench: null,
    };
  });
}
