import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** S2: the only guard of a stop of everything. */
export const HOLD_MS = 800;

export interface Hold {
  readonly isHolding: boolean;
  /** Handlers for the control itself. */
  readonly handlers: {
    onPointerDown(event: React.PointerEvent): void;
    onPointerUp(): void;
    onPointerCancel(): void;
    onLostPointerCapture(): void;
    onKeyDown(event: React.KeyboardEvent): void;
    onKeyUp(event: React.KeyboardEvent): void;
    onBlur(): void;
    onContextMenu(event: React.SyntheticEvent): void;
  };
}

/**
 * Press and hold, by pointer, by Space or Enter on the control, or by the chord Alt+Shift+X from anywhere. Letting go
 * early cancels, and so does leaving the window. `onHeld` runs once per hold.
 */
export function useHold(isEnabled: boolean, onHeld: () => void, onReleasedEarly: () => void): Hold {
  const [isHolding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const held = useLatest(onHeld);
  const early = useLatest(onReleasedEarly);

  const end = useCallback(() => {
    if (timer.current === null) return;
    clearTimeout(timer.current);
    timer.current = null;
    setHolding(false);
    early.current();
  }, [early]);

  const begin = useCallback(() => {
    if (!isEnabled || timer.current !== null) return;
    setHolding(true);
    timer.current = setTimeout(() => {
      timer.current = null;
      setHolding(false);
      held.current();
    }, HOLD_MS);
  }, [isEnabled, held]);

  useEffect(() => {
    if (!isEnabled) end();
  }, [isEnabled, end]);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  useChord(begin, end);

  return {
    isHolding,
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0 || !event.isPrimary) return;
        event.currentTarget.setPointerCapture?.(event.pointerId);
        begin();
      },
      onPointerUp: end,
      onPointerCancel: end,
      onLostPointerCapture: end,
      onKeyDown: (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        if (!event.repeat) begin();
      },
      onKeyUp: (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        end();
      },
      onBlur: end,
      // A long press must not open a menu over the stop.
      onContextMenu: (event) => event.preventDefault(),
    },
  };
}

/** Alt+Shift+X, held: in the capture phase and by key code, so that no view and no keyboard layout is in its way. */
function useChord(begin: () => void, end: () => void): void {
  useEffect(() => {
    let down = false;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.code !== "KeyX" || !event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.repeat || down) return;
      down = true;
      begin();
    };
    const stop = (): void => {
      if (!down) return;
      down = false;
      end();
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      if (event.code === "KeyX" || event.key === "Alt" || event.key === "Shift") stop();
    };
    const options = { capture: true };
    window.addEventListener("keydown", onKeyDown, options);
    window.addEventListener("keyup", onKeyUp, options);
    window.addEventListener("blur", stop);
    document.addEventListener("visibilitychange", stop);
    return () => {
      window.removeEventListener("keydown", onKeyDown, options);
      window.removeEventListener("keyup", onKeyUp, options);
      window.removeEventListener("blur", stop);
      document.removeEventListener("visibilitychange", stop);
    };
  }, [begin, end]);
}

function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}
