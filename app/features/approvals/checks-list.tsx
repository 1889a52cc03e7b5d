import { MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import type { SigningCheck } from "./clear-signing.ts";
import type { GateDetail } from "./gate-detail.ts";

export function CheckLine({ check, named = false }: { readonly check: SigningCheck; readonly named?: boolean }) {
  return (
    <span className={`inline-flex items-baseline gap-1.5 ${check.passed ? "" : "font-medium text-critical"}`}>
      <span className="self-center">
        <MarkIcon shape={check.passed ? "dot" : "cross"} tone={check.passed ? "good" : "critical"} size={10} />
      </span>
      <span>
        <span className="sr-only">{check.passed ? "passed: " : "failed: "}</span>
        {named ? <span className="font-medium">{check.label}: </span> : null}
        {check.detail}
      </span>
    </span>
  );
}

/** What this page recomputed itself, and how the host verified the agent's token. */
export function ChecksList({
  checks,
  steps,
}: {
  readonly checks: readonly SigningCheck[] | null;
  readonly steps: GateDetail["steps"];
}) {
  const passed = steps.filter((step) => step.result === "passed").length;
  return (
    <Section title="Checked before you decide">
      <ul className="space-y-0.5" aria-label="Recomputed on this page">
        {checks === null ? <li className="text-muted">Recomputing …</li> : null}
        {(checks ?? []).map((check) => (
          <li key={check.id}>
            <CheckLine check={check} named />
          </li>
        ))}
      </ul>
      <details className="mt-2">
        <summary className="cursor-default py-0.5 text-muted">
          The host's verification of the token: {passed} of {steps.length} steps passed
        </summary>
        <ol className="mt-1 space-y-0.5 pl-4">
          {steps.map((step) => (
            <li key={step.step} className="flex items-baseline gap-1.5">
              <span className="self-center">
                {step.result === "passed" ? (
                  <MarkIcon shape="dot" tone="good" size={10} />
                ) : (
                  <MarkIcon
                    shape={step.result === "failed" ? "cross" : "ring"}
                    tone={step.result === "failed" ? "critical" : "neutral"}
                    size={10}
                  />
                )}
              </span>
              <span>
                <span className="sr-only">{step.result.replace("_", " ")}: </span>
                {step.check}
                {step.code === undefined ? null : <span className="font-mono text-xs"> {step.code}</span>}
                {step.detail === undefined ? null : (
                  <span className="text-muted">
                    {" "}
                    <UntrustedText text={step.detail} />
                  </span>
                )}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </Section>
  );
}
