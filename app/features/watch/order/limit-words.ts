/** A value of a limit as the contract carries it, in words; null is no limit. */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined) return "no limit";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? (value.length === 0 ? "none" : value.map(String).join(", ")) : String(value);
}
