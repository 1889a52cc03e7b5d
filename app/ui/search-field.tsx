import { Search, X } from "lucide-react";
import { type Ref, useRef } from "react";
import { FIELD_CLASS } from "./field-classes.ts";

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  onSubmit?(value: string): void;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly maxLength?: number;
  readonly className?: string;
  /** The input itself, e.g. to focus it by a key. */
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** A search field; Escape empties it, and leaves it alone when it is empty. */
export function SearchField(props: SearchFieldProps) {
  const { label, value, onChange, onSubmit, placeholder, autoFocus, maxLength, className = "", inputRef } = props;
  const own = useRef<HTMLInputElement>(null);
  return (
    <div className={`relative flex min-w-0 items-center ${className}`}>
      <Search aria-hidden="true" size={14} className="pointer-events-none absolute left-2 text-muted" />
      <input
        ref={(element) => {
          own.current = element;
          if (typeof inputRef === "function") inputRef(element);
          else if (inputRef !== undefined && inputRef !== null) inputRef.current = element;
        }}
        type="search"
        aria-label={label}
        value={value}
        maxLength={maxLength}
        placeholder={placeholder ?? label}
        // biome-ignore lint/a11y/noAutofocus: set only where a dialog opens for searching
        autoFocus={autoFocus}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && onSubmit !== undefined) onSubmit(value);
          if (event.key !== "Escape" || value === "") return;
          event.preventDefault();
          event.stopPropagation();
          onChange("");
        }}
        className={`${FIELD_CLASS} h-8 pl-7 ${value === "" ? "pr-1" : "pr-7"} [&::-webkit-search-cancel-button]:hidden`}
      />
      {value === "" ? null : (
        <button
          type="button"
          aria-label="Clear"
          onClick={() => {
            onChange("");
            own.current?.focus();
          }}
          className="absolute right-1 flex h-6 w-6 items-center justify-center rounded-sm text-muted hover:bg-sunken"
        >
          <X aria-hidden="true" size={14} />
        </button>
      )}
    </div>
  );
}
