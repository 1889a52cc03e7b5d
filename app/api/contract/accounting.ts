import * as z from "zod";
import { disputeSchema } from "../../protocol/audit/accounting/settlement.ts";
import { tariffBodySchema, tariffClaimsSchema } from "../../protocol/audit/accounting/tariff.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import {
  ledgerReportSchema,
  lineSchema,
  peerSchema,
  recomputedSchema,
  settlementSchema,
} from "./accounting-settling.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** Bars of a series at most. */
export const MAX_BUCKETS = 500;
/** Groups a series tells apart at most; what is left is told as one more. */
export const MAX_GROUPS = 50;
/** Lines of a reconciliation on a page at most. */
export const MAX_LINES = 500;

export const GROUPINGS = ["agent", "run", "task", "domain", "resource"] as const;
const epochS = z.coerce.number().int().nonnegative();
const decimal = z.string();

const amountsSchema = z.object({
  tokens: z.number(),
  calls: z.number(),
  /** Seconds agents worked. */
  timeS: z.number(),
  /** Decimal strings by currency, by the tariffs the records name. */
  cost: z.record(z.string(), decimal),
  /** Some of it is estimated (XDA-19). */
  estimated: z.boolean(),
});
export type Amounts = z.infer<typeof amountsSchema>;

export const usageGroupSchema = amountsSchema.extend({
  key: z.string(),
  /** Of a run or a task, from its recording: untrusted text. */
  name: z.string().nullable(),
  records: z.int(),
});
export type UsageGroup = z.infer<typeof usageGroupSchema>;

export const meterSchema = z.object({
  mpId: z.string(),
  id: uriSchema,
  domain: z.string(),
  kind: z.literal("gateway"),
  resources: z.array(z.string()),
  clockSource: z.string(),
  keyKid: z.string(),
  records: z.int(),
});

