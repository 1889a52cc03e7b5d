import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import { ledgerRecord } from "../../protocol/audit/accounting/ledger.ts";
import { isTokenCount } from "../../protocol/audit/accounting/resources.ts";
import { stepSettlement } from "../../protocol/audit/accounting/settlement-state.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";

/** The facts this fold is about. */
export type AccountingFact = FactOf<
  "usage-record+jwt" | "tariff+jwt" | "settlement+jwt" | "usage-correction+jwt" | "ledger-import+jwt"
>;

export function evolveAccounting(state: State, logged: LoggedFact, fact: AccountingFact): void {
  const { accounting } = state;
  const { receivedAt: at, seq } = logged;
  switch (fact.typ) {
    case "usage-record+jwt":
      evolveUsage(state, logged, fact);
      break;
    case "tariff+jwt": {
      const { tariff, account, iss: by, reason } = fact.claims;
      accounting.tariffs.push({ tariff, account, by, at, seq, reason });
      break;
    }
    case "settlement+jwt": {
      const id = fact.claims.settlement_id;
      const step = stepSettlement(
        accounting.settlements.get(id),
        { claims: fact.claims, hash: logged.digest, at, seq },
        [],
      );
      if (step.ok) accounting.settlements.set(id, step.value);
      break;
    }
    case "usage-correction+jwt":
      accounting.corrections.set(fact.claims.jti, { claims: fact.claims, seq, at, done: null });
      break;
    case "ledger-import+jwt": {
      const { domain, log_kid: logKid, ledger, records_count: records, records_root: root, iss: by } = fact.claims;
      accounting.peers.set(domain, { domain, logKid, ledger, records, root, by, at, seq });
      break;
    }
  }
}

function evolveUsage(state: State, logged: LoggedFact, { claims }: FactOf<"usage-record+jwt">): void {
  const { accounting } = state;
  const workflow = state.workflows.get(claims.wid);
  const task = workflow?.tasks.get(claims.task);
  accounting.chains.set(claims.iss, { seq: claims.seq + 1, prev: logged.digest });
  const overLimit =
    workflow !== undefined && task !== undefined && claims.correction_of === undefined
      ? countMetered(state, workflow, task, claims.items)
      : false;
  accounting.records.set(claims.jti, {
    ...ledgerRecord(claims, logged.digest),
    doneBy: ofAct(claims, "done_by"),
    ...{
      entry: logged.seq,
      at: logged.receivedAt,
      execAct: task?.execAct ?? ofAct(claims, "exec_act") ?? "",
      overLimit,
    },
  });
  const known = accounting.byTask.get(claims.task);
  if (known === undefined) accounting.byTask.set(claims.task, [claims.jti]);
  else known.push(claims.jti);
  const order = claims.ordered_by === undefined ? undefined : accounting.corrections.get(claims.ordered_by);
  if (order !== undefined) order.done = claims.jti;
}

/** Of a task that is in another domain's log, as the metering point states it. */
function ofAct({ act }: FactOf<"usage-record+jwt">["claims"], name: "exec_act" | "done_by"): string | null {
  const said = act?.[name];
  return typeof said === "string" ? said : null;
}

/**
 * An agent says before a task what it will use, and is held to that at once. What was metered beyond it is used up as well:
 * the next action that needs more than is left is refused. Says whether more was used than the limit allows.
 */
function countMetered(
  state: State,
  workflow: WorkflowState,
  task: TaskState,
  items: readonly { readonly resource: string; readonly quantity: string }[],
): boolean {
  const metered = items.reduce(
    (sum, { resource, quantity }) => sum + (isTokenCount(resource) ? Number(quantity) : 0),
    0,
  );
  const beyond = Math.ceil(metered) - (task.intent?.needs?.tokens ?? 0);
  if (beyond <= 0) return false;
  const policy = state.policies.get(task.intent?.acp.jti ?? workflow.acp);
  const found = policy === undefined ? undefined : compilePolicy(policy.claims).nodeFor(task.agent, task.execAct);
  const used = found === undefined ? undefined : workflow.usage.get(found.node.id);
  if (found === undefined || used === undefined) return false;
  used.tokens += beyond;
  const limit = found.constraints.find(({ name }) => name === "max_tokens");
  return limit !== undefined && used.tokens > Number(limit.value);
}
