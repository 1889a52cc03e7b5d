import { eventIterator } from "@orpc/contract";
import * as z from "zod";
import { selectionSchema } from "../../protocol/pack/request.ts";
import { domainInput, operation } from "./common.ts";

const answerSchema = z.object({ result: z.enum(["passed", "failed", "not_checked"]), detail: z.string() });

/** XA-20 of an evidence pack; `firstBad.place` is the part of the document (XA-34). */
export const packReportSchema = z.object({
  logId: z.string(),
  /** Thumbprint of the key everything in it rests on; empty where none was found. */
  logKey: z.string(),
  checked: z.int(),
  entries: z.int(),
  treeSize: z.number(),
  root: z.string(),
  authentic: answerSchema,
  included: answerSchema,
  consistent: answerSchema,
  complete: answerSchema,
  plausible: answerSchema,
  /** Entries received more than 900 s after they were made (XA-S3). */
  backdated: z.array(z.int()),
  firstBad: z.object({ seq: z.number(), code: z.string(), detail: z.string(), place: z.string() }).nullable(),
  /** Whether the key is that of the log here; null where it is another log. */
  ownKey: z.boolean().nullable(),
  atMs: z.number(),
  tookMs: z.number(),
});
export type PackReportView = z.infer<typeof packReportSchema>;

/** What a pack says of itself: claims, until the report confirms them. */
export const packStatedSchema = z.object({
  domain: z.string(),
  exportedAt: z.number(),
  exportedBy: z.string(),
  purpose: z.string(),
  selection: selectionSchema,
});
export type PackStated = z.infer<typeof packStatedSchema>;

export const evidenceOperations = {
  /**
   * XA-33: logs an `evidence-request+jwt`, then gives the pack it asks for as pieces of JSON text; joined they are one
   * document. `done` and `total` count entries of the log. With `domain` the log is another's of this console, to whose
   * gateway the request is addressed.
   */
  evidence: operation
    .route({ method: "POST", path: "/audit/evidence" })
    .input(z.object({ token: z.string(), domain: domainInput.shape.domain }))
    .output(eventIterator(z.object({ text: z.string(), done: z.int(), total: z.int() }))),
  /** Verifies a pack of this or another log (XA-34); nothing of it is stored. The last event carries the report. */
  verifyPack: operation
    .route({ method: "POST", path: "/audit/verify-pack" })
    .input(z.object({ text: z.string() }))
    .output(
      eventIterator(
        z.discriminatedUnion("type", [
          z.object({ type: z.literal("progress"), checked: z.int(), total: z.int() }),
          z.object({ type: z.literal("report"), stated: packStatedSchema.nullable(), report: packReportSchema }),
        ]),
      ),
    ),
};
