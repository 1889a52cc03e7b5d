import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { peekTyp } from "../jose/compact.ts";
import type { Algorithm } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { rereadToken, type Verified, type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { tokenTypeOf } from "../token-types.ts";
import type { LedgerEntry } from "./claims.ts";
import type { KeyBook } from "./key-book.ts";

/** What of an entry its token is verified with. */
export type TokenAtPlace = Pick<LedgerEntry, "seq" | "received_at" | "token">;

/** Both algorithms of the family: a stored token's key has chosen one (COM-4). */
export const STORED_ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA"];

/** The type whose tokens bring the keys of the tokens after them. */
export const IDENTITY = "wit+jwt";

/** A token that verifies by itself; whether its id is new, the entries before it tell. */
interface AloneToken {
  /** COM-7: where its id must be new. */
  readonly scope: string | null;
  /** Null where it was looked at in another worker. */
  readonly token: Verified<unknown> | null;
}
export type Alone = Result<AloneToken, Refusal>;

interface AloneContext {
  readonly keys: Pick<KeyBook, "at">;
  /** Ids under which the log's host was addressed, for step 11. */
  readonly ownIds: readonly string[];
  readonly sha256: Sha256;
}

/** What the token of the entry at this place says by itself, as of its receipt. */
export async function verifyAlone(entry: TokenAtPlace, place: number, context: AloneContext): Promise<Alone> {
  const type = typeOf(entry);
  if (type === undefined) return unknownType();
  const verified = await verifyToken(type, entry.token, contextOf(entry, place, context));
  return verified.ok ? ok({ scope: type.replayScope(verified.value.claims), token: verified.value }) : verified;
}

/** The same of a token whose signature was verified in another worker. */
export function rereadAlone(entry: TokenAtPlace, place: number, context: AloneContext): Alone {
  const type = typeOf(entry);
  if (type === undefined) return unknownType();
  const read = rereadToken(type, entry.token, contextOf(entry, place, context));
  return read.ok ? ok({ scope: type.replayScope(read.value.claims), token: read.value }) : read;
}

function typeOf({ token }: TokenAtPlace): ReturnType<typeof tokenTypeOf> {
  const typ = peekTyp(token);
  return typ === null ? undefined : tokenTypeOf(typ);
}

const unknownType = (): Alone => err(refusal("token_wrong_type", "a token of a type no log holds"));

const contextOf = (entry: TokenAtPlace, place: number, { keys, ownIds, sha256 }: AloneContext): VerifyContext => ({
  ...{ nowS: entry.received_at, ownIds, sha256 },
  resolveKey: (kid) => keys.at(kid, place),
  seen: () => false,
  algorithms: STORED_ALGORITHMS,
});
