import type { ReactNode } from "react";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";

/** What only a signed-in operator may do; to others, the way there, or that their roles do not allow it (COM-18). */
export function OperatorOnly({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  const { status, knownName, enrol, operator } = useOperator();
  if (status !== "ready" || operator === null)
    return <Button onPress={() => void enrol(knownName ?? "").catch(() => undefined)}>Sign in to {what} …</Button>;
  // Without a word from the host yet nobody is kept away here: the log refuses whom it must.
  if (operator.roles.length > 0 && !operator.roles.includes("operator"))
    return (
      <p className="text-muted">
        You cannot {what}: it needs the role operator, and yours {operator.roles.length === 1 ? "is" : "are"}{" "}
        {operator.roles.join(", ").replaceAll("_", " ")}.
      </p>
    );
  return children;
}
