import { useId } from "react";
import { FIELD_CLASS, LABEL_CLASS } from "./field-classes.ts";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  readonly description?: string;
  readonly errorMessage?: string | undefined;
  readonly multiline?: boolean;
  /** Lines of a multiline field; 3 unless told. */
  readonly rows?: number;
  readonly maxLength?: number;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  readonly isReadOnly?: boolean;
  readonly autoFocus?: boolean;
  readonly name?: string;
  readonly mono?: boolean;
  readonly placeholder?: string;
}

/** A labelled field; its description and its error are tied to it. */
export function TextField(props: TextFieldProps) {
  const { label, value, onChange, description, errorMessage, multiline = false, rows = 3, mono = false } = props;
  const id = useId();
  const described = [
    ...(description === undefined ? [] : [`${id}-description`]),
    ...(errorMessage === undefined ? [] : [`${id}-error`]),
  ];
  const common = {
    id,
    value,
    name: props.name,
    maxLength: props.maxLength,
    required: props.isRequired,
    disabled: props.isDisabled,
    readOnly: props.isReadOnly,
    placeholder: props.placeholder,
    // Set only in dialogs that open for this very field.
    autoFocus: props.autoFocus,
    "aria-invalid": errorMessage === undefined ? undefined : true,
    "aria-describedby": described.length === 0 ? undefined : described.join(" "),
    onChange: (event: { readonly target: { readonly value: string } }) => onChange(event.target.value),
  };
  const look = `${FIELD_CLASS} ${mono ? "font-mono text-xs" : ""}`;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={LABEL_CLASS}>
        {label}
      </label>
      {multiline ? (
        <textarea {...common} rows={rows} className={`${look} py-1.5`} />
      ) : (
        <input {...common} type="text" autoComplete="off" className={`${look} h-8`} />
      )}
      {description === undefined ? null : (
        <p id={`${id}-description`} className="text-xs text-muted">
          {description}
        </p>
      )}
      {errorMessage === undefined ? null : (
        <p id={`${id}-error`} className="text-xs font-medium text-critical">
          {errorMessage}
        </p>
      )}
    </div>
  );
}
