import { type RefObject, useEffect, useRef } from "react";

/**
 * Lets a press of a button count only where it began on it. A key that went down elsewhere and is still held reaches whatever
 * has the focus by then, and the browser takes that for a click (L5).
 */
export function useOwnPress(button: RefObject<HTMLElement | null>, onPress: () => void): () => void {
  const held = useRef(false);
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      const own = event.target instanceof Node && button.current?.contains(event.target) === true && !event.repeat;
      held.current = !own;
    };
    const up = (): void => {
      held.current = false;
    };
    window.addEventListener("keydown", down, { capture: true });
    window.addEventListener("keyup", up, { capture: true });
    window.addEventListener("blur", up);
    return () => {
      window.removeEventListener("keydown", down, { capture: true });
      window.removeEventListener("keyup", up, { capture: true });
      window.removeEventListener("blur", up);
    };
  }, [button]);
  return () => {
    if (!held.current) onPress();
  };
}
