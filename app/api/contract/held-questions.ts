import * as z from "zod";
import { ASKED_STATES, HELD_STATES } from "../../protocol/audit/held-question.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema } from "./common.ts";

/** A question that a domain does not answer before one of its operators allows it (XDA-S7). Times in epoch seconds. */
export const heldQuestionSchema = z.object({
  domain: z.string(),
  jti: uuidSchema,
  hash: digestSchema,
  /** The `audit-query+jwt` as it stands in the domain's log, and where. */
  token: compactSchema,
  seq: z.int(),
  state: z.enum(HELD_STATES),
  at: z.int(),
  /** Until when it is in this state by time alone. */
  until: z.int(),
  asker: uriSchema,
  role: z.string(),
  purpose: z.string(),
  reason: z.string().nullable(),
  /** What it asks for: each filter that it has, in words of the protocol. */
  filters: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Claims that are wanted beside the records; null for all there are. */
  fields: z.array(z.string()).nullable(),
  page: z.int(),
  pageSize: z.int(),
  /** Entries that its asker was given by this domain within the last hour. */
  givenInHour: z.int(),
  decision: z
    .object({
      outcome: z.enum(["approve", "reject"]),
      by: uriSchema,
      role: z.string(),
      reason: z.string(),
      at: z.int(),
      /** Entries that were approved, and given of them since. */
      entries: z.int(),
      given: z.int(),
    })
    .nullable(),
});
export type HeldQuestionView = z.infer<typeof heldQuestionSchema>;

/** What would be told if it were asked now, counted exactly. */
export const answerPreviewSchema = z.object({
  entries: z.int(),
  claims: z.record(z.string(), z.int()),
  redacted: z.object({ audience: z.int(), erased: z.int(), transfer_forbidden: z.int() }),
});
export type AnswerPreviewView = z.infer<typeof answerPreviewSchema>;

/** A question that this console's people asked one domain, and what became of it (XDA-77). Times in epoch seconds. */
export const askedQuestionSchema = z.object({
  domain: z.string(),
  /** The newest `audit-query+jwt` that asked it. */
  token: compactSchema,
  asker: uriSchema,
  /** What it asks, to be asked again as it is. */
  asks: z.object({
    purpose: z.string(),
    role: z.string(),
    reason: z.string(),
    wid: uuidSchema.optional(),
    stitch_id: uuidSchema.optional(),
    agents: z.array(uriSchema).optional(),
    exec_act: z.string().optional(),
    from: z.int().optional(),
    to: z.int().optional(),
    outcome: z.string().optional(),
    min_level: z.int().optional(),
    fields: z.array(z.string()).optional(),
    page: z.int(),
    page_size: z.int(),
  }),
  askedAt: z.int(),
  state: z.enum(ASKED_STATES),
  /** What the domain said last; nothing where it has not said anything. */
  code: z.string().nullable(),
  detail: z.string(),
  /** The question as its domain holds it, until when it is in its state by time alone, and what was approved of it. */
  held: z
    .object({
      jti: uuidSchema,
      hash: digestSchema,
      until: z.int(),
      approved: z.int().nullable(),
      given: z.int(),
      decision: z.object({ by: uriSchema, reason: z.string() }).nullable(),
    })
    .nullable(),
  /** The page to fetch next, or again; null where nothing can be fetched. */
  fetchPage: z.int().nullable(),
});
export type AskedQuestionView = z.infer<typeof askedQuestionSchema>;

export const heldQuestionOperations = {
  /** What this console's people asked other domains within two days, newest first. Answers are not kept. */
  asked: operation
    .route({ method: "GET", path: "/domains/asked" })
    .output(z.object({ position: positionSchema, questions: z.array(askedQuestionSchema) })),
  /** Questions that wait for an operator of their domain, and what became of those that did; newest first. */
  questions: operation
    .route({ method: "GET", path: "/domains/questions" })
    .output(z.object({ position: positionSchema, questions: z.array(heldQuestionSchema) })),
  /** One of them, with exactly what would be disclosed. */
  question: operation
    .route({ method: "GET", path: "/domains/questions/{domain}/{jti}" })
    .input(z.object({ domain: z.string(), jti: uuidSchema }))
    .output(z.object({ position: positionSchema, question: heldQuestionSchema, preview: answerPreviewSchema })),
  /** Approves or refuses one: a compact `audit-query-decision+jwt` by an operator who did not ask it (XDA-S7). */
  decideQuestion: operation
    .route({ method: "POST", path: "/domains/questions/decisions" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ domain: z.string(), outcome: z.enum(["approve", "reject"]) })),
};
