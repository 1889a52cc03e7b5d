import * as z from "zod";
import { drillMarkSchema } from "../../protocol/drill/drill-mark.ts";
import { drillScoreSchema } from "../../protocol/drill/drill-score.ts";
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

export const drillContract = {
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
  /** Ends a drill that runs without a score. Its agents end, and no others; it proves nothing. */
  abort: operation
    .route({ method: "POST", path: "/drills/{wid}/abort" })
    .input(z.object({ wid: uuidSchema }))
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
    .output(z.object({ position: positionSchema, controls: z.array(proofSchema) })),
};
