import { Bits } from "./bits.ts";

/** Which entries follow from which, as the log's own index keeps it (app/host/lane-index.ts). */
export interface Causes {
  /** For each entry from `from` to `to`, exclusive, how many causes it has, and these one after the other. */
  slice(from: number, to: number): { readonly counts: Uint8Array; readonly causes: Uint32Array };
}

/** What an entry follows from, or what follows from it, through any number of others; without itself. */
export function relatedTo(seq: number, side: "before" | "after", causes: Causes, size: number): Bits {
  const found = new Bits(size);
  if (seq >= size) return found;
  return side === "before" ? before(seq, causes, found) : after(seq, causes, found);
}

/** Causes lie before what follows from them, so one way through the log is enough. */
function before(seq: number, causes: Causes, found: Bits): Bits {
  const { counts, causes: all } = causes.slice(0, seq + 1);
  let end = all.length;
  for (let at = seq; at >= 0; at -= 1) {
    const begin = end - (counts[at] ?? 0);
    if (at === seq || found.has(at)) for (let one = begin; one < end; one += 1) found.add(all[one] ?? 0);
    end = begin;
  }
  return found;
}

function after(seq: number, causes: Causes, found: Bits): Bits {
  const { counts, causes: all } = causes.slice(seq + 1, found.size);
  let begin = 0;
  for (let at = 0; at < counts.length; at += 1) {
    const end = begin + (counts[at] ?? 0);
    for (let one = begin; one < end; one += 1) {
      const cause = all[one] ?? 0;
      if (cause !== seq && !found.has(cause)) continue;
      found.add(seq + 1 + at);
      break;
    }
    begin = end;
  }
  return found;
}
