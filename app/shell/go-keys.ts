import { useEffect, useRef } from "react";
import { isInModal, isTyping } from "../ui/use-keys.ts";

const WAIT_MS = 1000;

/**
 * `g` and then a pane's letter. The second key is taken in the capture phase and reaches nobody else, because the same
 * letter alone may mean something in the pane that is in view.
 */
export function useGoKeys(targets: Readonly<Record<string, () => void>>): void {
  const current = useRef(targets);
  useEffect(() => {
    current.current = targets;
  });
  useEffect(() => {
    let beganAtMs = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Shift") return;
      const pending = event.timeStamp - beganAtMs <= WAIT_MS;
      beganAtMs = Number.NEGATIVE_INFINITY;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isInModal(event.target)) return;
      const go = pending ? current.current[event.key] : undefined;
      if (go !== undefined) {
        event.preventDefault();
        event.stopImmediatePropagation();
        go();
      } else if (event.key === "g" && !event.repeat) {
        beganAtMs = event.timeStamp;
      }
    };
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
}
