import type { PolicyNode } from "../../../api/contract/policy.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Meter } from "../../../ui/meter.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { agentName, CONSEQUENCE_WORDS, listed, word } from "../words.ts";
import type { Delegation, DelegationNode } from "./delegation.ts";
import { type ShownLimit, shownLimits } from "./limits.ts";

export interface NodeDetailProps {
  readonly node: DelegationNode;
  readonly delegation: Delegation;
  readonly used: PolicyNode | undefined;
  /** Tries what this node lets its agent do. */
  onTry(node: DelegationNode): void;
}

/** One node: who, what, by whose leave, within which limits, and what is used up of them. */
export function NodeDetail({ node, delegation, used, onTry }: NodeDetailProps) {
  const limits = shownLimits(node.id, node.constraints, used);
  const passedOn = delegation.edges.filter((edge) => edge.kind === "delegates" && edge.from === node.id);
  return (
    <section aria-label="Selected node" className="flex flex-col gap-3 border border-line bg-panel p-3">
      <header className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 flex-1 text-base font-semibold [overflow-wrap:anywhere]">
          {agentName(node.agent)} <span className="font-mono text-xs font-normal text-muted">{word(node.id)}</span>
        </h3>
        <Button size="sm" onPress={() => onTry(node)}>
          Try an action of it
        </Button>
      </header>
      <div className="grid gap-x-10 gap-y-3 md:grid-cols-2">
        <Facts
          items={[
            { term: "Agent", value: <UntrustedText text={node.agent} mono /> },
            { term: "May do", value: <UntrustedText text={node.actions.join(", ") || "nothing"} mono /> },
            { term: "Consequence", value: CONSEQUENCE_WORDS[node.consequence] },
            {
              term: "Leave from",
              value: node.parents.length === 0 ? "the issuer: this is the root" : listed(node.parents),
              ...(node.narrowed.length === 0 ? {} : { hint: `narrowed here: ${listed(node.narrowed)}` }),
            },
            {
              term: "Passes on",
              value: node.delegable
                ? passedOn.length === 0
                  ? "may, and does not"
                  : passedOn.slice(0, 12).map(({ to, actions }) => (
                      <div key={to}>
                        {actions === null ? "all of it" : listed(actions)} to {word(to)}
                      </div>
                    ))
                : "may not",
              ...(passedOn.length > 12 ? { hint: `and to ${passedOn.length - 12} more nodes` } : {}),
            },
          ]}
        />
        <Limits limits={limits} isCounted={used?.usage != null} />
      </div>
    </section>
  );
}

function Limits({ limits, isCounted }: { readonly limits: readonly ShownLimit[]; readonly isCounted: boolean }) {
  return (
    <div className="flex flex-col gap-2">
      <h4 className="text-xs font-medium text-muted">Limits in force here</h4>
      {limits.length === 0 ? <p>None: only the actions are limited.</p> : null}
      {limits.map((limit) => (
        <div key={`${limit.name} ${limit.words}`}>
          <p>
            {limit.words}
            {limit.from === null ? null : <span className="text-muted"> · set at {limit.from}</span>}
          </p>
          {limit.usage === null ? null : <Meter label={limit.name} {...limit.usage} />}
        </div>
      ))}
      {isCounted || limits.length === 0 ? null : (
        <p className="text-xs text-muted">Nothing is counted against it: no workflow is run under it now.</p>
      )}
    </div>
  );
}
