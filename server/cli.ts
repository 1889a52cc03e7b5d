import { parseArgs } from "node:util";
import * as z from "zod";
import { concatBytes, fromUtf8, toHex } from "../app/base/bytes.ts";
import type { Json } from "../app/base/json.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { canonicalBytes } from "../app/protocol/jcs/canonical.ts";
import { parseStrictJson } from "../app/protocol/jcs/strict-json.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { verifyConsistency, verifyInclusion } from "../app/protocol/merkle/verify.ts";
import { summarizeFiles } from "./import-command.ts";
import { readServeOptions, serve } from "./serve-command.ts";
import { problemOf, readHead, verifyLogFile } from "./verify-log-command.ts";

/** One answer for one line, without its line feed; a text says why the line cannot be answered at all. */
type Answer = (line: Uint8Array, sha256: Sha256) => Result<Json, string>;

/** The exit code, with the one line for standard error that goes with it. */
interface Failure {
  readonly exitCode: 1 | 2;
  readonly message: string;
}
type Ended = Result<void, Failure>;
type Write = (line: string) => Promise<void>;

/** Options a command takes beside `--json`, which asks for what there is anyway. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = { "verify-log": ["head"], serve: ["data", "port"] };
const USES = "import FILE..., verify-log FILE [--head SIZE:ROOT], serve --data DIR --port N";

/**
 * Runs one command: every line of `input` is answered with one line of JSON, given to `write` before the next is read.
 *
 * `jcs` answers `{"hex": canonical bytes}` or `{"error": code}`, so that a refused value is an answer like any other.
 * `merkle verify-inclusion` and `merkle verify-consistency` answer `{"ok": boolean}` and stop at a line that is no proof.
 * `import FILE...` answers with the counts of a recorded run, or fails (2) with the place and what was expected; several
 * files, or a folder, are the parts of one rolled log.
 * `verify-log FILE` answers one report and fails (1) unless everything in it was checked and holds.
 * `serve` runs the Node host until `until` is aborted.
 *
 * @returns the exit code, 0 when all was answered, 1 at a bad line or a log that does not hold, 2 for a command or a file
 * that cannot be used, and the one line for standard error that goes with 1 and 2.
 */
export async function runCli(
  args: readonly string[],
  input: AsyncIterable<Uint8Array>,
  write: Write,
  until: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  const read = readArgs(args);
  if (!read.ok) return read;
  const { words, head, data, port, json } = read.value;
  const [name = "", file, ...more] = words;
  if (name === "serve") return runServe({ words, data, port, json }, write, until);
  if ((name === "import" || name === "verify-log") && file === undefined) {
    return err({ exitCode: 2, message: `${name}: name the FILE to read` });
  }
  if (name === "import" && file !== undefined) return runImport([file, ...more], write);
  if (name === "verify-log" && file !== undefined) return runVerifyLog(file, head, write);
  const command = words.join(" ");
  const answer = COMMANDS.get(command);
  if (answer === undefined) {
    const asked = command === "" ? "no command" : `unknown command "${command}"`;
    return err({
      exitCode: 2,
      message: oneLine(`${asked}; use one of: ${[...COMMANDS.keys()].join(", ")}, ${USES}`),
    });
  }
  const sha256 = await createSha256();
  let number = 0;
  for await (const line of linesOf(input)) {
    number += 1;
    const answered = answer(line, sha256);
    if (!answered.ok) return err({ exitCode: 1, message: oneLine(`${command}: line ${number}: ${answered.error}`) });
    await write(`${JSON.stringify(answered.value)}\n`);
  }
  return ok(undefined);
}

interface Args {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly head: string | undefined;
  readonly data: string | undefined;
  readonly port: string | undefined;
}

function readArgs(args: readonly string[]): Result<Args, Failure> {
  const text = { type: "string" } as const;
  const options = { json: { type: "boolean" }, head: text, data: text, port: text } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { json = false, head, data, port } = values;
    const taken = OPTIONS[positionals[0] ?? ""] ?? [];
    const stray = Object.keys(values).find((option) => option !== "json" && !taken.includes(option));
    if (stray !== undefined)
      return err({ exitCode: 2, message: oneLine(`${positionals[0] ?? "no command"}: --${stray} is not its option`) });
    return ok({ words: positionals, json, head, data, port });
  } catch (error) {
    return err({ exitCode: 2, message: oneLine(error instanceof Error ? error.message : "the options are unknown") });
  }
}

