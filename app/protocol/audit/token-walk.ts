import type { Sha256 } from "../../base/ports.ts";
import { witClaimsSchema } from "../identity/claims.ts";
import { parseCompact, peekTyp } from "../jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { Verified } from "../jose/verify-token.ts";
import { createKeyBook, type KeyBook } from "./key-book.ts";
import { type Alone, IDENTITY, type TokenAtPlace, verifyAlone } from "./token-alone.ts";

export interface TokenWalkOptions {
  readonly logId: string;
  /** Ids under which the log's host was addressed, for step 11. */
  readonly ownIds: readonly string[];
  readonly sha256: Sha256;
  /** Is told every token that verifies, in order. */
  verified?(seq: number, token: Verified<unknown>): void;
}

/** Entries whose identities are known: each of their tokens can be verified by itself, here or elsewhere, in any order. */
export interface Learned {
  /** The place of the first of them. */
  readonly first: number;
  readonly keys: KeyBook;
  /** What the identities among them say by themselves, by index. */
  readonly identities: ReadonlyMap<number, Alone>;
}

/**
 * The tokens of a log in their order, each as of its receipt (COM-2), under the keys that the log's identities bring
 * before it. Identities are few and are verified first; so the signatures of all the others are checked side by side.
 */
export function createTokenWalk({ logId, ownIds, sha256, verified }: TokenWalkOptions) {
  const keys = createKeyBook();
  const seen = new Set<string>();
  let taken = 0;

  const trust = async (claims: unknown, after: number): Promise<void> => {
    const wit = witClaimsSchema.safeParse(claims);
    if (!wit.success) return;
    const imported = await importPublicKey(wit.data.cnf.jwk);
    if (imported.ok) keys.bind({ after, key: { ...imported.value, subject: wit.data.sub, revokedAt: null } });
  };

  /** The first entry is the log's own identity, signed by itself. */
  const trustFirst = async ({ token }: TokenAtPlace): Promise<void> => {
    const parsed = parseCompact(token);
    if (parsed.ok && parsed.value.payload.sub === logId) await trust(parsed.value.payload, -1);
  };

  /**
   * Takes the next entries, in order, one call after the other. Who goes on without having settled those before may learn
   * from an identity that is refused later; nothing behind that one is settled then.
   */
  const learn = async (entries: readonly TokenAtPlace[]): Promise<Learned> => {
    const first = taken;
    taken += entries.length;
    const identities = new Map<number, Alone>();
    for (const [index, entry] of entries.entries()) {
      if (peekTyp(entry.token) !== IDENTITY) continue;
      const place = first + index;
      if (place === 0) await trustFirst(entry);
      const alone = await verifyAlone(entry, place, { keys, ownIds, sha256 });
      identities.set(index, alone);
      if (alone.ok && alone.value.token?.key.subject === logId) await trust(alone.value.token.claims, place);
    }
    return { first, keys, identities };
  };

  /** What the entries before it say of a token that verifies by itself; in order. Null when it holds. */
  const settle = ({ seq }: TokenAtPlace, alone: Alone): Refusal | null => {
    if (!alone.ok) return alone.error;
    const { scope, token } = alone.value;
    if (scope !== null && seen.has(scope)) return refusal("token_replayed", "this token id was used before");
    if (scope !== null) seen.add(scope);
    if (token?.typ === IDENTITY && token.key.subject !== logId)
      return refusal("token_issuer_mismatch", "an identity is given by the log only");
    if (token !== null) verified?.(seq, token);
    return null;
  };

  /** Goes through entries until `visit` says no; it asks for the token's answer when it has looked at the rest. */
  const take = async <E extends TokenAtPlace>(
    entries: readonly E[],
    visit: (entry: E, token: () => Promise<Refusal | null>) => Promise<boolean>,
  ): Promise<void> => {
    const { first, identities } = await learn(entries);
    const alone = entries.map((entry, index) => {
      const known = identities.get(index);
      return known === undefined ? verifyAlone(entry, first + index, { keys, ownIds, sha256 }) : Promise.resolve(known);
    });
    for (const [index, entry] of entries.entries()) {
      const answer = alone[index];
      if (answer !== undefined && !(await visit(entry, async () => settle(entry, await answer)))) return;
    }
  };

  /** The key in force for the entry at a place; for one behind all that were taken where none is given. */
  const key = (kid: string, place = taken): TrustedKey | undefined => keys.at(kid, place);

  return { learn, settle, take, key };
}
