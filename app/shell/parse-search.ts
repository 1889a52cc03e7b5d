import * as z from "zod/mini";

export type SearchPatch = Readonly<Record<string, unknown>>;

/**
 * The search parameters a pane understands, each judged alone. The router reads `?q=123` as a number and `?entry="12"` as
 * text, so what does not fit is tried as the other; what still does not fit is left out: a wrong link shows the pane, not an
 * error. Schemas that replace what is wrong by nothing are taken at their word only when nothing else fits.
 */
export function parseSearch(schema: z.core.$ZodType<SearchPatch>, raw: SearchPatch): SearchPatch {
  const understood: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    const meant = readingsOf(value).find((reading) => fits(schema, key, reading));
    if (meant !== undefined) understood[key] = meant;
  }
  const parsed = z.safeParse(schema, understood);
  if (parsed.success) return parsed.data;
  const empty = z.safeParse(schema, {});
  return empty.success ? empty.data : {};
}

function fits(schema: z.core.$ZodType<SearchPatch>, key: string, value: unknown): boolean {
  const alone = z.safeParse(schema, { [key]: value });
  return alone.success && alone.data[key] !== undefined;
}

/** What a parameter typed by hand may mean, the router's reading first. */
function readingsOf(value: unknown): readonly unknown[] {
  if (typeof value === "number" || typeof value === "boolean") return [value, String(value)];
  if (value === null) return ["null"];
  if (typeof value !== "string" || value.trim() === "" || Number.isNaN(Number(value))) return [value];
  return [value, Number(value)];
}
