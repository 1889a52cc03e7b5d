import { useCallback, useEffect, useState } from "react";
import type { OperatorState } from "../operator/session.ts";

export interface KeptPress {
  /** `kept`: pressed before the key was read. `lost`: there is no key after all, so nothing was sent. */
  readonly state: "none" | "kept" | "lost";
  press(): void;
  dismiss(): void;
}

/** A stop pressed while the key is still being read is not lost: it is sent at the moment the key is there. */
export function useKeptPress(status: OperatorState["status"], send: () => void): KeptPress {
  const [state, setState] = useState<KeptPress["state"]>("none");
  useEffect(() => {
    if (state !== "kept" || status === "loading") return;
    setState(status === "ready" ? "none" : "lost");
    if (status === "ready") send();
  }, [state, status, send]);
  const press = useCallback(() => {
    setState(status === "loading" ? "kept" : "none");
    if (status !== "loading") send();
  }, [status, send]);
  return { state, press, dismiss: useCallback(() => setState("none"), []) };
}
