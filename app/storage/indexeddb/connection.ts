import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { err, ok, type Result } from "../../base/result.ts";
import type { Unavailable } from "../../engine/ports.ts";

/**
 * One connection to a database, for as long as it is good. It is given up for a newer version of the console, and never
 * reopened by itself: after the browser closed it (site data cleared, disk error) the data may be gone, and writing on
 * from memory would hide that.
 */
export interface Connection<S extends DBSchema> {
  readonly database: IDBPDatabase<S>;
  /** What a failure means to the console; a lost connection explains every failure after it. */
  explain(error: unknown): Unavailable;
  close(): void;
}

/** Longer than any disk takes: then something else is before us. */
const OPENING_MS = 10_000;

/** Opens the database, or says why not. It does not wait for another tab that holds an older version open. */
export function openConnection<S extends DBSchema>(
  name: string,
  version: number,
  upgrade: (database: IDBPDatabase<S>) => void,
  openingMs = OPENING_MS,
): Promise<Result<Connection<S>, Unavailable>> {
  let lost: Unavailable | null = null;
  return new Promise((resolve) => {
    let answered = false;
    const answer = (result: Result<Connection<S>, Unavailable>): void => {
      answered = true;
      clearTimeout(patience);
      resolve(result);
    };
    // Behind a deletion that waits for another tab the browser tells nothing at all.
    const patience = setTimeout(() => answer(err(SILENT)), openingMs);
    const opening = Promise.resolve().then(() =>
      openDB<S>(name, version, {
        upgrade,
        blocked: () => answer(err(BLOCKED)),
        blocking: (_current, _next, event) => {
          lost = SUPERSEDED;
          // Waits for the transactions under way; refuses new ones from now on.
          (event.target as IDBDatabase).close();
        },
        terminated: () => {
          lost = TERMINATED;
        },
      }),
    );
    opening.then(
      (database) => {
        // Blocked was answered already: the caller will open again, this late connection would block others.
        if (answered) return database.close();
        answer(
          ok({
            database,
            explain: (error) => lost ?? explainFailure(error),
            close: () => {
              lost ??= CLOSED;
              database.close();
            },
          }),
        );
      },
      (error: unknown) => answer(err(explainOpening(error))),
    );
  });
}

const BLOCKED: Unavailable = {
  code: "storage_blocked",
  retry: true,
  detail: "another tab keeps an older version of the storage open; close or reload it",
};
const SILENT: Unavailable = {
  code: "storage_blocked",
  retry: true,
  detail:
    "the browser does not open the storage: another tab may hold it; close or reload the other tabs of this console",
};
const SUPERSEDED: Unavailable = {
  code: "storage_blocked",
  retry: false,
  detail: "the storage was upgraded or deleted from another tab; reload this one",
};
const TERMINATED: Unavailable = {
  code: "storage_failed",
  retry: false,
  detail: "the browser closed the storage, perhaps because site data were cleared; reload",
};
const CLOSED: Unavailable = { code: "storage_failed", retry: false, detail: "the storage is closed" };

const DENIED: ReadonlySet<string> = new Set([
  "SecurityError",
  // Browsers that keep nothing in private windows.
  "InvalidStateError",
  "InvalidAccessError",
  "NotAllowedError",
  // No `indexedDB` at all.
  "ReferenceError",
  "TypeError",
]);

function explainOpening(error: unknown): Unavailable {
  const { name, detail } = nameOf(error);
  if (DENIED.has(name)) return { code: "storage_denied", retry: false, detail };
  if (name === "VersionError") {
    return { code: "storage_blocked", retry: false, detail: "the storage was written by a newer version; reload" };
  }
  return explainFailure(error);
}

function explainFailure(error: unknown): Unavailable {
  const { name, detail } = nameOf(error);
  if (name === "QuotaExceededError") {
    const next = "free space on the disk, or remove runs that are not needed";
    return { code: "storage_full", retry: true, detail: `there is no room for this page's data (${detail}): ${next}` };
  }
  if (name === "SecurityError") return { code: "storage_denied", retry: false, detail };
  // A value that cannot be stored will not be storable later.
  return { code: "storage_failed", retry: name !== "DataCloneError" && name !== "DataError", detail };
}

function nameOf(error: unknown): { readonly name: string; readonly detail: string } {
  return error instanceof Error
    ? { name: error.name, detail: `${error.name}: ${error.message}` }
    : { name: "", detail: "the storage failed without saying why" };
}
