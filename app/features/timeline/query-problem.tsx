import { type RefObject, useEffect, useRef } from "react";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import { Button } from "../../ui/button.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";

/** Underlines the place of a mistake in a field of the same letters. */
export function ProblemMark({
  text,
  problem,
  input,
}: {
  readonly text: string;
  readonly problem: QueryProblem | null;
  readonly input: RefObject<HTMLInputElement | null>;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = input.current;
    if (field === null || problem === null) return;
    const follow = (): void => box.current?.scrollTo({ left: field.scrollLeft });
    follow();
    field.addEventListener("scroll", follow);
    return () => field.removeEventListener("scroll", follow);
  });
  if (problem === null) return null;
  const { offset, length } = problem;
  return (
    <div
      ref={box}
      aria-hidden="true"
      className="pointer-events-none absolute inset-0 flex items-center overflow-hidden border border-transparent px-2 font-mono text-xs whitespace-pre text-transparent"
    >
      {text.slice(0, offset)}
      <span className="underline decoration-critical decoration-wavy decoration-2 underline-offset-4">
        {text.slice(offset, offset + length)}
      </span>
      {text.slice(offset + length)}
    </div>
  );
}

/** What is wrong with a query, where, and what may have been meant instead (XA-22). Read out when one pauses, not at every letter. */
export function ProblemWords({
  id,
  problem,
  more,
  onTake,
}: {
  readonly id: string;
  readonly problem: QueryProblem;
  /** Mistakes beside this one. */
  readonly more: number;
  onTake(suggestion: string): void;
}) {
  const { suggestion } = problem;
  return (
    <div className="flex w-full flex-wrap items-center gap-x-2 gap-y-1 text-xs text-critical">
      <p id={id} role="status">
        Character {problem.offset + 1}: <UntrustedText text={problem.detail} maxCharacters={200} />
        {more === 0 ? "" : ` (and ${more} more)`}
      </p>
      {suggestion === null ? null : (
        <Button size="sm" onPress={() => onTake(suggestion)}>
          Use&nbsp;<span className="font-mono">{suggestion}</span>
        </Button>
      )}
      <code className="text-muted">{problem.code}</code>
    </div>
  );
}
