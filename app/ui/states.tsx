import { type ReactNode, useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { useNow } from "./clock.ts";
import { formatAge } from "./duration.ts";
import { MarkIcon } from "./mark.tsx";
import { UntrustedText } from "./untrusted-text.tsx";

/** Nothing for the first second, then words: "Loading the graph …"; `atOnce` where the screen would be empty till then. */
export function Loading({ what, atOnce = false }: { readonly what: string; readonly atOnce?: boolean }) {
  const [late, setLate] = useState(atOnce);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className="flex min-h-24 items-center justify-center p-6 text-muted">
      {late ? `Loading ${what} …` : <span className="sr-only">Loading {what}</span>}
    </div>
  );
}

/** Nothing is here, and that is an answer: why, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="flex min-h-32 flex-col items-center justify-center gap-2 p-8 text-center">
      <p className="text-base font-semibold">{title}</p>
      {children === undefined ? null : <div className="max-w-prose text-muted">{children}</div>}
    </div>
  );
}

export interface ShownProblem {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  /** What to do next. */
  readonly next?: string;
}

/** Something went wrong: what, why, its code, and what to do. A failed load never looks empty (L2). */
export function ProblemNote({ problem, onRetry }: { readonly problem: ShownProblem; readonly onRetry?: () => void }) {
  return (
    <div role="alert" className="flex gap-3 border border-critical bg-critical-soft p-3 text-ink">
      <span className="mt-1">
        <MarkIcon shape="triangle" tone="critical" />
      </span>
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-semibold">{problem.title}</p>
        {problem.detail === "" ? null : (
          <p>
            <UntrustedText text={problem.detail} />
          </p>
        )}
        {problem.next === undefined || problem.next === "" ? null : <p>{problem.next}</p>}
        <p className="font-mono text-xs text-muted">{problem.code}</p>
      </div>
      {onRetry === undefined ? null : (
        <Button size="sm" onPress={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/**
 * What is shown is old: by shape and words, not by colour alone (L1). The age stands outside what is read out, or it would be
 * read out every second.
 */
export function StaleNote({ ageMs, onRetry }: { readonly ageMs: number; onRetry?(): void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 border border-warning bg-warning-soft px-3 py-1 text-warning">
      <MarkIcon shape="triangle" tone="warning" />
      <p role="status">Not current: newer facts may exist.</p>
      <p>This was read {formatAge(ageMs)} ago.</p>
      {onRetry === undefined ? null : (
        <Button size="sm" onPress={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** The same with an age that goes on. */
export function OldNote({ readAtMs, onRetry }: { readonly readAtMs: number; onRetry?(): void }) {
  return <StaleNote ageMs={useNow() - readAtMs} {...(onRetry === undefined ? {} : { onRetry })} />;
}
