import { TextField } from "./text-field.tsx";

export interface DocumentProblem {
  /** Where in the document, e.g. `nodes.2.actions`. */
  readonly place: string;
  readonly message: string;
  /** The literal code of what is wrong. */
  readonly code: string;
}

export interface DocumentFieldProps {
  readonly label: string;
  readonly text: string;
  onChange(text: string): void;
  readonly problems: readonly DocumentProblem[];
  readonly description: string;
  readonly rows?: number;
}

const MAX_SHOWN = 4;

/** A JSON document that is checked while it is typed. */
export function DocumentField({ label, text, onChange, problems, description, rows = 18 }: DocumentFieldProps) {
  const shown = problems.slice(0, MAX_SHOWN).map(({ place, message, code }) => `${place}: ${message} (${code})`);
  const more = problems.length - shown.length;
  return (
    <TextField
      label={label}
      value={text}
      onChange={onChange}
      multiline
      mono
      rows={rows}
      description={description}
      errorMessage={shown.length === 0 ? undefined : [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(" · ")}
    />
  );
}
