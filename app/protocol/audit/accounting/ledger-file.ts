import * as z from "zod";
import type { Json } from "../../../base/json.ts";
import type { Sha256 } from "../../../base/ports.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import type { WitClaims } from "../../identity/claims.ts";
import { WIT_TYPE } from "../../identity/wit.ts";
import { objectDigest } from "../../jcs/canonical.ts";
import { parseStrictJson } from "../../jcs/strict-json.ts";
import { parseCompact } from "../../jose/compact.ts";
import { compactSchema } from "../../jose/formats.ts";
import { importPublicKey, jwkThumbprint, type TrustedKey } from "../../jose/keys.ts";
import { type Refusal, refusal } from "../../jose/refusal.ts";
import type { TokenType } from "../../jose/token-type.ts";
import { verifyToken } from "../../jose/verify-token.ts";
import { domainOf, meterIdOf } from "./ids.ts";
import { type LedgerRecord, ledgerRecord, type Tariffs } from "./ledger.ts";
import { unitFits } from "./resources.ts";
import { SETTLEMENT_TYPE, type SettlementClaims } from "./settlement.ts";
import { recordsRoot } from "./statement.ts";
import { TARIFF_TYPE, type Tariff, tariffHash } from "./tariff.ts";
import { FIRST_PREV, USAGE_RECORD_TYPE, type UsageRecordClaims } from "./usage-record.ts";

/** Records in a file at most: what is checked in one go. */
export const MAX_LEDGER_RECORDS = 50_000;

/**
 * A domain's usage as it hands it to another one: signed tokens only, with the identities that bind their keys. The first
 * identity is that of its log, signed by itself.
 */
export const ledgerFileSchema = z.object({
  signalbox_usage: z.literal(1),
  domain: z.string().min(1).max(253),
  identities: z.array(compactSchema).min(1).max(1000),
  tariffs: z.array(compactSchema).max(200),
  records: z.array(compactSchema).max(MAX_LEDGER_RECORDS),
  settlements: z.array(compactSchema).max(500),
});
export type LedgerFile = z.infer<typeof ledgerFileSchema>;

export interface LedgerPerson {
  readonly sub: string;
  readonly name: string;
  readonly jwk: WitClaims["cnf"]["jwk"];
}

/** What stands in a file, every signature checked. */
export interface ReadLedger {
  readonly domain: string;
  readonly digest: string;
  /** Thumbprint of the log's key, on which everything else in the file rests. */
  readonly logKid: string;
  readonly records: readonly LedgerRecord[];
  readonly root: string;
  readonly tariffs: Tariffs;
  readonly settlements: readonly {
    readonly compact: string;
    readonly claims: SettlementClaims;
    readonly digest: string;
  }[];
  /** People whose settlement messages are in it. */
  readonly people: readonly LedgerPerson[];
}

