import { parseArgs } from "node:util";
import { err, ok, type Result } from "../app/base/result.ts";
import type { CheckPoolPorts } from "../app/host/log-check/check-pool.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { detectInFiles } from "./behavior-detect.ts";
import { benchCommand } from "./bench-command.ts";
import { breakerCommand } from "./breaker-command.ts";
import { nodeChecks, serveChecks } from "./check-workers.ts";
import { exportFocus, validateFocusFile } from "./focus-command.ts";
import { summarizeFiles } from "./import-command.ts";
import { jwsCommand } from "./jws-command.ts";
import { type LineCommand, linesOf, oneLine } from "./lines.ts";
import { policyCommand } from "./policy-command.ts";
import { consistencyCommand, inclusionCommand, jcsCommand } from "./proof-commands.ts";
import { queryLogFile } from "./query-command.ts";
import { readServeOptions, serve } from "./serve-command.ts";
import { verifyTilesFolder, writeTilesFolder } from "./tiles-command.ts";
import { tokenCommand } from "./token-command.ts";
import { bundleCommand, checkpointCommand, receiptCommand } from "./transparency-commands.ts";
import { problemOf, readCheckpointHead, readHead, verifyLogFile } from "./verify-log-command.ts";
import { packProblem, verifyPackFile } from "./verify-pack-command.ts";

// A thread that checks entries runs this very module.
serveChecks();

/** The exit code, with the one line for standard error that goes with it. */
interface Failure {
  readonly exitCode: 1 | 2;
  readonly message: string;
}
type Ended = Result<void, Failure>;
type Write = (line: string) => Promise<void>;

/** Options a command takes beside `--json`, which asks for what there is anyway. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  import: ["run"],
  "verify-log": ["head", "checkpoint", "workers"],
  "verify-pack": ["head", "log-key", "workers"],
  serve: ["data", "port", "domain"],
  tiles: ["key"],
};
const USES =
  "import FILE... [--run N|ID], verify-log FILE [--head SIZE:ROOT | --checkpoint NOTE] [--workers N], verify-pack FILE [--head SIZE:ROOT] [--log-key THUMBPRINT] [--workers N], query LOG EXPRESSION, focus export LOG, focus validate FILE, behavior detect FILE..., serve --data DIR --port N [--domain NAME], tiles write LOG DIR, tiles verify DIR [--key KEY]";

/**
 * Runs one command: every line of `input` is answered with one line of JSON, given to `write` before the next is read.
 *
 * `jcs` answers `{"hex": canonical bytes}` or `{"error": code}`, so that a refused value is an answer like any other.
 * `merkle verify-inclusion` and `merkle verify-consistency` answer `{"ok": boolean}` and stop at a line that is no proof.
 * `jws verify`, `token verify`, `policy decide`, `checkpoint verify`, `bundle verify`, `receipt verify` and `bench verify` answer with what the console itself would find, and stop at a line
 * that is not theirs; `--help` says what each takes.
 * `import FILE...` answers with the counts of a recorded run, or fails (2) with the place and what was expected; several
 * files, or a folder, are the parts of one rolled log. Where they hold several runs it answers with all of them, or with the
 * one that `--run` names by number or id.
 * `verify-log FILE` answers one report and fails (1) unless everything in it was checked and holds.
 * `verify-pack FILE` does the same for an evidence pack, its page or its document. A long file is checked by threads beside
 * this one, one less than there are cores or `--workers N`; `--workers 0` is this thread alone. The answer is the same.
 * `tiles write LOG DIR` writes an exported log as files of a transparency log; `tiles verify DIR` reads them and fails (1)
 * unless all of it holds.
 * `query LOG EXPRESSION` answers with a line for each entry of an exported log that the expression means, oldest first, and
 * a last line that counts them; a mistake in the expression is one line that says where, and fails (1).
 * `focus export LOG` writes what an exported log charges as FOCUS 1.2, CSV or with `--json` JSON; `focus validate FILE` answers
 * with what is wrong with such a file, and fails (1) where anything is.
 * `behavior detect FILE...` answers with a line for each annotated run: whether a profile learned from the others flags it, by
 * what and at which step. docs/behavior-detection.md tells the method.
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
  /** The module this is in, where threads can run it too. */
  module: URL | null = null,
): Promise<Ended> {
  const read = readArgs(args);
  if (!read.ok) return read;
  const { words, data, port, domain, key, json, help } = read.value;
  if (help) {
    await write(helpOf(words.join(" ")));
    return ok(undefined);
  }
  const [name = "", file, ...more] = words;
  if (name === "serve") return runServe({ words, data, port, domain, json }, write, until);
  if ((name === "import" || name === "verify-log" || name === "verify-pack") && file === undefined) {
    return err({ exitCode: 2, message: `${name}: name the FILE to read` });
  }
  if (name === "import" && file !== undefined) return runImport([file, ...more], read.value.run, write);
  if (name === "verify-log" && file !== undefined) return runVerifyLog(file, read.value, module, write);
  if (name === "verify-pack" && file !== undefined) return runVerifyPack(file, read.value, module, write);
  if (name === "tiles") return runTiles(words.slice(1), key, write);
  if (name === "focus") return runFocus(words.slice(1), json, write);
  if (name === "behavior") return runBehavior(words.slice(1), write);
  if (name === "query") return runQuery(file, more.join(" "), write);
  const command = words.join(" ");
  const found = COMMANDS.get(command);
  if (found === undefined) {
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
    const answered = await found.answer(line, sha256);
    if (!answered.ok) return err({ exitCode: 1, message: oneLine(`${command}: line ${number}: ${answered.error}`) });
    await write(`${JSON.stringify(answered.value)}\n`);
  }
  return ok(undefined);
}

