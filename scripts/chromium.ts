import { existsSync } from "node:fs";

const CANDIDATES = [
  process.env.SIGNALBOX_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** An installed Chromium or Chrome, or undefined: then the test tool's own browser is used. */
export function chromiumExecutable(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}

/** Flags for a closed network; as root Chromium's sandbox cannot start. */
export function chromiumFlags(): string[] {
  const flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  return process.getuid?.() === 0 ? ["--no-sandbox", ...flags] : flags;
}
