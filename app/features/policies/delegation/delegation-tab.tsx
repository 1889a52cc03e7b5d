import { useMemo } from "react";
import { matchesPattern } from "../../../protocol/acp/match.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import type { SearchProps } from "../policies-search.ts";
import type { ShownPolicy } from "../use-policy.ts";
import { type DelegationNode, delegationOf } from "./delegation.ts";
import { DelegationTable } from "./delegation-table.tsx";
import { DelegationView } from "./delegation-view.tsx";
import { NodeDetail } from "./node-detail.tsx";

export interface DelegationTabProps extends SearchProps {
  readonly shown: ShownPolicy;
}

/** Who may do what by whose leave, drawn and as a table, with what is used up. */
export function DelegationTab({ shown, search, setSearch }: DelegationTabProps) {
  const delegation = useMemo(() => delegationOf(shown.claims), [shown.claims]);
  // What is used up counts against the limits that were issued, not against a draft's.
  const counted = shown.isDraft ? undefined : shown.answer.nodes;
  const used = useMemo(() => new Map((counted ?? []).map((node) => [node.id, node])), [counted]);
  const { nodes } = delegation;
  const node = nodes.find(({ id }) => id === search.node) ?? nodes[0];
  const props = {
    delegation,
    used,
    selected: node?.id ?? null,
    onSelect: (id: string) => setSearch({ node: id }, { replace: true }),
  };
  const tryNode = ({ agent, actions }: DelegationNode): void => {
    const known = shown.answer.actions.find(
      (one) => matchesPattern(agent, one.agent) && actions.some((act) => matchesPattern(act, one.execAct)),
    );
    setSearch({
      tab: "try",
      agent: known?.agent ?? (agent.endsWith("*") ? undefined : agent),
      act: known?.execAct ?? actions.find((act) => !act.endsWith("*")),
    });
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Show as"
          selected={search.view ?? "graph"}
          onChange={(id) => setSearch({ view: id === "table" ? "table" : undefined }, { replace: true })}
          options={[
            { id: "graph", name: "Graph" },
            { id: "table", name: "Table" },
          ]}
        />
        <p className="text-xs text-muted">
          From left to right: who passes on what to whom. Dashed: only the order, no right is passed on.
        </p>
      </div>
      {search.view === "table" ? <DelegationTable {...props} /> : <DelegationView {...props} />}
      {search.node !== undefined && node?.id !== search.node ? (
        <p role="status">This policy has no node of that name; the first one is shown.</p>
      ) : null}
      {node === undefined ? null : (
        <NodeDetail node={node} delegation={delegation} used={used.get(node.id)} onTry={tryNode} />
      )}
    </div>
  );
}
