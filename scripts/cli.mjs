// npm run cli: runs server/cli.ts over standard input, or the Node host, from a bundle that is made again when a source is newer.
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = join(root, ".cache/cli.mjs");

function fail(message, exitCode) {
  process.stderr.write(`cli: ${message}\n`);
  process.exitCode = exitCode;
}

function isStale() {
  const madeMs = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs;
  if (madeMs === undefined) return true;
  const sources = ["app", "server"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => join(folder, name)),
  );
  const others = ["scripts/cli.mjs", "package.json"];
  return [...sources, ...others].some((name) => statSync(join(root, name)).mtimeMs >= madeMs);
}

/** Renamed into place, so that commands joined by a pipe never read each other's half-written bundle. */
async function makeBundle() {
  const { build } = await import("vite");
  const { output } = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "silent",
    // One file: parts that are loaded later would have to be found beside it.
    build: {
      ssr: "server/cli.ts",
      write: false,
      target: "node20",
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  mkdirSync(join(root, ".cache"), { recursive: true });
  const part = `${bundle}.${process.pid}`;
  writeFileSync(part, output[0].code);
  renameSync(part, bundle);
}

/** Waits for a slow reader, so that a long input is not held in memory. */
function write(line) {
  return new Promise((resolve) => {
    if (process.stdout.write(line)) resolve();
    else process.stdout.once("drain", resolve);
  });
}

/** A host closes what it has open when it is told to end; every other command just ends, and so does one told twice. */
function endOf(args) {
  const ending = new AbortController();
  if (args[0] === "serve") for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => ending.abort());
  return ending.signal;
}

// A reader that has seen enough closes the pipe; that is no failure of this side.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  // Whoever starts it many times says that it is made: nothing that is written meanwhile has them all bundle again.
  if (process.env.SIGNALBOX_CLI !== "made" && isStale()) await makeBundle();
  const made = pathToFileURL(bundle);
  const { runCli } = await import(made.href);
  const args = process.argv.slice(2);
  const result = await runCli(args, process.stdin, write, endOf(args), made);
  if (!result.ok) fail(result.error.message, result.error.exitCode);
} catch (error) {
  fail(String(error instanceof Error ? error.message : error).split("\n")[0], 1);
}
