import { useWhyNot } from "../../ui/button.tsx";
import { KeyCap } from "../../ui/key-cap.tsx";
import type { Hold } from "./use-hold.ts";

export interface HoldButtonProps {
  readonly hold: Hold;
  readonly isDisabled: boolean;
  readonly shortcut?: string;
  readonly className?: string;
  readonly children: string;
}

/** A decision that takes a press of 0.8 s. What it does, and that it must be held, is in its name. */
export function HoldButton({ hold, isDisabled, shortcut, className = "", children }: HoldButtonProps) {
  const why = useWhyNot(true);
  return (
    <button
      type="button"
      disabled={isDisabled || why !== null}
      title={why ?? undefined}
      aria-keyshortcuts={shortcut}
      className={`relative inline-flex h-8 touch-none items-center justify-center gap-1.5 overflow-hidden rounded-md border border-accent bg-accent px-3 text-sm font-medium whitespace-nowrap text-on-accent select-none disabled:opacity-50 ${className}`}
      {...hold.handlers}
    >
      {hold.isHolding ? (
        <span aria-hidden="true" className="absolute inset-x-0 bottom-0 h-1 origin-left animate-hold bg-on-accent" />
      ) : null}
      <span>
        {children}
        <span className="font-normal">: hold</span>
        {why === null ? null : <span className="sr-only">: {why}</span>}
      </span>
      {shortcut === undefined ? null : (
        <span aria-hidden="true" className="hidden md:inline-flex">
          <KeyCap>{shortcut}</KeyCap>
        </span>
      )}
    </button>
  );
}
