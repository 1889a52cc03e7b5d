import { type ReactNode, useEffect, useRef } from "react";

export interface CheckboxProps {
  readonly isSelected: boolean;
  onChange(isSelected: boolean): void;
  readonly isIndeterminate?: boolean;
  readonly isDisabled?: boolean;
  readonly "aria-label"?: string;
  readonly "aria-invalid"?: boolean | undefined;
  readonly "aria-describedby"?: string | undefined;
  readonly children?: ReactNode;
}

export function Checkbox({
  isSelected,
  onChange,
  isIndeterminate = false,
  isDisabled = false,
  children,
  ...rest
}: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current !== null) input.current.indeterminate = isIndeterminate;
  }, [isIndeterminate]);
  return (
    <label className={`inline-flex min-h-6 min-w-6 items-center gap-2 ${isDisabled ? "opacity-50" : ""}`}>
      <input
        ref={input}
        type="checkbox"
        checked={isSelected}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
        className="h-4 w-4 shrink-0 accent-accent"
        {...rest}
      />
      {children}
    </label>
  );
}
