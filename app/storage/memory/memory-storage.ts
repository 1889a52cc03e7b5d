import { ok } from "../../base/result.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { toBase64url } from "../../base/bytes.ts";
import type { EventLog, KeyValueStore, LogHead, ObjectStore, Snapshot, Storage } from "../../engine/ports.ts";
import { EMPTY_ROOT } from "../../protocol/merkle/tree.ts";

interface DomainLog {
  entries: LedgerEntry[];
  head: LogHead;
  heads: string[];
  snapshot: Snapshot | null;
}

const CHUNK = 1000;
export const EMPTY_HEAD: LogHead = { size: 0, root: toBase64url(EMPTY_ROOT), frontier: [] };

/** Storage that lasts as long as the process: for tests, mocks and the server host in its first form. */
export function createMemoryStorage(): Storage {
  return { log: createMemoryLog(), objects: createMemoryObjects(), values: createMemoryValues() };
}

function createMemoryLog(): EventLog {
  const domains = new Map<string, DomainLog>();
  const of = (domain: string): DomainLog => {
    const known = domains.get(domain);
    if (known !== undefined) return known;
    const made: DomainLog = { entries: [], head: EMPTY_HEAD, heads: [], snapshot: null };
    domains.set(domain, made);
    return made;
  };
  return {
    head: async (domain) => ok(of(domain).head),
    append: async (domain, expectedSize, frame) => {
      const log = of(domain);
      if (log.head.size !== expectedSize) return { ok: false, error: { code: "conflict", size: log.head.size } };
      for (const entry of frame.entries) log.entries.push(structuredClone(entry));
      log.head = structuredClone(frame.head);
      if (frame.sth !== undefined) log.heads.push(frame.sth);
      if (frame.snapshot !== undefined) log.snapshot = structuredClone(frame.snapshot);
      return ok(undefined);
    },
    read: async function* (domain, from, to) {
      const log = of(domain);
      for (let at = from; at < Math.min(to, log.entries.length); at += CHUNK) {
        yield log.entries.slice(at, Math.min(to, at + CHUNK));
      }
    },
    heads: async (domain) => ok([...of(domain).heads]),
    snapshot: async (domain) => ok(structuredClone(of(domain).snapshot)),
    dropSnapshots: async (domain) => {
      of(domain).snapshot = null;
      return ok(undefined);
    },
    close: () => undefined,
  };
}

function createMemoryObjects(): ObjectStore {
  const objects = new Map<string, unknown>();
  return {
    put: async (digest, value) => {
      objects.set(digest, structuredClone(value));
      return ok(undefined);
    },
    get: async (digest) => ok(objects.get(digest)),
    list: async () => ok([...objects.keys()].sort()),
    delete: async (digest) => {
      objects.delete(digest);
      return ok(undefined);
    },
  };
}

function createMemoryValues(): KeyValueStore {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => ok(values.get(key)),
    put: async (key, value) => {
      values.set(key, value);
      return ok(undefined);
    },
    keys: async (prefix) => ok([...values.keys()].filter((key) => key.startsWith(prefix)).sort()),
    delete: async (key) => {
      values.delete(key);
      return ok(undefined);
    },
  };
}
