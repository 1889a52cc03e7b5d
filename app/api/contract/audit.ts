import { eventIterator } from "@orpc/contract";
import * as z from "zod";
import { receiptClaimsSchema, sthClaimsSchema } from "../../protocol/audit/claims.ts";
import { digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { auditTokenOperations } from "./audit-tokens.ts";
import { domainInput, entryRowSchema, operation, positionSchema, verificationStepSchema } from "./common.ts";
import { evidenceOperations } from "./evidence.ts";
import { inspectedSchema, inspectInputSchema } from "./inspect.ts";
import { instantOperation } from "./instant.ts";
import { lanesOperation } from "./lanes.ts";
import { queryOperation, selectedOperation } from "./query.ts";
import { whyOperation } from "./why.ts";

/** XA-20: five separate answers. */
export const verdictSchema = z.object({ result: z.enum(["passed", "failed", "not_checked"]), detail: z.string() });
export const verifyReportSchema = z.object({
  size: z.int(),
  root: digestSchema,
  authentic: verdictSchema,
  included: verdictSchema,
  consistent: verdictSchema,
  complete: verdictSchema,
  plausible: verdictSchema,
  firstBad: z.object({ seq: z.int(), code: z.string(), detail: z.string() }).nullable(),
  /** Entries before the first bad one, which are unaffected. */
  entriesBefore: z.int(),
  atMs: z.number(),
  tookMs: z.number(),
});
export type VerifyReport = z.infer<typeof verifyReportSchema>;

export const areaSchema = z.enum([
  "identity",
  "workflow",
  "gate",
  "override",
  "policy",
  "cascade",
  "rollback",
  "liveness",
  "accounting",
  "behavior",
  "benchmark",
  "drill",
  "domains",
  "audit",
  "host",
]);
export type Area = z.infer<typeof areaSchema>;

export const auditContract = {
  /** Change notices: hints that views changed, never facts. The first arrives at once; then at most about ten a second. */
  watch: operation
    .route({ method: "GET", path: "/audit/watch" })
    .output(
      eventIterator(z.object({ position: positionSchema, areas: z.array(areaSchema), hint: z.string().nullable() })),
    ),
  /** Entries by filter, newest or oldest first; `cursor` is the seq to go on from (exclusive). */
  entries: operation
    .route({ method: "GET", path: "/audit/entries" })
    .input(
      z.object({
        wid: uuidSchema.optional(),
        agent: z.string().optional(),
        action: z.string().optional(),
        outcome: z.string().optional(),
        typ: z.string().optional(),
        text: z.string().max(200).optional(),
        order: z.enum(["newest", "oldest"]).default("newest"),
        domain: domainInput.shape.domain,
        cursor: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        rows: z.array(entryRowSchema),
        /** Entries that match, over the whole log. */
        total: z.int(),
        next: z.int().nullable(),
      }),
    ),
  lanes: lanesOperation,
  instant: instantOperation,
  why: whyOperation,
  query: queryOperation,
  selected: selectedOperation,
  /** Values present in the log for the filters. */
  facets: operation
    .route({ method: "GET", path: "/audit/facets" })
    .input(domainInput.optional())
    .output(
      z.object({
        position: positionSchema,
        typs: z.array(z.tuple([z.string(), z.int()])),
        agents: z.array(z.tuple([z.string(), z.int()])),
        actions: z.array(z.tuple([z.string(), z.int()])),
        outcomes: z.array(z.tuple([z.string(), z.int()])),
        workflows: z.array(z.tuple([z.string(), z.int()])),
      }),
    ),
  /** One entry: token opened, verification recomputed in historical mode (COM-2), receipt with inclusion proof issued and checked. */
  entry: operation
    .route({ method: "GET", path: "/audit/entries/{seq}" })
    .input(domainInput.extend({ seq: z.coerce.number().int().nonnegative() }))
    .output(
      z.object({
        position: positionSchema,
        row: entryRowSchema,
        token: z.string(),
        header: z.record(z.string(), z.json()),
        claims: z.record(z.string(), z.json()),
        digest: digestSchema,
        leaf: digestSchema,
        steps: z.array(verificationStepSchema),
        receipt: z.object({
          token: z.string(),
          claims: receiptClaimsSchema,
          verified: z.boolean(),
          detail: z.string(),
        }),
        /** Other entries this one refers to or is referred to by. */
        links: z.array(z.object({ rel: z.string(), seq: z.int().nullable(), jti: z.string() })),
      }),
    ),
  /** Looks at any token, of this log or not, under the keys of this log; nothing of it is kept. POST: a token is for no URL. */
  inspect: operation
    .route({ method: "POST", path: "/audit/inspect" })
    .input(inspectInputSchema)
    .output(inspectedSchema),
  /** Recomputes everything from the stored bytes (V3) with progress; the last event carries the report. */
  verify: operation
    .route({ method: "POST", path: "/audit/verify" })
    .input(domainInput.optional())
    .output(
      eventIterator(
        z.discriminatedUnion("type", [
          z.object({ type: z.literal("progress"), checked: z.int(), total: z.int() }),
          z.object({ type: z.literal("report"), report: verifyReportSchema }),
        ]),
      ),
    ),
  heads: operation
    .route({ method: "GET", path: "/audit/heads" })
    .input(domainInput.optional())
    .output(
      z.object({
        position: positionSchema,
        logId: uriSchema,
        latest: z.object({ token: z.string(), claims: sthClaimsSchema }).nullable(),
        count: z.int(),
      }),
    ),
  /** XA-19 export as chunks of JSON text; joined they are one `logExportSchema` document. */
  export: operation
    .route({ method: "POST", path: "/audit/export" })
    .input(domainInput.optional())
    .output(eventIterator(z.object({ text: z.string(), done: z.int(), total: z.int() }))),
  ...auditTokenOperations,
  ...evidenceOperations,
  /** Verifies an exported log of this or another console; nothing of it is stored. The last event carries the report, as `verify` gives it. */
  verifyExport: operation
    .route({ method: "POST", path: "/audit/verify-export" })
    .input(
      z.object({
        text: z.string(),
        /** A checkpoint of that log which was kept elsewhere; the file has to agree with it. */
        checkpoint: z.string().max(65_536).optional(),
      }),
    )
    .output(
      eventIterator(
        z.discriminatedUnion("type", [
          z.object({ type: z.literal("progress"), checked: z.int(), total: z.int() }),
          z.object({
            type: z.literal("report"),
            manifest: z.record(z.string(), z.json()),
            report: verifyReportSchema,
          }),
        ]),
      ),
    ),
};
