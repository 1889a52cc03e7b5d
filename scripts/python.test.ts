import { expect, it } from "vitest";
import { hasPython, installPythonPackage } from "./python.mjs";

it("[XA-35] the second verifier runs where Python has its package, and nowhere else", () => {
  expect(hasPython(() => ({ status: 0 }))).toBe(true);
  expect(hasPython(() => ({ status: 1 }))).toBe(false);
  // No such program.
  expect(hasPython(() => ({ status: null }))).toBe(false);
});

it("[XA-35] what it needs is Debian's packages, installed without questions", () => {
  const runs: [string, readonly string[], unknown][] = [];
  const run = (command: string, args: readonly string[], env?: unknown): boolean => {
    runs.push([command, args, env]);
    return true;
  };
  expect(installPythonPackage(run)).toBe(true);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  expect(runs).toEqual([
    ["apt-get", ["update", "-qq"], env],
    ["apt-get", ["install", "-y", "-qq", "--no-install-recommends", "python3", "python3-cryptography"], env],
  ]);
  expect(installPythonPackage(() => false)).toBe(false);
});
