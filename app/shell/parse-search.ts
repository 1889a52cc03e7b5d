import type * as z from "zod";

export type SearchPatch = Readonly<Record<string, unknown>>;

/**
 * The search parameters a pane understands. What does not fit its schema is tried as text and as a number (a link typed by
 * hand), then left out: a wrong link shows the pane, not an error.
 */
export function parseSearch(schema: z.ZodType<SearchPatch>, raw: SearchPatch): SearchPatch {
  const candidate: Record<string, unknown> = { ...raw };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const key = String(issue.path[0] ?? "");
      const value = raw[key];
      if (attempt === 0 && typeof value === "number") candidate[key] = String(value);
      else if (attempt === 0 && typeof value === "string" && value.trim() !== "") candidate[key] = Number(value);
      else delete candidate[key];
    }
  }
  const empty = schema.safeParse({});
  return empty.success ? empty.data : {};
}
