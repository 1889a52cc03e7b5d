import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { GateDetail } from "./gate-detail.ts";
import { consequenceMark, shortName } from "./names.ts";

type Lineage = NonNullable<GateDetail["lineage"]>;
type Step = Lineage["steps"][number];

/** Who delegated what to whom, down to the agent that asks, and where it was narrowed (ACP-1, ACP-13). */
export function LineageView({ lineage }: { readonly lineage: GateDetail["lineage"] }) {
  return (
    <Section title="Who allowed it">
      {lineage === null ? (
        <p className="text-warning">The policy it was asked under is not in this log any more.</p>
      ) : (
        <Path lineage={lineage} />
      )}
    </Section>
  );
}

/** Nodes shown; a policy may have more between its root and the agent. */
const SHOWN = 18;

function Path({ lineage }: { readonly lineage: Lineage }) {
  const { policy, steps } = lineage;
  return (
    <>
      <p className="mb-1">
        <bdi title={visibleText(policy.issuer)}>{visibleText(shortName(policy.issuer))}</bdi> issued the policy to{" "}
        <bdi title={visibleText(policy.holder)}>{visibleText(shortName(policy.holder))}</bdi>
        {policy.parent === null ? "" : ", derived from another one"},{" "}
        <GoLink to="/timeline" search={{ entry: policy.seq }}>
          entry {formatCount(policy.seq)}
        </GoLink>
        .
      </p>
      {steps.length === 0 ? <p className="text-warning">No node of the policy allows this action now.</p> : null}
      <ol className="space-y-1" aria-label="Delegation, from the root">
        {steps.slice(0, SHOWN).map((step, at) => (
          <Node key={step.node} step={step} isLast={at === steps.length - 1} />
        ))}
      </ol>
      {steps.length > SHOWN ? <p className="text-muted">and {formatCount(steps.length - SHOWN)} more nodes</p> : null}
    </>
  );
}

function Node({ step, isLast }: { readonly step: Step; readonly isLast: boolean }) {
  return (
    <li className="border-l-2 border-strong pl-2">
      <p>
        <span className="font-mono text-xs">{visibleText(step.node)}</span>{" "}
        <span className="text-muted">{step.from.length === 0 ? "root:" : `from ${step.from.join(", ")}:`}</span>{" "}
        <bdi title={visibleText(step.agent)}>{visibleText(shortName(step.agent))}</bdi>{" "}
        <span className="text-muted">may do</span>{" "}
        <UntrustedText text={step.actions.join(", ")} maxCharacters={160} mono />
        {isLast ? <span className="text-muted">, {consequenceMark(step.consequence).label}</span> : null}
      </p>
      {step.narrowed.length === 0 ? null : (
        <ul className="text-xs text-muted" aria-label={`Limits set by ${step.node}`}>
          {step.narrowed.map((limit) => (
            <li key={limit.name}>
              {limit.name.replaceAll("_", " ")} <UntrustedText text={limit.value} maxCharacters={160} mono />
              {limit.was === null ? (
                " (no limit before)"
              ) : (
                <>
                  , before <UntrustedText text={limit.was} maxCharacters={160} mono />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
