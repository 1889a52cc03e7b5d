import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import * as z from "zod";
import { fromUtf8, utf8 } from "../app/base/bytes.ts";
import { err, ok, type Result } from "../app/base/result.ts";
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
} from "../app/engine/ports.ts";
import type { LedgerEntry } from "../app/protocol/audit/claims.ts";
import { digestSchema } from "../app/protocol/jose/formats.ts";
import { assertFrame, EMPTY_HEAD, readableEntries, SEGMENT } from "../app/storage/frame.ts";

/*
 * directory/
 *   lock                       the process that writes here
 *   log/<domain>.jsonl         one frame a line, only ever appended to; the line is what makes a frame durable
 *   snapshot/<domain>.<line>   the snapshot that line of the log names
 *   objects/<digest>.json  values/<key>.json, or .v8 where it has bytes
 */
const FOLDERS = ["log", "snapshot", "objects", "values"] as const;

/** A line of a log file. */
const lineSchema = z.object({
  at: z.int().nonnegative(),
  entries: z.array(z.unknown()),
  head: z.object({ size: z.int().nonnegative(), root: digestSchema, frontier: z.array(digestSchema) }),
  sth: z.string().optional(),
  snapshot: z.literal(true).optional(),
});

/**
 * Opens the storage of the Node host in a directory, for one process at a time. A frame is one line, synced to the disk
 * before it is acknowledged; a last line without its end was never acknowledged and is dropped. Objects and values are
 * JSON files, values that have bytes such as a snapshot files of V8: what neither can carry, such as a CryptoKey, is refused
 * (host-keys.ts makes JSON of a host's keys).
 */
export async function openFileStorage(directory: string): Promise<Result<Storage, Unavailable>> {
  try {
    // For nobody else on this machine: values may hold a host's private keys.
    for (const folder of FOLDERS) await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
    const lock = await takeLock(join(directory, "lock"));
    if (!lock.ok) return lock;
    return ok({
      log: createLog(directory, lock.value),
      objects: createObjects(join(directory, "objects")),
      values: createValues(join(directory, "values")),
    });
  } catch (error) {
    return err(explain(error));
  }
}

/**
 * Directories open in this process, with the promise that ends their closing: the id in a lock file does not tell, since
 * after a restart in a container another process may have had ours.
 */
const openHere = new Map<string, Promise<void> | null>();

type Release = (idle: Promise<unknown>) => void;

async function takeLock(path: string): Promise<Result<Release, Unavailable>> {
  const taken: Unavailable = {
    code: "storage_blocked",
    retry: true,
    detail: "another process writes to this directory",
  };
  await openHere.get(path);
  if (openHere.has(path)) return err(taken);
  openHere.set(path, null);
  const release: Release = (idle) => {
    openHere.set(
      path,
      idle
        // An absent lock and one of a dead process mean the same; this only spares the next one the question.
        .then(() => removeOwnLock(path).catch(() => undefined))
        .then(() => {
          openHere.delete(path);
        }),
    );
  };
  try {
    const holder = await readIfThere(path);
    const pid = holder === null ? Number.NaN : Number(holder.toString());
    if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid)) {
      openHere.delete(path);
      return err(taken);
    }
    await writeWhole(path, utf8(String(process.pid)));
    return ok(release);
  } catch (error) {
    openHere.delete(path);
    throw error;
  }
}

async function removeOwnLock(path: string): Promise<void> {
  const holder = await readIfThere(path);
  if (holder?.toString() === String(process.pid)) await removeIfThere(path);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return codeOf(error) === "EPERM";
  }
}

/** Where a line with entries lies in the file. */
interface Line {
  readonly at: number;
  readonly count: number;
  readonly offset: number;
  readonly length: number;
}

interface DomainLog {
  readonly file: FileHandle;
  readonly lines: Line[];
  readonly heads: string[];
  head: LogHead;
  /** Bytes that are durable; the next line goes here. */
  end: number;
  /** Number of lines, damaged ones too. */
  count: number;
  /** The newest line that names a snapshot. */
  snapshotLine: number | null;
}

