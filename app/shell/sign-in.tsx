import { lazy, Suspense, useEffect, useRef } from "react";
import { useStore } from "zustand";
import { useConnection } from "../api/client/api-context.tsx";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import { useIdleLock } from "./lock-after.ts";
import { closeOverlay, openOverlay, overlays } from "./overlays.ts";

const SignInDialog = lazy(() => import("./sign-in-dialog.tsx").then((loaded) => ({ default: loaded.SignInDialog })));

/** Asks to sign in once, at the first visit; afterwards when it is asked for, or something to be signed needs the person. */
export function SignIn() {
  const session = useOperatorSession();
  const { status, ask } = useOperator();
  const { state } = useConnection();
  const open = useStore(overlays, (now) => now.open === "sign-in");
  const asked = useRef(false);
  useIdleLock(session);
  const canEnrol = status === "none" && (state === "leader" || state === "follower");
  useEffect(() => {
    if (!canEnrol || asked.current) return;
    asked.current = true;
    openOverlay("sign-in");
  }, [canEnrol]);
  if (!open && ask === null) return null;
  return (
    <Suspense>
      <SignInDialog
        key={ask?.kind ?? "by hand"}
        ask={ask}
        onClose={() => {
          closeOverlay("sign-in");
          session.dismiss(ask);
        }}
      />
    </Suspense>
  );
}
