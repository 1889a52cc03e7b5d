// The dependency arrow as an allow-list: what is not on a line below may not be imported, at once, by import() or as a
// worker. Fails when it looked at nothing.
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { moduleRefs } from "./module-refs.mjs";

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
  ["app/host", "app/base", "every host composes from ports"],
  ["app/host", "app/protocol", "a host has keys and reads claims"],
  ["app/host", "app/engine", "a host is an engine over a log"],
  ["app/host", "app/gateway", "with an enforcement point"],
  ["app/host", "app/agents", "and the agents that run in it"],
  ["app/api/dispatch", "app/base", "operations answer with results"],
  ["app/api/dispatch", "app/protocol", "views open tokens"],
  ["app/api/dispatch", "app/api/contract", "it implements the contract"],
  ["app/api/dispatch", "app/engine", "views are read from the state"],
  ["app/api/dispatch", "app/gateway", "views show what the enforcement point sees of a stop"],
  ["app/api/dispatch", "app/host", "operations act on a host"],
  ["app/storage", "app/base", "storage answers with results"],
  ["app/storage", "app/protocol", "it stores ledger entries and knows the empty root"],
  ["app/storage", "app/engine", "it implements the engine's ports"],
  ["app/worker", "app/base", "the embedded host needs results and assertions"],
  ["app/api/contract", "app/base", "the contract's values"],
  ["app/api/contract", "app/protocol", "the contract carries tokens and claims"],
  ["app/worker", "app/api/contract", "the version it speaks"],
  ["app/worker", "app/api/dispatch", "it serves the contract"],
  ["app/worker", "app/host", "it opens the host of this profile"],
  ["app/worker", "app/storage", "over IndexedDB"],
  ["app/worker", "app/agents", "with agents in workers of its own; and it imports runs"],
  ["app/worker", "app/protocol", "one hasher for everything"],
  ["app/worker", "app/engine", "storage problems are the engine's port's"],
  ["app/api/remote", "app/api/contract", "a client over HTTP is made from the contract"],
  ["server", "app/api/dispatch", "the server serves the contract"],
  ["server", "app/host", "over a host of its own"],
  ["mocks", "app/base", "the mocks are a host"],
  ["mocks", "app/protocol", "with the one hasher"],
  ["mocks", "app/agents", "agents in the same thread"],
  ["mocks", "app/host", "composed like every host"],
  ["mocks", "app/storage", "over memory"],
  ["mocks", "app/api/dispatch", "answering with the real dispatch"],
  ["app/api/embedded", "app/worker", "the page knows its worker's messages"],
  ["app/api/embedded", "app/base", "imports answer with results"],
  ["app/api/embedded", "app/protocol", "a run is imported in its normal form"],
  ["app/api/embedded", "app/api/client", "it makes the client the page uses"],
  ["app/ui", "app/base", "components assert and know results; no domain word"],
  ["app/api/client", "app/base", "it asserts that a provider is there"],
  ["app/api/client", "app/api/contract", "the client is the contract's, seen from the page"],
  ["app/api/client", "app/protocol", "it hands on the line on which a stop is raised"],
  ["app/operator", "app/base", "signing needs ids and bytes"],
  ["app/operator", "app/protocol", "the operator signs tokens in the protocol's formats"],
  ["app/operator", "app/api/client", "enrolment goes through the client like everything else"],
  ["app/operator", "app/ui", "a dialog that signs and that more than one pane opens lies beside what it signs with"],
  ["app/features", "app/base", "panes assert and format"],
  ["app/features", "app/protocol", "panes read claims"],
  ["app/features", "app/api/contract", "panes show what the contract carries"],
  ["app/features", "app/api/client", "panes ask through the client"],
  ["app/features", "app/operator", "panes ask the operator to sign"],
  ["app/features", "app/ui", "panes are made of components"],
  ["app/features/watch", "app/api/embedded", "runs are imported in a worker behind import-file.ts"],
  ["app/shell", "app/base", "the composition root asserts"],
  ["app/shell", "app/protocol", "it reads identifiers' formats"],
  ["app/shell", "app/api/contract", "it shows the host's status and compares versions"],
  ["app/shell", "app/api/client", "it provides the client to everybody"],
  ["app/shell", "app/api/embedded", "it chooses the host: the engine in this browser"],
  ["app/shell", "app/operator", "sign-in and the stop control"],
  ["app/shell", "app/features", "it composes the panes into routes"],
  ["app/shell", "app/ui", "it is made of components"],
  ["server", "app/base", "the command line runs the same modules"],
  ["server", "app/protocol", "the command line runs the same modules"],
  ["server", "app/agents", "the command line imports recorded runs"],
  ["server", "app/engine", "the server host implements the engine's ports"],
  ["server", "app/storage", "its file storage shares frame handling with the others"],
  ["bench", "app/base", "what is measured is what is shipped"],
  ["bench", "app/protocol", "signing, verifying and leaves are rows of the table"],
  ["bench", "app/engine", "appending is measured through the engine"],
  ["bench", "app/storage", "and down to the durable frame"],
  ["bench", "app/agents", "stopping is measured with the pool and the agents' messages"],
  ["bench", "server", "the file log is one of the targets"],
  ["bench", "app/host", "the stop is measured in a whole host"],
  ["bench", "app/worker", "and verification in the console's check workers"],
  ["bench", "app/api/dispatch", "which the page asks"],
  ["bench", "app/api/client", "as the console's page does"],
  ["bench", "app/operator", "and in which an operator signs"],
  ["bench", "app/api/embedded", "over the link that bounds what is before the engine"],
  ["bench", "app/features/watch", "while its layout is under way"],
  ["bench", "app/features/timeline", "the lanes are drawn as the timeline draws them"],
];
/** What tests may import on top. */
const TESTS_ALLOWED = [
  ["app/host", "app/api/dispatch", "a host that is opened again is looked at through the contract"],
  ["mocks", "app/api/remote", "the mocks are asked through the client"],
  ["server", "app/api/remote", "the server is tested through its client"],
  ["app/api/embedded", "app/api/dispatch", "the contract suite runs through the worker"],
  ["app/api/embedded", "app/api/contract", "tests read the contract's types"],
  ["app/host", "app/operator", "what the page signs for a self-test is what is tested"],
  ["app/host", "app/storage", "a host is tested over memory storage"],
  ["app/api/dispatch", "app/storage", "operations are tested over memory storage"],
  ["app/api/dispatch", "app/agents", "and with agents in the same thread"],
  ["app/engine", "app/storage", "engine tests run over memory storage"],
  ["app/agents", "app/engine", "an agent is tested against the real engine"],
  ["app/agents", "app/storage", "and acts on resources over memory storage"],
  ["app/storage", "app/agents", "the agents' store of resources is run on every storage technology"],
  ["app/agents", "app/gateway", "an agent is tested against the real enforcement point"],
  ["app/features/watch", "app/engine", "what a halo counts is compared with whom the engine reaches"],
  ["server", "scripts", "the command line is run the way npm runs it"],
  ["e2e", "app/api/embedded", "the harness has hosts in frames whose tabs are killed"],
  ["e2e", "app/protocol", "and signs what an operator signs"],
  ["verifier", "app/base", "packs are changed byte by byte"],
  ["verifier", "app/protocol", "signed anew, and verified beside the other implementation"],
  ["verifier", "app/api/dispatch", "what is changed was exported by a real host"],
  ["verifier", "server", "and by the command line"],
  ["verifier", "app/host", "which is opened for it"],
  ["verifier", "app/storage", "over memory storage"],
  ["verifier", "app/agents", "with agents in the same thread"],
  ["e2e", "scripts", "the browser is found and the built page is served as in the tests"],
];
/** Files whose import put together at run time is what they are for. */
const COMPUTED_ALLOWED = [
  ["scripts/bench.mjs", "runs the bundle that it has just made of bench/run.ts"],
  ["scripts/cli.mjs", "runs the bundle that it has just made of server/cli.ts"],
];
/** All of these folders is for tests. */
const TEST_ROOMS = ["e2e", "verifier"];

