import * as z from "zod";
import { consistencyProofSchema } from "../audit/claims.ts";
import { publicJwkSchema } from "../identity/claims.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { TokenType } from "../jose/token-type.ts";
import { selectionSchema } from "./request.ts";

const sizeSchema = z.int().nonnegative();

/** An entry as it stands in the log; of a selection with its way to the root (RFC 9162 §2.1.3). */
export const packEntrySchema = z.strictObject({
  seq: sizeSchema,
  received_at: timeSchema,
  submitter: uriSchema,
  token: z.string(),
  path: z.array(digestSchema).max(64).optional(),
});
export type PackEntry = z.infer<typeof packEntrySchema>;

/** Parts that are listed beside the entries, each counted in the manifest. */
export const countsSchema = z.strictObject({
  entries: sizeSchema,
  heads: sizeSchema,
  proofs: sizeSchema,
  anchors: sizeSchema,
  keys: sizeSchema,
  policies: sizeSchema,
  views: sizeSchema,
  objects: sizeSchema,
  withheld: sizeSchema,
  elsewhere: sizeSchema,
});

/** What the exporting log says of the pack; each member's digest is under its seal (XA-31). */
export const packManifestSchema = z.strictObject({
  log_id: uriSchema,
  domain: z.string().min(1).max(253),
  exported_at: timeSchema,
  exported_by: uriSchema,
  purpose: z.string().min(1).max(500),
  /** The logged `evidence-request+jwt`. */
  request: z.strictObject({ seq: sizeSchema, jti: uuidSchema, hash: digestSchema }),
  selection: selectionSchema,
  tree_size: z.int().positive(),
  root: digestSchema,
  /** Entries that are here, first and last of each stretch, in order. */
  ranges: z.array(z.tuple([sizeSchema, sizeSchema])).min(1),
  /** Leaf of each entry that is here, so that a changed one is named by itself. */
  leaves: z.array(digestSchema),
  /** Token digest of each head. */
  heads: z.array(digestSchema),
  /** What cannot be told from the entries alone: digest of each row, names of the objects. */
  parts: z.strictObject({
    views: z.array(digestSchema),
    objects: z.array(digestSchema),
    anchors: z.array(digestSchema),
    withheld: z.array(digestSchema),
    elsewhere: z.array(digestSchema),
  }),
  counts: countsSchema,
});
export type PackManifest = z.infer<typeof packManifestSchema>;

/** A checkpoint of the log that came back from elsewhere (XA-52), with the keys of those who signed it there. */
export const packAnchorSchema = z.strictObject({
  note: z.string().max(65_536),
  keys: z.array(z.string().max(1024)).max(16),
});
export type PackAnchor = z.infer<typeof packAnchorSchema>;

/** A key that an identity in the pack brings, with the entry that does. */
export const packKeySchema = z.strictObject({
  seq: sizeSchema,
  kid: z.string(),
  subject: uriSchema,
  jwk: publicJwkSchema,
});
export type PackKey = z.infer<typeof packKeySchema>;

export const packPolicySchema = z.strictObject({
  seq: sizeSchema,
  jti: uuidSchema,
  hash: digestSchema,
  iss: uriSchema,
});
export type PackPolicy = z.infer<typeof packPolicySchema>;

/** What somebody was shown when they decided: the digest their decision carries and, where it was kept, the canonical text. */
export const packViewSchema = z.strictObject({
  seq: sizeSchema,
  by: uriSchema,
  shown_at: timeSchema,
  hash: digestSchema,
  text: z.string().nullable(),
});
export type PackView = z.infer<typeof packViewSchema>;

/** What is not here and why: stretches of entries by their places, objects by their digests. */
export const withheldSchema = z.discriminatedUnion("what", [
  z.strictObject({
    what: z.literal("entries"),
    from: sizeSchema,
    to: sizeSchema,
    why: z.enum(["not_selected", "redacted"]),
  }),
  z.strictObject({ what: z.literal("object"), hash: digestSchema, why: z.enum(["left_out", "not_kept"]) }),
]);
export type Withheld = z.infer<typeof withheldSchema>;

/** A predecessor that is not among the entries: not selected, or in no entry of this log. */
export const elsewhereSchema = z.strictObject({
  jti: uuidSchema,
  /** The first entry that names it. */
  seq: sizeSchema,
  why: z.enum(["not_selected", "other_log"]),
});
export type Elsewhere = z.infer<typeof elsewhereSchema>;

/** XA-30: one self-contained document (docs/spec/execution-audit.md, Evidence pack). */
export const packSchema = z.strictObject({
  signalbox_pack: z.literal(1),
  manifest: packManifestSchema,
  /** `evidence-pack+jwt` by the log. */
  seal: z.string(),
  heads: z.array(z.string()),
  proofs: z.array(consistencyProofSchema.strict()),
  anchors: z.array(packAnchorSchema),
  keys: z.array(packKeySchema),
  policies: z.array(packPolicySchema),
  views: z.array(packViewSchema),
  objects: z.record(digestSchema, z.json()),
  withheld: z.array(withheldSchema),
  elsewhere: z.array(elsewhereSchema),
  entries: z.array(packEntrySchema),
});
export type EvidencePack = z.infer<typeof packSchema>;

/** Members of the manifest, in the order their digests are compared. */
export const MANIFEST_MEMBERS = [
  "log_id",
  "domain",
  "exported_at",
  "exported_by",
  "purpose",
  "request",
  "selection",
  "tree_size",
  "root",
  "ranges",
  "leaves",
  "heads",
  "parts",
  "counts",
] as const satisfies readonly (keyof PackManifest)[];

/** The seal, `evidence-pack+jwt` [ours]: the log's signature over the digest of every member of the manifest. */
const sealClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  pack_ver: z.literal(1),
  manifest: z.strictObject(
    Object.fromEntries(MANIFEST_MEMBERS.map((member) => [member, digestSchema])) as Record<
      (typeof MANIFEST_MEMBERS)[number],
      typeof digestSchema // the members are exactly those of the list
    >,
  ),
});
export type SealClaims = z.infer<typeof sealClaimsSchema>;

export const PACK_SEAL_TYP = "evidence-pack+jwt";
export const PACK_SEAL_TYPE: TokenType<SealClaims> = {
  typ: [PACK_SEAL_TYP],
  schema: sealClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: () => null,
};
