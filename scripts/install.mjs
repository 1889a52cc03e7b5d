import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

/** Installs the packages of the lock file when they are absent or older than it. Says so, and why it failed. */
export function ensurePackages() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`Signalbox needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
    process.exit(1);
  }
  const marker = "node_modules/.package-lock.json";
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync("package-lock.json").mtimeMs) return;
  process.stdout.write("installing packages (once) …\n");
  // Not `npm ci`: a registry that mirrors one platform only leaves other platforms' optional packages out of the lock
  // file, and `npm ci` then refuses it. The versions are pinned either way; --no-save keeps the lock file as it is.
  const npm = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (npm.status !== 0) {
    process.stderr.write("npm install failed: see above. The network or the registry may be unreachable; try again.\n");
    process.exit(1);
  }
}
