import type {
  CheckpointView,
  RollbackPlanView,
  RollbackResidue,
  RollbackStep,
  RollbackStepState,
  RollbackSummary,
} from "../../../api/contract/rollback.ts";
import type { Rehearsal, RehearsalInput, Shown } from "./queries.ts";

export const WID = "0195400c-0000-4000-8000-0000000000a1";
const DIGEST = "A".repeat(43);
export const PLAN_HASH = `${"PLAN".repeat(10)}abc`;
const POSITION = { domain: "console.local", size: 9, root: DIGEST, atMs: 1_772_064_000_000 };
const nowS = (): number => Math.floor(Date.now() / 1000);

export const idOf = (last: string): string => `0195400c-0000-4000-8000-${last.padStart(12, "0")}`;
export const agent = (index: number): string => `spiffe://console.local/agent/${WID}/agent-${index}`;
/** The task of the small run with this number. */
export const task = (index: number, name: string) => ({
  task: idOf(`10${index}`),
  index,
  name,
  agent: agent(index === 0 || index === 4 ? 0 : 1),
  action: name.split(" ")[0] ?? name,
});

export const step = (
  n: number,
  of: ReturnType<typeof task>,
  list: RollbackStep["list"],
  change: Partial<RollbackStep> = {},
): RollbackStep => ({
  ...of,
  n,
  by: of.agent,
  method: METHODS[list],
  list,
  ckptId: null,
  gateway: null,
  dependsOn: n === 1 ? [] : [n - 1],
  wave: n - 1,
  writes: list === "skipped" || list === "impossible" ? [] : [`https://device.example/${of.index}`],
  why: list === "impossible" ? "declared_irreversible" : null,
  tell: list === "impossible" ? [of.agent, "mailto:owner@example.com"] : [],
  ...change,
});

const METHODS = {
  undone: "restore",
  compensated: "compensate",
  manual: "manual",
  skipped: "skip",
  impossible: "skip",
} as const;

export const CKPT = idOf("c1");

/** Everything after split of the small run: merge by a person, a sift compensated, one restored, one final. */
export function stepsOf(change: { readonly final?: boolean } = {}): RollbackStep[] {
  return [
    step(1, task(4, "merge"), "manual"),
    step(2, task(3, "sift 3"), "compensated"),
    step(3, task(2, "sift 2"), "undone", { ckptId: CKPT }),
    step(4, task(1, "sift 1"), change.final === false ? "skipped" : "impossible"),
  ];
}

export function planOf(steps: readonly RollbackStep[], change: Partial<RollbackPlanView> = {}): RollbackPlanView {
  const count = (list: RollbackStep["list"]): number => steps.filter((one) => one.list === list).length;
  return {
    planHash: PLAN_HASH,
    steps: [...steps],
    waves: steps.length,
    counts: {
      undone: count("undone"),
      compensated: count("compensated"),
      manual: count("manual"),
      skipped: count("skipped"),
      impossible: count("impossible"),
    },
    participants: [{ agent: agent(1), steps: 2 }],
    conflicts: [],
    cost: { total: "12.50", unstated: 1 },
    cut: { frontier: [task(0, "split")], stays: 1 },
    ...change,
  };
}

export const rehearsalOf = (plan: RollbackPlanView, problem: Rehearsal["problem"] = null): Rehearsal => ({
  position: POSITION,
  plan,
  problem,
  tookMs: 12,
});

export const checkpoint = (change: Partial<CheckpointView> = {}): CheckpointView => ({
  ckptId: CKPT,
  wid: WID,
  agent: agent(1),
  scope: ["https://device.example/2"],
  hash: DIGEST,
  undo: "automatic",
  cost: "12.50",
  madeAt: nowS() - 60,
  usableUntil: nowS() + 3600,
  expired: false,
  madeAfter: task(0, "split"),
  entry: 30,
  ...change,
});

export const RB = idOf("f0");

