import * as z from "zod";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** The state to return to: a checkpoint, a task (undone itself, unless it is kept), or the beginning of a workflow. */
const targetSchema = z.object({ kind: z.enum(["checkpoint", "task", "workflow"]), id: uuidSchema });

const methodSchema = z.enum(["restore", "compensate", "manual", "skip"]);

/** A task as the screen names it. `index` and `name` (untrusted text) are null where the run is not stored here. */
const taskSchema = z.object({
  task: uuidSchema,
  index: z.int().nullable(),
  name: z.string().nullable(),
  agent: uriSchema,
  action: z.string(),
});
export type RollbackTask = z.infer<typeof taskSchema>;

/** One step of a plan: `list` is where the report counts it, so that each step is in exactly one list. */
const stepSchema = taskSchema.extend({
  n: z.int().positive(),
  /** Who does it: the task's agent, the one that made the checkpoint or compensates, or another domain's gateway. */
  by: uriSchema,
  method: methodSchema,
  list: z.enum(["undone", "compensated", "manual", "skipped", "impossible"]),
  ckptId: uuidSchema.nullable(),
  /** Gateway of the other domain in whose log the task is, and has to say that it was undone (CAS-36); null for the rest. */
  gateway: uriSchema.nullable(),
  dependsOn: z.array(z.int().positive()),
  /** Steps of one wave may run side by side, from 0 on. */
  wave: z.int().nonnegative(),
  /** Resources it changes back; empty for what is skipped. */
  writes: z.array(z.string()),
  /** Why it cannot be undone; null for the others. */
  why: z.enum(["declared_irreversible", "no_way_known", "compensation_stays", "domain_without_gateway"]).nullable(),
  /** Who must be told if it stays changed (N13): agents, gateways, and whom the task itself names. */
  tell: z.array(z.string()),
});
export type RollbackStep = z.infer<typeof stepSchema>;

/** Something to know before deciding; what `blocks` must be over before a rollback can begin. */
const conflictSchema = z.object({
  kind: z.enum([
    "in_flight",
    "locked",
    "touched_since",
    "checkpoint_expired",
    "checkpoint_scope",
    "checkpoint_shared",
    "already_compensated",
    "scope_unknown",
  ]),
  task: taskSchema,
  blocks: z.boolean(),
  resource: z.string().nullable(),
  ckptId: uuidSchema.nullable(),
  /** The task (jti) or the rollback on the other side. */
  by: uuidSchema.nullable(),
});
export type RollbackConflict = z.infer<typeof conflictSchema>;

/** What would happen, told before anything does (J6, N13). */
const planSchema = z.object({
  /** What the operators sign: it changes when anything that would be done changes. */
  planHash: digestSchema,
  steps: z.array(stepSchema),
  waves: z.int(),
  counts: z.object({
    undone: z.int(),
    compensated: z.int(),
    manual: z.int(),
    skipped: z.int(),
    impossible: z.int(),
  }),
  /** Agents and gateways that take part, each with the number of its steps. */
  participants: z.array(z.object({ agent: uriSchema, steps: z.int() })),
  conflicts: z.array(conflictSchema),
  /** Exact sum of what the steps state, without currency; `unstated`: steps that name no cost. */
  cost: z.object({ total: z.string(), unstated: z.int() }),
  /** The consistent cut: the last tasks that stay, and how many stay. */
  cut: z.object({ frontier: z.array(taskSchema), stays: z.int() }),
});
export type RollbackPlanView = z.infer<typeof planSchema>;

const STEP_STATUSES = [
  "waiting",
  "open",
  "done",
  "skipped",
  "partial",
  "failed",
  "irreversible",
  "timeout",
  "refused",
  "blocked",
  "not_run",
] as const;

