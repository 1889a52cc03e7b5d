import { useEffect, useId, useRef } from "react";
import { FIELD_CLASS, LABEL_CLASS } from "../ui/field-classes.ts";

export interface PassphraseFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  /** Whether it is made up here or was before: what a password manager needs to know. */
  readonly isNew?: boolean;
  /** In a dialog that opens for this very field. */
  readonly takesFocus?: boolean;
  readonly description?: string;
  readonly errorMessage?: string | undefined;
}

/** A passphrase, never shown. */
export function PassphraseField(props: PassphraseFieldProps) {
  const { label, value, onChange, isNew = false, takesFocus = false, description, errorMessage } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  const described =
    errorMessage !== undefined ? `${id}-error` : description !== undefined ? `${id}-description` : undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={LABEL_CLASS}>
        {label}
      </label>
      <input
        ref={input}
        id={id}
        type="password"
        value={value}
        maxLength={1024}
        autoComplete={isNew ? "new-password" : "current-password"}
        aria-invalid={errorMessage === undefined ? undefined : true}
        aria-describedby={described}
        onChange={(event) => onChange(event.target.value)}
        className={`${FIELD_CLASS} h-8`}
      />
      {errorMessage !== undefined ? (
        <p id={`${id}-error`} className="text-xs font-medium text-critical">
          {errorMessage}
        </p>
      ) : description !== undefined ? (
        <p id={`${id}-description`} className="text-xs text-muted">
          {description}
        </p>
      ) : null}
    </div>
  );
}
