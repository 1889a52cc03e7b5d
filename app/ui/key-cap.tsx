import type { ReactNode } from "react";

/** One key of the keyboard. Hidden from assistive technology where the control carries `aria-keyshortcuts`. */
export function KeyCap({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <kbd className="inline-flex h-4 min-w-4 items-center justify-center rounded-sm border border-strong bg-panel px-1 font-mono text-xs leading-none text-muted">
      {children}
    </kbd>
  );
}
