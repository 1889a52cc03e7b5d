import { assert, must } from "../base/assert.ts";
import { err, ok, type Result } from "../base/result.ts";
import { ACCOUNTING_TYPES } from "../protocol/audit/accounting/tokens.ts";
import { AUDIT_TYP } from "../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { looksLikeEct } from "../protocol/ect/detect-level.ts";
import { receiveEct } from "../protocol/ect/verify-ect.ts";
import { parseCompact, peekTyp } from "../protocol/jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../protocol/jose/keys.ts";
import type { Refusal } from "../protocol/jose/refusal.ts";
import { refusal } from "../protocol/jose/refusal.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { TokenType } from "../protocol/jose/token-type.ts";
import { type Verified, type VerifyContext, verifyToken } from "../protocol/jose/verify-token.ts";
import { tokenTypeOf } from "../protocol/token-types.ts";
import { consequences } from "./cascade/consequences.ts";
import type { Command, Draft, Moment } from "./command.ts";
import { decide, type Later } from "./decide.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { evolve } from "./evolve.ts";
import { type Fact, isFactTyp, type LoggedFact } from "./fact.ts";
import { touchRefusal } from "./gate/touch.ts";
import { isOfQueryKey, isOfVerifierKey } from "./identity/key-use.ts";
import { type LogFault, loadLog, writeRefusal } from "./load.ts";
import { type Cosigner, receiveCosigners } from "./override/cosigners.ts";
import type { AppendError, LogHead, Unavailable } from "./ports.ts";
import type { HostIds } from "./records.ts";
import { rollbackConsequences } from "./rollback/consequences.ts";
import { type LogPosition, sealFrame } from "./seal.ts";
import type { State } from "./state.ts";
import { statedArgumentsProblem } from "./stated-arguments.ts";

/** What an accepted command put into the log: durable when the caller hears of it. */
export interface Accepted {
  readonly logged: readonly LoggedFact[];
  readonly head: LogHead;
}

export type SubmitError = Refusal | Unavailable;

/** Only facts that arrive as tokens; which of them a caller may bring is the caller's narrowing. */
export type Received = {
  readonly verified: Verified<unknown>;
  readonly fact: Fact;
  /** Of an override, who else signed it (OVR-S4). */
  readonly cosigners?: readonly Cosigner[];
};

/**
 * The engine of one domain: takes commands one batch at a time, decides and folds them in order, makes the whole batch
 * durable in one append and only then answers. Readers never see a state that is not durable yet.
 */
export interface Engine {
  readonly ids: HostIds;
  /** Common token verification against the enrolled keys (CTV), cached keys, no decision yet. */
  receive(compact: string): Promise<Result<Received, Refusal>>;
  /** Rejects only on a bug: what was decided with the command that threw is not in the log, the others of its batch are. */
  submit(command: Command): Promise<Result<Accepted, SubmitError>>;
  /**
   * Reads the durable state between batches. `read` must not keep or change what it is given. Rejects with
   * `StateUncertain` while the log cannot be read again after a failed append.
   */
  read<T>(read: (state: State, head: LogHead) => T): Promise<T>;
  /** Signs a head over what is there when the newest one does not cover it (XA-11: called every 60 s). */
  issueHead(): Promise<void>;
  onAppend(
    listener: (logged: readonly LoggedFact[], head: LogHead, entries: readonly LedgerEntry[]) => void,
  ): () => void;
  /** A fault found while loading or by a verification; the engine then refuses to write and says why. */
  fault(): LogFault | null;
  /** Takes a fault: nothing is written any more, for as long as this engine lives. The first damage stays the one told. */
  breakOff(fault: LogFault): void;
  /** Last storage problem that refused a write, or null after a write that went well. */
  trouble(): Unavailable | null;
  /** The newest signed tree head's size and time. */
  newestHead(): { readonly size: number; readonly iat: number } | null;
  /** Signs a statement of the log about itself that is no entry: a receipt. */
  signAsLog(typ: "audit-receipt+jwt" | "evidence-pack+jwt", claims: object): Promise<string>;
  /** Signs an ECT of the enforcement point, which is then received and submitted like anybody's (OVR-5). */
  signAsPep(
    typ:
      | "exec+jwt"
      | "exec-audit+jwt"
      | "audit-handoff+jwt"
      | "audit-countersign+jwt"
      | "audit-trail+jwt"
      | "rollback-result+jwt"
      | "bet+jwt",
    claims: object,
  ): Promise<string>;
  keyOf(kid: string): Promise<TrustedKey | undefined>;
  idle(): Promise<void>;
}

