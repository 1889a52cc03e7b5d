import { accountOf, type MeteredTask } from "../engine/accounting/accounting-state.ts";
import { unsettledFrom } from "../engine/accounting/unsettled.ts";
import type { GateState, State } from "../engine/state.ts";
import { Exact, rounded, textOf } from "../protocol/audit/accounting/decimals.ts";
import { domainOf } from "../protocol/audit/accounting/ids.ts";
import type { UsageRecordClaims } from "../protocol/audit/accounting/usage-record.ts";
import { type EndedTask, endedTask, type MeteredUse } from "./metered-task.ts";
import { mpIdOf } from "./own-meter.ts";

/** A record to be made, and the metering point that makes it. */
export interface Issue {
  readonly use: MeteredUse;
  readonly mpId: string;
  readonly correction?: Required<Pick<UsageRecordClaims, "correction_of" | "ordered_by">>;
  /** What is known of the task where it is in the log of another domain. */
  readonly task?: MeteredTask;
}

export interface Due {
  readonly task: EndedTask;
  readonly run: string;
  readonly account: ReturnType<typeof accountOf>;
}

/** Of a whole log, the tasks that ended from an entry on and that no record is about. */
export function unmetered(state: State, from: number): [string, string][] {
  return [...state.workflows.values()].flatMap(({ wid, tasks }) =>
    [...tasks.values()].flatMap(({ jti, ect }): [string, string][] =>
      ect !== null && ect.seq >= from && !state.accounting.byTask.has(jti) ? [[jti, wid]] : [],
    ),
  );
}

/** Those of the tasks that are to be metered. A rehearsal is charged to nobody. */
export function dueTasks(
  state: State,
  domain: string,
  asked: readonly (readonly [string, string])[],
  permitted: ReadonlyMap<string, number>,
): Due[] {
  const wanted = new Set(asked.map(([jti]) => jti));
  const gatesOf = new Map<string, GateState[]>();
  for (const gate of state.gates.values())
    if (wanted.has(gate.task)) gatesOf.set(gate.task, [...(gatesOf.get(gate.task) ?? []), gate]);
  return asked.flatMap(([jti, wid]): Due[] => {
    const workflow = state.workflows.get(wid);
    const task = workflow?.tasks.get(jti);
    if (workflow === undefined || task === undefined || state.accounting.byTask.has(jti) || workflow.drill !== null)
      return [];
    const ended = endedTask(wid, task, permitted.get(jti), gatesOf.get(jti) ?? []);
    if (ended === null) return [];
    const account = accountOf(state.accounting, domain, wid, ended.endedAt);
    const owed = { payee: domain, payer: account.payer, currency: account.tariff?.currency };
    // A task may go on over the end of a time that is stated meanwhile: in no statement of that time would it ever be.
    const startedAt = unsettledFrom(state.accounting, owed, ended.startedAt);
    return [{ task: { ...ended, startedAt }, run: workflow.run, account }];
  });
}

export function openCorrections(state: State, nowS: number): Issue[] {
  const { corrections, records } = state.accounting;
  return [...corrections.values()].flatMap(({ claims, done }): Issue[] => {
    const record = records.get(claims.record);
    if (done !== null || record === undefined) return [];
    const currency = state.accounting.tariffs.find(({ tariff }) => tariff.hash === record.tariff?.hash)?.tariff
      .currency;
    const owed = { payee: domainOf(record.meter), payer: record.payer, currency };
    const isClosed = unsettledFrom(state.accounting, owed, record.period.from) !== record.period.from;
    const items = claims.items.flatMap(({ resource, difference }) => {
      const of = record.items.find((one) => one.resource === resource);
      if (of === undefined) return [];
      const amount = of.unitPrice === null ? null : textOf(rounded(new Exact(difference).times(of.unitPrice), 12));
      return [
        {
          ...{ resource, quantity: difference, unit: of.unit, estimated: of.estimated },
          ...(of.unitPrice === null || amount === null || currency === undefined
            ? {}
            : { unit_price: of.unitPrice, amount, currency }),
          attrs: { source: "correction" },
        },
      ];
    });
    const { wid, consumer, payer, task, meter, tariff, execAct, doneBy } = record;
    const period = isClosed ? { from: nowS, to: nowS + 1 } : { ...record.period };
    const use: MeteredUse = {
      ...{ wid, consumer, payer, task, period, items },
      ...(tariff === null ? {} : { tariff }),
      act: {
        sub: consumer,
        ...(execAct === "" ? {} : { exec_act: execAct }),
        // What another domain did stays what it did: a correction of it is in no sum either (XDA-81).
        ...(doneBy === null ? {} : { done_by: doneBy }),
      },
    };
    return [{ use, mpId: mpIdOf(meter), correction: { correction_of: record.jti, ordered_by: claims.jti } }];
  });
}
