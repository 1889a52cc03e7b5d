import * as z from "zod";
import type { Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { KeyValueStore, Unavailable } from "../../engine/ports.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { type Disclosure, readDisclosure, type Sealed, sealClaims } from "../../protocol/audit/disclosure.ts";
import { strictestOf } from "../../protocol/audit/regime.ts";
import { eraseAll, type KeptDisclosures } from "../../protocol/audit/reveal.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";

/** Claims of a task's record that a domain keeps apart from it and discloses by its rules. */
export const HIDDEN_CLAIMS = ["inp_hash", "out_hash", "evidence"] as const;

const storedSchema = z.object({
  disclosures: z.array(z.string()),
  erased: z.array(z.string()),
  /** Of which record: an attempt to log it that failed has left a copy with other salts. */
  jti: z.string().optional(),
});
const NOTHING: KeptDisclosures = { disclosures: [], erased: [] };

/** Salts and clear values of what is only digests in a domain's log: beside the log, so that they can be erased (XDA-13). */
export interface KeptStore {
  /** Takes claims out of a token that is about to be signed; no salt is used twice while the host lives (XDA-S4). */
  seal(claims: AuditTokenClaims): Promise<Result<Sealed<AuditTokenClaims>, Refusal>>;
  /** Durable before the token is: what a log has the digest of can be told. */
  keep(token: Kept, disclosures: readonly Disclosure[]): Promise<Result<void, Unavailable>>;
  of(token: Kept): Promise<Result<KeptDisclosures, Unavailable>>;
  /** Erases what no regime lets it keep any longer, unless it is held (XDA-9, XDA-13). Answers of how many tokens. */
  eraseOverdue(nowS: number, isHeld: IsHeld): Promise<Result<number, Unavailable>>;
  /**
   * Erases all that is kept of these, whatever their time, also of attempts to log them that failed (XDA-76): what is kept
   * under the same id and is of no token that the log has. Tasks of two workflows may have one id.
   */
  erase(tokens: readonly Kept[], isLogged: (digest: string) => boolean): Promise<Result<void, Unavailable>>;
  /** When the first of what is kept and not held may be kept no longer, epoch s; null where nothing is. */
  nextDue(isHeld: IsHeld): Promise<Result<number | null, Unavailable>>;
  /** Is told until when something new may be kept. */
  onKept(listener: (untilS: number) => void): void;
}

/** Whether a token, by its digest, is under a legal hold. */
export type IsHeld = (digest: string) => boolean;

/** A token, by what its log has of it. */
export interface Kept {
  readonly digest: string;
  readonly claims: Pick<AuditTokenClaims, "jti" | "iat" | "reg" | "_sd">;
}

const PREFIX = "sd/";

export function createKeptStore(values: KeyValueStore, sha256: Sha256): KeptStore {
  const salts = new Set<string>();
  /** Keys of which nothing is left: they stay for ever, and are not read again before each answer. */
  const empty = new Set<string>();
  const listeners: ((untilS: number) => void)[] = [];

  const read = async (key: string): Promise<Result<KeptDisclosures & { readonly jti?: string }, Unavailable>> => {
    const stored = await values.get(key);
    if (!stored.ok) return stored;
    const parsed = storedSchema.safeParse(stored.value);
    if (!parsed.success) return ok(NOTHING);
    const disclosures = parsed.data.disclosures.flatMap((encoded) => {
      const one = readDisclosure(encoded);
      return one.ok ? [one.value] : [];
    });
    if (disclosures.length === 0) empty.add(key);
    const { erased, jti } = parsed.data;
    return ok({ disclosures, erased, ...(jti === undefined ? {} : { jti }) });
  };
  const write = async (
    key: string,
    { disclosures, erased }: KeptDisclosures,
    jti: string | undefined,
  ): Promise<Result<void, Unavailable>> => {
    empty.delete(key);
    const written = await values.put(key, {
      disclosures: disclosures.map(({ encoded }) => encoded),
      erased: [...erased],
      ...(jti === undefined ? {} : { jti }),
    });
    if (written.ok && disclosures.length === 0) empty.add(key);
    return written;
  };

  return {
    seal: async (claims) => {
      const sealed = await sealClaims(claims, HIDDEN_CLAIMS, { sha256, used: salts });
      if (sealed.ok) for (const { salt } of sealed.value.disclosures) salts.add(salt);
      return sealed;
    },
    keep: async (token, disclosures) => {
      if (disclosures.length === 0) return ok(undefined);
      const kept = await write(keyOf(token), { disclosures, erased: [] }, token.claims.jti);
      if (kept.ok) for (const listener of listeners) listener(untilOf(keyOf(token)));
      return kept;
    },
    of: async (token) => (token.claims._sd === undefined ? ok(NOTHING) : read(keyOf(token))),
    eraseOverdue: async (nowS, isHeld) => {
      const keys = await values.keys(PREFIX);
      if (!keys.ok) return keys;
      let count = 0;
      // In the order of their times: the first that may stay ends it.
      for (const key of keys.value) {
        if (untilOf(key) > nowS) break;
        if (empty.has(key) || isHeld(digestIn(key))) continue;
        const kept = await read(key);
        if (!kept.ok) return kept;
        if (kept.value.disclosures.length === 0) continue;
        const erased = await write(key, eraseAll(kept.value), kept.value.jti);
        if (!erased.ok) return erased;
        count += 1;
      }
      return ok(count);
    },
    erase: async (tokens, isLogged) => {
      const keys = await values.keys(PREFIX);
      if (!keys.ok) return keys;
      const named = new Set(tokens.map(keyOf));
      const records = new Set(tokens.map(({ claims }) => claims.jti));
      for (const key of keys.value) {
        const kept = await read(key);
        if (!kept.ok) return kept;
        const { disclosures, jti } = kept.value;
        const isCopy = jti !== undefined && records.has(jti) && !isLogged(digestIn(key));
        if (disclosures.length === 0 || !(named.has(key) || isCopy)) continue;
        const erased = await write(key, eraseAll(kept.value), jti);
        if (!erased.ok) return erased;
      }
      return ok(undefined);
    },
    nextDue: async (isHeld) => {
      const keys = await values.keys(PREFIX);
      if (!keys.ok) return keys;
      // What was erased before comes first, and has nothing left.
      for (const key of keys.value) {
        if (empty.has(key) || isHeld(digestIn(key))) continue;
        const kept = await read(key);
        if (!kept.ok) return kept;
        if (kept.value.disclosures.length > 0) return ok(untilOf(key));
      }
      return ok(null);
    },
    onKept: (listener) => {
      listeners.push(listener);
    },
  };
}

const digestIn = (key: string): string => key.split("/")[2] ?? "";
const untilOf = (key: string): number => Number(key.split("/")[1]);

/** By the time until which it may be kept, epoch seconds of as many digits as any has. */
function keyOf({ digest, claims: { iat, reg = [] } }: Kept): string {
  const until = Math.min(Number.MAX_SAFE_INTEGER, iat + strictestOf(reg).retentionMaxS);
  return `${PREFIX}${String(until).padStart(16, "0")}/${digest}`;
}
