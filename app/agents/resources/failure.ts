import type { FailureSignalClaims } from "../../protocol/cascade/claims.ts";

/** What a participant says when nobody confirmed in time: what it did stays done, what it held is free (C5). */
export function failureClaims(
  from: {
    readonly agent: string;
    readonly pepId: string;
    readonly wid: string;
    readonly jti: string;
    readonly iat: number;
  },
  code: string,
): FailureSignalClaims {
  return {
    iss: from.agent,
    aud: [from.pepId],
    iat: from.iat,
    exp: from.iat + 300,
    jti: from.jti,
    wid: from.wid,
    subject: from.agent,
    class: "timeout",
    code,
    transient: false,
    severity: 3,
    origin: true,
  };
}