const ROOMS = [
  "app/api/contract",
  "app/api/dispatch",
  "app/api/client",
  "app/api/embedded",
  "app/api/remote",
  "app/base",
  "app/protocol",
  "app/engine",
  "app/gateway",
  "app/agents",
  "app/host",
  "app/storage",
  "app/ui",
  "app/operator",
  "app/shell",
  "app/worker",
  "server",
  "mocks",
  "bench",
  "e2e",
  "scripts",
  "verifier",
];
/** Every pane is a room of its own: a pane never imports another pane. */
const paneOf = (path) => /^app\/features\/[^/]+/.exec(path)?.[0];
const roomOf = (path) => paneOf(path) ?? ROOMS.find((room) => path === room || path.startsWith(`${room}/`)) ?? null;
/** A line about `app/features` holds for each pane. */
const covers = (line, room) => line === room || (line === "app/features" && room?.startsWith("app/features/"));
const isTest = (path) => /\.(test|suite|fixture)\.tsx?$/.test(path) || TEST_ROOMS.includes(roomOf(path));

const files = [];
for (const top of ["app", "server", "mocks", "bench", "e2e", "scripts", "verifier"]) {
  if (!existsSync(top)) continue;
  for (const entry of await readdir(top, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name))
      files.push(join(entry.parentPath ?? entry.path, entry.name));
  }
}

const problems = [];
const graph = new Map();
let imports = 0;
let later = 0;
for (const file of files) {
  const from = roomOf(file);
  if (from === null) problems.push(`${file}: lies in no room of the arrow`);
  const targets = [];
  const { eager, lazy, computed } = moduleRefs(file, readFileSync(file, "utf8"));
  if (!COMPUTED_ALLOWED.some(([path]) => path === file))
    for (const place of computed)
      problems.push(`${file}: ${place}: an import put together at run time cannot be checked`);
  for (const [specifier, isEager] of [...eager.map((one) => [one, true]), ...lazy.map((one) => [one, false])]) {
    imports += 1;
    if (!isEager) later += 1;
    const target = normalize(join(dirname(file), specifier));
    // A cycle matters where modules run one another's beginnings.
    if (isEager) targets.push(target);
    const to = roomOf(target);
    if (from === to || from === null) continue;
    const lines = isTest(file) ? [...ALLOWED, ...TESTS_ALLOWED] : ALLOWED;
    if (!lines.some(([a, b]) => covers(a, from) && covers(b, to)))
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

if (files.length === 0 || imports === 0 || later === 0) problems.push("no file or no import was looked at");
process.stdout.write(
  `${files.length} files, ${imports} imports (${later} of them later), ${ALLOWED.length} lines of the arrow\n`,
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
