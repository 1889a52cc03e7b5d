import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly duration?: number;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * Runs a test file in a process of its own with settings of its own, and gives the ms its first test took, without the
 * start of the process. Throws with what was found wrong, or why nothing ran.
 */
export function testMs(file: string, settings: Readonly<Record<string, string>>): number {
  const run = spawnSync(
    process.execPath,
    [join("node_modules", "vitest", "vitest.mjs"), "run", "--project", "unit", file, "--reporter", "json"],
    { encoding: "utf8", env: { ...process.env, ...settings } },
  );
  const at = run.stdout.indexOf('{"numTotalTestSuites"');
  if (at < 0) throw new Error(`${file} did not run: ${run.stderr.trim().slice(-2000)}`);
  const [played] = (JSON.parse(run.stdout.slice(at)) as Report).testResults;
  const [first] = played?.assertionResults ?? [];
  if (played === undefined || first?.duration === undefined)
    throw new Error(`${file} has no test: ${played?.message ?? ""}`);
  const failed = played.assertionResults.find(({ status }) => status === "failed");
  if (failed !== undefined)
    throw new Error(`${file} found a fault: ${failed.failureMessages.join("\n").slice(0, 4000)}`);
  return first.duration;
}
