import * as z from "zod";
import { deedSchema, MAX_WRITTEN, taskEffectSchema } from "../agents/resources/effect.ts";
import type { KeptParticipant, StoreProblem } from "../agents/resources/resource-store.ts";
import { err, ok, type Result } from "../base/result.ts";
import { isCanonicalResource } from "../protocol/acp/canonical-resource.ts";
import { uuidSchema } from "../protocol/jose/formats.ts";

/** What agents send: their worker may be anybody's, and what it sends anything. */
const named = { agent: z.string(), wid: uuidSchema, task: uuidSchema };
/** Names that cannot be written the one way in which prefixes may be compared are names of nothing here. */
const deeds = z
  .array(deedSchema)
  .min(1)
  .max(MAX_WRITTEN)
  .refine((all) => all.every(({ uri }) => isCanonicalResource(uri)), "resources have one name each");

export const saveShape = z.object({
  ...named,
  ckptId: uuidSchema,
  usableUntilS: z.int().positive(),
  effect: taskEffectSchema.refine(
    (effect) => deeds.safeParse(effect.deeds).success && deeds.optional().safeParse(effect.compensation?.deeds).success,
    "resources have one name each",
  ),
});
export const performShape = z.object({ ...named, deeds });
export const undoShape = z.object({
  agent: z.string(),
  rbId: uuidSchema,
  n: z.int().positive(),
  task: uuidSchema,
  method: z.enum(["restore", "compensate"]),
  ckptId: uuidSchema.nullable(),
  compensation: uuidSchema,
});
/** As much of it as anybody but its own agent goes by. */
const heldShape = z.object({
  wid: uuidSchema,
  state: z.object({
    rbId: uuidSchema,
    locks: z.array(z.string()),
    underway: z.array(z.int()),
    quietSinceS: z.int(),
  }),
});
export const namesShape = z.array(z.string());

/** What was sent, when it has this shape. Refusal: `desk_message_invalid`. */
export function shaped<T>(shape: z.ZodType<T>, sent: unknown): Result<T, StoreProblem> {
  const parsed = shape.safeParse(sent);
  return parsed.success ? ok(parsed.data) : invalid(parsed.error.issues[0]?.path.join("."));
}

/** What an agent remembers is its own affair but for what it holds by it. */
export function keptShaped(sent: KeptParticipant): Result<KeptParticipant, StoreProblem> {
  const parsed = heldShape.safeParse(sent);
  return parsed.success ? ok(sent) : invalid(parsed.error.issues[0]?.path.join("."));
}

const invalid = (where = ""): Result<never, StoreProblem> =>
  err({ code: "desk_message_invalid", detail: `this is not a message to the desk: ${where}` });
