import { must } from "../../base/assert.ts";
import { ok } from "../../base/result.ts";
import { factOfEntry } from "../../engine/fact.ts";
import type { OwnTrail } from "../../protocol/audit/answer-query.ts";
import type { AuditQueryClaims } from "../../protocol/audit/audit-query.ts";
import { AUDIT_TYP } from "../../protocol/audit/audit-token.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { AuditSettings } from "../audit-issuer.ts";
import type { SeatHost } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { createKeptStore } from "./kept-disclosures.ts";
import type { AnsweringSeat, Found } from "./trail-seat.ts";

export interface OwnHost extends Pick<SeatHost, "engine" | "ports" | "index"> {
  readonly settings: AuditSettings;
}

/**
 * The console's own domain where it is asked beside the others (XDA-7). Its people are of it: they are shown the whole of
 * each record, and nothing of these is kept apart. Its log may be long: only the entries that may be meant are read, and
 * nothing of it is held for the next question.
 */
export async function ownSeat({ engine, ports, index, settings }: OwnHost): Promise<AnsweringSeat> {
  const { domain, pepId } = engine.ids;
  const { log, values } = ports.storage;
  await index.catchUp();
  const seq = await engine.read((state) => [...state.keys.values()].find(({ subject }) => subject === pepId)?.seq ?? 0);
  let gatewayWit: string | null = null;
  for await (const [entry] of log.read(domain, seq, seq + 1))
    if (entry?.seq === seq) gatewayWit = tokenDigest(entry.token, ports.sha256);
  const unknown = profileOf("");
  const { reg: [reg = unknown.reg] = [], jurisdictions = [] } = settings;
  return {
    domain,
    host: { engine, ports, index },
    kept: createKeptStore(values, ports.sha256),
    profile: { ...unknown, reg, jurisdictions, disclosure: { ...unknown.disclosure, pairwise: false } },
    ledger: { gatewayWit: () => gatewayWit, catchUp: () => index.catchUp() },
    found: (query) => foundIn({ engine, ports, index }, query),
    // Nothing is kept apart of its records.
    erase: async () => ok(undefined),
    trail: trailOf(index, domain),
  };
}

/** By what the index has of an entry already; the rest of a question is looked at in the entries. */
async function foundIn(
  { engine, ports, index }: Omit<OwnHost, "settings">,
  { wid, exec_act, outcome }: AuditQueryClaims,
): Promise<Found[]> {
  const rows = index
    .rows()
    .filter(
      (row) =>
        row.typ === AUDIT_TYP &&
        (wid === undefined || row.wid === wid) &&
        (exec_act === undefined || row.action === exec_act) &&
        (outcome === undefined || row.outcome === outcome),
    );
  const [first] = rows;
  if (first === undefined) return [];
  const wanted = new Set(rows.map(({ seq }) => seq));
  const end = must(rows.at(-1), "there is a first one").seq + 1;
  // What was found damaged proves nothing from there on.
  const provenSize = Math.min(engine.newestHead()?.size ?? 0, engine.fault()?.seq ?? Number.POSITIVE_INFINITY);
  const found: Found[] = [];
  for await (const entries of ports.storage.log.read(engine.ids.domain, first.seq, end))
    for (const entry of entries) {
      const fact = wanted.has(entry.seq) ? factOfEntry(entry) : null;
      if (fact?.ok !== true || fact.value.typ !== AUDIT_TYP) continue;
      const { seq, token: compact } = entry;
      const level = seq < provenSize ? 3 : 2;
      found.push({ seq, compact, digest: tokenDigest(compact, ports.sha256), level, claims: fact.value.claims });
    }
  return found;
}

/** Every task of a workflow is in this log; nothing is handed over. */
function trailOf(index: OwnHost["index"], domain: string): OwnTrail {
  return { domain, has: (_wid, jti) => index.seqOf(jti) !== null, isAnswered: () => true };
}
