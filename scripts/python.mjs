import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { runQuietly } from "./chromium.mjs";

/** True where the second verifier can run: Python 3 with the package it takes its signatures from. */
export function hasPython(run = spawnSync) {
  return run("python3", ["-c", "import cryptography"], { stdio: "ignore" }).status === 0;
}

/** Installs Debian's packages where they are missing and that is possible; says so where it is not. */
export function ensurePython() {
  if (hasPython()) return true;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    process.stdout.write("no Python with cryptography found: installing Debian's package python3-cryptography …\n");
    if (installPythonPackage() && hasPython()) return true;
  }
  process.stderr.write(
    "the second verifier needs python3 with the package cryptography (Debian: python3-cryptography)\n",
  );
  return false;
}

/** `run` is for tests. */
export function installPythonPackage(run = runQuietly) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return (
    run("apt-get", ["update", "-qq"], env) &&
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "python3", "python3-cryptography"], env)
  );
}
