import { useState } from "react";
import { useStore } from "zustand";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useBreakerOrder } from "../../../operator/use-breaker-order.ts";
import { ANY_GROUP } from "../../../protocol/cascade/breaker-order.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import type { TaskGraph } from "../graph/task-graph.ts";
import type { TaskStatesStore } from "../task-states.ts";
import { BreakerMark, reasonWords } from "./breaker-words.tsx";
import { containment, heldWords } from "./containment.ts";
import type { Breakers, ShownBreaker } from "./use-breakers.ts";

export interface BreakerOrder {
  readonly breaker: ShownBreaker;
  readonly order: "trip" | "release";
}

export interface OrderBreakerProps extends BreakerOrder {
  readonly breakers: Breakers;
  readonly graph: TaskGraph;
  readonly states: TaskStatesStore;
  onClose(): void;
}

/**
 * Trips an edge or releases it: what it holds is shown before it is signed, and stays live while the dialog is open. The
 * order is about every kind of action on the edge where a person trips it; a release is of what was tripped.
 */
export function OrderBreaker({ breaker, order, breakers, graph, states, onClose }: OrderBreakerProps) {
  const give = useBreakerOrder();
  const live = useStore(states, (state) => state.states);
  // What is signed is what was shown at first, or what somebody has looked at since.
  const now = order === "trip" || breakers.heldEdges.some(({ from, to }) => from === breaker.from && to === breaker.to);
  const [whole, setWhole] = useState(now);
  const isCurrent = whole === now;
  const [isGiving, setGiving] = useState(false);
  const plan = containment(graph, live, {
    caller: breaker.from,
    callee: breaker.to,
    group: whole ? null : breaker.group,
  });
  const [from, to] = [breakers.nameOf(breaker.from), breakers.nameOf(breaker.to)];
  const words = WORDS[order];
  return (
    <OrderDialog
      {...words}
      doneDetail={`${from} to ${to}. Its state is shown as soon as the log has it.`}
      isReady={isCurrent}
      run={async (reason) => {
        const target = { caller: breaker.caller, callee: breaker.callee, group: whole ? ANY_GROUP : breaker.group };
        setGiving(true);
        const jti = await give({ breaker: target, order, reason }).finally(() => setGiving(false));
        return [{ scope: { kind: "agent", id: breaker.callee }, jti, problem: null }];
      }}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Edge", value: <bdi>{`${from} hands on to ${to}`}</bdi> },
          { term: "Actions", value: whole ? "of every kind" : `"${breaker.group}"` },
          { term: "Now", value: <BreakerMark breaker={breaker} readAtMs={breakers.readAtMs} /> },
          { term: "Because", value: reasonWords(breaker) },
          { term: order === "trip" ? "Would hold" : "Holds", value: heldWords(plan.held.length, plan.behind.length) },
          { term: "Of", value: plan.agents.length === 0 ? "no agent" : plan.agents.map(breakers.nameOf).join(", ") },
        ]}
      />
      <p>
        <strong>{words.consequence}</strong> {words.detail}
      </p>
      {isCurrent || isGiving ? null : (
        <div role="alert" className="space-y-1 border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">
            {now
              ? "By now the whole edge is held, for every kind of action."
              : `By now the whole edge is not held any more: what is left is of "${breaker.group}" alone.`}
          </p>
          <Button size="sm" onPress={() => setWhole(now)}>
            Show it as it is now
          </Button>
        </div>
      )}
    </OrderDialog>
  );
}

const WORDS = {
  trip: {
    title: "Trip a breaker",
    verb: "Trip",
    busy: "Tripping …",
    keep: "Leave it",
    why: "Why is it tripped? (recorded)",
    done: "Trip ordered",
    consequence: "It stays open until somebody releases it.",
    detail: "What has started goes on, a stop works as ever, and what this hands on waits.",
  },
  release: {
    title: "Release a breaker",
    verb: "Release",
    busy: "Releasing …",
    keep: "Keep it open",
    why: "Why is it released? (recorded)",
    done: "Release ordered",
    consequence: "It becomes half open: a few tasks are let through to try.",
    detail: "When three of them succeed it closes, when one fails it opens again. Of two holds one order lifts one.",
  },
} as const;
