import { useState } from "react";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import type { ProtectionKind } from "../../operator/session.ts";
import { useRelease } from "../../operator/use-override.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toast } from "../../ui/toast.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { countFacts, countWords, scopeWords, shortId } from "./stop-facts.ts";

const MAX_REASON = 2000;

export interface ReleaseDialogProps {
  readonly signal: OverrideSignal;
  onClose(): void;
}

/** Another verb than stop, with a reason of its own: it permits a restart and causes none (S4, OVR-18). */
export function ReleaseDialog({ signal, onClose }: ReleaseDialogProps) {
  const { operator, protection } = useOperator();
  const release = useRelease();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isReady = reason.trim() !== "" && operator !== null && !isBusy;

  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await release({ of: signal.jti, scope: signal.scope, reason: reason.trim() });
      toast({ title: "Released", detail: "Nothing was started by it.", tone: "neutral" });
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Release a stop"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button variant="quiet" onPress={onClose}>
            Keep it in force
          </Button>
          <Button variant="primary" onPress={() => void run()} isDisabled={!isReady}>
            {isBusy ? "Releasing …" : "Release"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Facts
          items={[
            { term: "Stopped", value: visibleText(scopeWords(signal.scope)) },
            { term: "By", value: <ByWhom signal={signal} /> },
            { term: "Because", value: <UntrustedText text={signal.reason} /> },
            { term: "Known now", value: <Known signal={signal} /> },
          ]}
        />
        <p>
          <strong>Releasing starts nothing.</strong> It only permits that what was stopped is started again, which is an
          act of its own.
        </p>
        <TextField
          label="Why may it be released? (recorded)"
          value={reason}
          onChange={setReason}
          multiline
          isRequired
          autoFocus
          maxLength={MAX_REASON}
        />
        <p className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : `Pressing Release signs this as ${visibleText(operator.name)}. ${askedFor(protection)}`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}

/** What is asked of the person before it is signed. */
function askedFor(protection: ProtectionKind | null): string {
  if (protection === "none") return "Your key is not protected: the press is all that is asked of you.";
  const what = protection === "passphrase" ? "passphrase" : "passkey";
  return `Where your key is locked or you last authenticated more than a few minutes ago, your ${what} is asked for first.`;
}

function ByWhom({ signal }: { readonly signal: OverrideSignal }) {
  return (
    <>
      {visibleText(shortId(signal.by))}, <Instant epochMs={signal.at * 1000} full />
    </>
  );
}

/** What speaks against releasing now, before anything else. */
function Known({ signal }: { readonly signal: OverrideSignal }) {
  const counts = countFacts(signal.targets);
  if (counts.targets === counts.verified) return countWords(counts);
  const open = counts.targets - counts.verified;
  return (
    <>
      <Mark
        shape={counts.violated > 0 ? "cross" : "triangle"}
        tone={counts.violated > 0 ? "critical" : "warning"}
        label={`${open} of ${counts.targets} not verified as stopped`}
      />
      <div className="text-xs text-muted">{countWords(counts)}</div>
    </>
  );
}
