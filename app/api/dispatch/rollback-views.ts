import type { RollbackRecord } from "../../engine/rollback/rollback-record.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import type { PlanStep } from "../../protocol/cascade/rollback-claims.ts";
import type { RollbackPlan } from "../../protocol/cascade/rollback-plan.ts";
import { type RollbackState, residuesOf, type StepStatus } from "../../protocol/cascade/rollback-state.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type {
  CheckpointView,
  RollbackPlanView,
  RollbackResidue,
  RollbackStep,
  RollbackStepState,
  RollbackSummary,
  RollbackTask,
} from "../contract/rollback.ts";

const MAX_NAME = 256;
/** After these a step is over. */
const OPEN: ReadonlySet<StepStatus> = new Set(["waiting", "open"]);
const FAILED: ReadonlySet<StepStatus> = new Set(["failed", "irreversible", "timeout", "refused", "blocked"]);

/** Names the tasks of a workflow: number and name out of its run, where that is stored here. */
export function taskNames(host: Host, workflow: WorkflowState): (task: string, agent?: string) => RollbackTask {
  const plan = host.runs.known(workflow.run);
  const ids = plan === undefined ? null : host.runs.jtis(workflow.wid, plan);
  return (task, agent) => {
    const index = ids?.indexOf.get(task) ?? null;
    const known = workflow.tasks.get(task);
    const ect = workflow.ects.get(task);
    return {
      task,
      index,
      name: index === null ? null : (plan?.tasks[index]?.name ?? "").slice(0, MAX_NAME),
      agent: known?.agent ?? ect?.iss ?? agent ?? "",
      action: known?.execAct ?? ect?.execAct ?? "",
    };
  };
}

type Names = ReturnType<typeof taskNames>;

/** The waves of a plan, by step: those of one may run side by side. */
function wavesOf(steps: readonly PlanStep[]): number[] {
  const wave: number[] = [];
  for (const { n, depends_on } of steps)
    wave[n] = depends_on.reduce((latest, earlier) => Math.max(latest, (wave[earlier] ?? 0) + 1), 0);
  return wave;
}

/** One step as the report lists it, of a plan or of a rollback that was begun with it. */
function stepView(
  step: PlanStep,
  wave: number,
  of: Pick<RollbackPlan, "writes" | "tell"> & {
    readonly whyOf: ReadonlyMap<number, NonNullable<RollbackStep["why"]>>;
  },
  names: Names,
): RollbackStep {
  const why = of.whyOf.get(step.n) ?? null;
  const covered = step.method === "skip" && step.ckpt_id !== undefined;
  return {
    ...names(step.task, step.agent),
    n: step.n,
    by: step.agent,
    method: step.method,
    list:
      why !== null
        ? "impossible"
        : step.method === "restore" || covered
          ? "undone"
          : step.method === "compensate"
            ? "compensated"
            : step.method === "manual"
              ? "manual"
              : "skipped",
    ckptId: step.ckpt_id ?? null,
    gateway: step.gateway ?? null,
    dependsOn: [...step.depends_on],
    wave,
    writes: [...(of.writes[step.n - 1] ?? [])],
    why,
    tell: [...(of.tell[step.n - 1] ?? [])],
  };
}

const whyOf = (impossible: RollbackPlan["report"]["impossible"]) => new Map(impossible.map(({ n, why }) => [n, why]));

function participantsOf(steps: readonly PlanStep[]): { agent: string; steps: number }[] {
  const counts = new Map<string, number>();
  for (const { agent, method, gateway } of steps)
    for (const one of method === "skip" ? [] : [agent, gateway])
      if (one !== undefined) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].map(([agent, count]) => ({ agent, steps: count }));
}

export function planView(plan: RollbackPlan, names: Names): RollbackPlanView {
  const { report } = plan;
  const waves = wavesOf(plan.steps);
  const of = { ...plan, whyOf: whyOf(report.impossible) };
  return {
    planHash: plan.planHash,
    steps: plan.steps.map((step) => stepView(step, waves[step.n] ?? 0, of, names)),
    waves: plan.waves.length,
    counts: {
      undone: report.undone.length,
      compensated: report.compensated.length,
      manual: report.manual.length,
      skipped: report.skipped.length,
      impossible: report.impossible.length,
    },
    participants: participantsOf(plan.steps),
    conflicts: report.conflicts.map(({ kind, task, blocks, resource, ckptId, by }) => ({
      kind,
      task: names(task),
      blocks,
      resource: resource ?? null,
      ckptId: ckptId ?? null,
      by: by ?? null,
    })),
    cost: { ...report.cost },
    cut: { frontier: report.cut.frontier.map((task) => names(task)), stays: report.cut.stays },
  };
}

