// npm run bench: figures against a floor measured in the same run. --only ROW, --quick; see docs/bench.md.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { ensureBuild } from "./build.mjs";
import { chromiumExecutable, chromiumFlags, ensureChromium } from "./chromium.mjs";
import { ensurePackages } from "./install.mjs";
import { createStaticServer, listen } from "./serve.mjs";

const FIRST_PORT = 4273;

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
ensurePackages();
const { only, quick } = readOptions(process.argv.slice(2));
const made = await makeBundles();
const { runBench, rowNames } = await import(pathToFileURL(join(made, "run.mjs")).href);
if (only !== null && !rowNames.includes(only)) usage(`there is no row "${only}"`);
if (!ensureChromium()) fail("no browser could be installed");

const servers = [];
/** Serves a folder on a free port: each port is an origin of its own, with storage of its own. */
async function serve(folder) {
  const server = createStaticServer(folder);
  const port = await listen(server, FIRST_PORT, false);
  servers.push(server);
  return `http://127.0.0.1:${port}/`;
}

try {
  const { path, failed } = await runBench({
    only,
    quick,
    benchAddress: await serve(join(made, "page")),
    serveConsole: () => {
      ensureBuild();
      return serve("dist");
    },
    folder: "bench/results",
    browser: { executablePath: chromiumExecutable(), flags: chromiumFlags() },
    say: (text) => process.stdout.write(`${text}\n`),
  });
  process.stdout.write(`\nwritten to ${path}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
}

/** The page with its workers, and the driver: built like what is shipped, so that what is measured is what is shipped. */
async function makeBundles() {
  const folder = join(root, ".cache/bench");
  const common = { configFile: false, publicDir: false, logLevel: "error" };
  await build({
    ...common,
    root: join(root, "bench/page"),
    worker: { format: "es" },
    build: { outDir: join(folder, "page"), emptyOutDir: true, target: "es2024", assetsInlineLimit: 0 },
  });
  await build({
    ...common,
    root,
    build: {
      ssr: "bench/run.ts",
      outDir: folder,
      emptyOutDir: false,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: "run.mjs" } },
    },
  });
  return folder;
}

function readOptions(args) {
  const read = { only: null, quick: false };
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] === "--quick") read.quick = true;
    else if (args[at] === "--only" && args[at + 1] !== undefined) {
      read.only = args[at + 1];
      at += 1;
    } else usage(`"${args[at]}" is not understood`);
  }
  return read;
}

function usage(problem) {
  fail(`${problem}\nusage: npm run bench -- [--only ROW] [--quick]`);
}

function fail(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}
