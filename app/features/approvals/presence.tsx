import { useOperator } from "../../operator/operator-context.tsx";
import type { ProtectionKind } from "../../operator/session.ts";
import { Button } from "../../ui/button.tsx";
import { formatDuration } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";

/** Asks the person to authenticate again, where the last time is too long ago for a decision (P3). */
export function Presence({ ageS, onConfirm }: { readonly ageS: number; onConfirm(): void }) {
  const { protection } = useOperator();
  return (
    <div className="flex flex-wrap items-center gap-2 border border-notice bg-notice-soft px-3 py-2">
      <MarkIcon shape="diamond" tone="notice" />
      <p className="min-w-0 flex-1">
        You last authenticated {formatDuration(ageS * 1000)} ago; a decision takes no more than 15 min.{" "}
        {askedFor(protection)}
      </p>
      <Button size="sm" onPress={onConfirm}>
        Authenticate again
      </Button>
    </div>
  );
}

/** What the press leads to. */
function askedFor(protection: ProtectionKind | null): string {
  switch (protection) {
    case "passphrase":
      return "You are asked for your passphrase.";
    case "passkey":
    case "passkey_asked":
      return "You are asked for your passkey.";
    case "none":
    case null:
      return "Your key is not protected: the press is all that is asked of you.";
  }
}
