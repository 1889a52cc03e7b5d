import * as z from "zod";
import { authenticationMembers, messageMembers, referenceSchema } from "../acp/message-members.ts";
import { digestSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { borderPolicySchema } from "./border-policy.ts";
import { domainNameSchema } from "./stitch-claims.ts";

export const DOMAIN_ORDER_TYP = "domain-order+jwt";

const countSchema = z.int().nonnegative();

/** Records that an order is about: those of one person or agent, or a single one by its task. */
export const recordSelectorSchema = z.union([
  z.strictObject({ subject: uriSchema }),
  z.strictObject({ record: z.strictObject({ jti: uuidSchema, hash: digestSchema }) }),
]);
export type RecordSelector = z.infer<typeof recordSelectorSchema>;

/** What would be erased as it was shown: records, how many of each claim, and which records by one digest over all of them. */
export const shownErasureSchema = z.strictObject({
  records: countSchema.min(1),
  claims: z.record(z.string().min(1).max(64), countSchema),
  root: digestSchema,
});
export type ShownErasure = z.infer<typeof shownErasureSchema>;

const orderSchema = z.discriminatedUnion("kind", [
  /** XDA-72: a version of the border policy. What it widens is named, and waits for a second person (XDA-73). */
  z.strictObject({
    kind: z.literal("border_policy"),
    version: z.int().positive(),
    /** Digest of the version it was held against. */
    follows: digestSchema,
    policy: borderPolicySchema,
    widens: z.array(z.string().min(1).max(600)).max(256),
  }),
  /** The second person, about exactly that proposal. */
  z.strictObject({ kind: z.literal("confirm"), proposal: referenceSchema }),
  /** Nothing of these is erased while it lasts. */
  z.strictObject({ kind: z.literal("legal_hold"), about: recordSelectorSchema }),
  z.strictObject({ kind: z.literal("end_hold"), hold: uuidSchema }),
  /** XDA-13: salts and clear values of these go. */
  z.strictObject({ kind: z.literal("erase"), about: recordSelectorSchema, shown: shownErasureSchema }),
]);
export type DomainOrder = z.infer<typeof orderSchema>;
export type OrderOf<Kind extends DomainOrder["kind"]> = Extract<DomainOrder, { kind: Kind }>;

/**
 * `domain-order+jwt` [ours]: a person says how one domain is run at its border and with what it keeps apart. It goes into that
 * domain's own log, and holds from its place there on.
 */
export const domainOrderClaimsSchema = z.object({
  ...messageMembers,
  domain: domainNameSchema,
  order: orderSchema,
  reason: z.string().min(1).max(2000),
  ...authenticationMembers,
});
export type DomainOrderClaims = z.infer<typeof domainOrderClaimsSchema>;

export const DOMAIN_ORDER_TYPE: TokenType<DomainOrderClaims> = messageType(
  DOMAIN_ORDER_TYP,
  domainOrderClaimsSchema,
  300,
);

/** What becomes of a wider version: it waits, nobody confirmed it in time, or another one came into force since. */
export const PROPOSAL_STATES = ["waiting", "lapsed", "overtaken"] as const;

/** Why something of what an order to erase is about is not erased by it. `gone`: erased before. `none`: nothing is kept apart of it. */
export const STAYS = ["legal_hold", "retention", "gone", "none"] as const;
export type Stays = (typeof STAYS)[number];

/** An order at its place in its domain's log. Times in epoch seconds by the domain's clock. */
export interface LoggedOrder {
  readonly seq: number;
  readonly at: number;
  /** Token digest. */
  readonly digest: string;
  readonly claims: DomainOrderClaims;
}
