import type { Inspected } from "../../api/contract/inspect.ts";
import { type AcpClaims, acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { delegationGraph } from "../../protocol/acp/delegation-graph.ts";
import { formatCount } from "../../ui/duration.ts";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";

type Node = AcpClaims["dag"]["nodes"][number];

/** Nodes that are drawn at most; a policy has up to 256, and all of them stand in its claims. */
const MAX_DRAWN = 120;

/** Who passes what on to whom, as a tree: a node that has several delegators stands below the first, and names the others. */
export function DelegationView({ claims }: { readonly claims: Inspected["claims"] }) {
  const parsed = acpClaimsSchema.safeParse(claims);
  if (!parsed.success)
    return (
      <Section level={2} title="Delegation">
        <p className="text-muted">Its graph cannot be read: the claims have not the shape of a policy.</p>
      </Section>
    );
  const { dag } = parsed.data;
  const graph = delegationGraph(parsed.data);
  const drawn = graph.order.slice(0, MAX_DRAWN);
  const below = new Map<string | null, Node[]>();
  for (const node of drawn) {
    const parent = graph.parentsOf(node.id)[0] ?? null;
    below.set(parent, [...(below.get(parent) ?? []), node]);
  }
  const onCircle = dag.nodes.length - graph.order.length;
  return (
    <Section level={2} title={`Delegation (${formatCount(dag.nodes.length)} nodes)`}>
      <NodeList
        nodes={below.get(null) ?? []}
        below={below}
        others={(id) => graph.parentsOf(id).slice(1)}
        root={dag.root}
      />
      {graph.order.length > drawn.length ? (
        <p className="text-muted">
          {formatCount(graph.order.length - drawn.length)} more nodes are not drawn; they stand in the claims.
        </p>
      ) : null}
      {onCircle === 0 ? null : (
        <p className="text-muted">{formatCount(onCircle)} nodes are on or below a circle, and are not drawn.</p>
      )}
    </Section>
  );
}

interface NodeListProps {
  readonly nodes: readonly Node[];
  readonly below: ReadonlyMap<string | null, readonly Node[]>;
  others(id: string): readonly string[];
  readonly root: string;
}

function NodeList({ nodes, below, others, root }: NodeListProps) {
  if (nodes.length === 0) return null;
  return (
    <ul className="ml-1 space-y-1 border-l border-strong pl-3">
      {nodes.map((node) => (
        <li key={node.id}>
          <NodeWords node={node} isRoot={node.id === root} others={others(node.id)} />
          <NodeList nodes={below.get(node.id) ?? []} below={below} others={others} root={root} />
        </li>
      ))}
    </ul>
  );
}

function NodeWords({
  node,
  isRoot,
  others,
}: {
  readonly node: Node;
  readonly isRoot: boolean;
  readonly others: readonly string[];
}) {
  const limits = Object.keys(node.constraints ?? {});
  const notes = [
    ...(isRoot ? ["root"] : []),
    ...(node.delegable === true ? ["may delegate"] : []),
    ...(node.consequence === undefined ? [] : [node.consequence]),
    ...(limits.length === 0 ? [] : [`limits: ${limits.join(", ")}`]),
    ...(others.length === 0 ? [] : [`also under ${others.join(", ")}`]),
  ];
  return (
    <>
      <span className="font-mono text-xs font-medium">{node.id}</span>{" "}
      <UntrustedText text={node.agent} maxCharacters={120} mono />{" "}
      <span className="text-muted">
        may <UntrustedText text={node.actions.join(", ") || "do nothing"} maxCharacters={200} mono />
      </span>
      {notes.length === 0 ? null : <span className="text-xs text-muted"> · {notes.join(" · ")}</span>}
    </>
  );
}
