import type { KnownUsage } from "../../protocol/audit/accounting/check-record.ts";
import type { LedgerRecord } from "../../protocol/audit/accounting/ledger.ts";
import type { UsageCorrectionClaims } from "../../protocol/audit/accounting/orders.ts";
import type { Settlement } from "../../protocol/audit/accounting/settlement-state.ts";
import type { Recomputed } from "../../protocol/audit/accounting/statement.ts";
import type { Tariff, TariffClaims } from "../../protocol/audit/accounting/tariff.ts";

/** What was metered, under which tariffs, and how it was settled: a fold of the log like everything else. */
export interface AccountingState {
  /** By id of the metering point, where its chain stands. */
  readonly chains: Map<string, { seq: number; prev: string }>;
  /** By jti, in the order of the log. */
  readonly records: Map<string, MeteredRecord>;
  /** By task, the records about it, corrections included. */
  readonly byTask: Map<string, string[]>;
  /** Every tariff that was put in force, oldest first. */
  readonly tariffs: TariffInForce[];
  readonly settlements: Map<string, Settlement>;
  /** Corrections that finance ordered, by the order's jti; `done` is the record that followed. */
  readonly corrections: Map<string, { claims: UsageCorrectionClaims; seq: number; at: number; done: string | null }>;
  /** Other domains whose ledgers were taken in, and the key each is pinned to. */
  readonly peers: Map<string, AccountingPeer>;
}

/** A record with where it stands in the log and what it was about. */
export interface MeteredRecord extends LedgerRecord {
  readonly entry: number;
  readonly at: number;
  readonly execAct: string;
  /** Who did it, of what this domain only counts to compare (XDA-81); null of what it did itself. */
  readonly doneBy: string | null;
  /** What its tasks used is more than a limit of its policy node allows (X6). */
  readonly overLimit: boolean;
}

export interface TariffInForce {
  readonly tariff: Tariff;
  readonly account: TariffClaims["account"];
  readonly by: string;
  readonly at: number;
  readonly seq: number;
  readonly reason: string;
}

export interface AccountingPeer {
  readonly domain: string;
  readonly logKid: string;
  /** The newest ledger, by its digest in the object store. */
  ledger: string;
  records: number;
  root: string;
  by: string;
  at: number;
  seq: number;
}

/**
 * What is given along with an accounting token, computed before it is decided so that no decision takes long: what the payee's
 * records come to, for a statement, and a payer's own copies of them, for an acceptance.
 */
export interface AccountingInput {
  readonly recomputed?: Recomputed;
  /** For a record about a task that is in the log of another domain, what that log has of it (XDA-80). */
  readonly task?: MeteredTask;
}

/** A task as X6 holds a record against it. */
export type MeteredTask = NonNullable<KnownUsage["task"]>;

export function initialAccounting(): AccountingState {
  return {
    chains: new Map(),
    records: new Map(),
    byTask: new Map(),
    tariffs: [],
    settlements: new Map(),
    corrections: new Map(),
    peers: new Map(),
  };
}

/** What is charged for work in a workflow from now on: to whom, by which tariff. Its own domain pays where nothing is said. */
export function accountOf(
  { tariffs }: AccountingState,
  domain: string,
  wid: string,
  atS: number,
): { readonly payer: string; readonly tariff: Tariff | null } {
  const isValid = ({ tariff }: TariffInForce): boolean =>
    tariff.valid_from <= atS && (tariff.valid_to === undefined || atS < tariff.valid_to);
  const found =
    tariffs.findLast((one) => isValid(one) && one.account.wids?.includes(wid) === true) ??
    tariffs.findLast((one) => isValid(one) && one.account.wids === undefined);
  return { payer: found?.account.payer ?? domain, tariff: found?.tariff ?? null };
}

/** The newest tariff in force by which a domain charges another one: for this workflow, else for all. */
export function tariffFor({ tariffs }: AccountingState, payer: string, wid: string, atS: number): Tariff | null {
  const valid = tariffs.filter(
    ({ tariff, account }) =>
      account.payer === payer && tariff.valid_from <= atS && (tariff.valid_to === undefined || atS < tariff.valid_to),
  );
  const found =
    valid.findLast(({ account }) => account.wids?.includes(wid) === true) ??
    valid.findLast(({ account }) => account.wids === undefined);
  return found?.tariff ?? null;
}

/** Every tariff by its digest. */
export const tariffsOf = ({ tariffs }: AccountingState): Map<string, Tariff> =>
  new Map(tariffs.map(({ tariff }) => [tariff.hash, tariff]));
