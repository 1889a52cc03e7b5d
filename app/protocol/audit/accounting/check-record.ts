import { err, ok, type Result } from "../../../base/result.ts";
import { type Refusal, refusal } from "../../jose/refusal.ts";
import { unitFits } from "./resources.ts";
import { FIRST_PREV, type Period, type UsageRecordClaims } from "./usage-record.ts";

/** A record's period may lie so far beside its task, seconds (X6). */
const TASK_SLACK_S = 300;

/** What is known when a record arrives. */
export interface KnownUsage {
  /** Where the metering point's chain stands; `seq` is the one to come. */
  readonly chain: { readonly seq: number; readonly prev: string };
  /** The task it names; null where there is none. */
  readonly task: { readonly agent: string; readonly wid: string; readonly from: number; readonly to: number } | null;
  /** Periods in which this metering point has charged this task for a resource before, corrections left out. */
  charged(resource: string): readonly Period[];
  /** Whether a record of that id is known, for corrections. */
  knows(jti: string): boolean;
}

export const FIRST_LINK: KnownUsage["chain"] = { seq: 0, prev: FIRST_PREV };

/** X6, the first that fails. Refusals: `usage_unit`, `token_replayed`, `usage_gap`, `usage_chain_broken`, `usage_unattributed`, `usage_overlap`. */
export function checkUsageRecord(claims: UsageRecordClaims, known: KnownUsage): Result<true, Refusal> {
  const { seq, prev, items, period, task, consumer, wid, correction_of: corrects, jti } = claims;
  const no = (code: string, detail: string, claim: string) => err(refusal(code, detail, { claim, jti }));
  const strange = items.find(({ resource, unit }) => !unitFits(resource, unit));
  if (strange !== undefined) return no("usage_unit", `${strange.resource} is not measured in ${strange.unit}`, "items");
  // XDA-20, XDA-S6: the same place in the chain is never taken twice.
  if (seq < known.chain.seq) return no("token_replayed", `record ${seq} of this metering point is known`, "seq");
  if (seq > known.chain.seq)
    return no("usage_gap", `record ${known.chain.seq} of this metering point is missing`, "seq");
  if (prev !== known.chain.prev)
    return no("usage_chain_broken", "it does not follow the metering point's last record", "prev");
  if (corrects !== undefined)
    return known.knows(corrects)
      ? ok(true)
      : no("usage_unattributed", "the record it corrects is not known", "correction_of");
  if (known.task === null || known.task.agent !== consumer || known.task.wid !== wid)
    return no("usage_unattributed", "no such task of this agent and workflow", "task");
  if (period.from > known.task.to + TASK_SLACK_S || period.to < known.task.from - TASK_SLACK_S)
    return no("usage_unattributed", `its period is more than ${TASK_SLACK_S} s beside task ${task}`, "period");
  const twice = items.find(({ resource }) => known.charged(resource).some((charged) => overlap(charged, period)));
  return twice === undefined
    ? ok(true)
    : no("usage_overlap", `${twice.resource} of this task was charged in this period`, "period");
}

/** Of half-open periods. */
export const overlap = (a: Period, b: Period): boolean => a.from < b.to && b.from < a.to;
