import { useState } from "react";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";
import { useOperator } from "../operator/operator-context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";

const FORM = "sign-in";

export interface SignInDialogProps {
  readonly isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Makes the operator's key, and says plainly what that means. */
export function SignInDialog({ isOpen, onOpenChange }: SignInDialogProps) {
  const operator = useOperator();
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = typed ?? operator.knownName ?? "";

  const enrol = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await operator.enrol(name.trim());
      onOpenChange(false);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Sign in"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      footer={
        <>
          <Button variant="quiet" onPress={() => onOpenChange(false)}>
            Look around first
          </Button>
          <Button variant="primary" type="submit" form={FORM} isDisabled={name.trim() === "" || isBusy}>
            {isBusy ? "Signing in …" : "Sign in"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && !isBusy) void enrol();
        }}
      >
        {operator.knownName === null ? null : <p className="font-semibold">{operator.detail}</p>}
        <TextField
          label="Your name, as the log will show it"
          value={name}
          onChange={setTyped}
          maxLength={128}
          autoFocus
          name="name"
        />
        <div className="max-w-prose space-y-2 text-muted">
          <p>
            This makes a signing key in this browser. The key cannot be copied out of it, and it signs what you do here:
            decisions, stops, releases. Each signature is recorded in the log under your name.
          </p>
          <p>
            The console takes your word for who you are: it trusts the key from its first use on. Anyone who can use
            this browser profile can sign as you.
          </p>
          <p>Without signing in you can look at everything, but the stop control is off.</p>
        </div>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}
