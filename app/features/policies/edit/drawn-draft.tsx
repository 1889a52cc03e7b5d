import { useMemo, useState } from "react";
import { type AcpClaims, acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { formatCount } from "../../../ui/duration.ts";
import { delegationOf } from "../delegation/delegation.ts";
import { DelegationView } from "../delegation/delegation-view.tsx";

export interface DrawnDraftProps {
  readonly text: string;
  readonly node: string | undefined;
  onNode(id: string): void;
}

const NOTHING_USED = new Map<string, never>();
/** From here on there is room beside the form; below, it is opened when it is wanted. */
const WIDE = "(min-width: 80rem)";

/** The delegation of what is being written, drawn anew with each change. The form beside it can do all that it can. */
export function DrawnDraft({ text, node, onNode }: DrawnDraftProps) {
  const now = useMemo(() => drawable(text), [text]);
  const [last, setLast] = useState(now);
  if (now !== null && now !== last) setLast(now);
  const drawn = now ?? last;
  const delegation = useMemo(() => (drawn === null ? null : delegationOf(drawn.claims)), [drawn]);
  const [isOpen, setOpen] = useState(() => window.matchMedia(WIDE).matches);
  return (
    <details
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="flex min-w-0 flex-col gap-1"
    >
      <summary className="w-fit cursor-pointer py-1 text-xs font-medium text-muted">The delegation, drawn</summary>
      {!isOpen || delegation === null ? null : (
        <DelegationView
          delegation={delegation}
          used={NOTHING_USED}
          selected={node ?? drawn?.claims.dag.nodes[0]?.id ?? null}
          onSelect={onNode}
        />
      )}
      <p role="status" className="text-xs text-muted">
        {drawn === null
          ? "It cannot be drawn until it has the form of a policy."
          : now === null
            ? "Drawn as it was before the last change: what is there now has not the form of a policy."
            : drawn.left === 0
              ? ""
              : `${formatCount(drawn.left)} edges or nodes are not drawn: a name stands for none or for two.`}
      </p>
    </details>
  );
}

interface Drawable {
  readonly claims: AcpClaims;
  /** Nodes and edges that cannot be drawn. */
  readonly left: number;
}

/** A policy that has its form, whatever is wrong with its graph: each node once, and the edges between them. */
function drawable(text: string): Drawable | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = acpClaimsSchema.safeParse(document);
  if (!parsed.success) return null;
  const { dag } = parsed.data;
  const nodes = [...new Map(dag.nodes.toReversed().map((node) => [node.id, node])).values()].toReversed();
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = dag.edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const left = dag.nodes.length - nodes.length + dag.edges.length - edges.length;
  return { claims: { ...parsed.data, dag: { ...dag, nodes, edges } }, left };
}
