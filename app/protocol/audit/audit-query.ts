import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { authenticationMembers } from "../acp/message-members.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

export const AUDIT_QUERY_TYP = "audit-query+jwt";

/** What one answer has at most. */
export const MAX_PAGE = 500;
/** Further hops across domains that may be asked for. */
const MAX_DEPTH = 8;

/**
 * Question to the trails of other domains, `audit-query+jwt`: signed by whoever asks, addressed to each gateway that is to
 * answer. A purpose is required (XDA-12). [ours]: `reason` in the asker's words, `held`, and how they authenticated.
 */
export const auditQueryClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(16),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema.optional(),
    stitch_id: uuidSchema.optional(),
    agents: z.array(uriSchema).min(1).max(64).optional(),
    exec_act: z.string().min(1).max(256).optional(),
    /** By the answering domain's clock, inclusive, epoch s. */
    from: timeSchema.optional(),
    to: timeSchema.optional(),
    outcome: z.string().min(1).max(32).optional(),
    min_level: z.int().min(1).max(3).optional(),
    purpose: z.string().min(1).max(64),
    reason: z.string().min(1).max(2000).optional(),
    /** Claims wanted beside those that everybody is shown; all of them without it. */
    fields: z.array(z.string().min(1).max(64)).max(32).optional(),
    depth: z.int().nonnegative().max(MAX_DEPTH),
    page: z.int().nonnegative().max(1_000_000),
    page_size: z.int().positive().max(MAX_PAGE),
    /** Fetches the answer of this question, which the domain held and has approved since: it never waits anew (XDA-77). */
    held: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
    ...authenticationMembers,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ["to"],
    error: "not before from",
  });
export type AuditQueryClaims = z.infer<typeof auditQueryClaimsSchema>;

export const AUDIT_QUERY_TYPE: TokenType<AuditQueryClaims> = messageType(AUDIT_QUERY_TYP, auditQueryClaimsSchema, 300);

/** What a domain answers for: by purpose, the roles in which it may be asked. */
export type QueryPolicy = Readonly<Record<string, readonly string[]>>;

/** What is known of who asks. */
interface Querier {
  /** They hold the role in which they ask. */
  readonly holdsRole: boolean;
  /** Entries they were given by this domain within the last hour. */
  readonly given: number;
  /** An operator of this domain has approved that they are given more (XDA-S7). */
  readonly approved: boolean;
}

/** Entries that one asker is given within an hour without anybody's approval (XDA-S7). */
const MAX_ENTRIES_AN_HOUR = 1000;
export const HOUR_S = 3600;
/** The asker authenticated within this time before, seconds [ours]. */
const AUTHENTICATED_WITHIN_S = 900;

/** X4, first step: whether this may be asked here for this purpose. Refusal: `query_denied`. */
export function authoriseQuery(
  { purpose, role, iat, auth_time }: AuditQueryClaims,
  { holdsRole }: Pick<Querier, "holdsRole">,
  policy: QueryPolicy,
): Result<void, Refusal> {
  const denied = (detail: string, claim: string): Result<void, Refusal> =>
    err(refusal("query_denied", detail, { claim }));
  const roles = Object.hasOwn(policy, purpose) ? policy[purpose] : undefined;
  if (roles === undefined) return denied("nothing is answered here for this purpose", "purpose");
  if (!roles.includes(role)) return denied(`for this purpose it may be asked as ${roles.join(" or ")}`, "role");
  if (!holdsRole) return denied("who asks does not hold the role in which they ask", "role");
  if (iat - auth_time > AUTHENTICATED_WITHIN_S) return denied("who asks authenticated too long ago", "auth_time");
  return ok(undefined);
}

/** XDA-S7: who is given this much in an hour harvests. Refusal: `query_approval_needed`. */
export function harvestProblem({ given, approved }: Omit<Querier, "holdsRole">, more: number): Refusal | null {
  return approved || given + more <= MAX_ENTRIES_AN_HOUR ? null : approvalNeeded();
}

/** An operator of the domain is waited for. */
export const approvalNeeded = (): Refusal =>
  refusal(
    "query_approval_needed",
    `more than ${MAX_ENTRIES_AN_HOUR} entries in an hour are given only with an operator's approval`,
  );
