import { useState } from "react";
import { useStore } from "zustand";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useBreakerOrder } from "../../../operator/use-breaker-order.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { borderContainment, heldWords } from "../breakers/containment.ts";
import type { Breakers } from "../breakers/use-breakers.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import type { TaskStatesStore } from "../task-states.ts";
import { DomainMark, domainReason } from "./domain-words.tsx";
import type { ShownDomain } from "./shown-domains.ts";

export interface OrderDomainProps {
  readonly domain: ShownDomain;
  readonly breakers: Breakers;
  readonly graph: TaskGraph;
  readonly states: TaskStatesStore;
  onClose(): void;
}

/** Isolates a failure domain, or releases it: what its border holds is shown before it is signed. */
export function OrderDomain({ domain, breakers, graph, states, onClose }: OrderDomainProps) {
  const give = useBreakerOrder();
  // What was asked for stays asked for while the dialog is open, also where the domain moves meanwhile.
  const [order] = useState(domain.state === "isolated" ? ("release" as const) : ("trip" as const));
  const live = useStore(states, (state) => state.states);
  const plan = borderContainment(graph, live, new Set(domain.agents));
  const words = WORDS[order];
  return (
    <OrderDialog
      {...words}
      doneDetail={`Failure domain ${visibleText(domain.id)}. Its state is shown as soon as the log has it.`}
      run={async (reason) => {
        const jti = await give({ domain: { wid: domain.wid, domain_id: domain.id }, order, reason });
        return [{ scope: { kind: "workflow", id: domain.wid }, jti, problem: null }];
      }}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Domain", value: <bdi>{visibleText(domain.id)}</bdi> },
          { term: "Its agents", value: domain.agents.map(breakers.nameOf).join(", ") || "none with a task here" },
          { term: "Now", value: <DomainMark domain={domain} readAtMs={breakers.readAtMs} /> },
          { term: "Because", value: domainReason(domain) },
          { term: order === "trip" ? "Would hold" : "Holds", value: heldWords(plan.held.length, plan.behind.length) },
          { term: "Of", value: plan.agents.length === 0 ? "no agent" : plan.agents.map(breakers.nameOf).join(", ") },
        ]}
      />
      <p>
        <strong>{words.consequence}</strong> {words.detail}
      </p>
    </OrderDialog>
  );
}

const WORDS = {
  trip: {
    title: "Isolate a failure domain",
    verb: "Isolate",
    busy: "Isolating …",
    keep: "Leave it",
    why: "Why is it isolated? (recorded)",
    done: "Isolation ordered",
    consequence: "Nothing is handed in or out of it for 300 s, or until somebody releases it.",
    detail: "What has started goes on, work among its own agents too, and a stop works as ever.",
  },
  release: {
    title: "Release a failure domain",
    verb: "Release",
    busy: "Releasing …",
    keep: "Keep it isolated",
    why: "Why is it released? (recorded)",
    done: "Release ordered",
    consequence: "The breakers at its border become half open: a few tasks are let through to try.",
    detail: "What somebody has tripped stays shut, and so does what the domain on the other side isolates.",
  },
} as const;
