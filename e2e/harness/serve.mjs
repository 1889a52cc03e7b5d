// Builds the harness and serves it on this machine: node e2e/harness/serve.mjs PORT
import { spawnSync } from "node:child_process";
import { createStaticServer, listen } from "../../scripts/serve.mjs";

process.chdir(new URL("../..", import.meta.url).pathname);
const vite = ["node_modules/vite/bin/vite.js", "build", "--config", "e2e/harness/vite.config.ts", "--logLevel", "warn"];
const built = spawnSync(process.execPath, vite, { stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) process.exit(1);
await listen(createStaticServer(".cache/harness"), Number(process.argv[2]), true);
