import type { Sha256 } from "../../base/ports.ts";
import { err, type Result } from "../../base/result.ts";
import { witClaimsSchema } from "../identity/claims.ts";
import { parseCompact, peekTyp } from "../jose/compact.ts";
import { type Algorithm, importPublicKey, type TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Verified, verifyToken } from "../jose/verify-token.ts";
import { tokenTypeOf } from "../token-types.ts";
import type { LedgerEntry } from "./claims.ts";

/** What of an entry its token is verified with. */
export type TokenAtPlace = Pick<LedgerEntry, "seq" | "received_at" | "token">;

/** Both algorithms of the family: a stored token's key has chosen one (COM-4). */
export const STORED_ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA"];

/** An entry with the type its token says it has. */
interface Typed<E> {
  readonly entry: E;
  readonly typ: string | null;
}

/** A token verified without the log around it. */
type Alone = Result<Verified<unknown>, Refusal>;

/** The type whose tokens bring the keys of the tokens after them. */
const IDENTITY = "wit+jwt";

/** Cuts a chunk behind each identity, and behind the log's first entry, whose key everything rests on. */
function* runsOf<E extends TokenAtPlace>(chunk: readonly E[], first: boolean): Iterable<readonly Typed<E>[]> {
  let run: Typed<E>[] = [];
  for (const [at, entry] of chunk.entries()) {
    const typ = peekTyp(entry.token);
    run.push({ entry, typ });
    if (typ !== IDENTITY && (at > 0 || !first)) continue;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}

export interface TokenWalkOptions {
  readonly logId: string;
  /** Ids under which the log's host was addressed, for step 11. */
  readonly ownIds: readonly string[];
  readonly sha256: Sha256;
  /** Is told every token that verifies, in order. */
  verified?(seq: number, token: Verified<unknown>): void;
}

/**
 * The tokens of a log in their order, each as of its receipt (COM-2), under the keys that the log's identities bring
 * before it. The caller looks at place and leaf of an entry first, while signatures of later ones are being checked.
 */
export function createTokenWalk({ logId, ownIds, sha256, verified }: TokenWalkOptions) {
  const keys = new Map<string, TrustedKey>();
  const seen = new Set<string>();
  let isFirst = true;

  /** What a token says by itself, with the keys known so far; whether its id is new needs the entries before it. */
  const verifyAlone = async ({ entry, typ }: Typed<TokenAtPlace>): Promise<Alone> => {
    const type = typ === null ? undefined : tokenTypeOf(typ);
    if (type === undefined) return err(refusal("token_wrong_type", "a token of a type no log holds"));
    return verifyToken(type, entry.token, {
      nowS: entry.received_at,
      ownIds,
      resolveKey: (kid) => keys.get(kid),
      seen: () => false,
      algorithms: STORED_ALGORITHMS,
      sha256,
    });
  };

  const trust = async (claims: unknown): Promise<void> => {
    const wit = witClaimsSchema.safeParse(claims);
    if (!wit.success) return;
    const imported = await importPublicKey(wit.data.cnf.jwk);
    if (imported.ok) keys.set(imported.value.kid, { ...imported.value, subject: wit.data.sub, revokedAt: null });
  };

  /** The first entry is the log's own identity, signed by itself. */
  const trustFirst = async ({ entry, typ }: Typed<TokenAtPlace>): Promise<void> => {
    const parsed = parseCompact(entry.token);
    if (parsed.ok && typ === IDENTITY && parsed.value.payload.sub === logId) await trust(parsed.value.payload);
  };

  /** Null when it holds. Keys come from the log's own identities only: the others are signed by the log. */
  const check = async (typed: Typed<TokenAtPlace>, ahead: Promise<Alone> | undefined): Promise<Refusal | null> => {
    if (typed.entry.seq === 0 && ahead === undefined) await trustFirst(typed);
    const alone = await (ahead ?? verifyAlone(typed));
    if (!alone.ok) return alone.error;
    const { typ, claims, key } = alone.value;
    const scope = tokenTypeOf(typ)?.replayScope(claims) ?? null;
    if (scope !== null && seen.has(scope)) return refusal("token_replayed", "this token id was used before");
    if (scope !== null) seen.add(scope);
    if (typ === IDENTITY) {
      if (key.subject !== logId) return refusal("token_issuer_mismatch", "an identity is given by the log only");
      await trust(claims);
    }
    verified?.(typed.entry.seq, alone.value);
    return null;
  };

  /** Goes through a chunk until `visit` says no; it asks for the token's answer when it has looked at the rest. */
  const take = async <E extends TokenAtPlace>(
    chunk: readonly E[],
    visit: (entry: E, token: () => Promise<Refusal | null>) => Promise<boolean>,
  ): Promise<void> => {
    for (const run of runsOf(chunk, isFirst)) {
      // Nothing in a run depends on another token of it, so its signatures are checked side by side; the rest in order.
      const ahead = isFirst ? [] : run.map(verifyAlone);
      isFirst = false;
      for (const [at, typed] of run.entries()) if (!(await visit(typed.entry, () => check(typed, ahead[at])))) return;
    }
  };

  return { take, key: (kid: string) => keys.get(kid) };
}
