import { concatBytes, fromUtf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type JsonProblem, parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import type { ByteSource, ReadProblem } from "./byte-source.ts";

export interface DocumentLimits {
  readonly maxLineBytes: number;
  readonly maxDocumentBytes: number;
}

/** One JSON document of a file; `place` is empty when it is the whole file. */
export interface PlacedDocument {
  readonly document: Json;
  readonly place: string;
}

const LINE_FEED = 10;

/**
 * The JSON documents of a file: one a line where the first line is a document of its own, otherwise the whole file as
 * one. Lines are read as they come and forgotten; a bad one ends the reading.
 */
export async function* documentsOf(
  source: ByteSource,
  limits: DocumentLimits,
): AsyncGenerator<Result<PlacedDocument, ReadProblem>> {
  const lines = linesOf(source, limits.maxLineBytes);
  let first: Line | null = null;
  let firstDocument: Json | undefined;
  for await (const read of lines) {
    if (!read.ok) {
      yield read;
      return;
    }
    const line = read.value;
    if (isBlank(line.bytes)) continue;
    if (first === null) {
      const parsed = line.whole ? parseBytes(line.bytes, `line ${line.number}`) : null;
      if (parsed === null || !parsed.ok) {
        yield await wholeDocument(line, source, limits.maxDocumentBytes);
        return;
      }
      first = line;
      firstDocument = parsed.value;
      continue;
    }
    if (firstDocument !== undefined) {
      yield ok({ document: firstDocument, place: `line ${first.number}` });
      firstDocument = undefined;
    }
    const parsed = line.whole ? parseBytes(line.bytes, `line ${line.number}`) : err(tooLong(line, limits.maxLineBytes));
    if (!parsed.ok) {
      yield parsed;
      return;
    }
    yield ok({ document: parsed.value, place: `line ${line.number}` });
  }
  if (firstDocument !== undefined) yield ok({ document: firstDocument, place: "" });
}

interface Line {
  readonly bytes: Uint8Array;
  readonly number: number;
  /** False when the line is longer than allowed; then `bytes` may be only its beginning. */
  readonly whole: boolean;
  /** Whether a line feed followed. */
  readonly ended: boolean;
  /** Bytes after this line that were read already. */
  readonly after: Uint8Array;
}

/** Splits at line feeds before decoding, so that a character cut by a chunk is whole. */
async function* linesOf(source: ByteSource, maxLineBytes: number): AsyncGenerator<Result<Line, ReadProblem>> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 1;
  for (;;) {
    const read = await source.read();
    if (!read.ok) {
      yield read;
      return;
    }
    const chunk = read.value;
    if (chunk === null) break;
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const bytes = concatBytes(...held, chunk.subarray(start, end));
      held = [];
      heldBytes = 0;
      start = end + 1;
      yield ok({ bytes, number, whole: bytes.length <= maxLineBytes, ended: true, after: chunk.subarray(start) });
      number += 1;
    }
    if (start < chunk.length) {
      held.push(chunk.subarray(start));
      heldBytes += chunk.length - start;
    }
    if (heldBytes > maxLineBytes) {
      yield ok({ bytes: concatBytes(...held), number, whole: false, ended: false, after: new Uint8Array() });
      return;
    }
  }
  if (heldBytes > 0)
    yield ok({ bytes: concatBytes(...held), number, whole: true, ended: false, after: new Uint8Array() });
}

/** White space and nothing else; a lone byte-order mark is blank as well. */
function isBlank(bytes: Uint8Array): boolean {
  return withoutMark(bytes).every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

async function wholeDocument(
  first: Line,
  source: ByteSource,
  maxDocumentBytes: number,
): Promise<Result<PlacedDocument, ReadProblem>> {
  const parts = [new Uint8Array(first.number - 1).fill(LINE_FEED), first.bytes];
  if (first.ended) parts.push(Uint8Array.of(LINE_FEED), first.after);
  let bytes = parts.reduce((sum, part) => sum + part.length, 0);
  while (bytes <= maxDocumentBytes) {
    const read = await source.read();
    if (!read.ok) return read;
    if (read.value === null) break;
    bytes += read.value.length;
    parts.push(read.value);
  }
  if (bytes > maxDocumentBytes) {
    await source.close();
    return err({
      code: "import_too_large",
      place: `byte ${bytes}`,
      expected: `one JSON document of at most ${maxDocumentBytes} bytes, or one document a line`,
      detail: "the document is larger",
    });
  }
  const parsed = parseBytes(concatBytes(...parts), "");
  return parsed.ok ? ok({ document: parsed.value, place: "" }) : parsed;
}

const tooLong = (line: Line, most: number): ReadProblem => ({
  code: "import_too_large",
  place: `line ${line.number}`,
  expected: `lines of at most ${most} bytes`,
  detail: "the line is longer",
});

function parseBytes(bytes: Uint8Array, line: string): Result<Json, ReadProblem> {
  const text = fromUtf8(withoutMark(bytes));
  if (!text.ok) {
    return err({
      code: "import_malformed",
      place: line || "the whole file",
      expected: "UTF-8 text",
      detail: "the bytes are not UTF-8",
    });
  }
  const value = parseStrictJson(text.value);
  if (value.ok) return value;
  return err({
    code: "import_malformed",
    place: placeOf(text.value, value.error, line),
    expected: line === "" ? "one JSON document" : "one JSON document a line",
    detail: value.error.detail,
  });
}

const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** Line and column of a JSON problem. Engines tell the place in their message only, and some not at all. */
function placeOf(text: string, problem: JsonProblem, line: string): string {
  const told = /position (\d+)/.exec(problem.detail)?.[1];
  const offset =
    problem.code !== "json_malformed"
      ? problem.offset
      : told !== undefined
        ? Number(told)
        : /\bend\b|unterminated/i.test(problem.detail)
          ? text.length
          : unexpectedToken(text);
  if (offset === null) return line || "the whole file";
  const before = text.slice(0, offset);
  const column = offset - (before.lastIndexOf("\n") + 1) + 1;
  return line === "" ? `line ${before.split("\n").length}, column ${column}` : `${line}, column ${column}`;
}

/**
 * Offset of a token the engine calls unexpected without saying where: the shortest beginning of the text that is refused
 * for it; a shorter one only ends too early. Null where the engine has other words.
 */
function unexpectedToken(text: string): number | null {
  const refused = (length: number): boolean => {
    try {
      JSON.parse(text.slice(0, length));
      return false;
    } catch (error) {
      return error instanceof Error && error.message.startsWith("Unexpected token");
    }
  };
  if (!refused(text.length)) return null;
  let low = 0;
  let high = text.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (refused(middle)) high = middle;
    else low = middle;
  }
  return high - 1;
}
