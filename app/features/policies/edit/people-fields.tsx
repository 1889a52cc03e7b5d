import { Button } from "../../../ui/button.tsx";
import { ListField, NumberField, Problem, WordField } from "../../../ui/value-fields.tsx";
import type { FormDocument } from "./form-document.ts";

export interface PeopleFieldsProps {
  readonly hitl: FormDocument["hitl"];
  /** Changes a member of `hitl`. */
  onChange(path: readonly (string | number)[], value: unknown): void;
  problem(path: string, except?: readonly string[]): string | undefined;
}

/** A step is its place: it has no name. */
const placeOf = (step: number): string => `escalation.${step}`;

/** Who is asked next when nobody answers, and who is told. */
export function PeopleFields({ hitl, onChange, problem }: PeopleFieldsProps) {
  const steps = hitl.escalation ?? [];
  const last = Math.max(0, ...steps.map(({ after_s }) => (Number.isSafeInteger(after_s) ? Number(after_s) : 0)));
  return (
    <section aria-label="Escalation" className="flex flex-col gap-2">
      <h3 className="font-semibold">When nobody answers</h3>
      {steps.map((step, at) => (
        <fieldset
          key={placeOf(at)}
          className="grid grid-cols-2 items-start gap-x-3 gap-y-2 border border-line p-2 md:grid-cols-4"
        >
          <legend className="px-1 text-xs font-medium text-muted">Step {at + 1}</legend>
          <WordField
            label="Then ask the role"
            value={step.role}
            onChange={(role) => onChange(["escalation", at, "role"], role)}
            problem={problem(`${placeOf(at)}.role`)}
          />
          <NumberField
            label="After, s"
            value={step.after_s}
            onChange={(seconds) => onChange(["escalation", at, "after_s"], seconds)}
            problem={problem(`${placeOf(at)}.after_s`)}
          />
          <div className="flex items-end pt-5">
            <Button
              size="sm"
              aria-label={`Remove escalation step ${at + 1}`}
              onPress={() => onChange(steps.length === 1 ? ["escalation"] : ["escalation", at], undefined)}
            >
              Remove
            </Button>
          </div>
          <Problem text={problem(placeOf(at), ["role", "after_s"])} />
        </fieldset>
      ))}
      <Button
        className="self-start"
        onPress={() => onChange(["escalation"], [...steps, { role: "duty_manager", after_s: last + 300 }])}
      >
        Add an escalation step
      </Button>
      <div className="max-w-xl">
        <ListField
          label="Who is told: URIs, separated by spaces"
          value={hitl.contact ?? []}
          placeholder="mailto:duty@ops.example"
          onChange={(contact) =>
            onChange(["contact"], Array.isArray(contact) && contact.length === 0 ? undefined : contact)
          }
          problem={problem("contact")}
        />
      </div>
    </section>
  );
}
