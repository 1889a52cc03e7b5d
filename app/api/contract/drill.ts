import * as z from "zod";
import { drillMarkSchema } from "../../protocol/drill/drill-mark.ts";
import { drillScoreSchema } from "../../protocol/drill/drill-score.ts";
import { MAX_TESTED, SELF_TEST_FINDINGS } from "../../protocol/drill/self-test.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

const scriptIdSchema = drillMarkSchema.shape.script;
const sizeSchema = z.coerce.number().int().min(1).max(64);

/** A script that can be drilled: how many agents, which of them misbehave how, and the time in which a stop must come. */
export const drillScriptSchema = z.object({
  id: scriptIdSchema,
  sizes: z.object({ min: z.int(), max: z.int(), usual: z.int() }),
  limitS: z.int(),
  /** At the usual size: how many agents have a fault of this kind. */
  faults: z.array(z.object({ kind: z.string(), agents: z.int() })),
});
export type DrillScriptView = z.infer<typeof drillScriptSchema>;

/** A drill of this log: it runs as long as it has no score. */
export const drillSchema = z.object({
  wid: uuidSchema,
  script: z.string(),
  size: z.int(),
  by: uriSchema,
  startedAt: z.int(),
  /** Entry of its start. */
  seq: z.int(),
  againDays: z.int(),
  /** From the log, signed by the enforcement point; null while it runs. */
  score: drillScoreSchema.extend({ at: z.int(), seq: z.int() }).nullable(),
});
export type DrillView = z.infer<typeof drillSchema>;

/** How a running drill stands; ms since its start, by the host's clock when it was read. */
export const drillNowSchema = z.object({
  elapsedMs: z.int(),
  /** By when a stop must have come. */
  limitMs: z.int(),
  commandMs: z.int().nullable(),
  /** When it is scored at the latest; null before a stop. */
  scoredByMs: z.int().nullable(),
  agents: z.int(),
  /** Agents that a stop has named. */
  named: z.int(),
  /** Agents by the state they are shown in since then (S7). */
  states: z.object({
    commanded: z.int(),
    acknowledged: z.int(),
    verified: z.int(),
    violated: z.int(),
    unconfirmed: z.int(),
  }),
  /** Agents that the first stop did not name and that went on. */
  acted: z.int(),
});
export type DrillNowView = z.infer<typeof drillNowSchema>;

export const proofSchema = z.object({
  control: z.enum(["stop", "release", "pause", "modify", "takeover"]),
  /** The newest proof in the log, or null. */
  last: z
    .object({ at: z.int(), seq: z.int(), how: z.enum(["drill", "release", "signal"]), wid: uuidSchema.nullable() })
    .nullable(),
  againDays: z.int(),
  dueAt: z.int().nullable(),
  overdue: z.boolean(),
});
export type ProofView = z.infer<typeof proofSchema>;

const selfTestStepSchema = z.object({
  result: z.enum(["passed", "failed", "inconclusive"]),
  finding: z.enum(SELF_TEST_FINDINGS),
  /** What the agent tried meanwhile that it must not, as the enforcement point heard it. */
  tried: z.int(),
});

/** What the log proves of an agent's attachment (F8, N21); times are epoch seconds. */
export const agentProofSchema = z.object({
  agent: uriSchema,
  /** The newest self-test of it that is over. */
  last: z
    .object({
      at: z.int(),
      seq: z.int(),
      wid: uuidSchema,
      place: z.enum(["workers", "thread"]),
      result: z.enum(["passed", "failed", "inconclusive"]),
      steps: z.object({
        blocks: selfTestStepSchema,
        times_out: selfTestStepSchema,
        restarts: selfTestStepSchema,
        stops: selfTestStepSchema,
      }),
    })
    .nullable(),
  passedAt: z.int().nullable(),
  againDays: z.int(),
  dueAt: z.int().nullable(),
  /** Not proven, or not any more. */
  overdue: z.boolean(),
  /** The workflow of a self-test of it that runs. */
  running: uuidSchema.nullable(),
});
export type AgentProofView = z.infer<typeof agentProofSchema>;

