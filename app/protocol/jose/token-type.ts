import type * as z from "zod";

/** What common token verification needs to know of one type of token. */
export interface TokenType<C> {
  /** Accepted `typ` values, normal form. */
  readonly typ: readonly string[];
  readonly schema: z.ZodType<C>;
  /** `none` for types that have no `aud` (tree heads, receipts, records of ours). */
  readonly audience: "required" | "none";
  /** `none` for types that have no `exp`. */
  readonly expiry: "required" | "none";
  /** Longest `exp - iat`, seconds, or null for no bound. */
  maxLifetimeS(claims: C): number | null;
  /** COM-7: where the id must be new, or null when the type has no replay rule. */
  replayScope(claims: C): string | null;
}

/**
 * A type of message: for somebody, until a time, and taken once (COM-7: its issuer and id). `maxLifetimeS` is the longest
 * `exp - iat`.
 */
export function messageType<C extends { readonly iss: string; readonly jti: string }>(
  typ: string,
  schema: z.ZodType<C>,
  maxLifetimeS: number,
): TokenType<C> {
  return {
    typ: [typ],
    schema,
    audience: "required",
    expiry: "required",
    maxLifetimeS: () => maxLifetimeS,
    replayScope: ({ iss, jti }) => `${iss} ${jti}`,
  };
}

/** The claims every type shares, as far as a type has them. */
export interface CommonClaims {
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  readonly iat?: number;
  readonly nbf?: number;
  readonly exp?: number;
  readonly jti?: string;
}
