import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import type { ApprovalsSearch } from "../approvals-search.ts";
import type { Aside } from "./aside.ts";

export interface AsideBarProps {
  readonly aside: ReadonlyMap<string, Aside>;
  readonly search: ApprovalsSearch;
  setSearch(patch: Partial<ApprovalsSearch>): void;
}

/** What the queue leaves out for now is always said, and one press away (A3). */
export function AsideBar({ aside, search, setSearch }: AsideBarProps) {
  if (aside.size === 0) return null;
  const kinds = [...aside.values()];
  const shelved = kinds.filter((kind) => kind === "shelved").length;
  const deferred = kinds.length - shelved;
  const parts = [
    ...(shelved === 0 ? [] : [`${formatCount(shelved)} shelved`]),
    ...(deferred === 0 ? [] : [`${formatCount(deferred)} put off by you`]),
  ];
  const shown = search.aside === true;
  return (
    <div className="flex items-center gap-2 border-b border-line px-3 py-1.5 text-xs">
      <p className="min-w-0 flex-1">{parts.join(", ")}. Deadlines go on running.</p>
      <Button size="sm" onPress={() => setSearch({ aside: shown ? undefined : true })}>
        {shown ? "Leave out" : "Show"}
      </Button>
    </div>
  );
}
