import { Button } from "../../ui/button.tsx";
import { formatDuration } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";

/** Asks the person to say that they are here, where the last time is too long ago for a decision (P3). */
export function Presence({ ageS, onConfirm }: { readonly ageS: number; onConfirm(): void }) {
  return (
    <div className="flex flex-wrap items-center gap-2 border border-notice bg-notice-soft px-3 py-2">
      <MarkIcon shape="diamond" tone="notice" />
      <p className="min-w-0 flex-1">
        You last confirmed that you are here {formatDuration(ageS * 1000)} ago. A decision needs it within 15 min.
      </p>
      <Button size="sm" onPress={onConfirm}>
        I am here
      </Button>
    </div>
  );
}
