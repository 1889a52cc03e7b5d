/** A value of a document as a field shows it. */
export const textOfValue = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
