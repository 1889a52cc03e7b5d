import type { PolicyRow } from "../../api/contract/policy.ts";
import { formatCount } from "../../ui/duration.ts";
import { Grid, GridCell, GridRow, rowAfterKey } from "../../ui/grid.tsx";
import { Age } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { shortenMiddle } from "../../ui/visible-text.ts";
import { agentName, word } from "./words.ts";

export interface PolicyListProps {
  readonly policies: readonly PolicyRow[];
  readonly selected: string | null;
  /** Epoch seconds. */
  readonly nowS: number;
  onSelect(jti: string): void;
}

/** Every policy in the log: those in force first. */
export function PolicyList({ policies, selected, nowS, onSelect }: PolicyListProps) {
  const current = Math.max(
    0,
    policies.findIndex((policy) => policy.jti === selected),
  );
  return (
    <Grid
      aria-label="Policies"
      aria-rowcount={policies.length}
      className="max-h-48 shrink-0 overflow-auto border-b border-strong bg-panel md:max-h-none md:w-72 md:border-r md:border-b-0 md:border-line"
      onKeyDown={(event) => {
        const to = rowAfterKey(event.key, current, policies.length);
        const policy = to === undefined ? undefined : policies[to];
        if (to === undefined || policy === undefined) return;
        event.preventDefault();
        onSelect(policy.jti);
        event.currentTarget.querySelectorAll<HTMLElement>("[aria-selected]")[to]?.focus();
      }}
    >
      {policies.map((policy, at) => (
        <GridRow
          key={policy.jti}
          aria-rowindex={at + 1}
          aria-selected={policy.jti === selected}
          tabIndex={at === current ? 0 : -1}
          onClick={() => onSelect(policy.jti)}
          className={`flex flex-col border-b border-line px-3 py-1.5 -outline-offset-2 last:border-b-0 ${policy.jti === selected ? "bg-accent-soft" : "hover:bg-sunken"}`}
        >
          <GridCell className="flex min-w-0 items-center gap-2">
            <span className="min-w-0 flex-1 truncate font-medium">{nameOf(policy)}</span>
            <PolicyState policy={policy} nowS={nowS} />
          </GridCell>
          <GridCell className="truncate text-xs text-muted">
            by {agentName(policy.iss)} · {formatCount(policy.nodes)} {policy.nodes === 1 ? "node" : "nodes"} ·{" "}
            {formatCount(policy.rules)} {policy.rules === 1 ? "rule" : "rules"} ·{" "}
            {policy.parent === null ? null : `derived · `}
            <Age sinceMs={policy.iat * 1000} />
            {policy.replaces === null ? null : " · replaced another"}
          </GridCell>
        </GridRow>
      ))}
    </Grid>
  );
}

/** The recording it was issued for, or its own id. */
export const nameOf = (policy: PolicyRow): string =>
  policy.workflow === null || policy.workflow.runName === ""
    ? shortenMiddle(word(policy.jti))
    : word(policy.workflow.runName);

export function PolicyState({ policy, nowS }: { readonly policy: PolicyRow; readonly nowS: number }) {
  const over = policy.workflow?.status === "finished";
  if (policy.revoked !== null) return <Mark shape="cross" tone="warning" label="revoked" />;
  if (policy.replacedBy !== null) return <Mark shape="ring" tone="neutral" label="replaced" />;
  if (!policy.inForce) return <Mark shape="ring" tone="neutral" label="not in force" />;
  if (over) return <Mark shape="ring" tone="neutral" label="run finished" />;
  if (nowS > policy.exp) return <Mark shape="triangle" tone="warning" label="expired" />;
  return <Mark shape="dot" tone="good" label="in force" />;
}
