import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";

/** A policy is an operator's: nobody is signed in yet, so this comes first. */
export function SignInFirst() {
  const { status, detail, knownName, enrol } = useOperator();
  // Who puts the question away stays here, and nothing has happened.
  const signIn = (): void => void enrol(knownName ?? "").catch(() => undefined);
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-prose">
        Agents run under a policy that a person signed, and nobody is signed in. Signing in opens your key in this
        browser or makes you one; the policy comes after it.
      </p>
      {status === "failed" ? <p className="font-semibold">{detail}</p> : null}
      <div className="flex justify-end">
        <Button variant="primary" onPress={signIn} autoFocus>
          Sign in …
        </Button>
      </div>
    </div>
  );
}
