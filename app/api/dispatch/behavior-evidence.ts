import { type RefusedRecord, recordData } from "../../engine/behavior/behavior-record.ts";
import type { EvidenceNote } from "../../engine/behavior/behavior-state.ts";
import { factOfEntry } from "../../engine/fact.ts";
import type { Host } from "../../host/open-host.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { type BetClaims, OBSERVERS } from "../../protocol/behavior/evidence.ts";
import type { EarClaims } from "../../protocol/behavior/result.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { EvidenceRow } from "../contract/behavior.ts";
import { storedEntry } from "./open-token.ts";

/** Evidence and results about an agent from the entries they stand in, newest first. */
export async function evidenceRows(host: Host, agent: string): Promise<EvidenceRow[]> {
  const notes = await host.engine.read((state) => structuredClone(state.behavior.agents.get(agent)?.evidence ?? []));
  const rows: EvidenceRow[] = [];
  /** By observer and instance, the newest evidence so far. */
  const last = new Map<string, { jti: string; hash: string }>();
  for (const note of notes) {
    const entry = await storedEntry(host, note.seq);
    const fact = entry === null ? null : factOfEntry(entry);
    if (fact?.ok !== true) continue;
    if (fact.value.typ === "bet+jwt") rows.push(betRow(note, fact.value.claims, last));
    else if (fact.value.typ === "ear+jwt") rows.push(earRow(note, digestOf(host, entry), fact.value.claims));
    else if (fact.value.typ === "record+jwt") rows.push(refusedRow(note, recordData<RefusedRecord>(fact.value)));
  }
  return rows.reverse();
}

const NOTHING = {
  ...{ observer: null, wid: null, window: null, samples: null, compliance: null, drift: null, violations: 0 },
  ...{ prev: null, chain: null, bets: [], verdict: null, status: null },
};

function betRow(note: EvidenceNote, claims: BetClaims, last: Map<string, { jti: string; hash: string }>): EvidenceRow {
  const { jti, hash, seq, at, problem } = note;
  const key = `${claims.iss} ${claims.subject}`;
  const before = last.get(key);
  last.set(key, { jti, hash });
  const { prev_bet: prev = null, iss, observer, wid, window, samples, compliance, drift = null } = claims;
  // Beyond what is kept of an agent, the log has the one before; it was compared with that when it came.
  const isLinked = before === undefined || (before.jti === prev?.jti && before.hash === prev.hash);
  return {
    ...{ ...NOTHING, typ: "bet", jti, hash, iss, observer, wid, window, samples, compliance, drift, prev },
    violations: claims.violations.length,
    chain: prev === null ? "first" : isLinked ? "linked" : "gap",
    ...{ problem, seq, at },
  };
}

/** What the host signs itself is digested when somebody asks for it. */
const digestOf = (host: Host, entry: LedgerEntry | null): string =>
  entry === null ? "" : tokenDigest(entry.token, host.ports.sha256);

function earRow(note: EvidenceNote, hash: string, claims: EarClaims): EvidenceRow {
  const [said] = Object.values(claims.submods);
  const behavior = said?.["agent.behavior"];
  return {
    ...NOTHING,
    ...{ typ: "ear", jti: note.jti, hash, iss: claims.iss },
    window: behavior?.window ?? null,
    compliance: behavior?.compliance ?? null,
    drift: behavior?.drift ?? null,
    bets: behavior?.bets ?? [],
    verdict: behavior?.verdict ?? null,
    status: said?.["ear.status"] ?? null,
    ...{ problem: null, seq: note.seq, at: note.at },
  };
}

function refusedRow(note: EvidenceNote, said: RefusedRecord): EvidenceRow {
  const { jti, hash, seq, at, problem } = note;
  const { iss, observer, window, samples, compliance, violations } = said;
  return {
    ...{ ...NOTHING, typ: "bet", jti, hash, iss, window, samples, compliance, violations, problem, seq, at },
    observer: OBSERVERS.find((one) => one === observer) ?? null,
  };
}
