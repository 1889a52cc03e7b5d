import { afterEach, describe, expect, it, vi } from "vitest";
import { installDebianPackage, runQuietly } from "./chromium.mjs";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a command run here writes to this process's own output. */
function said(command: string, args: readonly string[]) {
  const written: string[] = [];
  const take = (text: string | Uint8Array): boolean => {
    written.push(String(text));
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(take);
  vi.spyOn(process.stderr, "write").mockImplementation(take);
  const done = runQuietly(command, args);
  vi.restoreAllMocks();
  return { done, text: written.join("") };
}

describe("installing a browser", () => {
  it("says nothing of what the package manager says", () => {
    expect(said(process.execPath, ["-e", 'console.log("unpacking"); console.error("warning")'])).toEqual({
      done: true,
      text: "",
    });
  });

  it("says all of it when it fails", () => {
    const code = 'console.log("unpacking"); console.error("no network"); process.exit(7)';
    const { done, text } = said(process.execPath, ["-e", code]);
    expect(done).toBe(false);
    expect(text).toContain("unpacking\nno network");
    const absent = said("no-such-command-here", []);
    expect([absent.done, absent.text]).toEqual([false, expect.stringContaining("ENOENT")]);
  });

  it("asks nobody, and takes only what the browser needs", () => {
    const runs: [string, readonly string[], unknown][] = [];
    const run = (command: string, args: readonly string[], env?: unknown): boolean => {
      runs.push([command, args, env]);
      return true;
    };
    expect(installDebianPackage(run)).toBe(true);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    expect(runs).toEqual([
      ["apt-get", ["update", "-qq"], env],
      ["apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], env],
    ]);
    expect(installDebianPackage(() => false)).toBe(false);
  });
});