interface Args {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
  readonly head: string | undefined;
  readonly checkpoint: string | undefined;
  readonly logKey: string | undefined;
  readonly data: string | undefined;
  readonly port: string | undefined;
  readonly domain: string | undefined;
  readonly key: string | undefined;
  readonly run: string | undefined;
  readonly workers: string | undefined;
}

function readArgs(args: readonly string[]): Result<Args, Failure> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    json: flag,
    help: flag,
    head: text,
    checkpoint: text,
    "log-key": text,
    data: text,
    port: text,
    domain: text,
    key: text,
    run: text,
    workers: text,
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { json = false, help = false, head, checkpoint, data, port, domain, key, run, workers } = values;
    const taken = OPTIONS[positionals[0] ?? ""] ?? [];
    const stray = Object.keys(values).find(
      (option) => option !== "json" && option !== "help" && !taken.includes(option),
    );
    if (stray !== undefined)
      return err({ exitCode: 2, message: oneLine(`${positionals[0] ?? "no command"}: --${stray} is not its option`) });
    const logKey = values["log-key"];
    return ok({ words: positionals, json, help, head, checkpoint, logKey, data, port, domain, key, run, workers });
  } catch (error) {
    return err({ exitCode: 2, message: oneLine(error instanceof Error ? error.message : "the options are unknown") });
  }
}

async function runImport(files: readonly string[], run: string | undefined, write: Write): Promise<Ended> {
  const summary = await summarizeFiles(files, run);
  if (!summary.ok) return err({ exitCode: 2, message: oneLine(`import: ${summary.error}`) });
  await write(`${JSON.stringify(summary.value)}\n`);
  return ok(undefined);
}

async function runFocus([what, file]: readonly string[], json: boolean, write: Write): Promise<Ended> {
  if ((what !== "export" && what !== "validate") || file === undefined)
    return err({ exitCode: 2, message: "focus: use focus export LOG or focus validate FILE" });
  const failed = ({ exitCode, message }: Failure): Ended => err({ exitCode, message: oneLine(`focus: ${message}`) });
  if (what === "export") {
    const text = await exportFocus(file, json ? "json" : "csv", await createSha256());
    if (!text.ok) return failed(text.error);
    await write(text.value);
    return ok(undefined);
  }
  const report = await validateFocusFile(file);
  if (!report.ok) return failed(report.error);
  await write(`${JSON.stringify(report.value)}\n`);
  const [first] = report.value.problems;
  return first === undefined
    ? ok(undefined)
    : failed({ exitCode: 1, message: `charge ${first.row}, ${first.column}: ${first.detail}` });
}

async function runVerifyLog(
  file: string,
  { head, checkpoint, workers }: Args,
  module: URL | null,
  write: Write,
): Promise<Ended> {
  if (head !== undefined && checkpoint !== undefined)
    return err({ exitCode: 2, message: "verify-log: --head and --checkpoint say the same: give one of them" });
  const kept = checkpoint === undefined ? ok(null) : await readCheckpointHead(checkpoint);
  const pinned = head === undefined ? kept : readHead(head);
  if (!pinned.ok) return err({ exitCode: 2, message: `verify-log: ${pinned.error}` });
  const checks = checksOf(workers, module);
  if (!checks.ok) return err({ exitCode: 2, message: `verify-log: ${checks.error}` });
  const report = await verifyLogFile(file, pinned.value, await createSha256(), checks.value);
  if (!report.ok) return err({ exitCode: 2, message: oneLine(`verify-log: ${report.error}`) });
  await write(`${JSON.stringify(report.value)}\n`);
  const problem = problemOf(report.value);
  return problem === null ? ok(undefined) : err({ exitCode: 1, message: oneLine(`verify-log: ${problem}`) });
}

/** Threads that check entries, or null for this one alone. */
function checksOf(workers: string | undefined, module: URL | null): Result<CheckPoolPorts | null, string> {
  if (workers === undefined) return ok(module === null ? null : nodeChecks(module, null));
  if (!/^\d{1,2}$/.test(workers)) return err("--workers takes a number of threads, 0 for none");
  if (Number(workers) === 0) return ok(null);
  return module === null ? err("--workers: no threads can be made here") : ok(nodeChecks(module, Number(workers)));
}

