import type { HitlRule } from "./claims.ts";

/**
 * Whether a request under these rules is stop-class [ours]: something of safety has its agent stand still until it is
 * answered, or has asked because of what failed or misbehaved. Nobody puts that out of everybody's sight (A3), or of their own,
 * which comes to the same where all who are asked do so. Orders to stop
 * are no requests, and cannot be put away by anything.
 */
export function isStopClass(rules: readonly Pick<HitlRule, "action" | "trigger">[]): boolean {
  return rules.some(
    ({ action, trigger }) => action === "pause" || trigger.kind === "cascade" || trigger.kind === "behavior",
  );
}
