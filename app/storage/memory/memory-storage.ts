import { err, ok } from "../../base/result.ts";
import type {
  EventLog,
  KeyValueStore,
  LogHead,
  ObjectStore,
  Snapshot,
  Storage,
  Unavailable,
} from "../../engine/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { assertFrame, EMPTY_HEAD, SEGMENT } from "../frame.ts";

export interface MemoryStorageOptions {
  /** Copy what goes in and comes out, as durable storage does (default). Without copies it is faster and trusts its callers. */
  readonly clone?: boolean;
}

type Copy = <T>(value: T) => T;

/** Storage that lasts as long as the process: for tests, mocks and hosts that keep nothing. */
export function createMemoryStorage(options: MemoryStorageOptions = {}): Storage {
  const copy: Copy = options.clone === false ? (value) => value : (value) => structuredClone(value);
  return { log: createLog(copy), objects: createObjects(copy), values: createValues(copy) };
}

/**
 * Storage where nothing may be kept: its log takes no entry and says why, so that nothing is ever called recorded; what is
 * put beside the log (a run that is looked at) lasts as long as the process.
 */
export function createRefusingStorage(why: Unavailable): Storage {
  const { log, objects, values } = createMemoryStorage();
  return { log: { ...log, append: async () => err(why) }, objects, values };
}

interface DomainLog {
  readonly entries: LedgerEntry[];
  readonly heads: string[];
  head: LogHead;
  snapshot: Snapshot | null;
}

function createLog(copy: Copy): EventLog {
  const domains = new Map<string, DomainLog>();
  const logOf = (domain: string): DomainLog => {
    const known = domains.get(domain);
    if (known !== undefined) return known;
    const made: DomainLog = { entries: [], heads: [], head: EMPTY_HEAD, snapshot: null };
    domains.set(domain, made);
    return made;
  };
  return {
    head: async (domain) => ok(copy(logOf(domain).head)),
    append: async (domain, expectedSize, frame) => {
      assertFrame(expectedSize, frame);
      const log = logOf(domain);
      if (log.head.size !== expectedSize) return err({ code: "conflict", size: log.head.size });
      // Copied whole before anything changes: a frame that cannot be copied leaves nothing behind.
      const stored = copy(frame);
      for (const entry of stored.entries) log.entries.push(entry);
      log.head = stored.head;
      if (stored.sth !== undefined) log.heads.push(stored.sth);
      if (stored.snapshot !== undefined) log.snapshot = stored.snapshot;
      return ok(undefined);
    },
    read: async function* (domain, from, to) {
      const { entries } = logOf(domain);
      for (let at = Math.max(0, from); at < Math.min(to, entries.length); at += SEGMENT) {
        yield copy(entries.slice(at, Math.min(to, at + SEGMENT)));
      }
    },
    heads: async (domain) => ok([...logOf(domain).heads]),
    snapshot: async (domain) => ok(copy(logOf(domain).snapshot)),
    dropSnapshots: async (domain) => {
      logOf(domain).snapshot = null;
      return ok(undefined);
    },
    close: () => undefined,
  };
}

function createObjects(copy: Copy): ObjectStore {
  const objects = new Map<string, unknown>();
  return {
    put: async (digest, value) => {
      objects.set(digest, copy(value));
      return ok(undefined);
    },
    get: async (digest) => ok(copy(objects.get(digest))),
    list: async () => ok([...objects.keys()].sort()),
    delete: async (digest) => {
      objects.delete(digest);
      return ok(undefined);
    },
  };
}

function createValues(copy: Copy): KeyValueStore {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => ok(copy(values.get(key))),
    put: async (key, value) => {
      values.set(key, copy(value));
      return ok(undefined);
    },
    keys: async (prefix) => ok([...values.keys()].filter((key) => key.startsWith(prefix)).sort()),
    delete: async (key) => {
      values.delete(key);
      return ok(undefined);
    },
  };
}
