import { matchesPattern } from "../acp/match.ts";

/** Which entry of a baseline an action counts for: the name it is, otherwise the longest prefix it begins with; null where none. */
export function actionKeys(patterns: readonly string[]): (action: string) => string | null {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*")).sort((a, b) => b.length - a.length);
  return (action) => (exact.has(action) ? action : (prefixes.find((prefix) => matchesPattern(prefix, action)) ?? null));
}
