import type { PolicyNode } from "../../../api/contract/policy.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, rowAfterKey } from "../../../ui/grid.tsx";
import { lookOf, percentOf } from "../../../ui/meter.tsx";
import { agentName, CONSEQUENCE_WORDS, listed, word } from "../words.ts";
import type { Delegation, DelegationNode } from "./delegation.ts";
import { type ShownLimit, shownLimits } from "./limits.ts";

export interface DelegationTableProps {
  readonly delegation: Delegation;
  readonly used: ReadonlyMap<string, PolicyNode>;
  readonly selected: string | null;
  onSelect(id: string): void;
}

const COLUMNS =
  "grid grid-cols-[6rem_minmax(8rem,1fr)_minmax(9rem,1.2fr)_7rem_minmax(6rem,1fr)_minmax(12rem,2fr)_minmax(8rem,1fr)] gap-x-3 px-3";

/** The delegation as a table: all that the graph shows and does. */
export function DelegationTable({ delegation, used, selected, onSelect }: DelegationTableProps) {
  const { nodes } = delegation;
  const current = Math.max(
    0,
    nodes.findIndex((node) => node.id === selected),
  );
  return (
    <Grid
      aria-label="Delegation"
      aria-rowcount={nodes.length + 1}
      className="max-h-96 overflow-auto border border-line bg-panel"
      onKeyDown={(event) => {
        const to = rowAfterKey(event.key, current, nodes.length);
        const node = to === undefined ? undefined : nodes[to];
        if (to === undefined || node === undefined) return;
        event.preventDefault();
        onSelect(node.id);
        event.currentTarget.querySelectorAll<HTMLElement>("[aria-selected]")[to]?.focus();
      }}
    >
      <div className="min-w-[64rem]">
        <GridRow
          aria-rowindex={1}
          className={`sticky top-0 z-10 border-b border-line bg-panel py-1 text-xs text-muted ${COLUMNS}`}
        >
          {["Node", "Agent", "May do", "Consequence", "From", "Limits in force", "Narrowed here"].map((name) => (
            <GridHeaderCell key={name}>{name}</GridHeaderCell>
          ))}
        </GridRow>
        {nodes.map((node, at) => (
          <GridRow
            key={node.id}
            aria-rowindex={at + 2}
            aria-selected={node.id === selected}
            tabIndex={at === current ? 0 : -1}
            onClick={() => onSelect(node.id)}
            className={`border-b border-line py-1 -outline-offset-2 last:border-b-0 ${COLUMNS} ${node.id === selected ? "bg-accent-soft" : "hover:bg-sunken"}`}
          >
            <GridCell className="truncate font-mono text-xs leading-5">{word(node.id)}</GridCell>
            <GridCell className="truncate" title={word(node.agent)}>
              {agentName(node.agent)}
            </GridCell>
            <GridCell className="truncate font-mono text-xs leading-5" title={listed(node.actions)}>
              {listed(node.actions)}
            </GridCell>
            <GridCell className={node.consequence === "irreversible" ? "text-notice" : ""}>
              {CONSEQUENCE_WORDS[node.consequence]}
            </GridCell>
            <GridCell className="truncate">{node.parents.length === 0 ? "—" : listed(node.parents)}</GridCell>
            <GridCell>
              <Limits limits={shownLimits(node.id, node.constraints, used.get(node.id))} />
            </GridCell>
            <GridCell className="truncate">{narrowedWords(node)}</GridCell>
          </GridRow>
        ))}
      </div>
    </Grid>
  );
}

const narrowedWords = (node: DelegationNode): string => (node.narrowed.length === 0 ? "—" : listed(node.narrowed));

function Limits({ limits }: { readonly limits: readonly ShownLimit[] }) {
  if (limits.length === 0) return "none";
  return limits.map((limit) => {
    const look = limit.usage === null ? null : lookOf(limit.usage.share);
    return (
      <div key={`${limit.name} ${limit.words}`} className={look?.text}>
        {limit.words}
        {limit.from === null ? "" : ` (from ${limit.from})`}
        {limit.usage === null ? "" : `: ${limit.usage.text}, ${percentOf(limit.usage.share)} %`}
        {look === null ? "" : `, ${look.words}`}
      </div>
    );
  });
}