function createLog(directory: string, release: Release): EventLog {
  const domains = new Map<string, Promise<DomainLog>>();
  const turns = new Map<string, Promise<unknown>>();
  let closed = false;

  const logOf = (domain: string): Promise<DomainLog> => {
    if (closed) return Promise.reject(new Error("the storage is closed"));
    const known = domains.get(domain);
    if (known !== undefined) return known;
    const opening = openDomain(join(directory, "log", `${fileName(domain)}.jsonl`));
    domains.set(domain, opening);
    // Not remembered when it failed: the next caller tries again.
    opening.catch(() => domains.delete(domain));
    return opening;
  };
  /** Forgets what is in memory after a write that went wrong: the file says what is true. */
  const forget = async (domain: string, log: DomainLog): Promise<void> => {
    domains.delete(domain);
    await log.file.close();
  };
  /** One change of a domain at a time, in the order they were asked for. */
  const inTurn = <T>(domain: string, run: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(domain) ?? Promise.resolve()).then(run);
    turns.set(
      domain,
      turn.catch(() => undefined),
    );
    return turn;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.allSettled(turns.values());
    const opened = await Promise.allSettled(domains.values());
    await Promise.allSettled(opened.flatMap((log) => (log.status === "fulfilled" ? [log.value.file.close()] : [])));
  };
  const snapshotPath = (domain: string, line: number): string =>
    join(directory, "snapshot", `${fileName(domain)}.${line}`);

  const append = async (domain: string, expectedSize: number, frame: Frame): Promise<Result<void, AppendError>> => {
    let log: DomainLog;
    let bytes: Uint8Array;
    try {
      log = await logOf(domain);
      if (log.head.size !== expectedSize) return err({ code: "conflict", size: log.head.size });
      bytes = lineOf(expectedSize, frame);
      // Before the line that names it, so that an acknowledged frame has its snapshot.
      if (frame.snapshot !== undefined) await writeWhole(snapshotPath(domain, log.count), serialize(frame.snapshot));
    } catch (error) {
      return err(explain(error));
    }
    try {
      await writeAll(log.file, bytes, log.end);
      await log.file.sync();
    } catch (error) {
      return err(await takeBack(log, error, () => forget(domain, log)));
    }
    const before = log.snapshotLine;
    note(
      log,
      { at: expectedSize, count: frame.entries.length, offset: log.end, length: bytes.length },
      frame,
      frame.snapshot !== undefined,
    );
    if (frame.snapshot !== undefined && before !== null)
      await removeIfThere(snapshotPath(domain, before)).catch(() => undefined);
    return ok(undefined);
  };

  return {
    head: (domain) => attempt(async () => (await logOf(domain)).head),
    append: async (domain, expectedSize, frame) => {
      assertFrame(expectedSize, frame);
      return inTurn(domain, () => append(domain, expectedSize, frame));
    },
    read: async function* (domain, from, to) {
      let log: DomainLog;
      try {
        log = await logOf(domain);
      } catch {
        // Reads throw nothing; `head` says what is wrong with the storage.
        return;
      }
      yield* read(log, Math.max(0, from), to);
    },
    heads: (domain) => attempt(async () => [...(await logOf(domain)).heads]),
    snapshot: (domain) =>
      attempt(async () => {
        const { snapshotLine } = await logOf(domain);
        return snapshotLine === null ? null : readSnapshot(snapshotPath(domain, snapshotLine));
      }),
    dropSnapshots: (domain) =>
      inTurn(domain, () =>
        attempt(async () => {
          const log = await logOf(domain);
          if (log.snapshotLine === null) return;
          await removeIfThere(snapshotPath(domain, log.snapshotLine));
          await syncFolder(join(directory, "snapshot"));
          log.snapshotLine = null;
        }),
      ),
    close: () => {
      if (closed) return;
      closed = true;
      // Whoever opens next waits for the writes under way.
      release(closeAll());
    },
  };
}

