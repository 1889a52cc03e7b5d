import * as z from "zod";
import { acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import {
  recordedRunSchema,
  runBlameSchema,
  runFormatSchema,
  runTaskSchema,
  runWarningSchema,
} from "../../protocol/run/recorded-run.ts";
import { entryRowSchema, operation, pastInput, positionSchema, verificationStepSchema } from "./common.ts";

/** A recorded run held by this host, not yet necessarily started. */
export const storedRunSchema = z.object({
  digest: digestSchema,
  name: z.string(),
  format: runFormatSchema,
  source: recordedRunSchema.shape.source,
  observedOnly: z.boolean(),
  agents: z.int(),
  tasks: z.int(),
  edges: z.int(),
  failed: z.int(),
  warnings: z.array(runWarningSchema),
  /** Steps that the recording's annotation blames; absent where it blames none. */
  annotated: z.int().positive().exactOptional(),
});

/** How the re-enactment plays: simulated time, shown as such. */
export const playbackSchema = z.object({
  speed: z.number().min(1).max(1000),
  paused: z.boolean(),
  /** Virtual ms since the recording's start. */
  positionMs: z.number().nonnegative(),
  /** Virtual ms of the recording's end, planned. */
  endMs: z.number().nonnegative(),
});
export type Playback = z.infer<typeof playbackSchema>;

/** Tasks per state, keyed by the names of TASK_STATES. */
export const countsSchema = z.record(z.string(), z.int().nonnegative());

export const workflowSummarySchema = z.object({
  wid: uuidSchema,
  run: storedRunSchema,
  /** `running` `paused` (playback) `stopped` (latched or released, not restarted) `finished`. */
  status: z.enum(["running", "paused", "stopped", "finished"]),
  startedAt: z.int(),
  startedBy: uriSchema,
  counts: countsSchema,
  waiting: z.int().nonnegative(),
  /** Null for the past: no log keeps it. */
  playback: playbackSchema.nullable(),
  /** A drill, by its operator's signed start: to be marked as one wherever it is shown (OVR-25). Absent where it is none. */
  drill: z.object({ script: z.string(), size: z.int() }).optional(),
});
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;

/** The graph of a run: parallel arrays, index = task index in every other workflow view. */
export const runGraphSchema = z.object({
  digest: digestSchema,
  callers: z.enum(["edges", "groups"]),
  agents: recordedRunSchema.shape.agents,
  ids: z.array(z.string()),
  names: z.array(z.string()),
  actions: z.array(z.string()),
  /** Index into agents. */
  agent: z.array(z.int()),
  /** Index of the caller task or -1. */
  caller: z.array(z.int()),
  startMs: z.array(z.number().nullable()),
  durationMs: z.array(z.number()),
  /** Recorded outcome: what happened in the recording, not here. */
  recorded: z.array(z.enum(["success", "failure", "killed", "unfinished"])),
  /** Edges as [from index, to index, inferred 0|1]. Finish-to-start; caller links are not repeated here. */
  edges: z.array(z.tuple([z.int(), z.int(), z.int()])),
  /** What the recording's annotation says of who is to blame; absent where it says nothing. */
  blame: z.array(runBlameSchema).exactOptional(),
});
export type RunGraph = z.infer<typeof runGraphSchema>;

export const agentLiveSchema = z.object({
  agent: uriSchema,
  /** Index into the graph's agents. */
  index: z.int(),
  state: z.enum(["idle", "working", "waiting", "stopping", "stopped", "terminated"]),
  /** Epoch ms of the last sign of life, null before the first. */
  seenAtMs: z.number().nullable(),
});

export const workflowContract = {
  /** Stores a parsed run; what it says is untrusted, what it is is its digest. Idempotent. */
  addRun: operation
    .route({ method: "POST", path: "/runs" })
    .input(recordedRunSchema)
    .output(z.object({ digest: digestSchema, alreadyStored: z.boolean() })),
  listRuns: operation
    .route({ method: "GET", path: "/runs" })
    .output(z.object({ position: positionSchema, runs: z.array(storedRunSchema) })),
  /** Forgets a stored run that no workflow refers to; otherwise refused with `run_in_use`. */
  removeRun: operation
    .route({ method: "DELETE", path: "/runs/{digest}" })
    .input(z.object({ digest: digestSchema }))
    .output(z.object({ removed: z.boolean() })),
  graph: operation
    .route({ method: "GET", path: "/runs/{digest}/graph" })
    .input(z.object({ digest: digestSchema }))
    .output(runGraphSchema),
  /** One recorded task with everything the recording says of it. */
  runTask: operation
    .route({ method: "GET", path: "/runs/{digest}/task" })
    .input(z.object({ digest: digestSchema, task: z.string() }))
    .output(runTaskSchema),
  /** Ids the next workflow will use, so that the operator can sign a policy and a start for them. */
  prepare: operation
    .route({ method: "POST", path: "/workflows/prepare" })
    .input(z.object({ digest: digestSchema, wid: uuidSchema }))
    .output(
      z.object({
        wid: uuidSchema,
        pepId: uriSchema,
        logId: uriSchema,
        agents: z.array(z.object({ id: z.string(), agent: uriSchema })),
      }),
    ),
  /** Starts (or, for a stopped workflow, restarts) a re-enactment under a policy. Both tokens are the operator's. */
  start: operation
    .route({ method: "POST", path: "/workflows" })
    .input(z.object({ acp: compactSchema, start: compactSchema, speed: z.number().min(1).max(1000).default(1) }))
    .output(z.object({ wid: uuidSchema, seq: z.int() })),
  list: operation
    .route({ method: "GET", path: "/workflows" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, workflows: z.array(workflowSummarySchema) })),
  get: operation
    .route({ method: "GET", path: "/workflows/{wid}" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        workflow: workflowSummarySchema,
        policy: z.object({ jti: uuidSchema, hash: digestSchema, claims: acpClaimsSchema, seq: z.int() }),
      }),
    ),
  /** States of all tasks (TASK_STATES as numbers, by task index) and of all agents. */
  states: operation
    .route({ method: "GET", path: "/workflows/{wid}/states" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        states: z.array(z.int()),
        counts: countsSchema,
        agents: z.array(agentLiveSchema),
        playback: playbackSchema.nullable(),
        status: workflowSummarySchema.shape.status,
      }),
    ),
  /** One task: state, why it is in this state (the entries that put it there), its tokens. */
  task: operation
    .route({ method: "GET", path: "/workflows/{wid}/tasks/{index}" })
    .input(pastInput.extend({ wid: uuidSchema, index: z.coerce.number().int().nonnegative() }))
    .output(
      z.object({
        position: positionSchema,
        jti: uuidSchema,
        state: z.int(),
        agent: uriSchema,
        recorded: runTaskSchema,
        /** A sentence of ours that says why, e.g. "waits for a human: rule r1". */
        why: z.string(),
        entries: z.array(entryRowSchema),
        /** Indexes of predecessors and successors. */
        predecessors: z.array(z.int()),
        successors: z.array(z.int()),
        request: uuidSchema.nullable(),
        /** The task's ECT with its recomputed verification, once it exists. */
        ect: z
          .object({
            seq: z.int(),
            token: z.string(),
            header: z.record(z.string(), z.json()),
            claims: z.record(z.string(), z.json()),
            digest: digestSchema,
            level: z.int(),
            position: z.string(),
            steps: z.array(verificationStepSchema),
          })
          .nullable(),
      }),
    ),
  /** Playback of a re-enactment: speed, pause, one step (the next due task). Not an override and not a safety control. */
  playback: operation
    .route({ method: "POST", path: "/workflows/{wid}/playback" })
    .input(
      z.object({
        wid: uuidSchema,
        speed: z.number().min(1).max(1000).optional(),
        paused: z.boolean().optional(),
        step: z.boolean().optional(),
      }),
    )
    .output(playbackSchema),
};
