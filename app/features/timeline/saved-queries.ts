import * as z from "zod";

/** Queries that were given a name, in this browser profile; a link carries the query itself. */
const savedSchema = z.array(z.object({ name: z.string().min(1).max(80), query: z.string().max(4000) })).max(200);
export type SavedQuery = z.infer<typeof savedSchema>[number];

const KEY = "signalbox.saved-queries";
type Kept = Pick<Storage, "getItem" | "setItem">;

/** What is saved; nothing where the storage is blocked or its text damaged. */
export function readSaved(storage: Kept): readonly SavedQuery[] {
  try {
    const parsed = savedSchema.safeParse(JSON.parse(storage.getItem(KEY) ?? "[]"));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

/** False where the browser would not keep it. */
function write(saved: readonly SavedQuery[], storage: Kept): boolean {
  const checked = savedSchema.safeParse(saved);
  if (!checked.success) return false;
  try {
    storage.setItem(KEY, JSON.stringify(checked.data));
    return true;
  } catch {
    return false;
  }
}

/** Saves under a name; one of the same name is replaced. */
export function save(name: string, query: string, storage: Kept): boolean {
  const others = readSaved(storage).filter((one) => one.name !== name);
  return write(
    [...others, { name, query }].sort((a, b) => a.name.localeCompare(b.name)),
    storage,
  );
}

export function rename(from: string, to: string, storage: Kept): boolean {
  const saved = readSaved(storage);
  const one = saved.find(({ name }) => name === from);
  if (one === undefined) return false;
  const others = saved.filter(({ name }) => name !== from && name !== to);
  return write(
    [...others, { name: to, query: one.query }].sort((a, b) => a.name.localeCompare(b.name)),
    storage,
  );
}

export function remove(name: string, storage: Kept): boolean {
  return write(
    readSaved(storage).filter((one) => one.name !== name),
    storage,
  );
}