const recordSchema = z.object({
  jti: uuidSchema,
  entry: z.int(),
  at: z.int(),
  meter: z.string(),
  seq: z.int(),
  wid: uuidSchema,
  task: uuidSchema,
  taskName: z.string().nullable(),
  execAct: z.string(),
  /** Who did it, of what this domain only counts to compare (XDA-81). */
  doneBy: z.string().nullable(),
  consumer: uriSchema,
  payer: z.string(),
  from: z.int(),
  to: z.int(),
  items: z.array(
    z.object({
      resource: z.string(),
      quantity: decimal,
      unit: z.string(),
      estimated: z.boolean(),
      model: z.string().nullable(),
      amount: decimal.nullable(),
    }),
  ),
  currency: z.string().nullable(),
  correctionOf: uuidSchema.nullable(),
  /** Of a correction, its order and what was recorded beside what was ordered, line by line (XDA-51). */
  correction: z
    .object({
      order: uuidSchema,
      by: uriSchema,
      lines: z.array(
        z.object({
          resource: z.string(),
          ordered: decimal.nullable(),
          recorded: decimal.nullable(),
          differs: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /** More was used than the policy allows (X6). */
  overLimit: z.boolean(),
  /** More than three times what such an action uses here in the middle (XDA-S5). */
  unusual: z.boolean(),
  /** Where it stands on the way from metered to settled. */
  state: z.enum(["metered", "rated", "stated", "disputed", "corrected", "accepted", "settled"]),
});
export type UsageRecordView = z.infer<typeof recordSchema>;

const limitSchema = z.object({
  wid: uuidSchema,
  runName: z.string().nullable(),
  node: z.string(),
  agent: z.string(),
  name: z.enum(["max_cost", "max_tokens", "max_calls", "rate_per_min", "max_duration_s"]),
  value: z.string(),
  currency: z.string().nullable(),
  used: z.string(),
  share: z.number(),
  status: z.enum(["running", "stopped", "finished"]),
});
export type LimitView = z.infer<typeof limitSchema>;

const tariffViewSchema = z.object({
  tariff: z.intersection(tariffBodySchema, z.object({ hash: digestSchema })),
  account: tariffClaimsSchema.shape.account,
  by: uriSchema,
  at: z.int(),
  seq: z.int(),
  reason: z.string(),
  /** What is metered now is charged by it. */
  inForce: z.boolean(),
  records: z.int(),
});
export type TariffView = z.infer<typeof tariffViewSchema>;

/** A ledger file travels as text: it is signed parts, and a megabyte of them is read in one piece. */
const ledgerText = z.string().max(64_000_000);

/** Whose accounts: another domain of this console's, or its own where nothing is said (XDA-82). */
const of = { of: z.string().min(1).max(253).optional() };
const ofInput = z.object(of);
const spanInput = { from: epochS.optional(), to: epochS.optional(), wid: uuidSchema.optional() };

export const accountingContract = {
  /** Whose accounts are here: the console's own domain first. Others are here from the first workflow that names them. */
  accounts: operation
    .route({ method: "GET", path: "/accounting/accounts" })
    .output(z.object({ accounts: z.array(z.object({ domain: z.string(), pepId: uriSchema, logId: uriSchema })) })),
  /** What was used over time and by whom; as much of the log as the span has. */
  usage: operation
    .route({ method: "GET", path: "/accounting/usage" })
    .input(
      pastInput.extend({
        by: z.enum(GROUPINGS),
        buckets: z.coerce.number().int().min(1).max(MAX_BUCKETS),
        currency: z.string().length(3).optional(),
        ...spanInput,
        ...of,
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        by: z.enum(GROUPINGS),
        from: z.int(),
        to: z.int(),
        /** Seconds of a bar. */
        bucketS: z.int(),
        total: amountsSchema,
        groups: z.array(usageGroupSchema),
        /** By group, in the order of `groups`, the amounts of each bar. */
        series: z.array(z.object({ tokens: z.array(z.number()), cost: z.array(decimal), timeS: z.array(z.number()) })),
        /** Items that no tariff prices. */
        unpriced: z.int(),
        /** Records of what other domains did for this one, counted to compare and in no sum (XDA-81). */
        counted: z.int(),
        /** Whose costs the series tells; null where nothing is priced. */
        currency: z.string().nullable(),
        meters: z.array(meterSchema),
        /** Why nothing is metered at the moment; null where it goes well. */
        trouble: z.string().nullable(),
        /** Records that this log did not take, each with the reason: what they tell is not counted (XDA-52). */
        aside: z.array(
          z.object({
            wid: uuidSchema,
            task: uuidSchema,
            taskName: z.string().nullable(),
            /** The order that it would have followed, of a correction. */
            order: uuidSchema.nullable(),
            code: z.string(),
            detail: z.string(),
          }),
        ),
      }),
    ),
  records: operation
    .route({ method: "GET", path: "/accounting/records" })
    .input(
      pastInput.extend({
        ...spanInput,
        ...of,
        agent: z.string().max(1024).optional(),
        task: uuidSchema.optional(),
        offset: z.coerce.number().int().nonnegative().default(0),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ position: positionSchema, total: z.int(), records: z.array(recordSchema) })),
  /** Limits of the policies in force, with what is used up of them: what the gateway refuses beyond. */
  limits: operation
    .route({ method: "GET", path: "/accounting/limits" })
    .input(pastInput.extend(of).optional())
    .output(z.object({ position: positionSchema, limits: z.array(limitSchema) })),
  tariffs: operation
    .route({ method: "GET", path: "/accounting/tariffs" })
    .input(pastInput.extend(of).optional())
    .output(z.object({ position: positionSchema, tariffs: z.array(tariffViewSchema) })),
  /** A compact `tariff+jwt` by finance or a safety officer. */
  setTariff: operation
    .route({ method: "POST", path: "/accounting/tariffs" })
    .input(ofInput.extend({ token: compactSchema }))
    .output(z.object({ seq: z.int() })),
  /** A compact `usage-correction+jwt` by finance: the metering point issues the correction. */
  correct: operation
    .route({ method: "POST", path: "/accounting/corrections" })
    .input(ofInput.extend({ token: compactSchema }))
    .output(z.object({ seq: z.int() })),
  settlements: operation
    .route({ method: "GET", path: "/accounting/settlements" })
    .input(pastInput.extend(of).optional())
    .output(z.object({ position: positionSchema, settlements: z.array(settlementSchema), peers: z.array(peerSchema) })),
  /** What a statement to a payer would say: the figures that its signature is checked against. */
  draft: operation
    .route({ method: "GET", path: "/accounting/settlements/draft" })
    .input(
      ofInput.extend({ payer: z.string().min(1).max(253), currency: z.string().length(3), from: epochS, to: epochS }),
    )
    .output(z.object({ position: positionSchema, payee: z.string(), figures: recomputedSchema })),
  /** A compact `settlement+jwt` by a person of this domain. */
  settle: operation
    .route({ method: "POST", path: "/accounting/settlements" })
    .input(ofInput.extend({ token: compactSchema }))
    .output(
      z.object({
        seq: z.int(),
        /** Why the log of the other side, where it is a domain of this console too, did not take it; null where it did or is elsewhere. */
        undelivered: z.object({ code: z.string(), detail: z.string() }).nullable(),
      }),
    ),
  /** This domain's usage as it is handed to another one: what is charged to it, and, if asked, what is metered for itself. */
  ledger: operation
    .route({ method: "GET", path: "/accounting/ledger" })
    .input(ofInput.extend({ domain: z.string().min(1).max(253), own: z.coerce.boolean().default(false) }))
    .output(z.object({ text: z.string(), records: z.int() })),
  /** Verifies another domain's ledger file; nothing is taken in. */
  inspectLedger: operation
    .route({ method: "POST", path: "/accounting/ledger/inspect" })
    .input(ofInput.extend({ text: ledgerText }))
    .output(ledgerReportSchema),
  /** Takes a ledger file in, by a compact `ledger-import+jwt` of finance that names its digest. */
  importLedger: operation
    .route({ method: "POST", path: "/accounting/ledger" })
    .input(ofInput.extend({ text: ledgerText, token: compactSchema }))
    .output(
      z.object({
        seq: z.int(),
        /** Messages that were taken into this log, and those that were not, with the reason. */
        taken: z.int(),
        refused: z.array(z.object({ jti: uuidSchema, code: z.string(), detail: z.string() })),
      }),
    ),
  /** This domain's ledger beside that of another one, line by line, what differs first. */
  reconcile: operation
    .route({ method: "GET", path: "/accounting/reconciliation" })
    .input(
      z.object({
        domain: z.string().min(1).max(253),
        ...spanInput,
        ...of,
        kind: lineSchema.shape.kind.optional(),
        offset: z.coerce.number().int().nonnegative().default(0),
        limit: z.coerce.number().int().min(1).max(MAX_LINES).default(200),
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        domain: z.string(),
        ledgerAt: z.int(),
        counts: z.record(z.string(), z.int()),
        /** By resource, ours less theirs over all lines. */
        differences: z.array(z.object({ resource: z.string(), unit: z.string(), difference: decimal })),
        total: z.int(),
        lines: z.array(lineSchema),
        /** What could be disputed of their records, from all lines that differ; 48 at most, as a message holds. */
        disputes: z.array(disputeSchema),
      }),
    ),
  /** FOCUS 1.2, validated before it is handed out. */
  focus: operation
    .route({ method: "GET", path: "/accounting/focus" })
    .input(
      z.object({
        format: z.enum(["csv", "json"]),
        payer: z.string().max(253).optional(),
        ...pastInput.shape,
        ...spanInput,
        ...of,
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        text: z.string(),
        rows: z.int(),
        unpriced: z.int(),
        problems: z.array(z.object({ row: z.int(), column: z.string(), code: z.string(), detail: z.string() })),
      }),
    ),
};
