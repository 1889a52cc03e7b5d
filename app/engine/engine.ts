import { assert } from "../base/assert.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { parseCompact, peekTyp } from "../protocol/jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../protocol/jose/keys.ts";
import type { Refusal } from "../protocol/jose/refusal.ts";
import { refusal } from "../protocol/jose/refusal.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { type Verified, type VerifyContext, verifyToken } from "../protocol/jose/verify-token.ts";
import { tokenTypeOf } from "../protocol/token-types.ts";
import type { Command, Draft, Moment } from "./command.ts";
import { decide } from "./decide.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { evolve } from "./evolve.ts";
import { type Fact, isFactTyp, type LoggedFact } from "./fact.ts";
import { type LogFault, loadLog } from "./load.ts";
import type { LogHead, Unavailable } from "./ports.ts";
import type { HostIds } from "./records.ts";
import { type LogPosition, sealFrame } from "./seal.ts";
import type { State } from "./state.ts";

/** What an accepted command put into the log: durable when the caller hears of it. */
export interface Accepted {
  readonly logged: readonly LoggedFact[];
  readonly head: LogHead;
}

export type SubmitError = Refusal | Unavailable;

/** Only facts that arrive as tokens; which of them a caller may bring is the caller's narrowing. */
export type Received = { readonly verified: Verified<unknown>; readonly fact: Fact };

/**
 * The engine of one domain: takes commands one batch at a time, decides and folds them in order, makes the whole batch
 * durable in one append and only then answers. Readers never see a state that is not durable yet.
 */
export interface Engine {
  readonly ids: HostIds;
  /** Common token verification against the enrolled keys (CTV), cached keys, no decision yet. */
  receive(compact: string): Promise<Result<Received, Refusal>>;
  submit(command: Command): Promise<Result<Accepted, SubmitError>>;
  /** Reads the durable state between batches. `read` must not keep or change what it is given. */
  read<T>(read: (state: State, head: LogHead) => T): Promise<T>;
  /** Signs a head over what is there when the newest one does not cover it (XA-11: called every 60 s). */
  issueHead(): Promise<void>;
  onAppend(
    listener: (logged: readonly LoggedFact[], head: LogHead, entries: readonly LedgerEntry[]) => void,
  ): () => void;
  /** A fault found while loading; the engine then refuses to write and says why. */
  fault(): LogFault | null;
  /** Last storage problem that refused a write, or null after a write that went well. */
  trouble(): Unavailable | null;
  /** The newest signed tree head's size and time. */
  newestHead(): { readonly size: number; readonly iat: number } | null;
  /** Signs a statement of the log about itself that is no entry: a receipt. */
  signAsLog(typ: "audit-receipt+jwt", claims: object): Promise<string>;
  keyOf(kid: string): Promise<TrustedKey | undefined>;
  idle(): Promise<void>;
}

interface Pending {
  readonly command: Command;
  readonly resolve: (result: Result<Accepted, SubmitError>) => void;
}

const MAX_BATCH = 256;

/** Opens the engine over a log: loads the snapshot and the tail, checks them against the head. */
export async function openEngine(ports: EnginePorts): Promise<Result<Engine, Unavailable>> {
  const loaded = await loadLog(ports);
  if (!loaded.ok) return loaded;
  return ok(createEngine(ports, loaded.value.state, loaded.value.position, loaded.value.fault));
}

