import type * as z from "zod";
import { concatBytes, fromUtf8 } from "../app/base/bytes.ts";
import type { Json } from "../app/base/json.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { parseStrictJson } from "../app/protocol/jcs/strict-json.ts";

/** One answer for one line, without its line feed; a text says why the line cannot be answered at all. */
export type Answer = (line: Uint8Array, sha256: Sha256) => Result<Json, string> | Promise<Result<Json, string>>;

/** A command that answers standard input line by line, with what `--help` says of it: a sentence, then its members. */
export interface LineCommand {
  readonly answer: Answer;
  readonly help: readonly string[];
}

/** Reads a line as JSON of the shape a command takes; a text names the first member that is not as it should be. */
export function readLine<T>(line: Uint8Array, schema: z.ZodType<T>): Result<T, string> {
  const text = fromUtf8(line);
  if (!text.ok) return err("not UTF-8");
  const value = parseStrictJson(text.value);
  if (!value.ok) return err(value.error.detail);
  const read = schema.safeParse(value.value);
  if (read.success) return ok(read.data);
  const issue = read.error.issues[0];
  return err([issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
}

/** Splits at line feeds before decoding, so that a character cut by a chunk is whole and a bad byte stays in its line. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const LINE_FEED = 10;
  let held: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield concatBytes(...held, chunk.subarray(start, end));
      held = [];
      start = end + 1;
    }
    if (start < chunk.length) held.push(chunk.subarray(start));
  }
  if (held.length > 0) yield concatBytes(...held);
}

/** Details quote the input, which may hold control characters. */
export const oneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, " ");
