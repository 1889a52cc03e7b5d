import * as z from "zod";
import { uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** Spans that are measured over, hours: a day, a week, 30 days. */
export const SPANS_H = [24, 168, 720] as const;
/** Floods, chatter, standing items, classes and people that are told at most. */
export const MAX_TOLD = 100;

/** A count of a count; its rate is null where there are too few cases; the true one lies from low to high 19 times in 20. */
const rateSchema = z.object({
  n: z.int(),
  of: z.int(),
  rate: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});
const prioritySchema = z.enum(["low", "medium", "high"]);
const seconds = z.number().nullable();

const demandSchema = z.object({
  kind: z.enum(["request", "escalation", "lease", "stop", "cascade", "finding", "review", "behavior"]),
  priority: prioritySchema,
  /** Epoch s. */
  at: z.int(),
  seq: z.int(),
  /** What it is about, in words of the log: untrusted. */
  about: z.string(),
  agent: z.string().nullable(),
});
const presentSchema = z.object({ demands: z.int(), operators: z.int(), each: z.number() });

/** How decisions were given (R1); times in seconds. */
const figuresSchema = z.object({
  decisions: z.int(),
  approvals: rateSchema,
  /** Of those that say when they were shown. */
  looks: z.int(),
  medianLookS: seconds,
  medianWaitS: seconds,
  leastReadingS: seconds,
  tooFast: rateSchema,
  readWhole: rateSchema,
  batches: z.object({ known: z.int(), median: seconds, largest: seconds }),
});
const shiftSchema = z.array(
  z.object({ hour: z.int(), decisions: z.int(), approvals: rateSchema, medianLookS: seconds, tooFast: rateSchema }),
);
const spanInput = pastInput.extend({ hours: z.coerce.number().pipe(z.literal(SPANS_H)) });

/** Attention as a measured resource (safety.md A1 to A5, R1, R2, R7), computed from the log and nothing else. */
export const attentionContract = {
  overview: operation
    .route({ method: "GET", path: "/attention" })
    .input(spanInput)
    .output(
      z.object({
        position: positionSchema,
        from: z.int(),
        to: z.int(),
        demands: z.int(),
        hours: z.array(z.object({ at: z.int(), demands: z.int(), operators: z.int() })),
        lastHour: presentSchema,
        lastTenMinutes: presentSchema,
        floods: z.array(z.object({ from: z.int(), to: z.int(), demands: z.int(), first: demandSchema })),
        floodCount: z.int(),
        floodS: z.int(),
        /** Of the last 30 days, whatever the span. */
        priorities: z.array(
          z.object({ priority: prioritySchema, share: rateSchema, aim: z.number(), isNear: z.boolean().nullable() }),
        ),
        chatter: z.array(z.object({ demand: demandSchema, count: z.int(), from: z.int(), to: z.int() })),
        chatterCount: z.int(),
        standing: z.int(),
        staleCount: z.int(),
        stale: z.array(
          z.object({
            kind: z.enum(["request", "finding", "review", "stop"]),
            id: z.string(),
            about: z.string(),
            agent: z.string().nullable(),
            at: z.int(),
            seq: z.int(),
          }),
        ),
        shelf: z.array(
          z.object({
            request: uuidSchema,
            action: z.string(),
            agent: z.string(),
            by: uriSchema,
            reason: z.string(),
            at: z.int(),
            until: z.int(),
            seq: z.int(),
          }),
        ),
        deferred: z.int(),
        waiting: z.int(),
        oldestS: seconds,
        nextDeadlineS: seconds,
        answered: z.object({ settled: z.int(), p50S: seconds, p95S: seconds, expired: rateSchema }),
        all: figuresSchema,
        shift: shiftSchema,
        classes: z.array(
          figuresSchema.extend({
            key: z.string(),
            standing: z.string(),
            agent: uriSchema,
            action: z.string(),
            ruleIds: z.array(z.string()),
            policy: uuidSchema,
            /** It is the policy's to answer, not somebody's (R2). */
            isProposed: z.boolean(),
          }),
        ),
        classCount: z.int(),
      }),
    ),
  /** The hour that ends now, for a line beside every view: how much is asked of each, and what asks for most of it. */
  now: operation
    .route({ method: "GET", path: "/attention/now" })
    .input(pastInput.optional())
    .output(
      z.object({
        position: positionSchema,
        lastHour: presentSchema,
        most: z.object({ demand: demandSchema, count: z.int() }).nullable(),
      }),
    ),
  /** Figures of single people: each their own; all of them for duty manager, safety officer and auditor. */
  people: operation
    .route({ method: "GET", path: "/attention/people" })
    /** Who asks, by the console's word, as reading is not signed (XA-18). */
    .input(spanInput.extend({ reader: uriSchema }))
    .output(
      z.object({
        position: positionSchema,
        /** Everybody's are told to this reader. */
        isAll: z.boolean(),
        people: z.array(
          figuresSchema.extend({
            who: uriSchema,
            expectedTooFast: z.number().nullable(),
            ownTooFast: z.number().nullable(),
            shift: shiftSchema,
            hours: z.int(),
            demands: z.int(),
            demandsAnHour: z.number().nullable(),
          }),
        ),
        peopleCount: z.int(),
      }),
    ),
};
