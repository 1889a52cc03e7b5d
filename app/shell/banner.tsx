import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Ago } from "../ui/instant.tsx";
import { MarkIcon, type MarkShape } from "../ui/mark.tsx";

export interface BannerProps {
  readonly shape: MarkShape;
  readonly tone?: keyof typeof TONES;
  readonly children: ReactNode;
  /** How old it is: beside what is read out, which would otherwise be read out every second. */
  readonly age?: ReactNode;
  readonly action?: ReactNode;
}

const TONES = {
  critical: "border-critical bg-critical-soft",
  warning: "border-warning bg-warning-soft",
} as const;

/** One line that nobody can overlook: what it is by shape and words, what happened, and where to go. */
export function Banner({ shape, tone = "critical", children, age, action }: BannerProps) {
  return (
    <div className={`flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b-2 px-3 py-1 ${TONES[tone]}`}>
      <MarkIcon shape={shape} tone={tone} />
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-2">
        <p role="alert">{children}</p>
        {age === undefined ? null : <p className="text-muted">{age}</p>}
      </div>
      {action}
    </div>
  );
}

export interface NotKnownProps {
  readonly children: ReactNode;
  /** When it was last known, where what was known then says nothing of now; epoch ms. */
  readonly readAtMs: number | null;
  onRetry(): void;
}

/** What could not be read is never shown as nothing (L2). */
export function NotKnown({ children, readAtMs, onRetry }: NotKnownProps) {
  return (
    <Banner
      shape="triangle"
      tone="warning"
      age={
        readAtMs === null ? undefined : (
          <>
            last read <Ago sinceMs={readAtMs} />
          </>
        )
      }
      action={<Button onPress={onRetry}>Try again</Button>}
    >
      {children}
    </Banner>
  );
}

/** Instead of a part that comes on its own and did not. */
export function NotLoaded({ children }: { readonly children: ReactNode }) {
  return (
    <Banner shape="triangle" tone="warning">
      {children}: that part of the console could not be loaded. Reload to have it.
    </Banner>
  );
}
