// npm test: installs what is missing, runs every check, ends with one line that sums all suites.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { ensureChromium } from "./chromium.mjs";
import { ensurePackages } from "./install.mjs";
import { ensurePython } from "./python.mjs";

process.chdir(new URL("..", import.meta.url).pathname);
ensurePackages();
if (!ensureChromium()) process.stderr.write("no browser could be installed: the browser suites will fail\n");
mkdirSync(".cache", { recursive: true });

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : null;
let passed = 0;
let failed = 0;

/** Runs a command, keeping its output for when it fails. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env, CI: "1", FORCE_COLOR: "0", NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
  });
}

function say(name, ok, startedMs, detail = "") {
  process.stdout.write(
    `${ok ? "ok  " : "FAIL"} ${name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)${detail}\n`,
  );
}

/** One static check counts as one test. */
async function check(name, command, args) {
  const startedMs = Date.now();
  const { status, output } = await run(command, args);
  if (status === 0) passed += 1;
  else failed += 1;
  say(name, status === 0, startedMs);
  if (status !== 0) process.stdout.write(`${output}\n`);
}

/** A suite counts its tests, read from its JSON report; a suite in which nothing ran has failed. */
async function suite(name, command, args, report, count, env) {
  const startedMs = Date.now();
  rmSync(report, { force: true });
  const { status, output } = await run(command, args, env);
  const counted = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 0 };
  const ran = counted.passed + counted.failed > 0;
  passed += counted.passed;
  failed += counted.failed + (ran ? 0 : 1) + (ran && status !== 0 && counted.failed === 0 ? 1 : 0);
  const ok = status === 0 && ran && counted.failed === 0;
  say(name, ok, startedMs, ` ${counted.passed} passed, ${counted.failed} failed`);
  if (!ok) process.stdout.write(`${output}\n`);
}

/** Suites that share nothing use every core. */
const vitest = (project, name, ...options) => {
  const report = `.cache/vitest-${name.replace(/\W+/g, "-")}.json`;
  return suite(
    `tests: ${name}`,
    "npx",
    [
      "vitest",
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...options,
    ],
    report,
    (json) => ({
      passed: json.numPassedTests,
      failed: json.numFailedTests,
    }),
    { SIGNALBOX_SUITE: name.replace(/\W+/g, "-") },
  );
};

/** One checker each: two passes run beside each other, and what several checkers look at twice is a third of their work. */
const TSC = ["tsc", "--checkers", "1", "-p"];

const steps = {
  static: async () => {
    await Promise.all([
      check("format and lint", "npx", ["biome", "ci", "--error-on-warnings", "."]),
      check("types: core and workers", "npx", [...TSC, "tsconfig.core.json"]),
    ]);
    await Promise.all([
      check("types: page", "npx", [...TSC, "tsconfig.page.json"]),
      check("types: node", "npx", [...TSC, "tsconfig.node.json"]),
    ]);
    await Promise.all([
      check("import arrow", "node", ["scripts/check-imports.mjs"]),
      check("traceability", "node", ["scripts/trace.mjs", "--check"]),
    ]);
    await Promise.all([
      check("promises and switches", "node", ["scripts/lint.mjs", "oxlint"]),
      check("nothing unused", "node", ["scripts/lint.mjs", "knip"]),
    ]);
  },
  unit: () => vitest("unit", "unit", "--maxWorkers=100%"),
  // A second implementation in another language: without it nobody but ourselves says that what we write can be read.
  verifier: () => {
    ensurePython();
    return vitest("verifier", "verifier");
  },
  dom: () => vitest("dom", "dom", "--maxWorkers=100%"),
  // The files of one browser share an origin and take turns, often waiting: two halves, each in a browser of its own.
  browser: () => Promise.all([1, 2].map((half) => vitest("browser", `browser ${half} of 2`, `--shard=${half}/2`))),
  build: async () => {
    await check("build", "npx", ["vite", "build", "--logLevel", "warn"]);
    await check("size of the first screen", "node", ["scripts/size.mjs"]);
  },
  journeys: () =>
    suite("journeys", "npx", ["playwright", "test", "--project", "journeys"], ".cache/journeys.json", ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
    })),
};

/** What runs beside what: suites that often wait, beside some that only compute, leave no core idle. */
const GROUPS = [["static"], ["unit", "verifier", "build"], ["dom", "browser"], ["journeys"]];
for (const group of GROUPS)
  await Promise.all(group.filter((name) => only === null || only === name).map((name) => steps[name]()));
spawnSync("sync");
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
