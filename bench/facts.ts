import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine, for whoever reads the numbers later. */
export interface Facts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly chromium: string;
  readonly commit: string;
  /** One-minute load average when the bench began. */
  readonly load: number;
}

export function machineFacts(chromium: string): Facts {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    chromium,
    commit: commit(),
    load: currentLoad(),
  };
}

/** One-minute load average: above the number of cores others were at work as well. */
export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? Number.NaN) * 10) / 10;
}

function commit(): string {
  try {
    const head = git("rev-parse", "--short", "HEAD").trim();
    return git("status", "--porcelain") === "" ? head : `${head} and changes`;
  } catch {
    return "unknown";
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}
