import { TextField } from "../../../ui/text-field.tsx";

interface ValueFieldProps {
  readonly label: string;
  readonly value: unknown;
  onChange(value: unknown): void;
  readonly problem: string | undefined;
  readonly placeholder?: string;
}

/** A number; what is not one yet stays as it is typed, and the check of the whole names it. */
export function NumberField({ label, value, onChange, problem, placeholder }: ValueFieldProps) {
  return (
    <TextField
      label={label}
      value={value === undefined || value === null ? "" : String(value)}
      errorMessage={problem}
      {...(placeholder === undefined ? {} : { placeholder })}
      onChange={(text) => onChange(text === "" ? undefined : String(Number(text)) === text ? Number(text) : text)}
    />
  );
}

/** Words separated by spaces. The space at the end is typed on the way to the next word, so the text is kept as parts. */
export function ListField({ label, value, onChange, problem, placeholder }: ValueFieldProps) {
  return (
    <TextField
      label={label}
      value={Array.isArray(value) ? value.join(" ") : String(value ?? "")}
      errorMessage={problem}
      mono
      {...(placeholder === undefined ? {} : { placeholder })}
      onChange={(text) => onChange(text === "" ? [] : text.split(" "))}
    />
  );
}

export function WordField({ label, value, onChange, problem }: ValueFieldProps) {
  return (
    <TextField label={label} value={String(value ?? "")} errorMessage={problem} onChange={(text) => onChange(text)} />
  );
}
