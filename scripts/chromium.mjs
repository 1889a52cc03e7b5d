import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CANDIDATES = [
  process.env.SIGNALBOX_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** An installed Chromium or Chrome, or undefined: then the test tool's own browser is used. */
export function chromiumExecutable() {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}

/** Flags for a closed network; as root Chromium's sandbox cannot start. */
export function chromiumFlags() {
  const flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  return process.getuid?.() === 0 ? ["--no-sandbox", ...flags] : flags;
}

/** Installs a browser where none is found: Debian's package as root, otherwise the test tool's own download. */
export function ensureChromium() {
  if (chromiumExecutable() !== undefined) return true;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    process.stdout.write("no Chromium found: installing Debian's package chromium …\n");
    return installDebianPackage();
  }
  process.stdout.write("no Chrome or Chromium found: downloading the test browser …\n");
  return runQuietly("npx", ["playwright", "install", "chromium"]);
}

/** `run` is for tests. */
export function installDebianPackage(run = runQuietly) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return (
    run("apt-get", ["update", "-qq"], env) &&
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], env)
  );
}

/** Hundreds of lines about packages stay unsaid, unless the command fails: then they say why. */
export function runQuietly(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
  });
  if (status === 0) return true;
  process.stderr.write(
    `${[command, ...args].join(" ")} failed\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}\n`,
  );
  return false;
}
