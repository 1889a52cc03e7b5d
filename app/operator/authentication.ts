/** Oldest authentication a decision, a start or a grant may rest on, seconds (P3); asked for a little sooner. */
export const STEP_UP_S = 870;
/** And a mandatory signal: the engine refuses at 300 (OVR-S5). */
const MANDATORY_STEP_UP_S = 270;
const FRESH: ReadonlySet<string> = new Set([
  "override+jwt",
  "override-cosign+jwt",
  "lease+jwt",
  "rollback-request+jwt",
]);
/** To cut an edge off is urgent: the engine refuses at 3600. */
const TRIP_STEP_UP_S = 3570;

export function isStop(typ: string, claims: object): boolean {
  return typ === "override+jwt" && "action" in claims && claims.action === "stop";
}

/** How old the authentication may be when this is signed, seconds; null for a stop, which never waits (OVR-11, S15). */
export function longestAuthAgeS(typ: string, claims: object): number | null {
  if (isStop(typ, claims)) return null;
  if (typ === "breaker-order+jwt" && "order" in claims && claims.order === "trip") return TRIP_STEP_UP_S;
  // Whoever lets an agent run on is there to do it (L5).
  return FRESH.has(typ) ? MANDATORY_STEP_UP_S : STEP_UP_S;
}

/** What is signed says when and how its person was authenticated as the session knows it, whatever a pane put there (C1). */
export function withEvidence(
  claims: object,
  evidence: { readonly authTime: number; readonly amr: readonly string[] },
): object {
  return "auth_time" in claims ? { ...claims, auth_time: evidence.authTime, amr: evidence.amr } : claims;
}
