import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { inSlices, slices } from "../../base/steps.ts";
import { type Account, type Attention, bearsOn, createAccount } from "../../engine/attention/account.ts";
import type { ViewFacts } from "../../engine/attention/judged.ts";
import { factOfEntry } from "../../engine/fact.ts";
import { keptView } from "../../host/kept-views.ts";
import type { Host } from "../../host/open-host.ts";

/** What the log says of attention, read once and then as it grows; one for each log that is open. */
interface Book {
  readonly account: Account;
  readonly views: Map<string, ViewFacts>;
  /** Digests under which no view is kept, and none will be. */
  readonly unkept: Set<string>;
  size: number;
  reading: Promise<void>;
}
const books = new WeakMap<object, Map<string, Book>>();

/** Entries that are asked for in one go though not all of them bear on it. */
const GAP = 128;
/** Views that are asked of the storage at once. */
const AT_ONCE = 32;
/** A view is kept right after its decision: one that is not there so long after is not asked for again, seconds. */
const KEPT_WITHIN_S = 3600;

function bookOf({ ports, engine }: Host): Book {
  const known = books.get(ports.storage) ?? new Map<string, Book>();
  books.set(ports.storage, known);
  const { domain } = engine.ids;
  const book = known.get(domain) ?? {
    account: createAccount(),
    views: new Map(),
    unkept: new Set(),
    size: 0,
    reading: Promise.resolve(),
  };
  known.set(domain, book);
  return book;
}

/** Everything the log says up to the entry that the host is as of, and at its time. */
export async function attentionOf(host: Host, nowS: number): Promise<Attention> {
  const book = bookOf(host);
  await host.index.catchUp();
  const size = host.index.rows().length;
  // One after the other: what two ask for at the same time is read once.
  const read = book.reading.then(() => readOn(host, book, size));
  book.reading = read.catch(() => undefined);
  await read;
  return book.account.upTo(size, nowS);
}

async function readOn(host: Host, book: Book, size: number): Promise<void> {
  const { storage, clock } = host.ports;
  const breathe = slices(clock);
  while (book.size < size) {
    const wanted: number[] = [];
    let end = book.size;
    for (; end < size; end += 1) {
      const row = host.index.row(end);
      if (row === undefined) break;
      if (bearsOn(row.typ, row.action)) {
        const last = wanted.at(-1);
        if (last !== undefined && end - last > GAP) break;
        wanted.push(end);
      } else if (row.iss !== null) book.account.seen(row.iss, row.receivedAt, end);
      await breathe();
    }
    const [first] = wanted;
    if (first !== undefined) {
      const isWanted = new Set(wanted);
      for await (const chunk of storage.log.read(host.engine.ids.domain, first, end))
        for (const entry of chunk) {
          await breathe();
          if (!isWanted.has(entry.seq)) continue;
          // An entry that cannot be read is told by the verification of the log; it asks nobody for anything here.
          const fact = factOfEntry(entry);
          if (fact.ok)
            book.account.take({ seq: entry.seq, receivedAt: entry.received_at, digest: "", fact: fact.value });
        }
    }
    if (end === book.size) return;
    book.size = end;
  }
}

/** What the views under the digests of decisions held, as far as they were kept: their digests are in the log. */
export async function viewsOf(
  host: Host,
  { decisions }: Attention,
  from: number,
): Promise<ReadonlyMap<string, ViewFacts>> {
  const { views, unkept } = bookOf(host);
  const longAgo = host.ports.clock.nowMs() / 1000 - KEPT_WITHIN_S;
  const missing = new Map(
    decisions.flatMap(({ at, view }) =>
      at < from || view === null || views.has(view) || unkept.has(view) ? [] : [[view, at] as const],
    ),
  );
  const hashes = [...missing];
  for (let index = 0; index < hashes.length; index += AT_ONCE) {
    const some = hashes.slice(index, index + AT_ONCE);
    await Promise.all(
      some.map(async ([hash, at]) => {
        const view = await keptView(host.ports.storage.values, hash);
        const facts = view === undefined ? null : viewFacts(view);
        if (facts !== null) views.set(hash, facts);
        else if (at < longAgo) unkept.add(hash);
      }),
    );
  }
  return views;
}

const wholeSchema = z.object({
  args_shown: z.object({ characters: z.number().nonnegative(), characters_shown: z.number().nonnegative() }),
  agents_words: z.string().nullable(),
  alternatives: z.array(z.string()),
});
const batchSchema = z.object({
  batch: z.object({ members: z.array(z.string()), differs: z.array(z.json()) }),
  whole: wholeSchema.nullable(),
});

/** What bears on reading in what somebody was shown; null of a view in another form. */
export function viewFacts(view: Json): ViewFacts | null {
  const together = batchSchema.safeParse(view);
  if (together.success) {
    const { batch, whole } = together.data;
    const characters = JSON.stringify(batch.differs).length;
    return whole === null
      ? { characters, isWhole: false, batch: batch.members.length }
      : { ...factsOf(whole), batch: batch.members.length };
  }
  const alone = wholeSchema.safeParse(view);
  return alone.success ? { ...factsOf(alone.data), batch: 1 } : null;
}

function factsOf({ args_shown: shown, agents_words: words, alternatives }: z.infer<typeof wholeSchema>) {
  const read = Math.min(shown.characters, shown.characters_shown);
  const said = [words ?? "", ...alternatives].reduce((sum, text) => sum + text.length, 0);
  return { characters: read + said, isWhole: shown.characters_shown >= shown.characters };
}

/** Runs a measure with the thread given to others in between. */
export const measured = <T>(host: Host, steps: Generator<void, T>): Promise<T> =>
  inSlices(steps, slices(host.ports.clock));
