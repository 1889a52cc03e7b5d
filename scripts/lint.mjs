// npm run lint: oxlint with types (promises, exhaustive switches) or knip (what nothing uses): `node scripts/lint.mjs oxlint|knip`.
// Either must find the faults planted in lint-canary.ts, or it has looked at nothing; apart from those it must be silent.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const CANARY = "scripts/lint-canary.ts";
const require = createRequire(import.meta.url);

/** Each tool: what it is run with, and its JSON report as findings that begin with their file. */
const TOOLS = {
  oxlint: {
    // Reads the types through its companion, which it finds by itself.
    companion: require.resolve("oxlint-tsgolint/package.json"),
    args: [join(require.resolve("oxlint/package.json"), "../bin/oxlint"), "--type-aware", "-f", "json"],
    planted: ["no-floating-promises", "switch-exhaustiveness-check"],
    findings: ({ diagnostics }) =>
      diagnostics.map(({ filename, labels, code, message }) => {
        const { line = 0, column = 0 } = labels[0]?.span ?? {};
        return `${filename}:${line}:${column}: ${code}: ${message}`;
      }),
  },
  knip: {
    args: [join(require.resolve("knip"), "../../bin/knip.js"), "--no-progress", "--reporter", "json"],
    planted: ["files"],
    findings: ({ issues }) =>
      issues.flatMap(({ file, ...kinds }) =>
        Object.entries(kinds).flatMap(([kind, found]) =>
          Array.isArray(found) ? found.map(({ name, line = 1 }) => `${file}:${line}: ${kind}: ${name}`) : [],
        ),
      ),
  },
};

process.chdir(new URL("..", import.meta.url).pathname);
const asked = process.argv.slice(2);
if (asked.some((name) => !Object.hasOwn(TOOLS, name))) {
  process.stderr.write(`usage: node scripts/lint.mjs [${Object.keys(TOOLS).join("] [")}]\n`);
  process.exit(2);
}
const problems = (asked.length === 0 ? Object.keys(TOOLS) : asked).flatMap(lint);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);

function lint(name) {
  const { args, planted, findings } = TOOLS[name];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  let found;
  try {
    found = findings(JSON.parse(stdout));
  } catch {
    return [`${name}: no report: ${stderr || stdout || "it said nothing"}`];
  }
  const blind = planted.filter((fault) => !found.some((line) => line.startsWith(CANARY) && line.includes(fault)));
  const real = found.filter((line) => !line.startsWith(CANARY));
  process.stdout.write(`${name}: ${real.length} findings\n`);
  return [
    ...real,
    ...blind.map((fault) => `${name}: did not find the ${fault} planted in ${CANARY}: it looked at nothing`),
  ];
}