async function runTiles(words: readonly string[], key: string | undefined, write: Write): Promise<Ended> {
  const [verb, first, folder, ...rest] = words;
  const isWrite =
    verb === "write" && first !== undefined && folder !== undefined && rest.length === 0 && key === undefined;
  const isVerify = verb === "verify" && first !== undefined && folder === undefined;
  if (!isWrite && !isVerify)
    return err({ exitCode: 2, message: "tiles: use write LOG DIR, or verify DIR [--key KEY]" });
  const sha256 = await createSha256();
  const answer = isWrite ? await writeTilesFolder(first, folder, sha256) : await verifyTilesFolder(first, key, sha256);
  if (!answer.ok) return err({ exitCode: 2, message: oneLine(`tiles: ${answer.error}`) });
  await write(`${JSON.stringify(answer.value)}\n`);
  const { code } = answer.value;
  return code === undefined ? ok(undefined) : err({ exitCode: 1, message: oneLine(`tiles: ${code}`) });
}

async function runQuery(file: string | undefined, expression: string, write: Write): Promise<Ended> {
  if (file === undefined) return err({ exitCode: 2, message: "query: name the LOG to read" });
  const answer = await queryLogFile(file, expression, await createSha256());
  if (!answer.ok) return err({ exitCode: 2, message: oneLine(`query: ${answer.error}`) });
  if (!answer.value.ok) {
    const { problems } = answer.value;
    await write(`${JSON.stringify({ problems })}\n`);
    const first = problems[0];
    return err({ exitCode: 1, message: oneLine(`query: ${first?.code} at ${first?.offset}: ${first?.detail}`) });
  }
  for (const row of answer.value.rows) await write(`${JSON.stringify(row)}\n`);
  await write(`${JSON.stringify(answer.value.summary)}\n`);
  return ok(undefined);
}

async function runBehavior([what, ...files]: readonly string[], write: Write): Promise<Ended> {
  if (what !== "detect" || files.length === 0)
    return err({ exitCode: 2, message: "behavior: use behavior detect FILE..." });
  const found = await detectInFiles(files);
  if (!found.ok) return err({ exitCode: 2, message: oneLine(`behavior: ${found.error}`) });
  for (const row of found.value) await write(`${JSON.stringify(row)}\n`);
  return ok(undefined);
}

async function runVerifyPack(
  file: string,
  { head, logKey, workers }: Args,
  module: URL | null,
  write: Write,
): Promise<Ended> {
  const pinned = head === undefined ? ok(null) : readHead(head);
  if (!pinned.ok) return err({ exitCode: 2, message: `verify-pack: ${pinned.error}` });
  const checks = checksOf(workers, module);
  if (!checks.ok) return err({ exitCode: 2, message: `verify-pack: ${checks.error}` });
  const known = { head: pinned.value, logKey: logKey ?? null };
  const report = await verifyPackFile(file, known, await createSha256(), checks.value);
  if (!report.ok) return err({ exitCode: 2, message: oneLine(`verify-pack: ${report.error}`) });
  await write(`${JSON.stringify(report.value)}\n`);
  const problem = packProblem(report.value);
  return problem === null ? ok(undefined) : err({ exitCode: 1, message: oneLine(`verify-pack: ${problem}`) });
}

async function runServe(
  args: Pick<Args, "words" | "data" | "port" | "domain" | "json">,
  write: Write,
  until: AbortSignal,
): Promise<Ended> {
  const options = readServeOptions(args);
  if (!options.ok) return err({ exitCode: 2, message: oneLine(`serve: ${options.error}`) });
  const served = await serve(options.value, write, until);
  return served.ok ? served : err({ exitCode: 2, message: oneLine(`serve: ${served.error}`) });
}

/** The commands that answer standard input line by line. */
const COMMANDS: ReadonlyMap<string, LineCommand> = new Map([
  ["jcs", jcsCommand],
  ["merkle verify-inclusion", inclusionCommand],
  ["merkle verify-consistency", consistencyCommand],
  ["jws verify", jwsCommand],
  ["token verify", tokenCommand],
  ["policy decide", policyCommand],
  ["breaker run", breakerCommand],
  ["bench verify", benchCommand],
  ["checkpoint verify", checkpointCommand],
  ["bundle verify", bundleCommand],
  ["receipt verify", receiptCommand],
]);

/** What `--help` says: of one command what it takes and answers, else of all that they are there. */
function helpOf(command: string): string {
  const named = COMMANDS.get(command);
  const lines =
    named === undefined
      ? [
          "npm run -s cli -- COMMAND, where COMMAND answers standard input, one JSON value a line,",
          ...[...COMMANDS].map(([name, { help }]) => `  ${name.padEnd(26)} ${help[0] ?? ""}`),
          "or is one of",
          ...USES.split(", ").map((use) => `  ${use}`),
          "COMMAND --help says what a line takes. Exit code 0: all answered; 1: a bad line, or a log that does not hold;",
          "2: no such command, or a file that cannot be used. One line on standard error goes with 1 and 2.",
        ]
      : [
          `${command}: ${named.help[0] ?? ""}. One JSON value a line in, one JSON answer a line out.`,
          ...named.help.slice(1),
        ];
  return lines.map((line) => `${line}\n`).join("");
}
