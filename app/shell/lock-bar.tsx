import type { ReactNode } from "react";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import { Button } from "../ui/button.tsx";
import { MarkIcon } from "../ui/mark.tsx";
import { visibleText } from "../ui/visible-text.ts";

/**
 * Says below the top bar that the key is locked, or lies open since an earlier version, and changes it in one step. Nothing
 * is covered: whoever oversees agents goes on seeing them, and the stop works (S1, S11).
 */
export function LockBar() {
  const session = useOperatorSession();
  const { status, operator, isLocked, protection } = useOperator();
  if (status !== "ready" || operator === null) return null;
  // Whoever puts the question away has decided: nothing waits for it.
  const ask = (wish: Parameters<typeof session.request>[0]): void => void session.request(wish).catch(() => undefined);
  if (protection === "none") {
    return (
      <Bar action={<Button onPress={() => ask({ kind: "protect" })}>Protect it …</Button>}>
        <strong>Your key is not protected:</strong> whoever uses this browser profile can sign as{" "}
        {visibleText(operator.name)}.
      </Bar>
    );
  }
  if (!isLocked) return null;
  return (
    <Bar action={<Button onPress={() => ask({ kind: "unlock", why: "locked" })}>Unlock …</Button>}>
      <strong>Locked.</strong> {visibleText(operator.name)}, you can look at everything and stop; what else you sign
      asks for you first.
    </Bar>
  );
}

function Bar({ action, children }: { readonly action: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b-2 border-notice bg-notice-soft px-3 py-1">
      <MarkIcon shape="diamond" tone="notice" />
      <p role="status" className="min-w-0 flex-1">
        {children}
      </p>
      {action}
    </div>
  );
}