interface Pending {
  readonly command: Command;
  readonly resolve: (result: Result<Accepted, SubmitError>) => void;
  readonly reject: (error: unknown) => void;
}

/** The log could not be read again after a failed append, so that nothing certain can be said about the state. */
export class StateUncertain extends Error {
  override readonly name = "StateUncertain";
  readonly problem: Unavailable;

  constructor(problem: Unavailable) {
    super(`the log cannot be read at the moment: ${problem.detail}`);
    this.problem = problem;
  }
}

/** A batch after its decisions: the state is folded, nothing is durable yet. */
interface Decided {
  readonly drafts: readonly { readonly draft: Draft; readonly seq: number }[];
  readonly accepted: readonly { readonly pending: Pending; readonly from: number; readonly to: number }[];
  readonly refused: readonly { readonly pending: Pending; readonly refusal: Refusal }[];
  readonly logged: readonly LoggedFact[];
  readonly nowS: number;
}

type Sealed = Awaited<ReturnType<typeof sealFrame>>;

const MAX_BATCH = 256;

/** Tokens about conduct; the decisions about them are loaded with the first. */
const isBehavior = (typ: string): boolean => typ.startsWith("behavior-") || typ === "bet+jwt" || isOfVerifierKey(typ);
const isAccounting = (typ: string): boolean => ACCOUNTING_TYPES.some((type) => type.typ.includes(typ));