export const drillContract = {
  /** Stores the run of a self-test of these agents and says what the operator signs for it (N21). */
  prepareSelfTest: operation
    .route({ method: "POST", path: "/self-tests/prepare" })
    .input(z.object({ agents: z.array(uriSchema).min(1).max(MAX_TESTED), wid: uuidSchema }))
    .output(
      z.object({
        wid: uuidSchema,
        digest: digestSchema,
        pepId: uriSchema,
        step: z.string(),
        gated: z.string(),
        /** In the order asked for: who is tested, and the name in the mark. */
        agents: z.array(z.object({ agent: uriSchema, name: z.string() })),
      }),
    ),
  /**
   * Starts a self-test: all tokens are the operator's. The stop is given in its course, is of its workflow alone, and released
   * when the test is over.
   */
  startSelfTest: operation
    .route({ method: "POST", path: "/self-tests" })
    .input(z.object({ acp: compactSchema, start: compactSchema, stop: compactSchema, release: compactSchema }))
    .output(z.object({ wid: uuidSchema, seq: z.int() })),
  /** What is proven of each agent that takes part in a workflow of the log, or of this one (F8). */
  selfTests: operation
    .route({ method: "GET", path: "/self-tests" })
    .input(pastInput.extend({ agent: uriSchema.optional() }))
    .output(
      z.object({
        position: positionSchema,
        /** Where its agents run: what is no worker cannot be ended and started again. */
        place: z.enum(["workers", "thread"]),
        agents: z.array(agentProofSchema),
        /** Workflows that run, with the agents behind theirs. */
        workflows: z.array(z.object({ wid: uuidSchema, agents: z.array(uriSchema) })),
      }),
    ),
  /** What can be drilled here. */
  scripts: operation.route({ method: "GET", path: "/drills/scripts" }).output(
    z.object({
      scripts: z.array(drillScriptSchema),
      /** Where its agents run: in the thread of the host one that hangs is only deaf, and one that crashes only silent. */
      place: z.enum(["workers", "thread"]),
    }),
  ),
  /** Stores the run of a script and says what the operator signs for it: agents in order, and who delegates to whom by index. */
  prepare: operation
    .route({ method: "POST", path: "/drills/prepare" })
    .input(z.object({ script: scriptIdSchema, size: sizeSchema, wid: uuidSchema }))
    .output(
      z.object({
        wid: uuidSchema,
        digest: digestSchema,
        pepId: uriSchema,
        action: z.string(),
        agents: z.array(z.object({ agent: uriSchema, delegatedBy: z.int().nullable() })),
      }),
    ),
  /** Starts a drill: both tokens are the operator's, and the start carries the mark `org.signalbox.drill` (OVR-25). */
  start: operation
    .route({ method: "POST", path: "/drills" })
    .input(z.object({ acp: compactSchema, start: compactSchema }))
    .output(z.object({ wid: uuidSchema, seq: z.int() })),
  /** One drill, and how it stands while it runs. */
  state: operation
    .route({ method: "GET", path: "/drills/{wid}" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(z.object({ position: positionSchema, drill: drillSchema, now: drillNowSchema.nullable() })),
  /**
   * Ends a drill that runs without a score. Its agents end, and no others; it proves nothing. `by` is the console's word for who
   * calls it off, and on record as that: whoever may stop may.
   */
  abort: operation
    .route({ method: "POST", path: "/drills/{wid}/abort" })
    .input(z.object({ wid: uuidSchema, by: uriSchema }))
    .output(z.object({ wid: uuidSchema })),
  /** The drills of the log, newest first: all of them, or those that run. */
  history: operation
    .route({ method: "GET", path: "/drills" })
    .input(pastInput.extend({ only: z.enum(["running"]).optional() }))
    .output(z.object({ position: positionSchema, drills: z.array(drillSchema) })),
  /** What the log proves of each control, and what is overdue (S12). */
  proven: operation
    .route({ method: "GET", path: "/drills/proven" })
    .input(pastInput.optional())
    .output(
      z.object({
        position: positionSchema,
        controls: z.array(proofSchema),
        /** Agents whose newest self-test failed, and those whose proof is over; when the next one will be (F8). */
        selfTests: z.object({ failed: z.int(), overdue: z.int(), nextDueAt: z.int().nullable() }),
      }),
    ),
};