async function openDomain(path: string): Promise<DomainLog> {
  const file = await open(path, "a+").then(async (made) => {
    await made.close();
    return open(path, "r+");
  });
  await syncFolder(join(path, ".."));
  const log: DomainLog = { file, lines: [], heads: [], head: EMPTY_HEAD, end: 0, count: 0, snapshotLine: null };
  for await (const { bytes, offset } of linesOf(file)) {
    const line = parseLine(bytes);
    if (line === null) {
      // Damage inside the file is left where it is: the entries of that line are missing, and verification says so.
      log.end = offset + bytes.length + 1;
      log.count += 1;
    } else {
      const place = { at: line.at, count: line.entries.length, offset, length: bytes.length + 1 };
      note(log, place, line, line.snapshot === true);
    }
  }
  // A last line without its end was being written when the process died; nobody was told that it is there.
  await file.truncate(log.end);
  await file.sync();
  return log;
}

function note(
  log: DomainLog,
  place: Line,
  frame: { head: LogHead; sth?: string | undefined },
  snapshot: boolean,
): void {
  if (place.count > 0) log.lines.push(place);
  if (frame.sth !== undefined) log.heads.push(frame.sth);
  if (snapshot) log.snapshotLine = log.count;
  log.head = frame.head;
  log.end = place.offset + place.length;
  log.count += 1;
}

function lineOf(at: number, frame: Frame): Uint8Array {
  const { entries, head, sth, snapshot } = frame;
  const line = {
    at,
    entries,
    head,
    ...(sth === undefined ? {} : { sth }),
    ...(snapshot === undefined ? {} : { snapshot: true }),
  };
  return utf8(`${JSON.stringify(line)}\n`);
}