/** Opens the engine over a log: loads the snapshot and the tail, checks them against the head. With `known`, only to read. */
export async function openEngine(
  ports: EnginePorts,
  known: LogFault | null = null,
): Promise<Result<Engine, Unavailable>> {
  const loaded = await loadLog(ports);
  if (!loaded.ok) return loaded;
  return ok(createEngine(ports, loaded.value.state, loaded.value.position, loaded.value.fault ?? known));
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
  /** Set while the state in memory may hold what the log does not. */
  let uncertain: Unavailable | null = null;
  let running = false;
  const queue: Pending[] = [];
  let readers: (() => void)[] = [];
  const listeners = new Set<(logged: readonly LoggedFact[], head: LogHead, entries: readonly LedgerEntry[]) => void>();
  const trusted = new Map<string, TrustedKey>();
  const later: Later = {};

  const keyOf = async (kid: string): Promise<TrustedKey | undefined> => {
    const cached = trusted.get(kid);
    const enrolled = state.keys.get(kid);
    // A renewed identity carries the same key with a later end.
    if (cached !== undefined && (enrolled === undefined || enrolled.exp === cached.revokedAt)) return cached;
    if (enrolled === undefined) return undefined;
    const imported = await importPublicKey(enrolled.jwk);
    if (!imported.ok) return undefined;
    const key: TrustedKey = {
      kid,
      subject: enrolled.subject,
      alg: imported.value.alg,
      key: imported.value.key,
      revokedAt: enrolled.exp,
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

  /** Verifies a token that comes within another. */
  const verifyOther = async <C>(type: TokenType<C>, compact: string): Promise<Result<Verified<C>, Refusal>> => {
    const parsed = parseCompact(compact);
    if (parsed.ok && parsed.value.header.kid !== undefined) await keyOf(parsed.value.header.kid);
    return verifyToken(type, compact, verifyContext());
  };

  const entryAt = async (seq: number): Promise<LedgerEntry | null> => {
    for await (const [entry] of ports.log.read(ports.ids.domain, seq, seq + 1)) if (entry?.seq === seq) return entry;
    return null;
  };

  const receive = async (compact: string): Promise<Result<Received, Refusal>> => {
    const parsed = parseCompact(compact);
    if (parsed.ok && parsed.value.header.kid !== undefined) await keyOf(parsed.value.header.kid);
    // An ECT has a procedure and codes of its own, and forms that are no compact token (ect.md D1).
    if (looksLikeEct(compact)) {
      const ect = await receiveEct(compact, verifyContext());
      return ect.ok ? ok({ verified: ect.value, fact: { typ: "exec+jwt", claims: ect.value.claims } }) : ect;
    }
    if (!parsed.ok) return parsed;
    const typ = peekTyp(compact);
    // An audit token has a procedure and codes of its own as well (execution-audit.md V1).
    if (typ === AUDIT_TYP) {
      const { receiveAudit } = await import("./audit/receive.ts");
      later.audit ??= await import("./audit/decide.ts");
      const audit = await receiveAudit(compact, { context: verifyContext(), state, keyOf, entryAt });
      return audit.ok ? ok({ verified: audit.value, fact: { typ, claims: audit.value.claims } }) : audit;
    }
    const type = typ === null ? undefined : tokenTypeOf(typ);
    if (type === undefined || typ === null || !isFactTyp(typ))
      return err(refusal("token_wrong_type", "no token of a type this log takes"));
    const verified = await verifyToken(type, compact, verifyContext());
    if (!verified.ok) return verified;
    const fact = { typ, claims: verified.value.claims } as Fact;
    // Whoever is of another domain settles with this one, and is not heard in anything else: not in a stop either.
    const use = state.keys.get(verified.value.key.kid)?.use;
    if (use === "settlement" && typ !== "settlement+jwt")
      return err(refusal("token_key_restricted", "this key of another domain signs messages about settlements only"));
    if (use === "query" && !isOfQueryKey(typ))
      return err(refusal("token_key_restricted", "this key is heard in questions to this domain's trail only"));
    if (use === "verifier" && !isOfVerifierKey(typ))
      return err(refusal("token_key_restricted", "this key of another domain's verifier signs results only"));
    if (isAccounting(typ)) later.accounting ??= (await import("./accounting/decide.ts")).decideAccounting;
    if (isBehavior(fact.typ)) later.behavior ??= await import("./behavior/decide.ts");
    if (fact.typ === "bench-order+jwt") later.bench ??= await import("./behavior/bench-decide.ts");
    if (fact.typ === "trust-statement+jwt") {
      const { trustRefusal } = await import("./identity/receive-trust.ts");
      later.trust ??= (await import("./identity/trust.ts")).decideTrust;
      const wrong = await trustRefusal(fact.claims, ports.sha256);
      if (wrong !== null) return err(wrong);
    }
    const misstated = statedArgumentsProblem(fact, ports.sha256);
    if (misstated !== null) return err(misstated);
    const untouched = await touchRefusal(fact, state.keys.get(verified.value.key.kid)?.passkey, ports.sha256);
    if (untouched !== null) return err(untouched);
    // A stop never waits for a second person (S15).
    if (fact.typ !== "override+jwt" || fact.claims.action === "stop") return ok({ verified: verified.value, fact });
    const cosigners = await receiveCosigners(verified.value, fact, ports.sha256, verifyOther);
    if (!cosigners.ok) return cosigners;
    if (fact.claims.action === "rollback")
      later.rollbackOrder ??= (await import("./rollback/order.ts")).decideRollbackOrder;
    return ok({ verified: verified.value, fact, cosigners: cosigners.value });
  };

  const flushReaders = async (): Promise<void> => {
    if (readers.length === 0) return;
    await reload();
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
        await flushReaders();
      }
    } finally {
      running = false;
      await flushReaders();
    }
  };

  /** After a failed reload: whether the state is certain again. */
  const reload = async (): Promise<boolean> => {
    if (uncertain === null) return true;
    const again = await loadLog(ports);
    if (!again.ok) {
      uncertain = again.error;
      return false;
    }
    uncertain = null;
    state = again.value.state;
    position = again.value.position;
    broken ??= again.value.fault;
    return true;
  };

  const runBatch = async (batch: readonly Pending[]): Promise<void> => {
    if (!(await reload())) {
      const problem = must(uncertain, "a failed reload says why");
      for (const pending of batch) pending.resolve(err(problem));
      return;
    }
    if (broken !== null) {
      const answer = err(writeRefusal(broken));
      for (const pending of batch) pending.resolve(answer);
      return;
    }
    let decided: Decided;
    let sealed: Sealed | null;
    try {
      decided = decideBatch(batch);
      const { drafts, nowS } = decided;
      sealed = drafts.length === 0 ? null : await sealFrame(ports, position, drafts, nowS, state);
    } catch (error) {
      // A bug, in what one of them asks: the half-folded state is thrown away, and each is decided alone.
      uncertain = { code: "storage_failed", retry: true, detail: "a decision failed and the state is read again" };
      await reload();
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) only.reject(error);
      else for (const pending of batch) await runBatch([pending]);
      return;
    }
    await storeBatch(decided, sealed);
  };

  const decideBatch = (batch: readonly Pending[]): Decided => {
    const nowMs = ports.clock.nowMs();
    const moment: Moment = {
      nowS: Math.max(position.lastAt, Math.floor(nowMs / 1000)),
      nowMs,
      uuid: () => ports.uuid.uuid(),
      sha256: ports.sha256,
    };
    const drafts: { draft: Draft; seq: number }[] = [];
    const accepted: Decided["accepted"][number][] = [];
    const refused: Decided["refused"][number][] = [];
    const logged: LoggedFact[] = [];
    let seq = position.head.size;
    for (const pending of batch) {
      const decision = decide(state, pending.command, ports.ids, moment, later);
      if (!decision.ok) {
        refused.push({ pending, refusal: decision.error });
        continue;
      }
      const from = logged.length;
      let due: readonly Draft[] = decision.value;
      while (due.length > 0) {
        const folded = logged.length;
        for (const draft of due) {
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
        due = [
          ...consequences(state, logged.slice(folded), ports.ids, moment),
          ...rollbackConsequences(state, ports.ids, moment),
        ];
      }
      accepted.push({ pending, from, to: logged.length });
    }
    return { drafts, accepted, refused, logged, nowS: moment.nowS };
  };

  const storeBatch = async ({ accepted, refused, logged }: Decided, sealed: Sealed | null): Promise<void> => {
    // A no may rest on what was decided just before it: it is told once that is durable.
    const refuse = (): void => {
      for (const { pending, refusal: no } of refused) pending.resolve(err(no));
    };
    if (sealed === null) {
      refuse();
      return;
    }
    const appended = await ports.log.append(ports.ids.domain, position.head.size, sealed.frame);
    if (!appended.ok && !(await isStored(appended.error, sealed.position.head))) {
      const problem = err(must(trouble, "a failed append says why"));
      for (const { pending } of [...accepted, ...refused]) pending.resolve(problem);
      return;
    }
    refuse();
    trouble = null;
    position = sealed.position;
    assert(position.head.size === (logged.at(-1)?.seq ?? -1) + 1, "the head counts the entries that were appended");
    for (const { pending, from, to } of accepted)
      pending.resolve(ok({ logged: logged.slice(from, to), head: position.head }));
    for (const listener of listeners) listener(logged, position.head, sealed.frame.entries);
  };

  /**
   * After an append that did not answer yes: the state is folded again from what the log really holds. True when the frame
   * is in it after all (an unknown outcome that did commit): then everyone is told yes.
   */
  const isStored = async (error: AppendError, head: LogHead): Promise<boolean> => {
    trouble =
      error.code === "conflict" || error.code === "unknown"
        ? { code: "storage_failed", retry: true, detail: `the log answered ${error.code}` }
        : error;
    uncertain = trouble;
    if (!(await reload())) return false;
    return error.code === "unknown" && position.head.size === head.size && position.head.root === head.root;
  };

  const read = <T>(reader: (state: State, head: LogHead) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          if (uncertain !== null) throw new StateUncertain(uncertain);
          resolve(reader(state, position.head));
        } catch (error) {
          reject(error);
        }
      };
      if (!running && uncertain === null) run();
      else {
        readers.push(run);
        void pump();
      }
    });

  return {
    ids: ports.ids,
    receive,
    submit: async (command) => {
      // Not for every start: all others are in the queue at once.
      if (command.kind === "audit" || command.kind === "audit_read") later.audit ??= await import("./audit/decide.ts");
      if (command.kind === "appraise" || command.kind === "behavior_stale")
        later.behavior ??= await import("./behavior/decide.ts");
      if (command.kind === "bench_end") later.bench ??= await import("./behavior/bench-decide.ts");
      return new Promise((resolve, reject) => {
        queue.push({ command, resolve, reject });
        void pump();
      });
    },
    read,
    issueHead: async () => {
      // Readers are answered while a batch is still ending: the head is for after it, not to be left out (XA-11).
      do await read(() => undefined);
      while (running);
      if (broken !== null || position.head.size === 0 || position.sth?.size === position.head.size) return;
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
        await flushReaders();
        void pump();
      }
    },
    onAppend: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fault: () => broken,
    breakOff: (found) => {
      if (broken === null || broken.code === "log_key_lost") broken = found;
    },
    trouble: () => (broken === null ? trouble : writeRefusal(broken)),
    newestHead: () => position.sth,
    signAsLog: (typ, claims) => signToken(typ, claims, ports.logSigner),
    signAsPep: (typ, claims) => signToken(typ, claims, ports.pepSigner),
    keyOf,
    idle: async () => {
      while (running || queue.length > 0) await read(() => undefined);
    },
  };
}
