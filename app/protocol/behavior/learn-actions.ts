import { createTally, type Span, type Tally } from "./learn-span.ts";
import type { Suggestion } from "./learn-suggestion.ts";

/** Actions that a profile can allow at most. */
const MOST = 256;

/** Every action that was done: seldom ones too, for the person sees how seldom. Those that were only ever refused are none. */
export function suggestedActions(span: Span): Suggestion[] {
  const tallies = new Map<string, Tally>();
  for (const { tasks } of span.workflows)
    for (const task of tasks) {
      const tally = tallies.get(task.action) ?? createTally(span);
      tallies.set(task.action, tally);
      tally.add(task, task.outcome !== "refused");
    }
  return [...tallies]
    .map(([pattern, tally]) => ({
      id: `action:${pattern}`,
      adds: { kind: "allowed_action" as const, pattern },
      chance: null,
      ...tally.result(),
    }))
    .filter(({ held }) => held > 0)
    .sort((a, b) => b.cases - a.cases || (a.adds.pattern < b.adds.pattern ? -1 : 1))
    .slice(0, MOST);
}
