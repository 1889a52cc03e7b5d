import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useBehaviorOrder } from "../../../operator/use-behavior-order.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { STATE_LOOKS } from "../state-looks.ts";
import { countOf, driftWords, score } from "../words.ts";
import { countReach, instancesWords } from "./reach-words.ts";

export interface QuarantineDialogProps {
  readonly agent: Pick<
    FleetAgent,
    "agent" | "name" | "state" | "verdict" | "drift" | "driftInterval" | "compliance" | "reasons"
  >;
  onClose(): void;
}

/**
 * Shuts an agent out, with what that touches (BEH-14, S9). It is one deliberate act, with a reason that is there already, and
 * waits for nothing: not for the counts, nor for anybody else.
 */
export function QuarantineDialog({ agent, onClose }: QuarantineDialogProps) {
  const order = useBehaviorOrder();
  return (
    <OrderDialog
      title="Quarantine an agent"
      verb="Quarantine"
      busy="Shutting it out …"
      keep="Leave it as it is"
      why="Why is it put into quarantine? (recorded)"
      firstReason={firstReason(agent)}
      done="The quarantine is in the log"
      doneDetail="Its page shows what of it is in force."
      run={(reason) => order({ agent: agent.agent, order: "quarantine", reason })}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Agent", value: <Identifier value={agent.agent} label="agent id" whole /> },
          { term: "State now", value: <Mark {...STATE_LOOKS[agent.state]} /> },
        ]}
      />
      <p>
        It gets no new task and cannot be started, its leases are ended, breakers toward it open, and its votes do not
        count. What it has begun ends as it ends: to stop that too, use the stop. Only a person lets it out again.
      </p>
      <Touched agent={agent.agent} />
    </OrderDialog>
  );
}

/** What the figures already say, for the person to keep or change. */
function firstReason(agent: QuarantineDialogProps["agent"]): string {
  if (agent.verdict === null) return "";
  const reasons = agent.reasons === 0 ? "" : `, ${countOf(agent.reasons, "reason")}`;
  return `${STATE_LOOKS[agent.state].label}: compliance ${score(agent.compliance)}, drift ${driftWords(agent)}${reasons}`;
}

/** Counted by the engine; the order does not wait for it. */
function Touched({ agent }: { readonly agent: string }) {
  const { orpc } = useApi();
  const query = useQuery(orpc.behavior.reach.queryOptions({ input: { agent } }));
  if (query.data === undefined)
    return (
      <p role="status" className="text-muted">
        {query.isError
          ? "What it touches could not be counted. The quarantine works all the same."
          : "Counting what it touches; you need not wait for it …"}
      </p>
    );
  const counts = countReach(query.data.instances);
  return (
    <section aria-label="What it touches">
      <Facts
        items={[
          { term: "Instances", value: instancesWords(counts) },
          { term: "Tasks under way", value: `${countOf(counts.underWay, "task")}, which end as they end` },
          { term: "Leases cut", value: countOf(counts.leases.open, "lease") },
          { term: "Breakers toward it", value: `${countOf(counts.breakers.all, "breaker")} held open` },
        ]}
      />
    </section>
  );
}
