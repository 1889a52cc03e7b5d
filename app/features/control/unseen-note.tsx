import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { actionWords } from "./signal-words.ts";
import { countFacts, countWords, scopeWords } from "./stop-facts.ts";
import { type Unseen, urgencyOf } from "./unseen.ts";

/** What became abnormal meanwhile, and the way to it; what is being read stays where it is. */
export function UnseenNote({ unseen, onOpen }: { readonly unseen: readonly Unseen[]; onOpen(): void }) {
  const [first] = unseen;
  return (
    <div role="status" className="min-w-0">
      {first === undefined ? null : (
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-critical">
          <MarkIcon shape={urgencyOf(first.signal) === 2 ? "cross" : "square"} tone="critical" />
          <Button size="sm" shortcut="n" onPress={onOpen}>
            Open it
          </Button>
          <p className="min-w-0 [overflow-wrap:anywhere]">
            <strong>{first.isWorse ? "Worse now:" : "New:"}</strong> {actionWords(first.signal)} ·{" "}
            {visibleText(scopeWords(first.signal.scope))} ·{" "}
            {countWords(countFacts(first.signal.targets), first.signal.action)}
            {unseen.length === 1 ? "" : `; and ${formatCount(unseen.length - 1)} more`}
          </p>
        </div>
      )}
    </div>
  );
}
