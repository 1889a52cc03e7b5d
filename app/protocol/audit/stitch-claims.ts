import * as z from "zod";
import { digestSchema, uuidSchema } from "../jose/formats.ts";

/** Names of trust domains as they stand in tokens. */
export const domainNameSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, "a trust domain");

/** Regimes that the text names; another one is a reverse-domain name (cross-domain-audit.md section b). */
const REGIMES = ["GDPR", "HIPAA", "SOX", "EU-AI-ACT", "DORA", "NIS2", "none"] as const;
export const regimeSchema = z.union([
  z.enum(REGIMES),
  z
    .string()
    .max(253)
    .regex(/^[a-z][a-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+$/, "a regime or a reverse-domain name"),
]);

export const DATA_CLASSES = ["personal", "special", "phi", "financial", "operational", "public"] as const;
export const dataClassSchema = z.enum(DATA_CLASSES);
export type DataClass = z.infer<typeof dataClassSchema>;

/** RegProfile: the regime a record is under and what follows from it (XDA-1). Times in seconds. */
export const regProfileSchema = z.object({
  regime: regimeSchema,
  role: z.enum(["controller", "processor", "covered_entity", "business_associate", "provider", "deployer", "none"]),
  legal_basis: z.string().min(1).max(256).optional(),
  data_classes: z.array(dataClassSchema).max(DATA_CLASSES.length),
  retention_min_s: z.int().nonnegative(),
  retention_max_s: z.int().nonnegative(),
  transfer: z.enum(["allowed", "restricted", "forbidden"]),
  purpose: z.string().min(1).max(256),
});
export type RegProfile = z.infer<typeof regProfileSchema>;

/** Vector clock: how many events of each domain are known. */
export const vectorClockSchema = z.record(domainNameSchema, z.int().nonnegative());
export type VectorClock = z.infer<typeof vectorClockSchema>;

/** Stitching identifiers of an audit token at a border (XDA-2). */
export const stitchClaimSchema = z.object({
  /** One per border crossing. */
  stitch_id: uuidSchema,
  direction: z.enum(["out", "in"]),
  peer: domainNameSchema,
  local_wid: uuidSchema,
  peer_wid: uuidSchema.optional(),
  peer_jti: uuidSchema.optional(),
  /** Digest of the handoff token. */
  handoff_hash: digestSchema,
  lamport: z.int().positive(),
  vc: vectorClockSchema.optional(),
});
export type StitchClaim = z.infer<typeof stitchClaimSchema>;

/** Selective disclosure controls: who may be shown which claims (XDA-3). */
export const disclosureClaimSchema = z.object({
  policy_id: z.string().min(1).max(128),
  pairwise: z.boolean(),
  default: z.enum(["hash_only", "reveal"]),
  audience_rules: z
    .array(
      z.union([
        z.object({ domain: domainNameSchema, reveal: z.array(z.string().min(1).max(64)).max(32) }),
        z.object({ role: z.string().min(1).max(64), reveal: z.array(z.string().min(1).max(64)).max(32) }),
      ]),
    )
    .max(32),
});
export type DisclosureClaim = z.infer<typeof disclosureClaimSchema>;

/** What a crossing leaves in the two logs, in the order in which it is written. */
export const CROSSING_PARTS = [
  "out",
  "handoff",
  "handoff_received",
  "countersign",
  "countersign_received",
  "in",
] as const;
export type CrossingPart = (typeof CROSSING_PARTS)[number];
