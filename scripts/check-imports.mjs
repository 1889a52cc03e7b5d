// The dependency arrow as an allow-list: what is not on a line below may not be imported. Fails when it looked at nothing.
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";

/** from (room) -> to (room): why. Order of reading: base <- protocol <- engine <- gateway <- agents, storage, dispatch <- hosts. */
const ALLOWED = [
  ["app/protocol", "app/base", "wire formats rest on results, bytes and ports only"],
  ["app/engine", "app/base", "decisions need results, assertions and ports"],
  ["app/engine", "app/protocol", "decisions are about verified tokens"],
  ["app/gateway", "app/base", "the enforcement point needs results and the clock port"],
  ["app/gateway", "app/protocol", "it reads claims and refusals"],
  ["app/gateway", "app/engine", "it asks the engine before every effect"],
  ["app/agents", "app/base", "agents need ids and a clock"],
  ["app/agents", "app/protocol", "agents sign what they say"],
  ["app/storage", "app/base", "storage answers with results"],
  ["app/storage", "app/protocol", "it stores ledger entries and knows the empty root"],
  ["app/storage", "app/engine", "it implements the engine's ports"],
  ["app/api/contract", "app/base", "the contract's values"],
  ["app/api/contract", "app/protocol", "the contract carries tokens and claims"],
  ["server", "app/base", "the command line runs the same modules"],
  ["server", "app/protocol", "the command line runs the same modules"],
  ["server", "app/agents", "the command line imports recorded runs"],
  ["server", "app/engine", "the server host implements the engine's ports"],
  ["server", "app/storage", "its file storage shares frame handling with the others"],
];
/** What tests may import on top. */
const TESTS_ALLOWED = [
  ["app/engine", "app/storage", "engine tests run over memory storage"],
  ["app/agents", "app/engine", "an agent is tested against the real engine"],
  ["app/agents", "app/gateway", "an agent is tested against the real enforcement point"],
];

const ROOMS = [
  "app/api/contract",
  "app/base",
  "app/protocol",
  "app/engine",
  "app/gateway",
  "app/agents",
  "app/storage",
  "server",
];
const roomOf = (path) => ROOMS.find((room) => path === room || path.startsWith(`${room}/`)) ?? null;
const isTest = (path) => /\.(test|suite|fixture)\.tsx?$/.test(path);

const files = [];
for (const top of ["app", "server"]) {
  if (!existsSync(top)) continue;
  for (const entry of await readdir(top, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.tsx?$/.test(entry.name)) files.push(join(entry.parentPath ?? entry.path, entry.name));
  }
}

const problems = [];
const graph = new Map();
let imports = 0;
for (const file of files) {
  const from = roomOf(file);
  if (from === null) problems.push(`${file}: lies in no room of the arrow`);
  const targets = [];
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const specifiers = [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  for (const specifier of specifiers) {
    if (!specifier.startsWith(".")) continue;
    imports += 1;
    const target = normalize(join(dirname(file), specifier));
    targets.push(target);
    const to = roomOf(target);
    if (from === to || from === null) continue;
    const lines = isTest(file) ? [...ALLOWED, ...TESTS_ALLOWED] : ALLOWED;
    if (!lines.some(([a, b]) => a === from && b === to))
      problems.push(`${file}: ${from} may not import ${to ?? target}`);
    if (!isTest(file) && isTest(target)) problems.push(`${file}: imports a test file`);
  }
  graph.set(file, targets);
}

const state = new Map();
function visit(file, path) {
  if (state.get(file) === "done") return;
  if (state.get(file) === "open") {
    problems.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
    return;
  }
  state.set(file, "open");
  for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
  state.set(file, "done");
}
for (const file of files) visit(file, []);

if (files.length === 0 || imports === 0) problems.push("no file or no import was looked at");
process.stdout.write(`${files.length} files, ${imports} imports, ${ALLOWED.length} lines of the arrow\n`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
