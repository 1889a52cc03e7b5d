import { oc } from "@orpc/contract";
import * as z from "zod";
import { digestSchema } from "../../protocol/jose/formats.ts";
import { problemSchema } from "./problem.ts";

/** Every view says which log it was read from, at which size and when (Distribution: reads can be stale). */
export const positionSchema = z.object({
  domain: z.string(),
  size: z.int().nonnegative(),
  root: digestSchema,
  /** Epoch ms: by the host's clock when the view was read; of a view of the past, when its last entry came. */
  atMs: z.number(),
});
export type Position = z.infer<typeof positionSchema>;

/** Of a view: as of which entry it is asked for, as the number of entries before and with it; absent for now. */
export const pastInput = z.object({ at: z.coerce.number().int().optional() });

/**
 * Base of every operation, with its typed errors: an expected no by the status it has on the wire (COM-9, ECT-33: never
 * 401), and a host that cannot answer now. Each carries the literal code in `data.code`.
 */
export const operation = oc.errors({
  MALFORMED: { status: 400, message: "Malformed", data: problemSchema },
  REFUSED: { status: 403, message: "Refused", data: problemSchema },
  NOT_FOUND: { status: 404, message: "Not found", data: problemSchema },
  CONFLICT: { status: 409, message: "Conflict", data: problemSchema },
  TOO_LARGE: { status: 413, message: "Too large", data: problemSchema },
  UNAVAILABLE: { status: 503, message: "Unavailable", data: problemSchema },
});

/** Of a read of a log: of which domain of this console; absent for its own. */
export const domainInput = z.object({ domain: z.string().max(253).optional() });

/** A log entry reduced to what a list shows; text is untrusted and bounded. */
export const entryRowSchema = z.object({
  /** The trust domain whose log it stands in. */
  domain: z.string(),
  seq: z.int().nonnegative(),
  /** Epoch seconds, the log's time. */
  receivedAt: z.int(),
  typ: z.string(),
  jti: z.string().nullable(),
  iss: z.string().nullable(),
  wid: z.string().nullable(),
  /** exec_act, override action, decision outcome, record kind… */
  action: z.string(),
  /** `success` `failure` `permitted` `refused` `approved` `rejected` `commanded` `acknowledged` `compliant` `violated` … or null. */
  outcome: z.string().nullable(),
  /** Task jti this entry is about, or null. */
  task: z.string().nullable(),
  /** The recorded task's name, when known: untrusted text. */
  taskName: z.string().nullable(),
  /** `info` `notice` `warning` `critical`. */
  severity: z.enum(["info", "notice", "warning", "critical"]),
  submitter: z.string(),
});
export type EntryRow = z.infer<typeof entryRowSchema>;

/** Steps of a token's verification, recomputed when asked (INV-4). */
export const verificationStepSchema = z.object({
  step: z.int(),
  check: z.string(),
  result: z.enum(["passed", "failed", "not_reached"]),
  code: z.string().optional(),
  detail: z.string().optional(),
});
