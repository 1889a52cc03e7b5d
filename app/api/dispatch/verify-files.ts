import { err, ok, type Result } from "../../base/result.ts";
import { fileChecks } from "../../host/log-check/file-checks.ts";
import type { Host } from "../../host/open-host.ts";
import type { CheckEnded, CheckerFor } from "../../protocol/audit/entry-check.ts";
import { headOfCheckpoint, otherLog } from "../../protocol/audit/export-checkpoint.ts";
import { parseExport, verifyExport } from "../../protocol/audit/verify-export.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { PackManifest } from "../../protocol/pack/claims.ts";
import { verifyPack } from "../../protocol/pack/verify-pack.ts";
import type { VerifyReport } from "../contract/audit.ts";
import type { PackReportView, PackStated } from "../contract/evidence.ts";

type Progress = (checked: number, total: number) => void;

interface VerifiedExport {
  readonly manifest: Record<string, string | number>;
  readonly report: VerifyReport;
}

/** V3 over an exported log, by the host's check workers where it is long. Refusals: those of reading it; an unfinished check. */
export async function verifyExportText(
  host: Host,
  { text, checkpoint = "" }: { readonly text: string; readonly checkpoint?: string | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<Result<VerifiedExport, Refusal | Unfinished>> {
  const { clock, sha256 } = host.ports;
  const log = parseExport(text);
  if (!log.ok) return log;
  const startedMs = clock.monotonicMs();
  const pinned = checkpoint.trim() === "" ? ok(null) : headOfCheckpoint(checkpoint.trim());
  if (!pinned.ok) return pinned;
  const { manifest, entries } = log.value;
  const other = pinned.value === null ? null : otherLog(pinned.value, manifest.log_id);
  if (other !== null) return err(other);
  const report = await checked(host, signal, (checker) =>
    verifyExport(log.value, sha256, {
      ...{ ...checker, signal, progress: (done: number) => progress(done, entries.length) },
      ...(pinned.value === null ? {} : { pinned: pinned.value }),
    }),
  );
  if (report.unfinished !== null) return err(unfinished(report.unfinished));
  const timed = { ...report, atMs: clock.nowMs(), tookMs: clock.monotonicMs() - startedMs };
  return ok({ manifest: { ...manifest }, report: timed });
}

interface VerifiedPackText {
  readonly stated: PackStated | null;
  readonly report: PackReportView;
}

/** V4 over a pack, by the host's check workers where it is long. Refusal: an unfinished check. */
export async function verifyPackText(
  host: Host,
  text: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Result<VerifiedPackText, Unfinished>> {
  const { clock, sha256 } = host.ports;
  const startedMs = clock.monotonicMs();
  const { pack, report } = await checked(host, signal, (checker) =>
    verifyPack(text, sha256, { ...checker, progress, signal }),
  );
  if (report.unfinished !== null) return err(unfinished(report.unfinished));
  const of = pack === null ? null : await logHost(host, pack.manifest.domain);
  const ownKey = of?.engine.ids.logId === report.logId ? (await engineKeys(of)).has(report.logKey) : null;
  const tookMs = clock.monotonicMs() - startedMs;
  return ok({
    stated: pack === null ? null : statedIn(pack.manifest),
    report: { ...report, backdated: [...report.backdated], ownKey, atMs: clock.nowMs(), tookMs },
  });
}

/** With workers where the host has any; they end with the check, and at once where it is left. */
async function checked<T>(
  { ports: { checks } }: Host,
  signal: AbortSignal,
  check: (options: { readonly checker?: CheckerFor }) => Promise<T>,
): Promise<T> {
  if (checks === undefined) return check({});
  const { checker, close } = fileChecks(checks);
  signal.addEventListener("abort", close);
  try {
    return await check({ checker });
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** Nothing is said of the file then; it may be verified again. */
type Unfinished = CheckEnded & { readonly retry: true };
const unfinished = (why: CheckEnded): Unfinished => ({ ...why, retry: true });

/** The host of a log of this console, its own or another domain's; null where it is none. */
const logHost = async (host: Host, domain: string): Promise<Host | null> =>
  domain === host.engine.ids.domain ? host : host.beside(domain);

/** Keys under which the log here signs. */
const engineKeys = ({ engine }: Host): Promise<ReadonlySet<string>> =>
  engine.read(
    (state) =>
      new Set([...state.keys.values()].filter(({ subject }) => subject === engine.ids.logId).map(({ kid }) => kid)),
  );

const statedIn = ({ domain, exported_at, exported_by, purpose, selection }: PackManifest): PackStated => ({
  ...{ domain, purpose, selection },
  exportedAt: exported_at,
  exportedBy: exported_by,
});
