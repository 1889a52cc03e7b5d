import type { ReactNode } from "react";

/** The part of a request that scrolls, between what stays in view above and the decision below. */
export function ScrollBody({ children }: { readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard to be scrolled
    <div data-request-body tabIndex={0} className="relative min-h-0 flex-1 overflow-auto px-4 -outline-offset-2">
      <div className="max-w-4xl">{children}</div>
    </div>
  );
}
