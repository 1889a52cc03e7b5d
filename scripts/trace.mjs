// npm run trace: every requirement id with the tests that prove it. --check fails on a stale file or an unknown id.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { testTitles } from "./test-titles.mjs";

const ID = /^[A-Z]{1,4}-S?\d+$|^[A-Z]\d{1,2}$/;
const known = new Map();
for (const folder of ["docs/spec", "docs/requirements"]) {
  for (const name of (await readdir(folder)).sort()) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      const id = /^- ([A-Z]+-S?\d+)\b/.exec(line)?.[1] ?? /^\| *\**([A-Z]\d{1,2})\** *\|/.exec(line)?.[1];
      if (id !== undefined && !known.has(id)) known.set(id, `${folder}/${name}`);
    }
  }
}

const tests = new Map();
const unknown = [];
let titles = 0;
for (const top of ["app", "server", "e2e", "mocks", "scripts", "bench", "verifier"]) {
  if (!existsSync(top)) continue;
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(test|suite|spec)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const file of files.sort()) collect(file);
}

/** Ids stand in square brackets at the beginning of a title. */
function collect(file) {
  for (const text of testTitles(file, readFileSync(file, "utf8"))) {
    const ids = /^(\[[A-Z0-9-]+\] ?)+/.exec(text)?.[0].match(/[A-Z0-9-]+/g) ?? [];
    if (ids.length > 0) titles += 1;
    for (const id of ids) {
      if (!ID.test(id) || !known.has(id)) unknown.push(`${file}: "${text}" names ${id}, which no requirement has`);
      else tests.set(id, [...(tests.get(id) ?? []), `${text.replace(/^(\[[A-Z0-9-]+\] ?)+/, "")} (${file})`]);
    }
  }
}

const order = new Intl.Collator("en", { numeric: true });
const ids = [...known.keys()].sort(order.compare);
const proven = ids.filter((id) => tests.has(id));
const lines = [
  "# Traceability",
  "",
  "Made by `npm run trace` from the ids in `docs/spec` and `docs/requirements` and the titles of the tests. An id without a test is not proven.",
  "",
  `${proven.length} of ${ids.length} ids have a test.`,
  "",
  "## Proven",
  "",
  ...proven.flatMap((id) => [
    `- **${id}** (${known.get(id)})`,
    ...[...new Set(tests.get(id))].map((test) => `  - ${test}`),
  ]),
  "",
  "## Without a test",
  "",
  ids.filter((id) => !tests.has(id)).join(" "),
  "",
];
const text = lines.join("\n");
const path = "docs/traceability.md";
for (const problem of unknown) process.stderr.write(`${problem}\n`);
if (titles === 0 || ids.length === 0) {
  process.stderr.write("no titles or no ids were found\n");
  process.exit(1);
}
if (process.argv.includes("--check")) {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${path} is stale: run npm run trace\n`);
    process.exit(1);
  }
} else {
  writeFileSync(path, text);
  process.stdout.write(text);
}
process.exit(unknown.length === 0 ? 0 : 1);
