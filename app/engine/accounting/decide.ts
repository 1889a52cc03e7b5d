import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { checkUsageRecord, FIRST_LINK } from "../../protocol/audit/accounting/check-record.ts";
import { correctionProblems } from "../../protocol/audit/accounting/correction.ts";
import { Exact } from "../../protocol/audit/accounting/decimals.ts";
import { domainOf, meterIdOf } from "../../protocol/audit/accounting/ids.ts";
import { MAX_STATED_RECORDS } from "../../protocol/audit/accounting/settlement.ts";
import { partyOf, stepSettlement } from "../../protocol/audit/accounting/settlement-state.ts";
import { chargeable, type Recomputed, statementProblems } from "../../protocol/audit/accounting/statement.ts";
import { tariffHash } from "../../protocol/audit/accounting/tariff.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, hostIds, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { witDraft } from "../workflow/decide.ts";
import { type AccountingInput, tariffsOf } from "./accounting-state.ts";
import type { AccountingFact } from "./evolve.ts";
import { unsettledFrom } from "./unsettled.ts";

/** Why so many records cannot be stated together. */
export const tooMany = (count: number): Refusal =>
  refusal("settlement_too_large", `${count} records are more than ${MAX_STATED_RECORDS}: state a shorter time`, {
    claim: "period",
  });

/** What was used in a time that is not over is not known yet (XDA-50). */
export const isOver = ({ to }: { readonly to: number }, nowS: number): boolean => to <= nowS;
export const stillOpen = ({ to }: { readonly to: number }): Refusal =>
  refusal("settlement_period_open", `the time ends ${whenOf(to)}: state it after that`, { claim: "period" });
const LAST_DAY_S = 253_402_300_799;
const whenOf = (atS: number): string => (atS > LAST_DAY_S ? "too far ahead" : new Date(atS * 1000).toISOString());

/** Who decides about money has authenticated at most so long ago, seconds: as for a decision (P3). */
const AUTH_AGE_S = 900;
const SKEW_S = 30;
/** People of another domain are known for so long after an import, seconds. */
const PEER_KEY_LIFETIME_S = 31_000_000;
const IDENTITY = (claims: { readonly jti: string }) => ({ jti: claims.jti });

/** Decisions about metering, tariffs and settlements. Loaded with the first token of theirs. */
export function decideAccounting(
  state: State,
  token: Verified<unknown>,
  fact: AccountingFact,
  ids: HostIds,
  moment: Moment,
  { recomputed, task }: AccountingInput,
): Result<Draft[], Refusal> {
  switch (fact.typ) {
    case "usage-record+jwt":
      return decideUsage(state, token, fact, ids, task);
    case "tariff+jwt":
      return decideTariff(state, token, fact, moment);
    case "settlement+jwt":
      return decideSettlement(state, token, fact, ids, moment, recomputed);
    case "usage-correction+jwt":
      return decideCorrection(state, token, fact, moment);
    case "ledger-import+jwt":
      return decideImport(state, token, fact, ids, moment);
  }
}

const taken = (token: Verified<unknown>, fact: AccountingFact): Result<Draft[], Refusal> =>
  ok([tokenDraft(token, fact)]);

function decideUsage(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"usage-record+jwt">,
  ids: HostIds,
  elsewhere: AccountingInput["task"],
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const { accounting } = state;
  if (claims.iss !== meterIdOf(ids.domain, claims.mp_id))
    return err(
      refusal("meter_unknown", "it is not by the metering point it names", { claim: "mp_id", jti: claims.jti }),
    );
  const task = state.workflows.get(claims.wid)?.tasks.get(claims.task);
  const spent =
    task === undefined
      ? (elsewhere ?? null)
      : {
          agent: task.agent,
          wid: claims.wid,
          from: task.ect?.iat ?? task.at,
          to: Math.max(task.at, task.ect?.iat ?? 0),
        };
  const currency = accounting.tariffs.find(({ tariff }) => tariff.hash === claims.tariff?.hash)?.tariff.currency;
  // What was stated meanwhile is closed: however late it is metered, the time after it has it (XDA-50).
  const stated = (atS: number): number =>
    unsettledFrom(accounting, { payee: ids.domain, payer: claims.payer, currency }, atS);
  const about = (accounting.byTask.get(claims.task) ?? []).map((jti) => accounting.records.get(jti));
  const checked = checkUsageRecord(claims, {
    chain: accounting.chains.get(claims.iss) ?? FIRST_LINK,
    task: spent === null ? null : { ...spent, to: Math.max(spent.to, ...[spent.from, spent.to].map(stated)) },
    charged: (resource) =>
      about.flatMap((record) =>
        record?.meter === claims.iss &&
        record.correctionOf === null &&
        record.items.some((item) => item.resource === resource)
          ? [record.period]
          : [],
      ),
    knows: (jti) => accounting.records.has(jti),
  });
  if (!checked.ok) return checked;
  const { correction_of: corrects, ordered_by: orderedBy } = claims;
  if (corrects !== undefined) {
    const order = orderedBy === undefined ? undefined : accounting.corrections.get(orderedBy);
    if (order === undefined || order.done !== null || order.claims.record !== corrects)
      return err(
        refusal("usage_correction_unordered", "no open order of finance is about this record", IDENTITY(claims)),
      );
    const problems = correctionProblems(order.claims.items, claims.items);
    if (problems.length > 0)
      return err(refusal("usage_correction_differs", problems.join("; "), { claim: "items", jti: claims.jti }));
  }
  return taken(token, fact);
}

