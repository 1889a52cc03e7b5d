import { lazy, Suspense, useState } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { isPause, type OrderSet } from "./in-force.ts";
import { useAgentIds } from "./use-agent-ids.ts";
import { useOrdersInForce } from "./use-orders-in-force.ts";

const GiveOrder = lazy(() => import("./give-order.tsx").then((loaded) => ({ default: loaded.GiveOrder })));
const OrdersStrip = lazy(() => import("./orders-strip.tsx").then((loaded) => ({ default: loaded.OrdersStrip })));
const DueSteps = lazy(() => import("./due-steps.tsx").then((loaded) => ({ default: loaded.DueSteps })));
const ResumeDialog = lazy(() => import("./resume-dialog.tsx").then((loaded) => ({ default: loaded.ResumeDialog })));

/** What a press or a key asks for: an order of its own, given in a dialog. */
export type OrderAsked = "pause" | "stop" | "modify" | "takeover";

export interface OrdersProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly asked: OrderAsked | null;
  onAnswered(): void;
}

/** Orders for what is selected: the strip of those in force, and the dialogs that give and end them (J4). */
export function Orders({ workflow, run, model, asked, onAnswered }: OrdersProps) {
  const { wid } = workflow;
  const [ending, setEnding] = useState<OrderSet | null>(null);
  const { operator } = useOperator();
  const orders = useOrdersInForce(wid);
  const agents = useAgentIds(wid, run);
  useKeys({
    r: (event) => {
      event.preventDefault();
      setEnding(orders.sets.find(isPause) ?? null);
    },
  });
  const pausedBecause =
    orders.sets.find((set) => isPause(set) && set.signals[0]?.by === operator?.subject)?.signals[0]?.reason ?? "";
  const takeovers = orders.sets
    .flatMap(({ signals }) => signals)
    .filter(({ action, lapsed }) => action === "takeover" && !lapsed);
  return (
    <Suspense fallback={null}>
      {orders.sets.length === 0 ? null : <OrdersStrip run={run} agents={agents} orders={orders} onEnd={setEnding} />}
      {takeovers.length === 0 ? null : <DueSteps wid={wid} run={run} takeovers={takeovers} />}
      <Suspense fallback={null}>
        {asked === null || model.selection.tasks.length === 0 ? null : (
          <GiveOrder {...{ workflow, run, model, asked, pausedBecause }} onClose={onAnswered} />
        )}
        {ending === null ? null : (
          <ResumeDialog
            key={ending.key}
            run={run}
            agents={agents}
            sets={orders.sets.filter((set) => isPause(set) === isPause(ending))}
            first={ending}
            signals={orders.signals}
            onClose={() => setEnding(null)}
          />
        )}
      </Suspense>
    </Suspense>
  );
}
