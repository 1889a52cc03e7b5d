import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { planSchema } from "../../protocol/cascade/rollback-claims.ts";
import type { RollbackRequested } from "../../protocol/cascade/rollback-state.ts";
import { digestSchema, timeSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";

/** Characters of a plan that one record carries: escaped twice they still fit a token (CTV 1). */
const PIECE = 5000;
/** Most records of one plan: what an append can hold. */
const MAX_PIECES = 4000;

/** Data of a `rollback_planned` record: a plan is longer than a token may be, so it is logged in pieces (COM-11). */
export const plannedSchema = z.object({
  rb_id: uuidSchema,
  part: z.int().nonnegative(),
  parts: z.int().positive(),
  plan_hash: digestSchema,
  text: z.string().max(PIECE),
});
export type PlannedPart = z.infer<typeof plannedSchema>;

const listSchema = z.array(z.array(z.string()));
const planTextSchema = z.object({
  steps: planSchema,
  writes: listSchema,
  tell: listSchema,
  checkpoints: z.record(z.string(), z.object({ hash: digestSchema, usableUntilS: timeSchema })),
  impossible: z.array(
    z.object({
      n: z.int().positive(),
      task: uuidSchema,
      agent: z.string(),
      execAct: z.string(),
      why: z.enum(["declared_irreversible", "no_way_known", "compensation_stays", "domain_without_gateway"]),
      resources: z.array(z.string()),
      tell: z.array(z.string()),
    }),
  ),
  deadlineS: timeSchema,
});
export type PlanText = z.infer<typeof planTextSchema>;

/** The plan in pieces, in order. Refusal: `rollback_too_large`. */
export function planPieces(rbId: string, requested: RollbackRequested): Result<PlannedPart[], Refusal> {
  const { steps, writes, tell, checkpoints, impossible, deadlineS, planHash } = requested;
  const json = JSON.stringify({ steps, writes, tell, checkpoints, impossible, deadlineS });
  // Agents' words may be of any script: as escapes every character counts the same.
  const text = json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const parts = Math.ceil(text.length / PIECE);
  if (parts > MAX_PIECES) return err(refusal("rollback_too_large", "the plan is longer than the log takes at once"));
  return ok(
    Array.from({ length: parts }, (_, part) => ({
      rb_id: rbId,
      part,
      parts,
      plan_hash: planHash,
      text: text.slice(part * PIECE, (part + 1) * PIECE),
    })),
  );
}

/** The plan of its pieces put together. It was written by `planPieces`; null for anything else. */
export function readPlanText(text: string): PlanText | null {
  const parsed = planTextSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}
