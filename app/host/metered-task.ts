import type { accountOf } from "../engine/accounting/accounting-state.ts";
import { isHuman } from "../engine/identity/human.ts";
import type { GateState, TaskState } from "../engine/state.ts";
import { Exact, rounded, textOf } from "../protocol/audit/accounting/decimals.ts";
import { flatPrice } from "../protocol/audit/accounting/rate.ts";
import type { Resource } from "../protocol/audit/accounting/resources.ts";
import { UNIT_OF } from "../protocol/audit/accounting/resources.ts";
import type { Tariff } from "../protocol/audit/accounting/tariff.ts";
import type { UsageItem, UsageRecordClaims } from "../protocol/audit/accounting/usage-record.ts";
import type { RecordedRun, RunTask } from "../protocol/run/recorded-run.ts";
import { recordedItems } from "./recorded-usage.ts";

/** What a record says beside its place in the metering point's chain. */
export type MeteredUse = Pick<UsageRecordClaims, "wid" | "consumer" | "payer" | "task" | "period" | "items"> &
  Partial<Pick<UsageRecordClaims, "tariff" | "act">>;

export interface EndedTask {
  readonly wid: string;
  readonly jti: string;
  readonly agent: string;
  readonly execAct: string;
  /** Epoch seconds, of the log. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** How long its requests were open until people had decided, seconds of the log. */
  readonly reviewS: number;
}

/** The account a task's use goes to, with its tariff, when it is metered. */
export type Account = ReturnType<typeof accountOf>;

/** The use of one ended task, as its metering point states it. */
export function meteredUse(
  task: EndedTask,
  recorded: RunTask | undefined,
  run: Pick<RecordedRun, "source"> | undefined,
  { payer, tariff }: Account,
): MeteredUse {
  const items = [
    // The enforcement point let one effect go and saw it end: that is counted, not told.
    item("api_call", "1", false, { source: "gateway" }),
    // How long it was before people, by the log: how much of that they gave it nobody measures.
    ...(task.reviewS > 0 ? [item("human_review", String(task.reviewS), true, { source: "gate" })] : []),
    ...(recorded === undefined ? [] : recordedItems(recorded, run?.source.scenario === true)),
  ];
  return {
    wid: task.wid,
    consumer: task.agent,
    payer,
    task: task.jti,
    period: { from: task.startedAt, to: Math.max(task.endedAt, task.startedAt + 1) },
    items: tariff === null ? items : items.map((one) => priced(one, tariff)),
    ...(tariff === null ? {} : { tariff: { id: tariff.tariff_id, version: tariff.version, hash: tariff.hash } }),
    act: { sub: task.agent, exec_act: task.execAct },
  };
}

export function item(
  resource: Resource,
  quantity: string,
  estimated: boolean,
  attrs: Readonly<Record<string, string>>,
): UsageItem {
  return { resource, quantity, unit: UNIT_OF[resource], estimated, attrs: { ...attrs } };
}

/** With tiers or a minimum a record alone cannot say what it costs; the statement can. */
function priced(one: UsageItem, tariff: Tariff): UsageItem {
  const price = flatPrice(tariff, one.resource);
  if (price === null) return one;
  const amount = textOf(rounded(new Exact(one.quantity).times(price), 12));
  return { ...one, unit_price: price, amount, currency: tariff.currency };
}

/**
 * A task of the state as it is metered; null while it has no end. It began when it was let through, or, where this host has not
 * seen that, when its agent says that it ended.
 */
export function endedTask(
  wid: string,
  task: TaskState,
  permittedAt: number | undefined,
  gates: readonly ReviewedGate[],
): EndedTask | null {
  if (task.ect === null || (task.status !== "done" && task.status !== "failed")) return null;
  const { jti, agent, execAct, at, ect } = task;
  const reviewS = gates.reduce((sum, gate) => sum + reviewOf(gate), 0);
  return { ...{ wid, jti, agent, execAct, reviewS }, startedAt: Math.min(permittedAt ?? ect.iat, at), endedAt: at };
}

export type ReviewedGate = Pick<GateState, "openedAt" | "decisions">;

/** From a request to the last decision that a person made about it; nobody reviewed what nobody decided. */
function reviewOf({ openedAt, decisions }: ReviewedGate): number {
  const last = decisions.filter(({ by }) => isHuman(by)).at(-1);
  return last === undefined ? 0 : Math.max(0, last.at - openedAt);
}
