import { lazy, Suspense, useEffect, useRef } from "react";
import { useStore } from "zustand";
import { useConnection } from "../api/client/api-context.tsx";
import { useOperator } from "../operator/operator-context.tsx";
import { closeOverlay, openOverlay, overlays } from "./overlays.ts";

const SignInDialog = lazy(() => import("./sign-in-dialog.tsx").then((loaded) => ({ default: loaded.SignInDialog })));

/** Asks to sign in once, at the first visit; afterwards when it is asked for. */
export function SignIn() {
  const { status } = useOperator();
  const { state } = useConnection();
  const open = useStore(overlays, (now) => now.open === "sign-in");
  const asked = useRef(false);
  const canEnrol = status === "none" && (state === "leader" || state === "follower");
  useEffect(() => {
    if (!canEnrol || asked.current) return;
    asked.current = true;
    openOverlay("sign-in");
  }, [canEnrol]);
  if (!open) return null;
  return (
    <Suspense>
      <SignInDialog isOpen onOpenChange={() => closeOverlay("sign-in")} />
    </Suspense>
  );
}