/** How one step stands. `residue` is text of the one who did it: untrusted. */
const stepStateSchema = stepSchema.extend({
  status: z.enum(STEP_STATUSES),
  code: z.string().nullable(),
  residue: z.array(z.string()),
  /** It is undone, and its domain's gateway has not answered yet. */
  atGateway: z.boolean(),
  /** Epoch seconds when it was asked for, and when it was over; null before. */
  askedAt: z.int().nullable(),
  endedAt: z.int().nullable(),
  /** The person who did a manual step. */
  operator: uriSchema.nullable(),
  restoredHash: digestSchema.nullable(),
  /** Whether the host found that digest in its own resources: else it is the participant's word. */
  restoredVerified: z.boolean(),
  /** ECT of the compensation, and the ECT that says how the step ended. */
  compensation: uuidSchema.nullable(),
  resultEct: uuidSchema.nullable(),
  /** Log entry of its result. */
  entry: z.int().nullable(),
});
export type RollbackStepState = z.infer<typeof stepStateSchema>;

const phaseSchema = z.enum([
  "preparing",
  "ready",
  "refused",
  "executing",
  "completed",
  "partial",
  "failed",
  "confirmed",
  "aborted",
]);

const summarySchema = z.object({
  /** The `jti` of the order that began it [ours]. */
  rbId: uuidSchema,
  wid: uuidSchema,
  runName: z.string(),
  target: targetSchema,
  keepTarget: z.boolean(),
  bestEffort: z.boolean(),
  phase: phaseSchema,
  planHash: digestSchema,
  reason: z.string(),
  /** Who ordered it and who signed with them. */
  by: uriSchema,
  cosigners: z.array(uriSchema),
  requestedAt: z.int(),
  /** Until when participants may answer `prepare`. */
  deadline: z.int(),
  endedAt: z.int().nullable(),
  /** Steps by how they stand. `over` of `total` have an outcome. */
  steps: z.object({ total: z.int(), over: z.int(), open: z.int(), failed: z.int(), residual: z.int() }),
  /** Manual steps that are asked of a person now. */
  asked: z.array(z.int().positive()),
  /** Of what is left, how much nobody has said to be dealt with (CAS-33). */
  unsettled: z.int(),
  /** It ended with something left: a person confirms it (CAS-16). */
  needsPerson: z.boolean(),
  /** Nobody confirmed within 600 s: participants have let go of their locks. */
  lapsed: z.boolean(),
  /** Why nothing more is begun, with the step that led to it. */
  stopped: z.object({ code: z.string(), n: z.int().nullable() }).nullable(),
  confirmedBy: z.object({ operator: uriSchema, reason: z.string() }).nullable(),
});
export type RollbackSummary = z.infer<typeof summarySchema>;

/** One thing that stays changed, or of which it is not known whether it does. */
const residueSchema = taskSchema.extend({
  n: z.int().positive(),
  why: z.enum([...STEP_STATUSES, "impossible", "uncovered"]),
  code: z.string().nullable(),
  /** What its participant says stays: untrusted text. */
  residue: z.array(z.string()),
  writes: z.array(z.string()),
  tell: z.array(z.string()),
  /** Who is to deal with it; null while nobody is named (CAS-33). */
  assignee: uriSchema.nullable(),
  /** Who has said that it is dealt with, when (epoch seconds) and how; null while it is open. */
  settled: z.object({ by: uriSchema, at: z.int(), reason: z.string() }).nullable(),
  /** Why it was opened again, where it was. */
  reopened: z.string().nullable(),
  /** Entry of the newest word about who deals with it. */
  handlingEntry: z.int().nullable(),
});
export type RollbackResidue = z.infer<typeof residueSchema>;

/** A checkpoint as its agent states it: asserted until a restore has been compared with its digest (CAS-S5). */
const checkpointSchema = z.object({
  ckptId: uuidSchema,
  wid: uuidSchema,
  agent: uriSchema,
  scope: z.array(z.string()),
  hash: digestSchema,
  undo: z.enum(["automatic", "assisted", "impossible"]),
  cost: z.string().nullable(),
  madeAt: z.int(),
  /** Epoch seconds from which it is not used, and whether that is so by the host's clock (CAS-21). */
  usableUntil: z.int(),
  expired: z.boolean(),
  /** The task that made the saved state current; null for the state before the first. */
  madeAfter: taskSchema.nullable(),
  /** Log entry that states it. */
  entry: z.int(),
});
export type CheckpointView = z.infer<typeof checkpointSchema>;