function authority(
  state: State,
  claims: { readonly iss: string; readonly role: string; readonly auth_time: number; readonly jti: string },
  nowS: number,
  what: string,
): Refusal | null {
  if (!isHuman(claims.iss)) return refusal("accounting_unauthorized", `${what} is for people`, IDENTITY(claims));
  const denied = roleProblem(state, claims.iss, [claims.role], nowS, {
    code: "accounting_unauthorized",
    what,
    claim: "role",
  });
  if (denied !== null) return denied;
  return claims.auth_time > nowS + SKEW_S || nowS - claims.auth_time > AUTH_AGE_S
    ? refusal("accounting_unauthorized", `the authentication is older than ${AUTH_AGE_S} s: authenticate again`, {
        claim: "auth_time",
      })
    : null;
}

function decideTariff(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"tariff+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { tariff } = fact.claims;
  const denied = authority(state, fact.claims, moment.nowS, "setting a tariff");
  if (denied !== null) return err(denied);
  if (tariffHash(tariff, moment.sha256) !== tariff.hash)
    return err(refusal("tariff_hash_mismatch", "its hash is not that of its lines", { claim: "tariff" }));
  const newest = state.accounting.tariffs.findLast((one) => one.tariff.tariff_id === tariff.tariff_id);
  // A version says the same for ever; it may be put in force for another account.
  if (newest !== undefined && tariff.version <= newest.tariff.version && tariff.hash !== newest.tariff.hash)
    return err(
      refusal("tariff_version", `version ${newest.tariff.version} of it is known: a change needs a later one`),
    );
  return taken(token, fact);
}

function decideCorrection(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"usage-correction+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const denied = authority(state, claims, moment.nowS, "correcting a record");
  if (denied !== null) return err(denied);
  const record = state.accounting.records.get(claims.record);
  if (record === undefined || record.correctionOf !== null)
    return err(refusal("usage_unattributed", "no such record, or it is a correction itself", { claim: "record" }));
  for (const { resource, difference } of claims.items) {
    const charged = (state.accounting.byTask.get(record.task) ?? []).flatMap((jti) => {
      const one = state.accounting.records.get(jti);
      const isAbout = one !== undefined && (one.jti === record.jti || one.correctionOf === record.jti);
      return isAbout ? one.items.filter((item) => item.resource === resource) : [];
    });
    if (!record.items.some((item) => item.resource === resource))
      return err(refusal("usage_unit", `the record has no ${resource}`, { claim: "items" }));
    const left = charged.reduce((sum, item) => sum.plus(item.quantity), new Exact(0)).plus(difference);
    if (left.lt(0) || new Exact(difference).isZero())
      return err(refusal("usage_correction_range", `${resource} would come to ${left.toFixed()}`, { claim: "items" }));
  }
  const isOpen = [...state.accounting.corrections.values()].some(
    (order) => order.done === null && order.claims.record === claims.record,
  );
  return isOpen
    ? err(refusal("usage_correction_open", "an earlier order about this record is not carried out yet"))
    : taken(token, fact);
}

