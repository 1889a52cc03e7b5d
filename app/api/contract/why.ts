import * as z from "zod";
import { uuidSchema } from "../../protocol/jose/formats.ts";
import { entryRowSchema, operation, pastInput, positionSchema } from "./common.ts";

/**
 * Why something is as it is: the entry that made it so, and what that followed from, back to what followed from nothing. Asked
 * by that entry, or by a workflow for the one that its status rests on.
 */
export const whyOperation = operation
  .route({ method: "GET", path: "/audit/why" })
  .input(
    pastInput.extend({
      seq: z.coerce.number().int().nonnegative().optional(),
      wid: uuidSchema.optional(),
    }),
  )
  .output(
    z.object({
      position: positionSchema,
      /** The entry itself first, then causes, nearest first; of those at one distance the newest first. */
      entries: z.array(
        z.object({
          row: entryRowSchema,
          /** Steps from the entry that was asked for. */
          distance: z.int().nonnegative(),
          /** Of which entry it is a cause, and how: by a predecessor, by an answer to it, as the one before about the same task. */
          causeOf: z.int().nullable(),
          how: z.enum(["asked", "pred", "answers", "task", "late"]),
        }),
      ),
      /** There are causes that are not listed. */
      more: z.boolean(),
    }),
  );
