import { MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { type InspectedStep, proceduresOf, stepLook } from "./step-words.ts";

/** Every step in the order in which it was made, under the procedure that numbers it. */
export function StepsView({ steps }: { readonly steps: readonly InspectedStep[] }) {
  return (
    <Section level={2} title="Verification, step by step">
      {proceduresOf(steps).map(({ name, words, steps: own }, at, all) => (
        <div key={`${name} ${own[0]?.step}`} className="mb-2">
          <h3 className="text-xs font-medium text-muted">
            {name}
            {words === "" ? null : ` · ${words}`}
          </h3>
          <ol
            aria-label={
              all.findIndex((one) => one.name === name) === at ? `${name} steps` : `${name} steps from ${own[0]?.step}`
            }
            className="mt-0.5 space-y-0.5"
          >
            {own.map((step) => (
              <StepRow key={step.step} step={step} />
            ))}
          </ol>
        </div>
      ))}
    </Section>
  );
}

function StepRow({ step: { step, check, result, code, detail } }: { readonly step: InspectedStep }) {
  const look = stepLook(result);
  return (
    <li className="grid grid-cols-[1.5rem_7.5rem_minmax(0,1fr)] items-baseline gap-x-2">
      <span className="text-right text-xs text-muted">{step}</span>
      <span className={`inline-flex items-center gap-1.5 ${result === "failed" ? "font-medium text-critical" : ""}`}>
        <MarkIcon shape={look.shape} tone={look.tone} size={10} />
        {look.label}
      </span>
      <span className={result === "not_reached" || result === "not_applicable" ? "text-muted" : ""}>
        {check}
        {code === undefined ? null : <span className="font-mono text-xs"> {code}</span>}
        {detail === undefined ? null : (
          <span className="text-muted">
            {": "}
            <UntrustedText text={detail} />
          </span>
        )}
      </span>
    </li>
  );
}
