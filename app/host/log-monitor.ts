import pLimit, { type LimitFunction } from "p-limit";
import * as z from "zod";
import { fromBase64url, toBase64url } from "../base/bytes.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { KeyValueStore, Unavailable } from "../engine/ports.ts";
import { digestSchema } from "../protocol/jose/formats.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import {
  compromise,
  type HeadProof,
  type MonitoredLog,
  newMonitor,
  type Observation,
  observe,
  passTime,
  pinnedHead,
  repin,
  type SeenHead,
} from "../protocol/transparency/monitor.ts";

/**
 * A log of somebody else's. It is known by its verifier key, name and key together: consoles of one domain have logs of
 * one name, and a log under a new key is another log, which begins anew. [ours]
 */
export interface WatchedLog {
  readonly verifierKey: string;
  /** Its name in notes. */
  readonly origin: string;
  readonly log: MonitoredLog;
}

export interface MonitorPorts {
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly sha256: Sha256;
}

const headSchema = z.object({
  size: z.int().nonnegative(),
  root: digestSchema.transform((text, context) => {
    const bytes = fromBase64url(text);
    if (bytes !== null) return bytes;
    context.addIssue({ code: "custom", message: "no digest" });
    return z.NEVER;
  }),
  timeS: z.number().nullable(),
  seenAtMs: z.number(),
});
const storedSchema = z.object({
  state: z.enum(["fresh", "consistent", "stale", "inconsistent"]),
  pinned: z.array(headSchema),
  heardAtMs: z.number(),
  contradiction: z
    .object({
      code: z.enum(["log_split_view", "log_inconsistent", "log_shrunk", "log_time_order"]),
      before: headSchema,
      after: headSchema,
    })
    .nullable(),
  compromisedAtMs: z.number().nullable(),
});

const PREFIX = "monitor/";

/** One after the other: of two heads that come at once the second is held against the first, or both would be believed. */
const turns = new WeakMap<KeyValueStore, LimitFunction>();
function inTurn<T>({ values }: MonitorPorts, step: () => Promise<T>): Promise<T> {
  const limit = turns.get(values) ?? pLimit(1);
  turns.set(values, limit);
  return limit(step);
}

/** A log that is watched here, as of now; null for one that never was. What is stored and cannot be read is not forgotten. */
export async function watchedLog(
  ports: MonitorPorts,
  verifierKey: string,
): Promise<Result<WatchedLog | null, Unavailable>> {
  const stored = await ports.values.get(PREFIX + verifierKey);
  if (!stored.ok) return stored;
  if (stored.value === undefined || stored.value === null) return ok(null);
  const read = storedSchema.safeParse(stored.value);
  if (!read.success)
    return err({ code: "storage_failed", retry: false, detail: "what was seen of this log before cannot be read" });
  return ok(named(verifierKey, passTime(read.data, ports.clock.nowMs())));
}

export async function watchedLogs(ports: MonitorPorts): Promise<Result<readonly WatchedLog[], Unavailable>> {
  const names = await ports.values.keys(PREFIX);
  if (!names.ok) return names;
  const logs: WatchedLog[] = [];
  for (const name of names.value) {
    const one = await watchedLog(ports, name.slice(PREFIX.length));
    if (!one.ok) {
      if (one.error.retry) return one;
      continue;
    }
    if (one.value !== null) logs.push(one.value);
  }
  return ok(logs);
}

/**
 * Takes a head that the log has signed, and keeps what it means, durable before it is answered (XA-12). `old`: the size that
 * the path begins at, by word of whoever brought it; a path from elsewhere than the smaller of both heads is none.
 */
export function observeHead(
  ports: MonitorPorts,
  verifierKey: string,
  head: Omit<SeenHead, "seenAtMs">,
  { old, ...proof }: HeadProof & { readonly old?: number },
): Promise<Result<{ readonly watched: WatchedLog; readonly seen: Observation }, Unavailable>> {
  return inTurn(ports, async () => {
    const known = await watchedLog(ports, verifierKey);
    if (!known.ok) return known;
    const nowMs = ports.clock.nowMs();
    const before = known.value?.log ?? newMonitor(nowMs);
    const fits = old === undefined || old === Math.min(pinnedHead(before)?.size ?? 0, head.size);
    const path = fits ? proof.path : null;
    const { log, seen } = observe(before, { ...head, seenAtMs: nowMs }, { ...proof, path }, ports.sha256);
    const watched = named(verifierKey, log);
    const put = await keep(ports, watched);
    return put.ok ? ok({ watched, seen }) : put;
  });
}

/**
 * Goes on after a contradiction from one of both heads. Refusals: `monitor_unknown`, `monitor_not_contradicted`,
 * `log_distrusted` for a head from after the log's key was stolen.
 */
export async function acknowledge(
  ports: MonitorPorts,
  verifierKey: string,
  from: "before" | "after",
): Promise<Result<WatchedLog, Refusal | Unavailable>> {
  return change(ports, verifierKey, (log) => {
    if (log.contradiction === null)
      return err(refusal("monitor_not_contradicted", "this log has not contradicted itself"));
    const again = repin(log, log.contradiction[from], ports.clock.nowMs());
    return again === null
      ? err(refusal("log_distrusted", "the log's key was stolen before this head was seen"))
      : ok(again);
  });
}

/** The log's key is in other hands from then on (XA-S5). Refusal: `monitor_unknown`. */
export async function compromised(
  ports: MonitorPorts,
  verifierKey: string,
  atMs: number,
): Promise<Result<WatchedLog, Refusal | Unavailable>> {
  return change(ports, verifierKey, (log) => ok(compromise(log, atMs)));
}

function change(
  ports: MonitorPorts,
  verifierKey: string,
  step: (log: MonitoredLog) => Result<MonitoredLog, Refusal>,
): Promise<Result<WatchedLog, Refusal | Unavailable>> {
  return inTurn(ports, async () => {
    const known = await watchedLog(ports, verifierKey);
    if (!known.ok) return known;
    if (known.value === null) return err(refusal("monitor_unknown", "no head of this log was seen here"));
    const log = step(known.value.log);
    if (!log.ok) return log;
    const watched = { ...known.value, log: log.value };
    const put = await keep(ports, watched);
    return put.ok ? ok(watched) : put;
  });
}

const named = (verifierKey: string, log: MonitoredLog): WatchedLog => ({
  verifierKey,
  origin: verifierKey.slice(0, verifierKey.indexOf("+")),
  log,
});

function keep(ports: MonitorPorts, { verifierKey, log }: WatchedLog): Promise<Result<void, Unavailable>> {
  const written = (head: SeenHead) => ({ ...head, root: toBase64url(head.root) });
  const { contradiction } = log;
  return ports.values.put(PREFIX + verifierKey, {
    ...log,
    pinned: log.pinned.map(written),
    contradiction:
      contradiction === null
        ? null
        : { ...contradiction, before: written(contradiction.before), after: written(contradiction.after) },
  });
}
