import type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";
import { err, ok, type Result } from "../../base/result.ts";
import type {
  AppendError,
  EventLog,
  Frame,
  KeyValueStore,
  LogHead,
  ObjectStore,
  Snapshot,
  Storage,
  Unavailable,
} from "../../engine/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { assertFrame, EMPTY_HEAD, readableEntries, SEGMENT } from "../frame.ts";
import { type Connection, openConnection } from "./connection.ts";

/**
 * A domain's entries lie in records keyed by [domain, first seq]. Records never cross a multiple of 1,000, and once the
 * 1,000 entries before such a border are there they are one record, a full segment:
 *
 *     [d,0] 1,000   [d,1000] 1,000   [d,2000] 3   [d,2003] 1   ...
 *
 * `heads` are keyed by [domain, ordinal], since two heads may cover the same size.
 */
interface Schema extends DBSchema {
  frames: { key: [string, number]; value: { readonly entries: readonly LedgerEntry[] } };
  heads: { key: [string, number]; value: string };
  meta: { key: string; value: { readonly head: LogHead; readonly heads: number } };
  snapshots: { key: string; value: Snapshot };
  objects: { key: string; value: unknown };
  values: { key: string; value: unknown };
}

type StoreName = "frames" | "heads" | "meta" | "snapshots" | "objects" | "values";
type Writing = IDBPTransaction<Schema, StoreName[], "readwrite">;
type Piece = { readonly at: number; readonly entries: readonly LedgerEntry[] };

/** A change of the stores' shape needs a new number and an upgrade from every older one. */
const VERSION = 1;
const STORES: readonly StoreName[] = ["frames", "heads", "meta", "snapshots", "objects", "values"];

/**
 * Opens the durable storage of a browser profile. Every append is one transaction with strict durability: entries, head,
 * signed tree head and snapshot become durable together or not at all. Nothing but the database is awaited inside one.
 */
export async function openIndexedDbStorage(name = "signalbox"): Promise<Result<Storage, Unavailable>> {
  const opened = await openConnection<Schema>(name, VERSION, (database) => {
    for (const store of STORES) database.createObjectStore(store);
  });
  if (!opened.ok) return opened;
  return ok({ log: createLog(opened.value), objects: createObjects(opened.value), values: createValues(opened.value) });
}

function createLog(connection: Connection<Schema>): EventLog {
  const { database } = connection;
  return {
    head: (domain) => attempt(connection, async () => (await database.get("meta", domain))?.head ?? EMPTY_HEAD),
    append: (domain, expectedSize, frame) => append(connection, domain, expectedSize, frame),
    read: (domain, from, to) => read(database, domain, from, to),
    heads: (domain) => attempt(connection, () => database.getAll("heads", wholeDomain(domain))),
    snapshot: (domain) => attempt(connection, async () => (await database.get("snapshots", domain)) ?? null),
    dropSnapshots: (domain) => change(connection, "snapshots", (store) => store.delete(domain)),
    close: () => connection.close(),
  };
}

async function append(
  connection: Connection<Schema>,
  domain: string,
  expectedSize: number,
  frame: Frame,
): Promise<Result<void, AppendError>> {
  assertFrame(expectedSize, frame);
  let transaction: Writing;
  try {
    transaction = openWriting(connection.database, ["frames", "heads", "meta", "snapshots"]);
  } catch (error) {
    return err(connection.explain(error));
  }
  // Heard from the first moment: a failure while a request is awaited ends the transaction too.
  const ended = transaction.done.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  try {
    const meta = await transaction.objectStore("meta").get(domain);
    const size = meta?.head.size ?? 0;
    if (size !== expectedSize) {
      await ended;
      return err({ code: "conflict", size });
    }
    const tail = await openSegment(transaction, domain, expectedSize, frame);
    write(transaction, domain, frame, tail, meta?.heads ?? 0);
    transaction.commit();
  } catch (error) {
    abandon(transaction);
    await ended;
    return err(connection.explain(error));
  }
  const failed = await ended;
  if (failed === null) return ok(undefined);
  const problem = connection.explain(failed.error);
  // The quota is a clear no. Anything else after the commit was asked for may have come before or after it: only a read can tell.
  return err(problem.code === "storage_full" ? problem : { code: "unknown", detail: problem.detail });
}

/**
 * The entries of the open segment, when the frame fills it: they are rewritten with it as one record. Empty when there is
 * nothing to rewrite, or when the records there are damaged: then they stay as they are, for verification to find.
 */
async function openSegment(
  transaction: Writing,
  domain: string,
  size: number,
  frame: Frame,
): Promise<readonly LedgerEntry[]> {
  const from = segmentStart(size);
  if (from === size || size + frame.entries.length < from + SEGMENT) return [];
  const range = IDBKeyRange.bound([domain, from], [domain, size], false, true);
  const [keys, records] = await Promise.all([
    transaction.objectStore("frames").getAllKeys(range),
    transaction.objectStore("frames").getAll(range),
  ]);
  let at = from;
  const entries: LedgerEntry[] = [];
  for (const [index, record] of records.entries()) {
    if (keys[index]?.[1] !== at || !Array.isArray(record.entries)) return [];
    entries.push(...record.entries);
    at += record.entries.length;
  }
  return at === size ? entries : [];
}

