import type { GateRow } from "../../api/contract/gate.ts";
import { Select, type SelectItem } from "../../ui/select.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { ApprovalsSearch } from "./approvals-search.ts";
import { consequenceMark, shortName } from "./names.ts";

export interface QueueFiltersProps {
  /** What could be shown without these filters. */
  readonly rows: readonly GateRow[];
  readonly search: ApprovalsSearch;
  setSearch(patch: Partial<ApprovalsSearch>): void;
}

const ALL = "";
const CONSEQUENCES = ["irreversible", "reversible", "none"] as const;
/** Names in a choice. */
const MOST = 200;

/** Filters above the queue; each is in the URL, and offers what is there. */
export function QueueFilters({ rows, search, setSearch }: QueueFiltersProps) {
  const { consequence, agent, action } = search;
  const agents = choices(rows, (row) => row.agent, agent, shortName);
  const actions = choices(
    rows,
    (row) => row.action,
    action,
    (name) => name,
  );
  if (agents.length < 2 && actions.length < 2 && consequence === undefined) return null;
  return (
    <div className="flex gap-1 border-b border-line p-1">
      <Select
        label="Consequence"
        hideLabel
        items={[
          { id: ALL, name: "Any consequence" },
          ...CONSEQUENCES.map((id) => ({ id, name: consequenceMark(id).label })),
        ]}
        selectedKey={consequence ?? ALL}
        onSelectionChange={(id) => setSearch({ consequence: CONSEQUENCES.find((one) => one === id) })}
        className="min-w-0 flex-1"
      />
      <Select
        label="Agent"
        hideLabel
        items={[{ id: ALL, name: "Any agent" }, ...agents]}
        selectedKey={agent ?? ALL}
        onSelectionChange={(id) => setSearch({ agent: id === ALL ? undefined : id })}
        className="min-w-0 flex-1"
      />
      <Select
        label="Action"
        hideLabel
        items={[{ id: ALL, name: "Any action" }, ...actions]}
        selectedKey={action ?? ALL}
        onSelectionChange={(id) => setSearch({ action: id === ALL ? undefined : id })}
        className="min-w-0 flex-1"
      />
    </div>
  );
}

function choices(
  rows: readonly GateRow[],
  of: (row: GateRow) => string,
  chosen: string | undefined,
  name: (value: string) => string,
): SelectItem[] {
  const values = new Set(rows.map(of));
  if (chosen !== undefined) values.add(chosen);
  return [...values]
    .sort()
    .slice(0, MOST)
    .map((id) => ({ id, name: visibleText(name(id)).slice(0, 80) }));
}
