import { useState } from "react";
import { useRoleProblem } from "../../../../operator/use-accounting.ts";
import { PROFILE_ROLES, usePutProfile } from "../../../../operator/use-profile.ts";
import { useSigning } from "../../../../operator/use-signing.ts";
import type { ProfileBody } from "../../../../protocol/behavior/profile.ts";
import { Button } from "../../../../ui/button.tsx";
import { ProblemNote } from "../../../../ui/states.tsx";
import { TextField } from "../../../../ui/text-field.tsx";

export interface SignProfileProps {
  /** Null while the draft is no profile that could be signed. */
  readonly profile: ProfileBody | null;
  /** Exactly this draft was replayed. */
  readonly isReplayed: boolean;
  readonly isReplaying: boolean;
  /** Nothing is different from the version in force. */
  readonly isSame: boolean;
  /** The reason is what is left to be given: the focus begins there. */
  readonly isFocused: boolean;
  onSigned(): void;
}

/** Signs the draft and puts it in force; until it can be, says what is missing. */
export function SignProfile({ profile, isReplayed, isReplaying, isSame, isFocused, onSigned }: SignProfileProps) {
  const [reason, setReason] = useState("");
  const mayNot = useRoleProblem([...PROFILE_ROLES]);
  const put = usePutProfile();
  const { run, isBusy, problem } = useSigning(
    async () => {
      if (profile !== null) await put(profile, reason.trim());
    },
    { title: "The profile is in force", detail: "What agents do from now on is judged by it." },
    onSigned,
  );
  const missing =
    profile === null
      ? "The draft has problems, each at its field."
      : isSame
        ? "Nothing is different from the version in force."
        : isReplaying
          ? "It is being replayed."
          : !isReplayed
            ? "Replay exactly this draft over the log first: nothing is put in force unseen."
            : (mayNot ?? (reason.trim() === "" ? "Say why; it is recorded." : null));
  return (
    <div className="flex max-w-3xl flex-col gap-2">
      <TextField
        label="Why (recorded)"
        value={reason}
        onChange={setReason}
        maxLength={2000}
        multiline
        autoFocus={isFocused}
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="primary" isDisabled={isBusy} whyNot={missing} onPress={run}>
          {isBusy ? "Signing …" : "Sign and put in force"}
        </Button>
        <p role="status" className="text-muted">
          {missing ?? "It applies to windows that open after your signature."}
        </p>
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
    </div>
  );
}
