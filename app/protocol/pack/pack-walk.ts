import { fromBase64url } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { CheckEnded, CheckerFor } from "../audit/entry-check.ts";
import type { createTokenWalk } from "../audit/token-walk.ts";
import type { FirstBad, Question } from "../audit/verify-log.ts";
import type { PinnedHead } from "../audit/verify-receipt.ts";
import { objectDigest } from "../jcs/canonical.ts";
import type { TrustedKey } from "../jose/keys.ts";
import type { Verified } from "../jose/verify-token.ts";
import type { EvidencePack } from "./claims.ts";
import type { TokenNote } from "./notes.ts";

export interface PackOptions {
  /** A head that the reader remembers. */
  readonly pinned?: PinnedHead;
  /** Thumbprint of the log's key, where the reader knows it. */
  readonly logKey?: string;
  progress?(checked: number, total: number): void;
  /** Ends the verification: its report says that it is unfinished. */
  readonly signal?: AbortSignal;
  /** Who checks the entries by themselves, once it is known how many there are; this thread where it is not given. */
  readonly checker?: CheckerFor;
  /** Is told every entry that holds, in order. */
  verified?(seq: number, token: Verified<unknown>): void;
}

/** What a check found: the question it answers no, and where. */
export type Found = FirstBad & { readonly question: Question };

/** What the checks hand on to one another. */
export interface PackWalk {
  readonly pack: EvidencePack;
  readonly sha256: Sha256;
  readonly options: PackOptions;
  /** The entries' notes in order, as far as they were verified. */
  readonly notes: { readonly seq: number; readonly note: TokenNote; readonly digest: () => string }[];
  /** The log's own key; set when the first entry was. */
  logKey: TrustedKey | null;
  tokens: ReturnType<typeof createTokenWalk>;
  lastAt: number;
  /** Anchors over so many entries that no head here is over as many: nothing here says whether they agree. */
  uncompared: number;
  /** Why it came to no end, or null. */
  unfinished: CheckEnded | null;
}

/** Ids under which a log's host was addressed (CTV 11). */
export const ownIdsOf = (logId: string, domain: string): readonly string[] => [logId, `spiffe://${domain}/pep`];

/** Digest of a row or member: of its canonical bytes. A value without any has none that a seal could name. */
export function digestOf(value: unknown, sha256: Sha256): string {
  const digest = objectDigest(value as Json, sha256); // parsed JSON, seen through a schema
  return digest.ok ? digest.value : "";
}

export const bytesOf = (digests: readonly string[]): Uint8Array[] | null => {
  const bytes = digests.map((digest) => fromBase64url(digest));
  return bytes.includes(null) ? null : bytes.filter((one) => one !== null);
};
