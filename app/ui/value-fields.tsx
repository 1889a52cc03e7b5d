import { useState } from "react";
import { Checkbox } from "./checkbox.tsx";
import { LABEL_CLASS } from "./field-classes.ts";
import { TextField } from "./text-field.tsx";
import { textOfValue } from "./value-text.ts";

export interface ValueFieldProps {
  readonly label: string;
  readonly value: unknown;
  onChange(value: unknown): void;
  readonly problem: string | undefined;
  readonly placeholder?: string;
  readonly description?: string | undefined;
}

const told = ({ placeholder, description }: Pick<ValueFieldProps, "placeholder" | "description">) => ({
  ...(placeholder === undefined ? {} : { placeholder }),
  ...(description === undefined ? {} : { description }),
});

/** A number; what is not one yet stays as it is typed, and the check of the whole names it. */
export function NumberField({ label, value, onChange, problem, ...rest }: ValueFieldProps) {
  return (
    <TextField
      label={label}
      value={textOfValue(value)}
      errorMessage={problem}
      {...told(rest)}
      onChange={(text) => onChange(text === "" ? undefined : String(Number(text)) === text ? Number(text) : text)}
    />
  );
}

/** Words separated by spaces. The space at the end is typed on the way to the next word, so the text is kept as parts. */
export function ListField({ label, value, onChange, problem, ...rest }: ValueFieldProps) {
  return (
    <TextField
      label={label}
      value={Array.isArray(value) ? value.map(textOfValue).join(" ") : textOfValue(value)}
      errorMessage={problem}
      mono
      {...told(rest)}
      onChange={(text) => onChange(text === "" ? [] : text.split(" "))}
    />
  );
}

export function WordField({ label, value, onChange, problem, ...rest }: ValueFieldProps) {
  return (
    <TextField
      label={label}
      value={textOfValue(value)}
      errorMessage={problem}
      {...told(rest)}
      onChange={(text) => onChange(text)}
    />
  );
}

/** Some of a few words. Words that nobody knows stay, and can be taken out. */
export function SomeOfField({
  label,
  value,
  words,
  onChange,
  problem,
}: ValueFieldProps & { readonly words: readonly string[] }) {
  const chosen: readonly string[] = Array.isArray(value) ? value.map(textOfValue) : [];
  return (
    <fieldset className="min-w-0">
      <legend className={LABEL_CLASS}>{label}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1 pt-1">
        {[...new Set([...words, ...chosen])].map((one) => (
          <Checkbox
            key={one}
            isSelected={chosen.includes(one)}
            onChange={(on) => onChange(on ? [...chosen, one] : chosen.filter((other) => other !== one))}
          >
            {one}
          </Checkbox>
        ))}
      </div>
      <Problem text={problem} />
    </fieldset>
  );
}

/**
 * A name that other places use: it changes when it is finished, with Enter or on leaving the field, so that no half of it
 * ever names another thing. Escape leaves it as it was.
 */
export function NameField({
  label,
  value,
  problemOf,
  onCommit,
  problem,
}: {
  readonly label: string;
  readonly value: string;
  /** What speaks against a name; undefined where nothing does. */
  problemOf(name: string): string | undefined;
  onCommit(name: string): void;
  readonly problem: string | undefined;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed === null ? problem : problemOf(typed);
  const commit = (): void => {
    if (typed === null) return;
    if (typed !== value && wrong === undefined) onCommit(typed);
    if (wrong === undefined) setTyped(null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the field inside
    <div
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setTyped(null);
      }}
    >
      <TextField
        label={label}
        value={typed ?? value}
        errorMessage={wrong}
        mono
        description={typed === null ? "Changes wherever it is named." : "Enter changes it, Escape leaves it."}
        onChange={setTyped}
      />
    </div>
  );
}

export function Problem({ text, id }: { readonly text: string | undefined; readonly id?: string }) {
  return text === undefined ? null : (
    <p id={id} className="text-xs font-medium text-critical">
      {text}
    </p>
  );
}
