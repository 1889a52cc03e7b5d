import { useId } from "react";
import { FIELD_CLASS, LABEL_CLASS } from "./field-classes.ts";

export interface SelectItem {
  readonly id: string;
  readonly name: string;
}

export interface SelectProps {
  readonly label: string;
  readonly items: readonly SelectItem[];
  readonly selectedKey: string | null;
  onSelectionChange(id: string): void;
  /** The label stays for assistive technology only. */
  readonly hideLabel?: boolean;
  /** The label stands before the list, in a bar. */
  readonly isInline?: boolean;
  readonly isDisabled?: boolean;
  readonly placeholder?: string;
  readonly className?: string;
  /** What is wrong with the choice, tied to the list. */
  readonly errorMessage?: string | undefined;
}

/**
 * One of many: the browser's own list, which every keyboard, screen reader and phone knows. React Aria's costs 35 kB of the
 * first screen.
 */
export function Select({
  label,
  items,
  selectedKey,
  onSelectionChange,
  hideLabel = false,
  isInline = false,
  isDisabled = false,
  placeholder = "Choose",
  className = "",
  errorMessage,
}: SelectProps) {
  const id = useId();
  return (
    <div className={`flex min-w-0 gap-1 ${isInline ? "flex-row items-center gap-2" : "flex-col"} ${className}`}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : `${LABEL_CLASS} ${isInline ? "whitespace-nowrap" : ""}`}>
        {label}
      </label>
      <select
        id={id}
        value={selectedKey ?? ""}
        disabled={isDisabled}
        aria-invalid={errorMessage === undefined ? undefined : true}
        aria-describedby={errorMessage === undefined ? undefined : `${id}-error`}
        onChange={(event) => onSelectionChange(event.target.value)}
        className={`${FIELD_CLASS} h-8 truncate pr-1 hover:bg-sunken`}
      >
        {selectedKey === null ? (
          <option value="" disabled>
            {placeholder}
          </option>
        ) : null}
        {items.map((item) => (
          <option key={item.id} value={item.id}>
            {item.name}
          </option>
        ))}
      </select>
      {errorMessage === undefined ? null : (
        <p id={`${id}-error`} className="text-xs font-medium text-critical">
          {errorMessage}
        </p>
      )}
    </div>
  );
}