function createEngine(
  ports: EnginePorts,
  firstState: State,
  firstPosition: LogPosition,
  fault: LogFault | null,
): Engine {
  let state = firstState;
  let position = firstPosition;
  let broken = fault;
  let trouble: Unavailable | null = null;
  let running = false;
  const queue: Pending[] = [];
  let readers: (() => void)[] = [];
  const listeners = new Set<(logged: readonly LoggedFact[], head: LogHead, entries: readonly LedgerEntry[]) => void>();
  const trusted = new Map<string, TrustedKey>();

  const keyOf = async (kid: string): Promise<TrustedKey | undefined> => {
    const cached = trusted.get(kid);
    if (cached !== undefined) return cached;
    const enrolled = state.keys.get(kid);
    if (enrolled === undefined) return undefined;
    const imported = await importPublicKey(enrolled.jwk);
    if (!imported.ok) return undefined;
    const key: TrustedKey = {
      kid,
      subject: enrolled.subject,
      alg: imported.value.alg,
      key: imported.value.key,
      revokedAt: null,
    };
    trusted.set(kid, key);
    return key;
  };

  const verifyContext = (): VerifyContext => ({
    nowS: Math.floor(ports.clock.nowMs() / 1000),
    ownIds: [ports.ids.pepId, ports.ids.logId],
    resolveKey: (kid) => trusted.get(kid),
    // Replay is decided in order with everything else, on the state the token will meet.
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });

  const receive = async (compact: string): Promise<Result<Received, Refusal>> => {
    const parsed = parseCompact(compact);
    if (!parsed.ok) return parsed;
    const typ = peekTyp(compact);
    const type = typ === null ? undefined : tokenTypeOf(typ);
    const factTyp = typ === "wimse-exec+jwt" ? "exec+jwt" : typ;
    if (type === undefined || factTyp === null || !isFactTyp(factTyp))
      return err(refusal("token_wrong_type", "no token of a type this log takes"));
    if (parsed.value.header.kid !== undefined) await keyOf(parsed.value.header.kid);
    const verified = await verifyToken(type, compact, verifyContext());
    if (!verified.ok) return verified;
    return ok({ verified: verified.value, fact: { typ: factTyp, claims: verified.value.claims } as Fact });
  };

  const flushReaders = (): void => {
    const waiting = readers;
    readers = [];
    for (const reader of waiting) reader();
  };

  const pump = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      while (queue.length > 0) {
        const batch = queue.splice(0, MAX_BATCH);
        await runBatch(batch);
        flushReaders();
      }
    } finally {
      running = false;
      flushReaders();
    }
  };

  const runBatch = async (batch: readonly Pending[]): Promise<void> => {
    if (broken !== null) {
      const answer = err({
        code: "storage_failed" as const,
        retry: false,
        detail: `the log is damaged at entry ${broken.seq} (${broken.code}); nothing is written to it any more`,
      });
      for (const pending of batch) pending.resolve(answer);
      return;
    }
    const nowMs = ports.clock.nowMs();
    const moment: Moment = {
      nowS: Math.max(position.lastAt, Math.floor(nowMs / 1000)),
      nowMs,
      uuid: () => ports.uuid.uuid(),
    };
    const drafts: { draft: Draft; seq: number }[] = [];
    const accepted: { pending: Pending; from: number; to: number }[] = [];
    const logged: LoggedFact[] = [];
    let seq = position.head.size;
    for (const pending of batch) {
      const decision = decide(state, pending.command, ports.ids, moment);
      if (!decision.ok) {
        pending.resolve(decision);
        continue;
      }
      const from = logged.length;
      for (const draft of decision.value) {
        const fact: LoggedFact = {
          seq,
          receivedAt: moment.nowS,
          digest: draft.kind === "token" ? draft.digest : "",
          fact: draft.fact,
        };
        state = evolve(state, fact);
        logged.push(fact);
        drafts.push({ draft, seq });
        seq += 1;
      }
      accepted.push({ pending, from, to: logged.length });
    }
    if (drafts.length === 0) return;
    const sealed = await sealFrame(ports, position, drafts, moment.nowS, state);
    const appended = await ports.log.append(ports.ids.domain, position.head.size, sealed.frame);
    if (!appended.ok) {
      await recover(
        appended.error.code === "conflict" || appended.error.code === "unknown"
          ? { code: "storage_failed", retry: true, detail: `the log answered ${appended.error.code}` }
          : appended.error,
        accepted,
      );
      return;
    }
    trouble = null;
    position = sealed.position;
    assert(position.head.size === seq, "the head counts the entries that were appended");
    for (const { pending, from, to } of accepted)
      pending.resolve(ok({ logged: logged.slice(from, to), head: position.head }));
    for (const listener of listeners) listener(logged, position.head, sealed.frame.entries);
  };

  /** Nothing of the batch is certain: the state is folded again from what the log really holds, then everyone is told no. */
  const recover = async (problem: Unavailable, accepted: readonly { pending: Pending }[]): Promise<void> => {
    trouble = problem;
    const again = await loadLog(ports);
    if (again.ok) {
      state = again.value.state;
      position = again.value.position;
      broken = again.value.fault;
    } else {
      broken = { seq: position.head.size, code: "log_unreadable", detail: again.error.detail };
    }
    for (const { pending } of accepted) pending.resolve(err(problem));
  };

  const read = <T>(reader: (state: State, head: LogHead) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(reader(state, position.head));
        } catch (error) {
          reject(error);
        }
      };
      if (running) readers.push(run);
      else run();
    });

  return {
    ids: ports.ids,
    receive,
    submit: (command) =>
      new Promise((resolve) => {
        queue.push({ command, resolve });
        void pump();
      }),
    read,
    issueHead: async () => {
      await read(() => undefined);
      if (broken !== null || running || position.head.size === 0 || position.sth?.size === position.head.size) return;
      running = true;
      try {
        const sealed = await sealFrame(
          ports,
          position,
          [],
          Math.max(position.lastAt, Math.floor(ports.clock.nowMs() / 1000)),
          state,
          true,
        );
        const appended = await ports.log.append(ports.ids.domain, position.head.size, sealed.frame);
        if (appended.ok) {
          position = sealed.position;
          for (const listener of listeners) listener([], position.head, []);
        }
      } finally {
        running = false;
        flushReaders();
        void pump();
      }
    },
    onAppend: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fault: () => broken,
    trouble: () => trouble,
    newestHead: () => position.sth,
    signAsLog: (typ, claims) => signToken(typ, claims, ports.logSigner),
    keyOf,
    idle: async () => {
      while (running || queue.length > 0) await read(() => undefined);
    },
  };
}
