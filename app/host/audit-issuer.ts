import type { Clock, Sha256 } from "../base/ports.ts";
import { err, type Result } from "../base/result.ts";
import { CALLS_FOR_AUDIT } from "../engine/audit/evolve.ts";
import { type AuditIssue, isAuditDue, type ProtectedRead } from "../engine/audit/statement.ts";
import type { Accepted, Engine, SubmitError } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { isTransient } from "../engine/patient-engine.ts";
import type { EventLog, KeyValueStore } from "../engine/ports.ts";
import type { RegProfile } from "../protocol/audit/stitch-claims.ts";
import { refusal } from "../protocol/jose/refusal.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";

/** What a domain's configuration says of its records: where and under which regimes they are kept, how long at least. */
export interface AuditSettings {
  readonly jurisdictions?: readonly string[];
  readonly reg?: readonly RegProfile[];
  /** Seconds; what a regime asks for beyond it holds all the same (XA-10). */
  readonly retentionS?: number;
}

export interface AuditIssuerPorts {
  /** Asks a storage that has no room again until it has. */
  readonly engine: Engine;
  /** Answers at once that it has none: whoever reads does not wait, nor what they do next. */
  readonly engineNow: Engine;
  readonly log: EventLog;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly settings: AuditSettings;
}

/**
 * Issues the domain's audit tokens: one for each task that is over, each human decision, order and start, and each attempt
 * that was denied (XA-1, XA-16, XA-17), well after it was logged and a few at a time, so that nothing waits for them. What is
 * due is a fold of the log: a host that is opened again goes on where the log ends, without losing or doubling any.
 */
export interface AuditIssuer {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /**
   * An operator looks at protected data (XA-18). Refused with `audit_read_recorded` where that is on record already; what the
   * storage cannot take now is recorded when it can.
   */
  read(read: ProtectedRead): Promise<Result<Accepted, SubmitError>>;
  close(): void;
}

/** Longer than what a stop or a task sets going takes, so that none of it waits behind a record. */
const SETTLE_MS = 1500;
const AT_ONCE = 32;
/** Between two batches: others come first. */
const PAUSE_MS = 20;
/** Reads that wait for room in the storage at most. */
const MAX_POSTPONED = 200;
/** Until a storage that could not say where to go on is asked again. */
const AGAIN_MS = 5000;
const SINCE = "audit-tokens/since";

export function createAuditIssuer({
  engine,
  engineNow,
  log,
  values,
  clock,
  sha256,
  settings,
}: AuditIssuerPorts): AuditIssuer {
  const { reg = [], jurisdictions = [], retentionS = 0 } = settings;
  let issue: AuditIssue | null = null;
  /** The size the log had when a host that issues opened it first: what was over by then is not written of afterwards. */
  let since = 0;
  /** That size, taken when this host opened it, whenever the storage takes it. */
  let first: number | null = null;
  let waiting: (() => void) | null = null;
  let issuing = false;
  let closed = false;
  let postponed = 0;

  const later = (delayMs: number): void => {
    if (!closed && !issuing) waiting ??= clock.after(delayMs, () => void drain());
  };

  const drain = async (): Promise<void> => {
    waiting = null;
    if (issue === null) return;
    issuing = true;
    const done = await engine.submit({ kind: "audit", issue, since, limit: AT_ONCE }).finally(() => {
      issuing = false;
    });
    // Where nothing is written any more, nothing is due.
    if (closed || (!done.ok && "retry" in done.error)) return;
    if (await engine.read((state) => isAuditDue(state.audit, since))) later(PAUSE_MS);
  };

  /** Digest of the enforcement point's identity token: the entry that enrolled its key. */
  const witHash = async (): Promise<string | null> => {
    const seq = await engine.read(
      (state) => [...state.keys.values()].find(({ subject }) => subject === engine.ids.pepId)?.seq,
    );
    if (seq === undefined) return null;
    for await (const [entry] of log.read(engine.ids.domain, seq, seq + 1))
      if (entry?.seq === seq) return tokenDigest(entry.token, sha256);
    return null;
  };

  /** Null while the storage cannot say, or cannot keep it: a wrong one would leave out for good what is due. */
  const sinceEntry = async (): Promise<number | null> => {
    // A log that already has audit tokens has been issued for by a host whose note of it is gone: nothing of it is left out.
    first ??= await engine.read((state, head) => (state.audit.begun ? 0 : head.size));
    const stored = await values.get(SINCE);
    if (!stored.ok) return null;
    if (typeof stored.value === "number") return stored.value;
    return (await values.put(SINCE, first)).ok ? first : null;
  };

  const open = async (): Promise<void> => {
    waiting = null;
    const begin = await sinceEntry();
    if (closed) return;
    if (begin === null) {
      waiting = clock.after(AGAIN_MS, () => void open());
      return;
    }
    since = begin;
    const hash = await witHash();
    if (hash === null) return;
    issue = { witHash: hash, jurisdictions, reg, retentionS };
    if (await engine.read((state) => isAuditDue(state.audit, since))) later(SETTLE_MS);
  };

  return {
    open,
    facts: (logged) => {
      // Stated again with a later end: what is issued from now on names that one.
      if (issue !== null && logged.some(({ fact }) => fact.typ === "wit+jwt" && fact.claims.sub === engine.ids.pepId))
        witHash().then(
          (renewed) => {
            if (renewed !== null && issue !== null) issue = { ...issue, witHash: renewed };
          },
          // The earlier one is in force for a month yet.
          () => undefined,
        );
      if (issue !== null && logged.some(({ fact }) => CALLS_FOR_AUDIT.has(fact.typ))) later(SETTLE_MS);
    },
    read: async (read) => {
      if (issue === null) return err(refusal("audit_not_issued", "this host keeps no audit tokens"));
      const command = { kind: "audit_read", issue, read } as const;
      const answer = await engineNow.submit(command);
      if (!answer.ok && isTransient(answer.error) && postponed < MAX_POSTPONED) {
        postponed += 1;
        void engine.submit(command).finally(() => {
          postponed -= 1;
        });
      }
      return answer;
    },
    close: () => {
      closed = true;
      waiting?.();
    },
  };
}
