import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { err, ok, type Result } from "../../base/result.ts";
import type { AppendError, EventLog, Frame, KeyValueStore, LogHead, ObjectStore, Snapshot, Storage, Unavailable } from "../../engine/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { EMPTY_HEAD } from "../memory/memory-storage.ts";

/** Key order is [domain, first seq]: a domain's frames lie together, in log order. */
interface Schema extends DBSchema {
  frames: { key: [string, number]; value: { entries: readonly LedgerEntry[] } };
  heads: { key: [string, number, number]; value: string };
  meta: { key: string; value: { head: LogHead; tailFrom: number } };
  snapshots: { key: string; value: Snapshot };
  objects: { key: string; value: unknown };
  values: { key: string; value: unknown };
}

type StoreName = "frames" | "heads" | "meta" | "snapshots" | "objects" | "values";
type Database = IDBPDatabase<Schema>;
type Writing = IDBPTransaction<Schema, StoreName[], "readwrite">;

const SEGMENT = 1000;
const VERSION = 1;

/**
 * Opens the durable storage of a browser profile. Every append is one transaction with strict durability: entries, head,
 * signed tree head and snapshot become durable together or not at all. Nothing but the database is awaited inside one.
 */
export async function openIndexedDbStorage(name = "signalbox"): Promise<Result<Storage, Unavailable>> {
  try {
    const blocked: { value: boolean } = { value: false };
    const database = await openDB<Schema>(name, VERSION, {
      upgrade: (db) => {
        for (const store of ["frames", "heads", "meta", "snapshots", "objects", "values"] as const) db.createObjectStore(store);
      },
      blocked: () => {
        blocked.value = true;
      },
      blocking: (_current, _next, event) => (event.target as IDBDatabase).close(),
    });
    return ok({ log: createLog(database), objects: createObjects(database), values: createValues(database) });
  } catch (error) {
    return err(unavailable(error));
  }
}

/** What a failed request means to the console. */
function unavailable(error: unknown): Unavailable {
  const name = error instanceof DOMException ? error.name : "";
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : "storage failed";
  if (name === "QuotaExceededError") return { code: "storage_full", retry: true, detail };
  if (name === "SecurityError" || name === "InvalidAccessError") return { code: "storage_denied", retry: false, detail };
  if (name === "VersionError" || name === "BlockedError") return { code: "storage_blocked", retry: true, detail };
  return { code: "storage_failed", retry: true, detail };
}

async function attempt<T>(run: () => Promise<T>): Promise<Result<T, Unavailable>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(unavailable(error));
  }
}

function writing(database: Database, stores: StoreName[]): Writing {
  return database.transaction(stores, "readwrite", { durability: "strict" });
}

function createLog(database: Database): EventLog {
  return {
    head: (domain) => attempt(async () => (await database.get("meta", domain))?.head ?? EMPTY_HEAD),
    append: (domain, expectedSize, frame) => append(database, domain, expectedSize, frame),
    read: async function* (domain, from, to) {
      let at = from;
      while (at < to) {
        const chunk = await readChunk(database, domain, at, to);
        if (chunk.length === 0) return;
        yield chunk;
        at = (chunk.at(-1)?.seq ?? to) + 1;
      }
    },
    heads: (domain) => attempt(() => database.getAll("heads", IDBKeyRange.bound([domain], [domain, []]))),
    snapshot: (domain) => attempt(async () => (await database.get("snapshots", domain)) ?? null),
    dropSnapshots: (domain) => attempt(() => database.delete("snapshots", domain)),
    close: () => database.close(),
  };
}

async function append(database: Database, domain: string, expectedSize: number, frame: Frame): Promise<Result<void, AppendError>> {
  let committing = false;
  try {
    const transaction = writing(database, ["frames", "heads", "meta", "snapshots"]);
    const meta = await transaction.objectStore("meta").get(domain);
    const size = meta?.head.size ?? 0;
    if (size !== expectedSize) {
      await transaction.done;
      return err({ code: "conflict", size });
    }
    const tailFrom = await store(transaction, domain, meta?.tailFrom ?? 0, expectedSize, frame);
    const requests: Promise<unknown>[] = [transaction.objectStore("meta").put({ head: frame.head, tailFrom }, domain)];
    if (frame.sth !== undefined) {
      requests.push(transaction.objectStore("heads").put(frame.sth, [domain, frame.head.size, frame.entries.length === 0 ? 1 : 0]));
    }
    if (frame.snapshot !== undefined) requests.push(transaction.objectStore("snapshots").put(frame.snapshot, domain));
    committing = true;
    await Promise.all([...requests, transaction.done]);
    return ok(undefined);
  } catch (error) {
    const problem = unavailable(error);
    // A connection that went away while committing may or may not have committed: only a read can tell.
    return committing && error instanceof DOMException && error.name === "InvalidStateError" ? err({ code: "unknown", detail: problem.detail }) : err(problem);
  }
}

/**
 * Puts the entries as one frame. Small frames since the last full segment are rewritten as one segment when together they
 * reach 1,000 entries, so that a long log is few records; the entries themselves never change (XA-9).
 */
async function store(transaction: Writing, domain: string, tailFrom: number, at: number, frame: Frame): Promise<number> {
  if (frame.entries.length === 0) return tailFrom;
  const frames = transaction.objectStore("frames");
  const end = at + frame.entries.length;
  if (end - tailFrom < SEGMENT || tailFrom === at) {
    await frames.put({ entries: frame.entries }, [domain, at]);
    return end - tailFrom >= SEGMENT ? end : tailFrom;
  }
  const range = IDBKeyRange.bound([domain, tailFrom], [domain, at], false, true);
  const small = await frames.getAll(range);
  await frames.delete(range);
  await frames.put({ entries: [...small.flatMap((part) => part.entries), ...frame.entries] }, [domain, tailFrom]);
  return end;
}

/** Entries from `at` up to `to` that lie in the first frame holding any; what damage left out is simply not there. */
async function readChunk(database: Database, domain: string, at: number, to: number): Promise<LedgerEntry[]> {
  const transaction = database.transaction("frames", "readonly");
  const before = await transaction.store.openCursor(IDBKeyRange.bound([domain, 0], [domain, at]), "prev");
  const held = before?.value.entries.filter((entry) => entry.seq >= at && entry.seq < to) ?? [];
  if (held.length > 0) return held;
  let cursor = await transaction.store.openCursor(IDBKeyRange.bound([domain, at], [domain, to], true, true));
  while (cursor !== null) {
    const later = cursor.value.entries.filter((entry) => entry.seq >= at && entry.seq < to);
    if (later.length > 0) return later;
    cursor = await cursor.continue();
  }
  return [];
}

function createObjects(database: Database): ObjectStore {
  return {
    put: (digest, value) => attempt(() => writeOne(database, "objects", digest, value)),
    get: (digest) => attempt(() => database.get("objects", digest)),
    list: () => attempt(() => database.getAllKeys("objects")),
    delete: (digest) => attempt(() => database.delete("objects", digest)),
  };
}

function createValues(database: Database): KeyValueStore {
  return {
    get: (key) => attempt(() => database.get("values", key)),
    put: (key, value) => attempt(() => writeOne(database, "values", key, value)),
    keys: (prefix) => attempt(() => database.getAllKeys("values", IDBKeyRange.bound(prefix, `${prefix}\uffff`))),
    delete: (key) => attempt(() => database.delete("values", key)),
  };
}

async function writeOne(database: Database, name: "objects" | "values", key: string, value: unknown): Promise<void> {
  const transaction = writing(database, [name]);
  await Promise.all([transaction.objectStore(name).put(value, key), transaction.done]);
}