export function summaryOf(host: Host, state: State, rollback: RollbackRecord, run: RollbackState): RollbackSummary {
  const workflow = state.workflows.get(rollback.wid);
  const residues = residuesOf(run);
  const count = (of: (status: StepStatus) => boolean): number => run.steps.filter(({ status }) => of(status)).length;
  return {
    rbId: rollback.rbId,
    wid: rollback.wid,
    runName: (host.runs.known(workflow?.run ?? "")?.run.name ?? "").slice(0, MAX_NAME),
    target: { ...rollback.target },
    keepTarget: rollback.keepTarget,
    bestEffort: rollback.bestEffort,
    phase: run.phase,
    planHash: run.request.planHash,
    reason: rollback.reason,
    by: rollback.by,
    cosigners: cosignersOf(state, rollback.rbId),
    requestedAt: rollback.at,
    deadline: run.request.deadlineS,
    endedAt: rollback.endedAt,
    steps: {
      total: run.steps.length,
      over: count((status) => !OPEN.has(status)),
      open: run.open,
      failed: count((status) => FAILED.has(status)),
      residual: residues.length,
    },
    asked: run.request.steps
      .filter(
        ({ n, method }) =>
          method === "manual" && run.steps[n - 1]?.status === "open" && run.steps[n - 1]?.said === null,
      )
      .map(({ n }) => n),
    unsettled: residues.filter(({ n }) => (rollback.residues.get(n)?.settled ?? null) === null).length,
    needsPerson: run.phase === "partial" || run.phase === "failed",
    lapsed: run.lapsed,
    stopped: run.stopped === null ? null : { ...run.stopped },
    confirmedBy: run.confirmedBy === null ? null : { ...run.confirmedBy },
  };
}

/** Who signed with the operator: their signatures were verified when the order came. */
function cosignersOf(state: State, rbId: string): string[] {
  return (state.overrides.get(rbId)?.claims.cosign ?? []).flatMap((compact) => {
    const parsed = parseCompact(compact);
    return parsed.ok && typeof parsed.value.payload.iss === "string" ? [parsed.value.payload.iss] : [];
  });
}

export function stepsOf(rollback: RollbackRecord, run: RollbackState, names: Names): RollbackStepState[] {
  const waves = wavesOf(run.request.steps);
  const of = { ...run.request, whyOf: whyOf(run.request.impossible) };
  return run.request.steps.map((step, index) => {
    const held = run.steps[index];
    const record = rollback.steps.get(step.n);
    return {
      ...stepView(step, waves[step.n] ?? 0, of, names),
      status: held?.status ?? "waiting",
      code: held?.code ?? null,
      residue: [...(held?.residue ?? [])],
      atGateway: held?.status === "open" && held.said !== null,
      askedAt: held?.sinceS ?? null,
      endedAt: record?.at ?? null,
      operator: record?.operator ?? null,
      restoredHash: held?.restoredHash ?? null,
      restoredVerified: held?.status === "done" && held.foundHash !== null && held.foundHash === held.restoredHash,
      compensation: held?.compensation ?? null,
      resultEct: record?.ect ?? null,
      entry: record?.entry ?? null,
    };
  });
}

export function residueViews({ residues }: RollbackRecord, run: RollbackState, names: Names): RollbackResidue[] {
  return residuesOf(run).map(({ n, task, agent, why, code, residue, writes, tell }) => {
    const handled = residues.get(n);
    return {
      ...names(task, agent),
      n,
      why,
      code,
      residue: [...residue],
      writes: [...writes],
      tell: [...tell],
      assignee: handled?.assignee ?? null,
      settled: handled === undefined || handled.settled === null ? null : { ...handled.settled },
      reopened: handled?.reopened ?? null,
      handlingEntry: handled?.entry ?? null,
    };
  });
}

export function participantViews(run: RollbackState) {
  return participantsOf(run.request.steps).map(({ agent, steps }) => {
    const answer = run.answers[agent] ?? null;
    return {
      agent,
      steps,
      answer: answer?.status ?? null,
      code: answer?.code ?? null,
      acknowledged: run.acknowledged.includes(agent),
    };
  });
}

/** Newest first, expired ones included (CAS-21). */
export function checkpointViews(state: State, wid: string, names: Names, nowS: number): CheckpointView[] {
  return [...state.checkpoints.values()]
    .filter((ckpt) => ckpt.wid === wid)
    .map((ckpt) => ({
      ckptId: ckpt.ckptId,
      wid,
      agent: ckpt.agent,
      scope: [...ckpt.scope],
      hash: ckpt.hash,
      undo: ckpt.undo,
      cost: ckpt.cost,
      madeAt: ckpt.at,
      usableUntil: ckpt.usableUntilS,
      expired: nowS >= ckpt.usableUntilS,
      madeAfter: ckpt.madeAfter === null ? null : names(ckpt.madeAfter),
      entry: ckpt.position,
    }))
    .reverse();
}
