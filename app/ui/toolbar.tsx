import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { isTyping } from "./use-keys.ts";

export interface ToolbarProps {
  readonly "aria-label": string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A row of controls; the left and right arrow keys move among them. */
export function Toolbar({ children, className = "", ...rest }: ToolbarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || event.defaultPrevented || isTyping(event.target)) return;
    const controls = [...(bar.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
    const next = controls[controls.indexOf(event.target as HTMLElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div
      ref={bar}
      role="toolbar"
      onKeyDown={move}
      className={`flex flex-wrap items-center gap-2 ${className}`}
      {...rest}
    >
      {children}
    </div>
  );
}

const FOCUSABLE = 'a[href], button:not(:disabled):not([tabindex="-1"]), input:not(:disabled), select:not(:disabled)';
