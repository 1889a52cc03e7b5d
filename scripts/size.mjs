// What the first screen loads, gzip, against its budget. Fails when over it, and when it looked at nothing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureBuild } from "./build.mjs";

const BUDGET_BYTES = 250_000;
/** The page itself, and the pane that `/` leads to. */
const FIRST_SCREEN = ["index.html", "app/features/watch/watch-pane.tsx"];
/** Loaded by index.html beside the build's own files. */
const STATIC_FILES = ["boot.js"];

process.chdir(new URL("..", import.meta.url).pathname);
ensureBuild();
const path = "dist/.vite/manifest.json";
if (!existsSync(path)) {
  process.stderr.write(`${path} is missing: build first\n`);
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(path, "utf8"));

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

const rows = [...files]
  .map((file) => {
    const bytes = readFileSync(join("dist", file));
    return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  })
  .sort((a, b) => b.gzip - a.gzip);
const total = rows.reduce((sum, row) => sum + row.gzip, 0);
if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ totalBytes: total, budgetBytes: BUDGET_BYTES, files: rows })}\n`);
  process.exit(missing.length > 0 ? 1 : 0);
}
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
for (const row of rows) process.stdout.write(`${kb(row.gzip)} gzip ${kb(row.raw)}  ${row.file}\n`);
process.stdout.write(`${kb(total)} gzip of ${kb(BUDGET_BYTES).trim()} for the first screen\n`);
for (const key of missing) process.stderr.write(`${key} is not in the build: nothing was measured for it\n`);
if (total > BUDGET_BYTES)
  process.stderr.write(`the first screen is ${kb(total - BUDGET_BYTES).trim()} over its budget\n`);
process.exit(missing.length > 0 || total > BUDGET_BYTES ? 1 : 0);
