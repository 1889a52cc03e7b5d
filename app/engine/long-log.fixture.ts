import { v4 } from "uuid";
import { must } from "../base/assert.ts";
import { toBase64url, utf8 } from "../base/bytes.ts";
import type { Sha256 } from "../base/ports.ts";
import type { EctClaims, IntentClaims, RecordClaims } from "../protocol/ect/claims.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { generateSigner, importPublicKey } from "../protocol/jose/keys.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { Draft } from "./command.ts";
import { ids, startedWorkflow, testClock } from "./engine.fixture.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { evolve } from "./evolve.ts";
import { type Fact, factOfEntry } from "./fact.ts";
import type { Frame, Storage } from "./ports.ts";
import { EMPTY_POSITION, type LogPosition, sealFrame } from "./seal.ts";
import { initialState, type State } from "./state.ts";

const FRAME = 1000;
/** Entries one task makes: asked, permitted, effect, reported. */
const PER_TASK = 4;
const TASKS_PER_S = 5;

export interface LongLog {
  readonly storage: Storage;
  readonly ports: EnginePorts;
  /** The state after the last entry, folded as it was made. */
  readonly state: State;
  /** Seals drafts as the engine would and stores them. */
  append(drafts: readonly Draft[], change?: (frame: Frame) => Frame): Promise<void>;
  /** A whole task's drafts. */
  task(): Draft[];
}

/**
 * A log as long as asked for, over memory: a workflow that was really started, then task after task. Sealed by the real
 * `sealFrame`; the tokens of the tasks have no signature, which loading does not look at, so that it is there in seconds. Snapshots
 * are taken when they are due, but none before `snapshotFrom` entries.
 */
export async function longLog(entries: number, snapshotFrom = 0): Promise<LongLog> {
  const startS = 1_772_064_000;
  const bench = await startedWorkflow(startS);
  const [log, pep, sha256] = await Promise.all([generateSigner(), generateSigner(), createSha256()]);
  const key = await importPublicKey(log.jwk);
  const storage = createMemoryStorage({ clone: false });
  const ports: EnginePorts = {
    log: storage.log,
    ids,
    clock: testClock(startS),
    uuid: { uuid: () => v4() },
    sha256,
    logSigner: log.signer,
    pepSigner: pep.signer,
    logPublicKey: must(key.ok ? key.value.key : null, "the log's key imports"),
  };
  const state = initialState();
  let position: LogPosition = EMPTY_POSITION;
  let nowS = startS;

  const append: LongLog["append"] = async (drafts, change = (frame) => frame) => {
    const first = position.head.size;
    const placed = drafts.map((draft, at) => ({ draft, seq: first + at }));
    for (const { draft, seq } of placed)
      evolve(state, { seq, receivedAt: nowS, digest: draft.kind === "token" ? draft.digest : "", fact: draft.fact });
    const early = first < snapshotFrom;
    const from = early ? { ...position, snapshotSize: first } : position;
    const sealed = await sealFrame(ports, from, placed, nowS, state);
    const stored = await storage.log.append(ids.domain, first, change(sealed.frame));
    must(stored.ok ? true : null, "memory takes everything");
    position = early ? { ...sealed.position, snapshotSize: 0 } : sealed.position;
    nowS += Math.ceil(drafts.length / PER_TASK / TASKS_PER_S);
  };
  const task = (): Draft[] => taskDrafts({ wid: bench.wid, agent: bench.agentId, acp: bench.acp, nowS, sha256 });

  const head = await bench.storage.log.head(ids.domain);
  for await (const chunk of bench.storage.log.read(ids.domain, 0, head.ok ? head.value.size : 0))
    await append(
      chunk.map((entry) => {
        const fact = factOfEntry(entry);
        return tokenDraft(must(fact.ok ? fact.value : null, "its own entries"), entry.token, entry.submitter, sha256);
      }),
    );
  while (position.head.size < entries) {
    const room = Math.min(FRAME, entries - position.head.size);
    const drafts = Array.from({ length: Math.ceil(room / PER_TASK) }, task).flat();
    await append(drafts.slice(0, room));
  }
  return { storage, ports, state, append, task };
}

interface TaskOf {
  readonly wid: string;
  readonly agent: string;
  readonly acp: { readonly jti: string; readonly hash: string };
  readonly nowS: number;
  readonly sha256: Sha256;
}

function taskDrafts({ wid, agent, acp, nowS, sha256 }: TaskOf): Draft[] {
  const task = v4();
  const hash = toBase64url(sha256(utf8(task)));
  const times = { iat: nowS, exp: nowS + 300 };
  const intent: IntentClaims = {
    ...times,
    iss: agent,
    aud: [ids.pepId],
    jti: v4(),
    wid,
    task,
    exec_act: "build_site",
    pred: [],
    inp_hash: hash,
    args_hash: hash,
    acp,
  };
  const record = (kind: RecordClaims["kind"]): Fact => ({
    typ: "record+jwt",
    claims: { iss: ids.pepId, iat: nowS, jti: v4(), rec_ver: 1, kind, wid, cause: { jti: intent.jti }, data: { task } },
  });
  const ect: EctClaims = {
    ...times,
    iss: agent,
    aud: [ids.pepId],
    jti: task,
    wid,
    exec_act: "build_site",
    pred: [],
    inp_hash: hash,
  };
  const facts: [Fact, string][] = [
    [{ typ: "intent+jwt", claims: intent }, agent],
    [record("permitted"), ids.pepId],
    [record("effect_started"), ids.pepId],
    [{ typ: "exec+jwt", claims: ect }, agent],
  ];
  return facts.map(([fact, submitter]) => tokenDraft(fact, unsigned(fact), submitter, sha256));
}

function tokenDraft(fact: Fact, compact: string, submitter: string, sha256: Sha256): Draft {
  return { kind: "token", compact, submitter, fact, digest: tokenDigest(compact, sha256) };
}

const part = (value: object): string => toBase64url(utf8(JSON.stringify(value)));

function unsigned(fact: Fact): string {
  return `${part({ alg: "EdDSA", typ: fact.typ, kid: "none" })}.${part(fact.claims)}.${toBase64url(new Uint8Array(64))}`;
}
