import { readFile } from "node:fs/promises";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import type { CheckPoolPorts } from "../app/host/log-check/check-pool.ts";
import { fileChecks } from "../app/host/log-check/file-checks.ts";
import type { PinnedHead } from "../app/protocol/audit/verify-receipt.ts";
import { type PackReport, verifyPack } from "../app/protocol/pack/verify-pack.ts";

/** What the reader knows of the log from elsewhere. */
export interface KnownOfLog {
  readonly head: PinnedHead | null;
  readonly logKey: string | null;
}

/** `verify-pack FILE [--head SIZE:ROOT] [--log-key THUMBPRINT]`: verifies an evidence pack, its page or its document, by V4. */
export async function verifyPackFile(
  file: string,
  { head, logKey }: KnownOfLog,
  sha256: Sha256,
  checks: CheckPoolPorts | null = null,
): Promise<Result<PackReport, string>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
  const workers = checks === null ? null : fileChecks(checks);
  try {
    const { report } = await verifyPack(text, sha256, {
      ...(head === null ? {} : { pinned: head }),
      ...(logKey === null ? {} : { logKey }),
      ...(workers === null ? {} : { checker: workers.checker }),
    });
    return ok(report);
  } finally {
    // Threads would keep the process from ending.
    workers?.close();
  }
}

/** Why a pack is no yes; null when all five questions are answered yes. */
export function packProblem({ firstBad, unfinished }: PackReport): string | null {
  if (unfinished !== null) return `${unfinished.code}: ${unfinished.detail}`;
  return firstBad === null ? null : `${firstBad.code} at ${firstBad.place}: ${firstBad.detail}`;
}