const tokenInput = z.object({ token: compactSchema });
const moved = z.object({ rbId: uuidSchema, phase: phaseSchema, seq: z.int() });

export const rollbackContract = {
  /**
   * Dry run: what a rollback would do, and what stands against it. Needs no authority and changes nothing. `problem` is the
   * refusal a request for just this would meet now, beside that of its signatures; null when it may begin.
   */
  rehearse: operation
    .route({ method: "POST", path: "/rollbacks/rehearsals" })
    .input(z.object({ wid: uuidSchema, target: targetSchema, keepTarget: z.boolean(), bestEffort: z.boolean() }))
    .output(
      z.object({
        position: positionSchema,
        plan: planSchema,
        problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
        /** How long making the plan took the host, ms. */
        tookMs: z.number(),
      }),
    ),
  /**
   * Begins a rollback: a compact `override+jwt` with action `rollback`, level `mandatory`, scope the workflow, params
   * `{target, keep_target?, best_effort, plan_hash}`, and in `cosign` a second person's `override-cosign+jwt`.
   */
  request: operation.route({ method: "POST", path: "/rollbacks" }).input(tokenInput).output(moved),
  /** Newest first; of one workflow, or of all. */
  list: operation
    .route({ method: "GET", path: "/rollbacks" })
    .input(pastInput.extend({ wid: uuidSchema.optional() }))
    .output(z.object({ position: positionSchema, rollbacks: z.array(summarySchema) })),
  show: operation
    .route({ method: "GET", path: "/rollbacks/{rbId}" })
    .input(pastInput.extend({ rbId: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        rollback: summarySchema,
        steps: z.array(stepStateSchema),
        /** Who takes part: the answer to `prepare` (null: none yet), and whether the last word has been acknowledged. */
        participants: z.array(
          z.object({
            agent: uriSchema,
            steps: z.int(),
            answer: z.enum(["ready", "refused"]).nullable(),
            code: z.string().nullable(),
            acknowledged: z.boolean(),
          }),
        ),
        residues: z.array(residueSchema),
        /** What a confirmation is of: it goes into its token, and a later result makes it another (CAS-26). */
        revision: z.int(),
        /** What an `abort`, a `confirm` or a person's result names as its authority. */
        authority: z.object({ typ: z.string(), id: uuidSchema, hash: digestSchema }),
      }),
    ),
  /** What a person did by hand: a compact `rollback-result+jwt` by them, phase `execute`, for a `manual` step. */
  result: operation.route({ method: "POST", path: "/rollbacks/results" }).input(tokenInput).output(moved),
  /** A person confirms what is left (CAS-16): a compact `rollback-request+jwt` by them, phase `confirm`, with `revision`. */
  confirm: operation.route({ method: "POST", path: "/rollbacks/confirmations" }).input(tokenInput).output(moved),
  /** Takes on, assigns, settles or reopens what is left (CAS-33): a compact `residue-handling+jwt` by a person. */
  residue: operation
    .route({ method: "POST", path: "/rollbacks/residues" })
    .input(tokenInput)
    .output(z.object({ rbId: uuidSchema, n: z.int(), seq: z.int() })),
  /** Nothing more is begun: a compact `rollback-request+jwt` by a person, phase `abort`. */
  abort: operation.route({ method: "POST", path: "/rollbacks/aborts" }).input(tokenInput).output(moved),
  /** Checkpoints of a workflow, newest first, expired ones included (CAS-21). */
  checkpoints: operation
    .route({ method: "GET", path: "/rollbacks/checkpoints" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(z.object({ position: positionSchema, checkpoints: z.array(checkpointSchema) })),
};
