import * as z from "zod";
import { ok, type Result } from "../base/result.ts";
import type { KeyValueStore, Unavailable } from "../engine/ports.ts";
import type { Anchor } from "../protocol/audit/verify-log.ts";
import { digestSchema } from "../protocol/jose/formats.ts";

/**
 * Checkpoints of this log that came back from elsewhere. They are kept beside the log and not in it: an entry would move
 * the head that it is about, and would go with the tail that is cut. [ours]
 */
const keptSchema = z.object({
  size: z.int().positive(),
  root: digestSchema,
  note: z.string(),
  /** Each with the key its signature was checked under. */
  witnesses: z.array(z.object({ name: z.string(), timeS: z.number().nullable(), verifierKey: z.string() })),
  keptAtMs: z.number(),
});
export type KeptAnchor = z.infer<typeof keptSchema>;

const PREFIX = "anchor/";
const padded = (size: number): string => String(size).padStart(16, "0");
const nameOf = ({ size, root }: Pick<KeptAnchor, "size" | "root">): string => `${PREFIX}${padded(size)}/${root}`;

/** All of them, by size. What is stored and is none is left out. */
export async function keptAnchors(values: KeyValueStore): Promise<Result<readonly KeptAnchor[], Unavailable>> {
  const names = await values.keys(PREFIX);
  if (!names.ok) return names;
  const kept: KeptAnchor[] = [];
  for (const name of names.value) {
    const stored = await values.get(name);
    if (!stored.ok) return stored;
    const read = keptSchema.safeParse(stored.value);
    if (read.success) kept.push(read.data);
  }
  return ok(kept);
}

export function keepAnchor(values: KeyValueStore, anchor: KeptAnchor): Promise<Result<void, Unavailable>> {
  return values.put(nameOf(anchor), anchor);
}

export function forgetAnchor(
  values: KeyValueStore,
  anchor: Pick<KeptAnchor, "size" | "root">,
): Promise<Result<void, Unavailable>> {
  return values.delete(nameOf(anchor));
}

/** Checkpoints that were handed out to witnesses, newest last: a witness may send back its signature alone. */
const ASKED = "anchor-asked/";
const MAX_ASKED = 16;

export async function rememberAsked(
  values: KeyValueStore,
  size: number,
  note: string,
): Promise<Result<void, Unavailable>> {
  const put = await values.put(`${ASKED}${padded(size)}`, note);
  const names = put.ok ? await values.keys(ASKED) : put;
  if (!names.ok) return names;
  for (const name of names.value.slice(0, -MAX_ASKED)) await values.delete(name);
  return ok(undefined);
}

export async function askedNotes(values: KeyValueStore): Promise<Result<readonly string[], Unavailable>> {
  const names = await values.keys(ASKED);
  if (!names.ok) return names;
  const notes: string[] = [];
  for (const name of names.value) {
    const stored = await values.get(name);
    if (!stored.ok) return stored;
    if (typeof stored.value === "string") notes.push(stored.value);
  }
  return ok(notes);
}

/** As the verification of the log takes them; none where they cannot be read now. */
export async function anchorsOf(values: KeyValueStore): Promise<readonly Anchor[]> {
  const kept = await keptAnchors(values);
  return kept.ok ? kept.value.map(({ size, root, witnesses }) => ({ size, root, by: byWhom(witnesses) })) : [];
}

function byWhom(witnesses: KeptAnchor["witnesses"]): string {
  return witnesses.length === 0
    ? "whoever kept a copy of the log's checkpoint"
    : witnesses.map(({ name }) => name).join(" and ");
}
