// What the first screen loads, gzip, against its budget: the page, and beside it the engine's worker. Fails when over one,
// when a module of the engine's side is in the page, and when it looked at nothing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureBuild } from "./build.mjs";
import { leaksIn, workerOf } from "./page-modules.mjs";

const BUDGET_BYTES = 250_000;
/**
 * The engine's worker begins with the page and answers its first question; it does not hold up the first paint. It knows
 * every area that has an engine, because its first act is to fold the log; what it needs for single questions (the verifier
 * of passkeys, the layout, the importers, the plan of a rollback) is loaded when asked for. More and smaller parts make it
 * larger, not smaller: what they share becomes parts too. An area more costs about 20 kB: its fold, its tokens' schemas and
 * its operations.
 */
const WORKER_BUDGET_BYTES = 270_000;
const ENGINE_WORKER = "app/worker/main.ts";
/** The page itself, and the pane that `/` leads to. */
const FIRST_SCREEN = ["index.html", "app/features/watch/watch-pane.tsx"];
/** Loaded by index.html beside the build's own files. */
const STATIC_FILES = ["boot.js"];

process.chdir(new URL("..", import.meta.url).pathname);
ensureBuild();
const manifest = read("dist/.vite/manifest.json");
const modules = read("dist/.vite/modules.json");

function read(path) {
  if (!existsSync(path)) {
    process.stderr.write(`${path} is missing: build first\n`);
    process.exit(1);
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

const files = new Set(STATIC_FILES);
const missing = FIRST_SCREEN.filter((key) => manifest[key] === undefined);
const seen = new Set();
function take(key) {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return;
  seen.add(key);
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) take(imported);
}
for (const key of FIRST_SCREEN) take(key);

const sizeOf = (file) => {
  const bytes = readFileSync(join("dist", file));
  return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
};
const rows = [...files].map(sizeOf).sort((a, b) => b.gzip - a.gzip);
const total = rows.reduce((sum, row) => sum + row.gzip, 0);
const workerFile = workerOf(modules, ENGINE_WORKER);
const worker = workerFile === undefined ? null : sumOf(withImports(workerFile));

/** A worker's file with all that it imports at once: what it loads later begins with `import(`. */
function withImports(first) {
  const found = [first];
  for (const file of found)
    for (const [, name] of readFileSync(join("dist", file), "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      if (!found.includes(`assets/${name}`)) found.push(`assets/${name}`);
  return found;
}

function sumOf(all) {
  const sizes = all.map(sizeOf);
  const sum = (member) => sizes.reduce((total, size) => total + size[member], 0);
  return { file: all.join(" "), raw: sum("raw"), gzip: sum("gzip") };
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
const problems = [
  ...leaksIn(manifest, modules, "index.html"),
  ...missing.map((key) => `${key} is not in the build: nothing was measured for it`),
];
if (worker === null) problems.push(`no worker is made of ${ENGINE_WORKER}: nothing was measured for it`);
if (process.argv.includes("--json")) {
  const workerBytes = worker?.gzip ?? null;
  const report = { totalBytes: total, budgetBytes: BUDGET_BYTES, workerBytes, workerBudgetBytes: WORKER_BUDGET_BYTES };
  process.stdout.write(`${JSON.stringify({ ...report, files: rows })}\n`);
} else {
  for (const row of rows) process.stdout.write(`${kb(row.gzip)} gzip ${kb(row.raw)}  ${row.file}\n`);
  process.stdout.write(`${kb(total)} gzip of ${kb(BUDGET_BYTES).trim()} for the first screen\n`);
  if (worker !== null) {
    const { gzip, raw, file } = worker;
    process.stdout.write(`${kb(gzip)} gzip ${kb(raw)}  ${file}\n`);
    process.stdout.write(`${kb(gzip)} gzip of ${kb(WORKER_BUDGET_BYTES).trim()} for the engine's worker beside it\n`);
  }
  const over = (what, bytes, budget) => {
    if (bytes > budget) problems.push(`${what} is ${kb(bytes - budget).trim()} over its budget`);
  };
  over("the first screen", total, BUDGET_BYTES);
  over("the engine's worker", worker?.gzip ?? 0, WORKER_BUDGET_BYTES);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