/** Asks for every change of the append; a value that cannot be stored throws here, before the commit. */
function write(transaction: Writing, domain: string, frame: Frame, tail: readonly LedgerEntry[], heads: number): void {
  const size = frame.head.size - frame.entries.length;
  const frames = transaction.objectStore("frames");
  const requests: Promise<unknown>[] = [];
  try {
    if (tail.length > 0)
      requests.push(frames.delete(IDBKeyRange.bound([domain, size - tail.length], [domain, size], false, true)));
    for (const piece of cutAtSegments(size - tail.length, [...tail, ...frame.entries])) {
      requests.push(frames.put({ entries: piece.entries }, [domain, piece.at]));
    }
    if (frame.sth !== undefined) requests.push(transaction.objectStore("heads").put(frame.sth, [domain, heads]));
    if (frame.snapshot !== undefined) requests.push(transaction.objectStore("snapshots").put(frame.snapshot, domain));
    const meta = { head: frame.head, heads: heads + (frame.sth === undefined ? 0 : 1) };
    requests.push(transaction.objectStore("meta").put(meta, domain));
  } finally {
    // A failed request fails its transaction, and that is where it is heard.
    void Promise.allSettled(requests);
  }
}

function cutAtSegments(from: number, entries: readonly LedgerEntry[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at < from + entries.length; at = segmentStart(at) + SEGMENT) {
    pieces.push({ at, entries: entries.slice(at - from, segmentStart(at) + SEGMENT - from) });
  }
  return pieces;
}

function segmentStart(seq: number): number {
  return seq - (seq % SEGMENT);
}

/** Reads one segment ahead of the consumer. Records are placed by their key, so that damage shows where it is. */
async function* read(
  database: IDBPDatabase<Schema>,
  domain: string,
  from: number,
  to: number,
): AsyncIterable<readonly LedgerEntry[]> {
  let next = readSegment(database, domain, Math.max(0, from), to);
  for (;;) {
    const segment = await next;
    if (segment === null) return;
    next = readSegment(database, domain, segment.next, to);
    if (segment.entries.length > 0) yield segment.entries;
  }
}

type Segment = { readonly entries: readonly LedgerEntry[]; readonly next: number };

/** What is stored from `at` to the end of its segment, or of the next segment holding anything; null at the end of the log. */
async function readSegment(
  database: IDBPDatabase<Schema>,
  domain: string,
  at: number,
  to: number,
): Promise<Segment | null> {
  if (at >= to) return null;
  try {
    const store = database.transaction("frames", "readonly").store;
    // Records do not cross segments: the one that holds `at`, if any, begins in its segment.
    const first = await store.getKey(IDBKeyRange.bound([domain, segmentStart(at)], [domain, to], false, true));
    if (first === undefined) return null;
    const from = Math.max(at, first[1]);
    const end = Math.min(to, segmentStart(from) + SEGMENT);
    const range = IDBKeyRange.bound([domain, segmentStart(from)], [domain, end], false, true);
    const [keys, records] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
    const entries = records.flatMap((record, index) => {
      const start = keys[index]?.[1] ?? from;
      return Array.isArray(record.entries)
        ? readableEntries(record.entries.slice(Math.max(0, from - start), Math.max(0, end - start)))
        : [];
    });
    return { entries, next: end };
  } catch {
    // The port's reads throw nothing: what cannot be read is not there, and whoever counts the entries says so.
    return null;
  }
}

function createObjects(connection: Connection<Schema>): ObjectStore {
  return {
    put: (digest, value) => change(connection, "objects", (store) => store.put(value, digest)),
    get: (digest) => attempt(connection, () => connection.database.get("objects", digest)),
    list: () => attempt(connection, () => connection.database.getAllKeys("objects")),
    delete: (digest) => change(connection, "objects", (store) => store.delete(digest)),
  };
}

function createValues(connection: Connection<Schema>): KeyValueStore {
  const startingWith = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return {
    get: (key) => attempt(connection, () => connection.database.get("values", key)),
    put: (key, value) => change(connection, "values", (store) => store.put(value, key)),
    keys: (prefix) => attempt(connection, () => connection.database.getAllKeys("values", startingWith(prefix))),
    delete: (key) => change(connection, "values", (store) => store.delete(key)),
  };
}

async function attempt<T>(connection: Connection<Schema>, run: () => Promise<T>): Promise<Result<T, Unavailable>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(connection.explain(error));
  }
}

type WritableStore<N extends StoreName> = ReturnType<typeof storeOf<N>>;

function storeOf<N extends StoreName>(transaction: Writing, name: N) {
  return transaction.objectStore(name);
}

/** One change in one store, durable when it answers. */
function change<N extends StoreName>(
  connection: Connection<Schema>,
  name: N,
  request: (store: WritableStore<N>) => Promise<unknown>,
): Promise<Result<void, Unavailable>> {
  return attempt(connection, async () => {
    const transaction = openWriting(connection.database, [name]);
    await Promise.all([request(storeOf(transaction, name)), transaction.done]);
  });
}

/** The default durability is relaxed: an acknowledged entry could be lost with the power. */
function openWriting(database: IDBPDatabase<Schema>, stores: StoreName[]): Writing {
  return database.transaction(stores, "readwrite", { durability: "strict" });
}

function abandon(transaction: Writing): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself already, which is what is wanted.
  }
}

function wholeDomain(domain: string): IDBKeyRange {
  return IDBKeyRange.bound([domain], [domain, []]);
}