function decideImport(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"ledger-import+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const denied = authority(state, claims, moment.nowS, "taking a ledger in");
  if (denied !== null) return err(denied);
  if (claims.domain === ids.domain)
    return err(refusal("ledger_own", "this is the ledger of this domain itself", { claim: "domain" }));
  const pinned = state.accounting.peers.get(claims.domain);
  if (pinned !== undefined && pinned.logKid !== claims.log_kid)
    return err(
      refusal("ledger_key_changed", `${claims.domain} was known by another log key: ask them what happened`, {
        claim: "log_kid",
      }),
    );
  const foreign = claims.keys.find(({ sub }) => !isHuman(sub) || domainOf(sub) !== claims.domain);
  if (foreign !== undefined)
    return err(refusal("settlement_wrong_party", `${foreign.sub} is no person of ${claims.domain}`, { claim: "keys" }));
  // Their keys sign settlement messages and nothing else (COM-19).
  const fresh = claims.keys.filter(({ jwk }) => jwk.kid !== undefined && !state.keys.has(jwk.kid));
  return ok([
    tokenDraft(token, fact),
    ...fresh.map(({ sub, name, jwk }) =>
      witDraft(ids, moment, { subject: sub, name, jwk, use: "settlement" }, PEER_KEY_LIFETIME_S),
    ),
  ]);
}

/** Whether a domain is this one, or one of the same console: those were made known to each other (`border`). */
const isBeside = ({ keys }: State, ids: HostIds, domain: string): boolean =>
  domain === ids.domain ||
  [...keys.values()].some(({ use, subject }) => use === "border" && subject === hostIds(domain).pepId);

function decideSettlement(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"settlement+jwt">,
  ids: HostIds,
  moment: Moment,
  recomputed: Recomputed | undefined,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const { accounting } = state;
  const speaker = partyOf(claims);
  if (claims.payee !== ids.domain && claims.payer !== ids.domain)
    return err(refusal("settlement_wrong_party", "this domain is not part of it", { claim: "payee" }));
  // A person of the console speaks for its domains, and never for both sides of one settlement (XDA-82).
  const isOfConsole = state.keys.get(token.key.kid)?.use === "query" && isBeside(state, ids, speaker);
  if (!isOfConsole && domainOf(claims.iss) !== speaker)
    return err(refusal("settlement_wrong_party", `in this phase ${speaker} speaks`, { claim: "iss" }));
  const isOurs = speaker === ids.domain;
  const denied = isOurs
    ? authority(state, claims, moment.nowS, "settling")
    : isOfConsole || accounting.peers.has(speaker)
      ? null
      : refusal("settlement_wrong_party", `no ledger of ${speaker} was taken in`, { claim: "iss" });
  if (denied !== null) return err(denied);
  const known = accounting.settlements.get(claims.settlement_id);
  const other = known?.steps.find(({ by, phase }) => by === claims.iss && partyOf({ ...claims, phase }) !== speaker);
  if (other !== undefined)
    return err(
      refusal("settlement_self_agreement", "who speaks for one side does not speak for the other", { claim: "iss" }),
    );
  const message = { claims, hash: token.digest, at: moment.nowS, seq: state.size };
  const step = stepSettlement(known, message, [...accounting.settlements.values()]);
  if (!step.ok) return step;
  // The clock of another domain may be ahead of this one's.
  if (claims.phase === "statement" && !isOver(claims.period, moment.nowS + (isOurs ? 0 : SKEW_S)))
    return err(stillOpen(claims.period));
  if (isOurs && claims.phase === "statement") {
    const count = chargeable([...accounting.records.values()], tariffsOf(accounting), claims).length;
    if (count > MAX_STATED_RECORDS) return err(tooMany(count));
    if (count === 0) return err(refusal("settlement_empty", "nothing was charged to them in this time"));
    // What the figures were computed from is here still, since no record ever goes: as many are the same ones.
    const [problem] =
      recomputed?.count === count
        ? statementProblems(claims, recomputed)
        : ["the figures are not of the records that are here now: compute them again"];
    if (problem !== undefined) return err(refusal("settlement_mismatch", problem, { claim: "totals" }));
  }
  if (isOurs && claims.phase === "accept") {
    const [problem] =
      recomputed === undefined
        ? ["the records it is about are not here: take their ledger in first"]
        : statementProblems(must(known, "an acceptance answers a statement").statement, recomputed);
    if (problem !== undefined) return err(refusal("settlement_mismatch", problem, { claim: "totals" }));
  }
  return taken(token, fact);
}
