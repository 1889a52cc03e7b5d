import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { must } from "../app/base/assert.ts";
import { fromBase64url, toBase64url, utf8 } from "../app/base/bytes.ts";
import { entryLeaf } from "../app/protocol/audit/entry.ts";
import { signToken, tokenDigest } from "../app/protocol/jose/sign-token.ts";
import { rootOf } from "../app/protocol/merkle/tree.ts";
import { sealOf } from "../app/protocol/pack/build-pack.ts";
import type { EvidencePack, PackEntry } from "../app/protocol/pack/claims.ts";
import { digestOf } from "../app/protocol/pack/pack-walk.ts";
import type { RealPacks } from "./corpus.fixture.ts";

/** A pack that somebody changed: what a verifier has to say of it, and where. */
export interface Tampered {
  readonly name: string;
  readonly text: string;
  /** What the reader remembers of the log, `SIZE:ROOT`, and its key. */
  readonly head?: string;
  readonly logKey?: string;
  /** The first bad place. */
  readonly place: string;
  readonly code?: string;
}

/** A pack in the hands of who changes it. */
export type Open = { -readonly [Member in keyof EvidencePack]: EvidencePack[Member] };

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
export const openPack = (pack: EvidencePack): Open => structuredClone(pack);

export interface Claims {
  readonly [claim: string]: unknown;
}
export function claimsOf(token: string): Claims {
  return JSON.parse(new TextDecoder().decode(part(token, 1))) as Claims; // a token of ours
}
export function headerOf(token: string): Claims {
  return JSON.parse(new TextDecoder().decode(part(token, 0))) as Claims; // a token of ours
}
const part = (token: string, at: number): Uint8Array =>
  must(fromBase64url(token.split(".")[at] ?? ""), "a token has segments");

/** The token with other claims and the signature it had. */
export function reworded(token: string, change: (claims: Claims) => object): string {
  const [header = "", , signature = ""] = token.split(".");
  return [header, toBase64url(utf8(JSON.stringify(change(claimsOf(token))))), signature].join(".");
}

/** The token with a bit of its signature turned. */
export function unsigned(token: string): string {
  const [header = "", payload = ""] = token.split(".");
  const signature = Uint8Array.from(part(token, 2));
  signature[5] = (signature[5] ?? 0) ^ 1;
  return [header, payload, toBase64url(signature)].join(".");
}

/** The same words signed by somebody else, who names the key that it should have been. */
export function forged(token: string, { outsider }: RealPacks): Promise<string> {
  const { typ, kid } = headerOf(token);
  return signToken(String(typ), claimsOf(token), { ...outsider.signer, kid: String(kid) });
}

/** Leaves, counts, digests and root as whoever changed the rest would write them anew. */
export function relisted(pack: Open): Open {
  const { manifest, entries, heads, anchors, views, withheld, elsewhere, objects } = pack;
  const rows = (all: readonly object[]): string[] => all.map((row) => digestOf(row, sha256));
  const leaves = entries.map((entry) => toBase64url(entryLeaf(entry, sha256)));
  const whole = manifest.selection.kind === "all";
  const bytes = leaves.map((leaf) => must(fromBase64url(leaf), "a leaf"));
  return {
    ...pack,
    manifest: {
      ...manifest,
      leaves,
      ...(whole
        ? {
            tree_size: entries.length,
            ranges: [[0, entries.length - 1]],
            root: toBase64url(rootOf(bytes, sha256)),
          }
        : {}),
      heads: heads.map((head) => tokenDigest(head, sha256)),
      parts: {
        views: rows(views),
        objects: Object.keys(objects).sort(),
        anchors: rows(anchors),
        withheld: rows(withheld),
        elsewhere: rows(elsewhere),
      },
      counts: {
        entries: entries.length,
        heads: heads.length,
        proofs: pack.proofs.length,
        anchors: anchors.length,
        keys: pack.keys.length,
        policies: pack.policies.length,
        views: views.length,
        objects: Object.keys(objects).length,
        withheld: withheld.length,
        elsewhere: elsewhere.length,
      },
    },
  };
}

/** Sealed anew by the log itself: only its own host could do this. */
export async function resealed(pack: Open, { signAsLog }: RealPacks): Promise<Open> {
  const { jti } = claimsOf(pack.seal);
  return { ...pack, seal: await signAsLog("evidence-pack+jwt", sealOf(pack.manifest, String(jti), sha256)) };
}

export const renumbered = (entries: readonly PackEntry[]): PackEntry[] =>
  entries.map((entry, seq) => ({ ...entry, seq }));

/** Some places of a list: the first, the last, and so many between. */
export function someOf(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / most));
  return [...new Set([...Array.from({ length: count }, (_, at) => at).filter((at) => at % step === 0), count - 1])];
}