export const summary = (change: Partial<RollbackSummary> = {}): RollbackSummary => ({
  rbId: RB,
  wid: WID,
  runName: "A small run",
  target: { kind: "task", id: idOf("101") },
  keepTarget: false,
  bestEffort: true,
  phase: "executing",
  planHash: PLAN_HASH,
  reason: "wrong device",
  by: "spiffe://console.local/human/alice",
  cosigners: ["spiffe://console.local/human/bea"],
  requestedAt: nowS() - 20,
  deadline: nowS() + 40,
  endedAt: null,
  steps: { total: 4, over: 1, open: 2, failed: 0, residual: 0 },
  asked: [1],
  unsettled: 0,
  needsPerson: false,
  lapsed: false,
  stopped: null,
  confirmedBy: null,
  ...change,
});

export const stateOf = (
  of: RollbackStep,
  status: RollbackStepState["status"],
  change: Partial<RollbackStepState> = {},
): RollbackStepState => ({
  ...of,
  status,
  code: null,
  residue: [],
  atGateway: false,
  askedAt: status === "waiting" || status === "blocked" || status === "not_run" ? null : nowS() - 15,
  endedAt: status === "waiting" || status === "open" ? null : nowS() - 5,
  operator: null,
  restoredHash: null,
  restoredVerified: false,
  compensation: null,
  resultEct: null,
  entry: null,
  ...change,
});

export const residue = (
  of: RollbackStep,
  why: RollbackResidue["why"],
  change: Partial<RollbackResidue> = {},
): RollbackResidue => {
  const { task: jti, index, name, agent: by, action, n, writes, tell } = of;
  const unhandled = { assignee: null, settled: null, reopened: null, handlingEntry: null };
  return {
    task: jti,
    index,
    name,
    agent: by,
    action,
    n,
    why,
    code: null,
    residue: [],
    writes,
    tell,
    ...unhandled,
    ...change,
  };
};

export const shownOf = (change: Partial<Shown> = {}): Shown => ({
  position: POSITION,
  rollback: summary(),
  steps: stepsOf().map((one) => stateOf(one, "waiting")),
  participants: [{ agent: agent(1), steps: 2, answer: "ready", code: null, acknowledged: false }],
  residues: [],
  revision: 3,
  authority: { typ: "override+jwt", id: RB, hash: DIGEST },
  ...change,
});

/** What a host says of rollbacks, changed by tests, and what it was given, without judging it. */
export function fakeRollbacks() {
  const fake = {
    /** Of every cut the same, unless told. */
    rehearse: (_: RehearsalInput): Rehearsal | Error => rehearsalOf(planOf(stepsOf({ final: false }))),
    rollbacks: [] as RollbackSummary[],
    shown: null as Shown | null,
    checkpoints: [] as CheckpointView[],
    rehearsed: [] as RehearsalInput[],
    requests: [] as string[],
    results: [] as string[],
    confirms: [] as string[],
    aborts: [] as string[],
    /** What the next order, confirmation or result is refused with. */
    refusal: null as Error | null,
  };
  type Answer = <T>(made: T) => Promise<T>;
  const take =
    (list: string[]) =>
    async ({ token }: { token: string }) => {
      if (fake.refusal !== null) throw fake.refusal;
      list.push(token);
      return { rbId: RB, phase: "preparing" as const, seq: 62 };
    };
  return Object.assign(fake, {
    clientOf: (answer: Answer) => ({
      rehearse: (input: RehearsalInput) => {
        fake.rehearsed.push(input);
        const made = fake.rehearse(input);
        return made instanceof Error ? Promise.reject(made) : answer(made);
      },
      list: () => answer({ position: POSITION, rollbacks: fake.rollbacks }),
      show: () => answer(fake.shown ?? shownOf()),
      checkpoints: () => answer({ position: POSITION, checkpoints: fake.checkpoints }),
      request: take(fake.requests),
      result: take(fake.results),
      confirm: take(fake.confirms),
      abort: take(fake.aborts),
    }),
  });
}
