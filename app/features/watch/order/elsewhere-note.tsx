import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import type { ScopeChoice } from "./order-scopes.ts";

/** Whom an order for a group reaches in other workflows, counted before it is given (S9). */
export function ElsewhereNote({ chosen, wid }: { readonly chosen: ScopeChoice; readonly wid: string }) {
  const [scope] = chosen.scopes;
  return scope?.kind === "group" ? <Counted group={scope.id} wid={wid} /> : null;
}

function Counted({ group, wid }: { readonly group: string; readonly wid: string }) {
  const { orpc } = useApi();
  const all = useQuery(orpc.override.agents.queryOptions({ input: {} }));
  if (all.data === undefined)
    return (
      <p role={all.isError ? "alert" : undefined} className="text-muted">
        {all.isError ? "How many there are in other workflows could not be read." : "Counting …"}
      </p>
    );
  const others = all.data.agents.filter((one) => one.wid !== wid && one.agent.split("/").at(-1) === group);
  const workflows = new Set(others.map((one) => one.wid)).size;
  return (
    <p className="font-medium text-warning">
      {others.length === 0
        ? `Nobody else is named ${visibleText(group)} now. `
        : `And ${formatCount(others.length)} in ${formatCount(workflows)} other ${workflows === 1 ? "workflow" : "workflows"}. `}
      Whoever of that name starts while it is in force is under it too.
    </p>
  );
}
