import { useState } from "react";
import type { PolicyRow } from "../../api/contract/policy.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import type { SearchProps } from "./policies-search.ts";
import { nameOf, PolicyState } from "./policy-list.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import type { Draft, PolicyAnswer } from "./use-policy.ts";
import { agentName } from "./words.ts";

export interface PolicyHeaderProps extends SearchProps {
  readonly answer: PolicyAnswer;
  readonly draft: Draft | null;
  readonly nowS: number;
}

/** Which policy this is, whether it is in force, and until when. */
export function PolicyHeader({ answer, draft, nowS, search, setSearch }: PolicyHeaderProps) {
  const { policy, acceptance } = answer;
  const left = policy.exp - nowS;
  const [isRevoking, setRevoking] = useState(false);
  return (
    <header className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="min-w-0 text-base font-semibold [overflow-wrap:anywhere]">{nameOf(policy)}</h2>
        <PolicyState policy={policy} nowS={nowS} />
        {acceptance.accepted ? null : (
          <Mark shape="cross" tone="critical" label={`not acceptable: ${acceptance.code ?? ""}`} />
        )}
        {draft === null ? null : (
          <Segmented
            label="Version"
            className="ml-auto"
            selected={search.version ?? "issued"}
            onChange={(id) => setSearch({ version: id === "draft" ? "draft" : undefined }, { replace: true })}
            options={[
              { id: "issued", name: "As issued" },
              { id: "draft", name: "Draft" },
            ]}
          />
        )}
        {policy.inForce && policy.revoked === null && left > 0 ? (
          <Button
            size="sm"
            variant="danger"
            className={draft === null ? "ml-auto" : ""}
            onPress={() => setRevoking(true)}
          >
            Revoke …
          </Button>
        ) : null}
      </div>
      <p className="text-muted">
        Issued by {agentName(policy.iss)}, <Instant epochMs={policy.iat * 1000} />;{" "}
        {left > 0 ? `valid for ${formatDuration(left * 1000)} more` : "its time is over"};{" "}
        <GoLink to="/timeline" search={{ entry: policy.seq }}>
          entry {formatCount(policy.seq)}
        </GoLink>
        ;{" "}
        <GoLink to="/watch" search={{ wid: policy.wid }}>
          its workflow
        </GoLink>
      </p>
      {isRevoking ? <RevokeDialog policy={policy} onClose={() => setRevoking(false)} /> : null}
      {policy.revoked === null ? null : <Revoked revoked={policy.revoked} own={policy.jti} />}
      <Replacement policy={policy} />
    </header>
  );
}

/** What took its place while its workflow ran, and whose place it took (ACP-44). */
function Replacement({ policy: { replaces, replacedBy } }: { readonly policy: PolicyRow }) {
  if (replaces === null && replacedBy === null) return null;
  return (
    <p className="text-muted">
      {replacedBy === null ? null : (
        <>
          It was replaced while its workflow ran:{" "}
          <GoLink to="/policies" search={{ policy: replacedBy }}>
            the policy in its place
          </GoLink>
          .{" "}
        </>
      )}
      {replaces === null ? null : (
        <>
          It took the place of another while its workflow ran:{" "}
          <GoLink to="/policies" search={{ policy: replaces }}>
            the policy before
          </GoLink>
          .
        </>
      )}
    </p>
  );
}

function Revoked({ revoked, own }: { readonly revoked: NonNullable<PolicyRow["revoked"]>; readonly own: string }) {
  return (
    <p className="text-warning">
      {revoked.jti === own ? "Revoked" : "The policy it was derived from was revoked"} by {agentName(revoked.by)},{" "}
      <Instant epochMs={revoked.at * 1000} />, <UntrustedText text={revoked.reason} />;{" "}
      <GoLink to="/timeline" search={{ entry: revoked.seq }}>
        entry {formatCount(revoked.seq)}
      </GoLink>
    </p>
  );
}

/** The token itself: its ids, and every step of its verification. */
export function TokenTab({ answer }: { readonly answer: PolicyAnswer }) {
  const { policy, steps, acceptance } = answer;
  return (
    <section aria-label="Token" className="flex max-w-3xl flex-col gap-3">
      <Facts
        items={[
          { term: "Policy", value: <Identifier value={policy.jti} label="policy id" whole /> },
          { term: "Digest", value: <Identifier value={policy.hash} label="token digest" whole /> },
          { term: "Workflow", value: <Identifier value={policy.wid} label="workflow id" whole /> },
          { term: "Issuer", value: <UntrustedText text={policy.iss} mono /> },
          { term: "Held by", value: <UntrustedText text={policy.sub} mono /> },
          { term: "Issued", value: <Instant epochMs={policy.iat * 1000} full /> },
          { term: "Expires", value: <Instant epochMs={policy.exp * 1000} full /> },
          {
            term: "Derived from",
            value:
              policy.parent === null ? (
                "nothing: it is a root policy"
              ) : (
                <Identifier value={policy.parent} label="policy id" />
              ),
          },
        ]}
      />
      <div>
        <h3 className="mb-1 font-semibold">Verification, recomputed</h3>
        <ol className="flex flex-col gap-0.5">
          {steps.map((step) => (
            <li key={step.step} className="flex flex-wrap gap-x-2">
              <Mark {...STEP_LOOK[step.result]} />
              <span>{step.check}</span>
              {step.code === undefined ? null : <span className="font-mono text-xs leading-5">{step.code}</span>}
              {step.detail === undefined ? null : <UntrustedText text={step.detail} />}
            </li>
          ))}
          <li className="flex flex-wrap gap-x-2">
            <Mark {...STEP_LOOK[acceptance.accepted ? "passed" : "failed"]} />
            <span>delegation only narrows, and every irreversible action meets a human</span>
            {acceptance.code === null ? null : <span className="font-mono text-xs leading-5">{acceptance.code}</span>}
            {acceptance.detail === null ? null : <UntrustedText text={acceptance.detail} />}
          </li>
        </ol>
      </div>
    </section>
  );
}

const STEP_LOOK = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_reached: { shape: "ring", tone: "neutral", label: "not reached" },
} as const;