function parseLine(bytes: Uint8Array): z.infer<typeof lineSchema> | null {
  const text = fromUtf8(bytes);
  if (!text.ok) return null;
  try {
    const parsed = lineSchema.safeParse(JSON.parse(text.value));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const NEWLINE = 0x0a;
const BLOCK = 1 << 20;

/** The complete lines of a file, without their ends. */
async function* linesOf(file: FileHandle): AsyncIterable<{ readonly bytes: Uint8Array; readonly offset: number }> {
  let rest: Uint8Array[] = [];
  let offset = 0;
  for (let position = 0; ; ) {
    const block = new Uint8Array(BLOCK);
    const { bytesRead } = await file.read(block, 0, BLOCK, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    let from = 0;
    for (let end = block.indexOf(NEWLINE, from); end >= 0 && end < bytesRead; end = block.indexOf(NEWLINE, from)) {
      const bytes = Buffer.concat([...rest, block.subarray(from, end)]);
      rest = [];
      yield { bytes, offset };
      offset += bytes.length + 1;
      from = end + 1;
    }
    if (from < bytesRead) rest.push(block.subarray(from, bytesRead));
  }
}

/** Reads lines until about a segment is together, so that many small frames are few chunks. */
async function* read(log: DomainLog, from: number, to: number): AsyncIterable<readonly LedgerEntry[]> {
  let chunk: LedgerEntry[] = [];
  for (let index = firstLine(log.lines, from); index < log.lines.length; index += 1) {
    const place = log.lines[index];
    if (place === undefined || place.at >= to) break;
    const stored = await readLine(log.file, place);
    chunk.push(...readableEntries(stored.slice(Math.max(0, from - place.at), Math.max(0, to - place.at))));
    while (chunk.length >= SEGMENT) {
      yield chunk.slice(0, SEGMENT);
      chunk = chunk.slice(SEGMENT);
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** Index of the first line that reaches beyond `from`; lines are in order. */
function firstLine(lines: readonly Line[], from: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line !== undefined && line.at + line.count <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readLine(file: FileHandle, place: Line): Promise<readonly unknown[]> {
  try {
    const bytes = new Uint8Array(place.length - 1);
    await file.read(bytes, 0, bytes.length, place.offset);
    return parseLine(bytes)?.entries ?? [];
  } catch {
    // Reads throw nothing; what cannot be read is not there.
    return [];
  }
}

async function readSnapshot(path: string): Promise<Snapshot | null> {
  const bytes = await readIfThere(path);
  if (bytes === null) return null;
  try {
    return deserialize(bytes) as Snapshot;
  } catch {
    // A snapshot is derived: a damaged one is as good as none.
    return null;
  }
}

/** A line that was not written whole is cut off again. Where that fails too, nobody knows: the caller has to read. */
async function takeBack(log: DomainLog, cause: unknown, forget: () => Promise<void>): Promise<AppendError> {
  const problem = explain(cause);
  try {
    await log.file.truncate(log.end);
    await log.file.sync();
    return problem;
  } catch {
    await forget().catch(() => undefined);
    return { code: "unknown", detail: problem.detail };
  }
}

function createObjects(folder: string): ObjectStore {
  const files = createFiles(folder, [JSON_FORM]);
  return { put: files.put, get: files.get, list: () => files.names(""), delete: files.delete };
}

function createValues(folder: string): KeyValueStore {
  const files = createFiles(folder, [JSON_FORM, BYTES_FORM]);
  return { get: files.get, put: files.put, keys: files.names, delete: files.delete };
}

/** How values are written down; null where it cannot carry one. */
interface Form {
  readonly ending: string;
  bytesOf(value: unknown): Uint8Array | null;
  valueOf(bytes: Buffer): unknown;
}

const JSON_FORM: Form = {
  ending: ".json",
  bytesOf: (value) => {
    const parsed = z.json().safeParse(value);
    return parsed.success ? utf8(JSON.stringify(parsed.data)) : null;
  },
  valueOf: (bytes) => JSON.parse(bytes.toString()) as unknown,
};

const withBytesSchema = z.record(z.string(), z.union([z.instanceof(Uint8Array), z.json()]));
/** Of a value whose members may be bytes, such as a snapshot. */
const BYTES_FORM: Form = {
  ending: ".v8",
  bytesOf: (value) => (withBytesSchema.safeParse(value).success ? serialize(value) : null),
  valueOf: (bytes) => deserialize(bytes),
};

/** Values in files named by their keys, in the first form that carries them. */
function createFiles(folder: string, forms: readonly Form[]) {
  const pathOf = (key: string, { ending }: Form): string => join(folder, `${fileName(key)}${ending}`);
  return {
    get: (key: string): Promise<Result<unknown, Unavailable>> =>
      attempt(async () => {
        for (const form of forms) {
          const bytes = await readIfThere(pathOf(key, form));
          if (bytes !== null) return form.valueOf(bytes);
        }
        return undefined;
      }),
    put: async (key: string, value: unknown): Promise<Result<void, Unavailable>> => {
      for (const form of forms) {
        const bytes = form.bytesOf(value);
        if (bytes === null) continue;
        return attempt(async () => {
          await writeWhole(pathOf(key, form), bytes);
          let gone = false;
          for (const other of forms) if (other !== form && (await removeIfThere(pathOf(key, other)))) gone = true;
          if (gone) await syncFolder(folder);
        });
      }
      return err({ code: "storage_failed", retry: false, detail: "only JSON and bytes can be stored in files" });
    },
    names: (prefix: string): Promise<Result<readonly string[], Unavailable>> =>
      attempt(async () => {
        const names = (await readdir(folder)).flatMap((name) => {
          const form = forms.find(({ ending }) => name.endsWith(ending));
          return form === undefined ? [] : [decodeURIComponent(name.slice(0, -form.ending.length))];
        });
        return [...new Set(names)].filter((name) => name.startsWith(prefix)).sort();
      }),
    delete: (key: string): Promise<Result<void, Unavailable>> =>
      attempt(async () => {
        for (const form of forms) await removeIfThere(pathOf(key, form));
        await syncFolder(folder);
      }),
  };
}

/** One name for one key, with nothing in it that a file system reads as a path. */
function fileName(key: string): string {
  return Array.from(utf8(key), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** Replaces a file whole or not at all, durable when it returns. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o600);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(join(path, ".."));
}

/** A write may take fewer bytes than it was given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A new, renamed or removed name is durable only with its folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Whether it was there. */
async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return false;
  }
}

async function attempt<T>(run: () => Promise<T>): Promise<Result<T, Unavailable>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(explain(error));
  }
}

function explain(error: unknown): Unavailable {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : "the storage failed without saying why";
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return { code: "storage_full", retry: true, detail };
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return { code: "storage_denied", retry: false, detail };
  return { code: "storage_failed", retry: code === "EMFILE" || code === "EIO" || code === "EAGAIN", detail };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
