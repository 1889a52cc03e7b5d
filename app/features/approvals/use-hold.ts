import {
  type KeyboardEvent,
  type PointerEvent,
  type SyntheticEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { HOLD_MS } from "./friction.ts";

export interface Hold {
  readonly isHolding: boolean;
  /** Begins a hold that lasts until the key that began it, or the pointer, is let go. */
  begin(key: string | null): void;
  readonly handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerUp(): void;
    onPointerCancel(): void;
    onLostPointerCapture(): void;
    onKeyDown(event: KeyboardEvent): void;
    onBlur(): void;
    onContextMenu(event: SyntheticEvent): void;
  };
}

/**
 * Press and hold by pointer, by Space on the control, or by a key of the pane. Enter holds nothing (F3). Letting go early,
 * leaving the window or a control that is not enabled any more ends it with nothing done; `onHeld` runs once per hold.
 */
export function useHold(isEnabled: boolean, onHeld: () => void): Hold {
  const [isHolding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const heldKey = useRef<string | null>(null);
  const held = useRef(onHeld);
  useEffect(() => {
    held.current = onHeld;
  });

  const end = useCallback(() => {
    if (timer.current === null) return;
    clearTimeout(timer.current);
    timer.current = null;
    setHolding(false);
  }, []);

  const begin = useCallback(
    (key: string | null) => {
      if (!isEnabled || timer.current !== null) return;
      heldKey.current = key;
      setHolding(true);
      timer.current = setTimeout(() => {
        timer.current = null;
        setHolding(false);
        held.current();
      }, HOLD_MS);
    },
    [isEnabled],
  );

  useEffect(() => {
    if (!isEnabled) end();
  }, [isEnabled, end]);
  useEffect(() => {
    const onKeyUp = (event: globalThis.KeyboardEvent): void => {
      if (event.key === heldKey.current) end();
    };
    window.addEventListener("keyup", onKeyUp, { capture: true });
    window.addEventListener("blur", end);
    document.addEventListener("visibilitychange", end);
    return () => {
      window.removeEventListener("keyup", onKeyUp, { capture: true });
      window.removeEventListener("blur", end);
      document.removeEventListener("visibilitychange", end);
      clearTimeout(timer.current ?? undefined);
      timer.current = null;
    };
  }, [end]);

  return {
    isHolding,
    begin,
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0 || !event.isPrimary) return;
        event.currentTarget.setPointerCapture?.(event.pointerId);
        begin(null);
      },
      onPointerUp: end,
      onPointerCancel: end,
      onLostPointerCapture: end,
      onKeyDown: (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        if (event.key === " " && !event.repeat) begin(" ");
      },
      onBlur: end,
      onContextMenu: (event) => event.preventDefault(),
    },
  };
}
