import pLimit, { type LimitFunction } from "p-limit";
import * as z from "zod";
import { err, ok, type Result } from "../base/result.ts";
import type { KeyValueStore, Unavailable } from "../engine/ports.ts";
import type { Anchor } from "../protocol/audit/verify-log.ts";
import { digestSchema } from "../protocol/jose/formats.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";

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

/** Checkpoints that are kept, and witnesses of one, at most (XA-55). */
export const MAX_ANCHORS = 256;
export const MAX_WITNESSES = 64;

/** One after the other: of two that come at once the second would be written over the first, and its witnesses lost. */
const turns = new WeakMap<KeyValueStore, LimitFunction>();
function inTurn<T>(values: KeyValueStore, step: () => Promise<T>): Promise<T> {
  const limit = turns.get(values) ?? pLimit(1);
  turns.set(values, limit);
  return limit(step);
}

/**
 * Keeps a checkpoint, its witnesses beside those it had. `agrees` says whether the log is the one that a checkpoint is of; of
 * too many one that agrees is let go (`thinned`). Refusal: `anchor_limit`.
 */
export function keepAnchor(
  values: KeyValueStore,
  came: KeptAnchor,
  agrees: (anchor: KeptAnchor) => Promise<boolean>,
  most = MAX_ANCHORS,
): Promise<Result<KeptAnchor, Refusal | Unavailable>> {
  return inTurn(values, async () => {
    const kept = await keptAnchors(values);
    if (!kept.ok) return kept;
    const before = kept.value.find(({ size, root }) => size === came.size && root === came.root);
    const others = (before?.witnesses ?? []).filter((one) =>
      came.witnesses.every(({ verifierKey }) => verifierKey !== one.verifierKey),
    );
    const witnesses = [...others, ...came.witnesses];
    if (witnesses.length > MAX_WITNESSES)
      return err(refusal("anchor_limit", `${MAX_WITNESSES} witnesses of this checkpoint are kept already`));
    const note = before === undefined || came.witnesses.length > 0 ? came.note : before.note;
    const anchor: KeptAnchor = { ...came, note, witnesses };
    const surplus = before === undefined && kept.value.length >= most ? await thinned(kept.value, agrees) : null;
    if (surplus === undefined)
      return err(
        refusal("anchor_limit", `${most} checkpoints that contradict the log are kept: have them looked at first`),
      );
    // What is new is durable before anything is let go.
    const put = await values.put(nameOf(anchor), anchor);
    const gone = put.ok && surplus !== null ? await values.delete(nameOf(surplus)) : put;
    return gone.ok ? ok(anchor) : gone;
  });
}

/**
 * The one that says least: whatever it shows, one over more entries that agrees shows as well, and those around it say where.
 * Never the newest, and never one that shows a split: the log contradicts it, or another over as many entries does.
 */
async function thinned(
  kept: readonly KeptAnchor[],
  agrees: (anchor: KeptAnchor) => Promise<boolean>,
): Promise<KeptAnchor | undefined> {
  let least: KeptAnchor | undefined;
  let narrowest = Number.POSITIVE_INFINITY;
  for (const [at, anchor] of kept.entries()) {
    const [before = 0, after] = [kept[at - 1]?.size, kept[at + 1]?.size];
    if (after === undefined || before === anchor.size || after === anchor.size || after - before >= narrowest) continue;
    if (!(await agrees(anchor))) continue;
    least = anchor;
    narrowest = after - before;
  }
  return least;
}

export function forgetAnchor(
  values: KeyValueStore,
  anchor: Pick<KeptAnchor, "size" | "root">,
): Promise<Result<void, Unavailable>> {
  return inTurn(values, () => values.delete(nameOf(anchor)));
}

/** Checkpoints that were handed out to witnesses, newest last: a witness may send back its signature alone. */
const ASKED = "anchor-asked/";
const MAX_ASKED = 16;

export async function rememberAsked(
  values: KeyValueStore,
  size: number,
  note: string,
): Promise<Result<void, Unavailable>> {
  return inTurn(values, async () => {
    const put = await values.put(`${ASKED}${padded(size)}`, note);
    const names = put.ok ? await values.keys(ASKED) : put;
    if (!names.ok) return names;
    for (const name of names.value.slice(0, -MAX_ASKED)) await values.delete(name);
    return ok(undefined);
  });
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

/** As the verification of the log takes them; null where they cannot be read now. */
export async function anchorsOf(values: KeyValueStore): Promise<readonly Anchor[] | null> {
  const kept = await keptAnchors(values);
  return kept.ok ? kept.value.map(({ size, root, witnesses }) => ({ size, root, by: byWhom(witnesses) })) : null;
}

function byWhom(witnesses: KeptAnchor["witnesses"]): string {
  return witnesses.length === 0
    ? "whoever kept a copy of the log's checkpoint"
    : witnesses.map(({ name }) => name).join(" and ");
}
