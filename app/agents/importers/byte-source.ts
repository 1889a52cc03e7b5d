import { err, ok, type Result } from "../../base/result.ts";
import type { ImportError } from "../../protocol/run/import-messages.ts";

/** A file to import; a browser's `File` fits. */
export interface ImportFile {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

/** What can go wrong while reading, without the file's name. */
export type ReadProblem = Omit<ImportError, "file">;

/** The unpacked bytes of one file, pulled; null at the end. */
export interface ByteSource {
  read(): Promise<Result<Uint8Array | null, ReadProblem>>;
  /** Ends early; nothing is read afterwards. */
  close(): Promise<void>;
}

export interface ByteLimits {
  readonly signal?: AbortSignal | undefined;
  /** Called with each number of bytes that were taken from the file itself. */
  readonly onBytes: (bytes: number) => void;
  /** Unpacked bytes that are left to read, counted down over all parts: a small file can unpack to anything. */
  readonly budget: { bytes: number; readonly most: number };
}

/** First bytes of what we cannot unpack, so that it gets a sentence and not a heap of bad characters. */
const PACKED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["Zstandard", [0x28, 0xb5, 0x2f, 0xfd]],
  ["LZ4", [0x04, 0x22, 0x4d, 0x18]],
  ["LZ4 blocks", [0x4c, 0x5a, 0x34, 0x42, 0x6c, 0x6f, 0x63, 0x6b]],
  ["Snappy", [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59]],
  ["Snappy", [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];
const GZIP = [0x1f, 0x8b] as const;
const LONGEST_MAGIC = 8;

/** Opens a file of plain text or gzip, told apart by its first bytes. */
export async function openBytes(file: ImportFile, limits: ByteLimits): Promise<Result<ByteSource, ReadProblem>> {
  const raw = pull(file.stream());
  const head = await readHead(raw);
  if (!head.ok) return head;
  const packed = PACKED.find(([, magic]) => startsWith(head.value.bytes, magic));
  if (packed !== undefined) {
    await raw.close();
    return err({
      code: "import_unknown_format",
      place: "byte 0",
      expected: "plain text or gzip",
      detail: `the file is compressed with ${packed[0]}: unpack it first`,
    });
  }
  const gzip = startsWith(head.value.bytes, GZIP);
  const rest = rejoin(head.value.bytes, raw, limits.onBytes);
  const unpacked = gzip ? rest.pipeThrough(gunzip()) : rest;
  return ok(limited(pull(unpacked), limits, gzip));
}

interface Pull {
  next(): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

function pull(stream: ReadableStream<Uint8Array>): Pull {
  const reader = stream.getReader();
  return {
    async next() {
      const part = await reader.read();
      return part.done ? null : part.value;
    },
    close: () => reader.cancel().catch(() => undefined),
  };
}

async function readHead(raw: Pull): Promise<Result<{ readonly bytes: Uint8Array }, ReadProblem>> {
  let bytes = new Uint8Array();
  try {
    while (bytes.length < LONGEST_MAGIC) {
      const part = await raw.next();
      if (part === null) break;
      const longer = new Uint8Array(bytes.length + part.length);
      longer.set(bytes);
      longer.set(part, bytes.length);
      bytes = longer;
    }
  } catch (error) {
    return err(unreadable(bytes.length, error));
  }
  return ok({ bytes });
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);

/** Browsers read files in pieces of megabytes; smaller ones keep the progress close to what has been worked on. */
const PIECE_BYTES = 65_536;

/** The stream as it was before its head was looked at, in small pieces that are counted as they are asked for. */
function rejoin(head: Uint8Array, raw: Pull, onBytes: (bytes: number) => void): ReadableStream<Uint8Array> {
  let held: Uint8Array | null = head;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (held !== null && held.length === 0) held = await raw.next();
        if (held === null) {
          controller.close();
          return;
        }
        const piece = held.subarray(0, PIECE_BYTES);
        held = held.subarray(piece.length);
        onBytes(piece.length);
        controller.enqueue(piece);
      },
      cancel: () => raw.close(),
    },
    { highWaterMark: 0 },
  );
}

/** The platform's gunzip; its types name only buffers that are not shared, which file bytes are. */
const gunzip = (): ReadableWritablePair<Uint8Array, Uint8Array> =>
  new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;

function limited(source: Pull, limits: ByteLimits, gzip: boolean): ByteSource {
  let at = 0;
  const { budget } = limits;
  const refuse = async (problem: ReadProblem): Promise<Result<never, ReadProblem>> => {
    await source.close();
    return err(problem);
  };
  return {
    close: source.close,
    async read() {
      if (limits.signal?.aborted === true) {
        return refuse({
          code: "import_cancelled",
          place: `byte ${at}`,
          expected: "the end of the file",
          detail: "cancelled",
        });
      }
      let part: Uint8Array | null;
      try {
        part = await source.next();
      } catch (error) {
        return refuse(gzip ? badGzip(at, error) : unreadable(at, error));
      }
      if (part === null) return ok(null);
      at += part.length;
      budget.bytes -= part.length;
      if (budget.bytes >= 0) return ok(part);
      return refuse({
        code: "import_too_large",
        place: `byte ${at}`,
        expected: `at most ${budget.most} bytes`,
        detail: gzip ? "the file unpacks to more" : "the file is larger",
      });
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "it cannot be read");

const unreadable = (at: number, error: unknown): ReadProblem => ({
  code: "import_unreadable",
  place: `byte ${at}`,
  expected: "a file that can be read",
  detail: messageOf(error),
});

const badGzip = (at: number, error: unknown): ReadProblem => ({
  code: "import_malformed",
  place: `unpacked byte ${at}`,
  expected: "a whole gzip file",
  detail: `it is cut off or damaged there: ${messageOf(error)}`,
});
