import * as z from "zod";
import { uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { domainInput, operation, positionSchema, verificationStepSchema } from "./common.ts";

/** An audit token of this log about an entry, verified as of its receipt (V1, COM-2). */
const auditRecordSchema = z.object({
  seq: z.int().nonnegative(),
  jti: uuidSchema,
  /** What the issuer claims; compared, never believed (XA-7). */
  claimedLevel: z.int(),
  /** What this host computes; 0 while a step fails. */
  level: z.int().min(0).max(3),
  /** False until a signed head of the log covers it: then its receipt makes it level 3. */
  isCovered: z.boolean(),
  /** The code of the step that failed, or null. */
  code: z.string().nullable(),
  action: z.string(),
  outcome: z.string(),
  /** Who acted, as its issuer says; `asserted` where that rests on the console's word alone, as with reads. */
  actor: z.string().nullable(),
  actorBy: z.enum(["verified", "issuer", "asserted"]),
  /** References whose token is here and has the digest, and how many there are. */
  evidence: z.object({ found: z.int(), named: z.int() }),
  /** Predecessors that are not in this log, with the domain of their handoff where there is one (XA-8). */
  external: z.array(z.object({ jti: z.string(), domain: z.string().nullable() })),
  /** Epoch seconds: not deleted before that (XA-10). */
  retentionUntil: z.int().nullable(),
  /** What is missing here to tell who its identity profile means; null where nothing is (XA-64). */
  untold: z.string().nullable(),
  /** The rows of V1; a row that had nothing to compare with is not told as passed (INV-4). */
  steps: z.array(
    verificationStepSchema.extend({
      result: z.enum([...verificationStepSchema.shape.result.options, "not_applicable", "not_checked"]),
    }),
  ),
});

export const auditTokenOperations = {
  /** The audit tokens about an entry: the record of its task, its decision or its order; of one that is such a token, itself. */
  records: operation
    .route({ method: "GET", path: "/audit/entries/{seq}/records" })
    .input(domainInput.extend({ seq: z.coerce.number().int().nonnegative() }))
    .output(
      z.object({
        position: positionSchema,
        /** False for a host that issues none. */
        isIssued: z.boolean(),
        records: z.array(auditRecordSchema),
      }),
    ),
  /**
   * The console says that an operator has looked at protected data (XA-18): its word, as reading is not signed. Recorded once
   * per operator, kind and object in ten minutes; `recorded` is false where it is on record already, or none are kept.
   */
  noteRead: operation
    .route({ method: "POST", path: "/audit/reads" })
    .input(
      z.object({
        operator: uriSchema,
        kind: z.enum(["export", "arguments", "entry"]),
        /** The request of arguments, or the entry; an export is of the log. */
        object: z.union([uuidSchema, z.int().nonnegative()]).optional(),
      }),
    )
    .output(z.object({ position: positionSchema, recorded: z.boolean() })),
};
