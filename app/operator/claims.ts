import { v4 } from "uuid";

/**
 * How an operator is authenticated who only presses: a key held by software and an act of the person (RFC 8176). What is
 * signed says how it really was: the session puts that in.
 */
export const OPERATOR_AMR: readonly string[] = ["swk", "user"];

export interface CommonClaimsInput {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly lifetimeS: number;
  /** Wall clock, epoch ms; now unless told. */
  readonly nowMs?: number;
}

export interface CommonClaims {
  readonly iss: string;
  readonly aud: string[];
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/** The claims every token of an operator starts with. Times in epoch seconds. */
export function commonClaims({ iss, aud, lifetimeS, nowMs = Date.now() }: CommonClaimsInput): CommonClaims {
  const iat = Math.floor(nowMs / 1000);
  return { iss, aud: typeof aud === "string" ? [aud] : [...aud], iat, exp: iat + lifetimeS, jti: v4() };
}

/** The last part of an operator's id, from the name they gave: letters, digits and hyphens. */
export function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return slug === "" ? "operator" : slug.replace(/-+$/, "");
}
