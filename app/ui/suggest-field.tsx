import { useId } from "react";
import { FIELD_CLASS, LABEL_CLASS } from "./field-classes.ts";
import { visibleText } from "./visible-text.ts";

/** Longest text that the browser's list is given. */
const MAX_SUGGESTION = 256;

export interface SuggestFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  /** What others wrote may be among them: only what is seen as it is, and short enough, is suggested. */
  readonly suggestions: readonly string[];
  readonly description?: string;
  readonly maxLength?: number;
}

/** A field for anything, with the browser's own list of what is likely. */
export function SuggestField({ label, value, onChange, suggestions, description, maxLength }: SuggestFieldProps) {
  const id = useId();
  const plain = suggestions.filter((text) => text.length <= MAX_SUGGESTION && visibleText(text) === text);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={LABEL_CLASS}>
        {label}
      </label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        list={`${id}-list`}
        value={value}
        maxLength={maxLength}
        onChange={(event) => onChange(event.target.value)}
        {...(description === undefined ? {} : { "aria-describedby": `${id}-description` })}
        className={`${FIELD_CLASS} h-8 font-mono text-xs`}
      />
      <datalist id={`${id}-list`}>
        {plain.map((suggestion) => (
          <option key={suggestion} value={suggestion} />
        ))}
      </datalist>
      {description === undefined ? null : (
        <p id={`${id}-description`} className="text-xs text-muted">
          {description}
        </p>
      )}
    </div>
  );
}
