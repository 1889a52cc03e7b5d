import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const INPUTS = ["app", "public", "index.html", "vite.config.ts", "scripts/headers.mjs", "package-lock.json"];

function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  let newest = stats.mtimeMs;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return newest;
}

/** True when there is no build or something it is made of is newer. */
export function isStale() {
  const built = "dist/index.html";
  return !existsSync(built) || INPUTS.some((path) => newestMs(path) > statSync(built).mtimeMs);
}

/** Builds the page into dist when it is stale. Says so; ends the process when it fails. */
export function ensureBuild() {
  if (!isStale()) return;
  process.stdout.write("building the console …\n");
  const vite = spawnSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (vite.status !== 0) {
    process.stderr.write("the console could not be built: see above\n");
    process.exit(1);
  }
}