async function runImport(files: readonly string[], write: Write): Promise<Ended> {
  const summary = await summarizeFiles(files);
  if (!summary.ok) return err({ exitCode: 2, message: oneLine(`import: ${summary.error}`) });
  await write(`${JSON.stringify(summary.value)}\n`);
  return ok(undefined);
}

async function runVerifyLog(file: string, head: string | undefined, write: Write): Promise<Ended> {
  const pinned = head === undefined ? ok(null) : readHead(head);
  if (!pinned.ok) return err({ exitCode: 2, message: `verify-log: ${pinned.error}` });
  const report = await verifyLogFile(file, pinned.value, await createSha256());
  if (!report.ok) return err({ exitCode: 2, message: oneLine(`verify-log: ${report.error}`) });
  await write(`${JSON.stringify(report.value)}\n`);
  const problem = problemOf(report.value);
  return problem === null ? ok(undefined) : err({ exitCode: 1, message: oneLine(`verify-log: ${problem}`) });
}

async function runServe(
  args: Pick<Args, "words" | "data" | "port" | "json">,
  write: Write,
  until: AbortSignal,
): Promise<Ended> {
  const options = readServeOptions(args);
  if (!options.ok) return err({ exitCode: 2, message: oneLine(`serve: ${options.error}`) });
  const served = await serve(options.value, write, until);
  return served.ok ? served : err({ exitCode: 2, message: oneLine(`serve: ${served.error}`) });
}

const jcs: Answer = (line) => {
  const text = fromUtf8(line);
  if (!text.ok) return ok({ error: text.error.code });
  const value = parseStrictJson(text.value);
  if (!value.ok) return ok({ error: value.error.code });
  const bytes = canonicalBytes(value.value);
  return ok(bytes.ok ? { hex: toHex(bytes.value) } : { error: bytes.error.code });
};

/** Padded base64, as the published vectors have it. An absent hash is null there: no bytes, which no proof accepts. */
const hashSchema = z
  .string()
  .nullable()
  .transform((text, context) => {
    const bytes = Buffer.from(text ?? "", "base64");
    if (bytes.toString("base64") === (text ?? "")) return new Uint8Array(bytes);
    context.addIssue({ code: "custom", message: "not padded base64" });
    return z.NEVER;
  });
const pathSchema = z
  .array(hashSchema)
  .nullable()
  .transform((path) => path ?? []);

// Sizes are any number: one that no tree has is a proof that fails, not a line that cannot be read.
const inclusionSchema = z.object({
  leafIdx: z.number(),
  treeSize: z.number(),
  root: hashSchema,
  leafHash: hashSchema,
  proof: pathSchema,
});
const consistencySchema = z.object({
  size1: z.number(),
  size2: z.number(),
  root1: hashSchema,
  root2: hashSchema,
  proof: pathSchema,
});

const inclusion: Answer = (line, sha256) => {
  const read = readLine(line, inclusionSchema);
  if (!read.ok) return read;
  const { leafIdx: index, treeSize: size, leafHash: leaf, proof: path, root } = read.value;
  return ok({ ok: verifyInclusion({ index, size, leaf, path, root }, sha256) });
};

const consistency: Answer = (line, sha256) => {
  const read = readLine(line, consistencySchema);
  if (!read.ok) return read;
  const { proof: path, ...heads } = read.value;
  return ok({ ok: verifyConsistency({ ...heads, path }, sha256) });
};

const COMMANDS: ReadonlyMap<string, Answer> = new Map([
  ["jcs", jcs],
  ["merkle verify-inclusion", inclusion],
  ["merkle verify-consistency", consistency],
]);

function readLine<T>(line: Uint8Array, schema: z.ZodType<T>): Result<T, string> {
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
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, " ");
