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
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { stdio: ["ignore", "inherit", "inherit"] });
  if (npm.status !== 0) {
    process.stderr.write("npm ci failed: see above. The network or the registry may be unreachable; try again.\n");
    process.exit(1);
  }
}