/** Reads the text of a ledger file. Refusals: `json_malformed`, `ledger_malformed`. */
export function parseLedgerFile(text: string): Result<LedgerFile, Refusal> {
  const value = parseStrictJson(text);
  if (!value.ok) return err(refusal("json_malformed", `character ${value.error.offset}: ${value.error.detail}`));
  const parsed = ledgerFileSchema.safeParse(value.value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const place = issue?.path.join(".") || "the file";
  return err(refusal("ledger_malformed", `not a usage ledger: ${place}: ${issue?.message ?? "unexpected"}`));
}

/**
 * Verifies a ledger file from its own bytes: identities under the log's key, each record under its metering point's, the
 * chain of each metering point without gaps, tariffs by their digests, settlement messages under their people's keys. Whose
 * log it is, is for whoever takes it to say (`logKid`). The first thing that does not hold refuses the whole file.
 */
export async function verifyLedgerFile(
  file: LedgerFile,
  nowS: number,
  sha256: Sha256,
): Promise<Result<ReadLedger, Refusal>> {
  const keys = new Map<string, TrustedKey>();
  const known = await readIdentities(file, nowS, sha256, keys);
  if (!known.ok) return known;
  const at = (place: string, problem: Refusal) => err({ ...problem, detail: `${place}: ${problem.detail}` });
  const open = async <C>(type: TokenType<C>, compact: string) => verifyAt(type, compact, nowS, sha256, keys);

  const tariffs = new Map<string, Tariff>();
  for (const [index, compact] of file.tariffs.entries()) {
    const tariff = await open(TARIFF_TYPE, compact);
    if (!tariff.ok) return at(`tariffs.${index}`, tariff.error);
    const body = tariff.value.claims.tariff;
    if (tariffHash(body, sha256) !== body.hash)
      return at(`tariffs.${index}`, refusal("tariff_hash_mismatch", "its hash is not that of its lines"));
    tariffs.set(body.hash, body);
  }
  const records: LedgerRecord[] = [];
  const chains = new Map<string, { seq: number; prev: string }>();
  for (const [index, compact] of file.records.entries()) {
    const record = await open(USAGE_RECORD_TYPE, compact);
    if (!record.ok) return at(`records.${index}`, record.error);
    const problem = recordProblem(file.domain, record.value.claims, chains);
    if (problem !== null) return at(`records.${index}`, problem);
    const { iss, seq } = record.value.claims;
    chains.set(iss, { seq: seq + 1, prev: record.value.digest });
    records.push(ledgerRecord(record.value.claims, record.value.digest));
  }
  const settlements: ReadLedger["settlements"][number][] = [];
  const people = new Map<string, LedgerPerson>();
  for (const [index, compact] of file.settlements.entries()) {
    const message = await open(SETTLEMENT_TYPE, compact);
    if (!message.ok) return at(`settlements.${index}`, message.error);
    const person = known.value.people.get(message.value.key.kid);
    if (person === undefined)
      return at(`settlements.${index}`, refusal("settlement_wrong_party", "it is not by a person of that domain"));
    people.set(message.value.key.kid, person);
    settlements.push({ compact, claims: message.value.claims, digest: message.value.digest });
  }
  const digest = ledgerDigest(file, sha256);
  const root = recordsRoot(
    records.map((record) => record.digest),
    sha256,
  );
  const { logKid } = known.value;
  return ok({ domain: file.domain, digest, logKid, records, root, tariffs, settlements, people: [...people.values()] });
}

/** Object digest of a file: what an import names (COM-11). */
export function ledgerDigest(file: LedgerFile, sha256: Sha256): string {
  // Its schema holds JSON only.
  const digest = objectDigest(file as unknown as Json, sha256);
  return digest.ok ? digest.value : "";
}

/** In a file a token is as old as it is: its time is its own, and what is replayed is found by the chain and the ids. */
function verifyAt<C>(
  type: TokenType<C>,
  compact: string,
  nowS: number,
  sha256: Sha256,
  keys: ReadonlyMap<string, TrustedKey>,
) {
  const parsed = parseCompact(compact);
  const payload = parsed.ok ? parsed.value.payload : {};
  const issued = typeof payload.iat === "number" ? Math.min(payload.iat, nowS) : nowS;
  const named = typeof payload.aud === "string" ? [payload.aud] : payload.aud;
  return verifyToken(type, compact, {
    nowS: issued,
    ownIds: Array.isArray(named) ? named.filter((id): id is string => typeof id === "string") : [],
    resolveKey: (kid) => keys.get(kid),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256,
  });
}

async function readIdentities(
  file: LedgerFile,
  nowS: number,
  sha256: Sha256,
  keys: Map<string, TrustedKey>,
): Promise<Result<{ readonly logKid: string; readonly people: Map<string, LedgerPerson> }, Refusal>> {
  const logId = `spiffe://${file.domain}/log`;
  const people = new Map<string, LedgerPerson>();
  let logKid: string | null = null;
  for (const [index, compact] of file.identities.entries()) {
    const no = (problem: Refusal) => err({ ...problem, detail: `identities.${index}: ${problem.detail}` });
    const parsed = parseCompact(compact);
    const claims = parsed.ok ? WIT_TYPE.schema.safeParse(parsed.value.payload) : null;
    if (claims === null || !claims.success) return no(refusal("token_malformed", "no identity token"));
    const { cnf, sub, name } = claims.data;
    const imported = await importPublicKey(cnf.jwk);
    if (!imported.ok) return no(imported.error);
    const kid = await jwkThumbprint(cnf.jwk);
    const key: TrustedKey = { kid, subject: sub, alg: imported.value.alg, key: imported.value.key, revokedAt: null };
    if (logKid === null) {
      if (sub !== logId) return no(refusal("ledger_malformed", `the first identity is that of ${logId}`));
      logKid = kid;
      keys.set(kid, key);
    }
    const verified = await verifyAt(WIT_TYPE, compact, nowS, sha256, keys);
    if (!verified.ok) return no(verified.error);
    if (verified.value.claims.iss !== logId)
      return no(refusal("token_issuer_mismatch", "identities of this file are bound by its log"));
    const isOwn = domainOf(sub) === file.domain;
    // Whom its log hears as a person of its console signs its tariffs, and is no person of that domain.
    if (!isOwn && claims.data.use !== "query")
      return no(refusal("ledger_malformed", `${sub} is not of ${file.domain}`));
    keys.set(kid, { ...key, revokedAt: claims.data.exp });
    if (isOwn && /^spiffe:\/\/[^/]+\/human\/./.test(sub)) people.set(kid, { sub, name: name ?? sub, jwk: cnf.jwk });
  }
  return logKid === null
    ? err(refusal("ledger_malformed", "a ledger names the identity of its log"))
    : ok({ logKid, people });
}

function recordProblem(
  domain: string,
  { iss, mp_id, seq, prev, items }: UsageRecordClaims,
  chains: ReadonlyMap<string, { readonly seq: number; readonly prev: string }>,
): Refusal | null {
  if (iss !== meterIdOf(domain, mp_id)) return refusal("meter_unknown", `${iss} is no metering point of ${domain}`);
  const chain = chains.get(iss) ?? { seq: 0, prev: FIRST_PREV };
  if (seq !== chain.seq)
    return refusal(
      seq < chain.seq ? "token_replayed" : "usage_gap",
      `record ${chain.seq} of ${mp_id} is expected, not ${seq}`,
    );
  if (prev !== chain.prev) return refusal("usage_chain_broken", `it does not follow record ${seq - 1} of ${mp_id}`);
  const strange = items.find(({ resource, unit }) => !unitFits(resource, unit));
  return strange === undefined ? null : refusal("usage_unit", `${strange.resource} is not measured in ${strange.unit}`);
}
