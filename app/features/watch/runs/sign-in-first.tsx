import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { ProblemNote, type ShownProblem } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";

/** A policy is an operator's: nobody is signed in yet, so this comes first. */
export function SignInFirst() {
  const operator = useOperator();
  const [name, setName] = useState(operator.knownName ?? "");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const enrol = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await operator.enrol(name.trim());
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "" && !busy) void enrol();
      }}
    >
      <p className="max-w-prose">
        Agents run under a policy that a person signed. Sign in to make your key in this browser; it cannot be copied
        out of it.
      </p>
      {operator.status === "failed" ? <p className="font-semibold">{operator.detail}</p> : null}
      <TextField label="Your name, as the log will show it" value={name} onChange={setName} maxLength={128} autoFocus />
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isDisabled={name.trim() === "" || busy}>
          Sign in
        </Button>
      </div>
    </form>
  );
}
