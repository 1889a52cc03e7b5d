import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { tinykeys } from "tinykeys";

export type KeyBindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** A field that takes text, where a letter is a letter. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Inside something modal, where the keys of what lies below must not act. */
export function isInModal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null;
}

/**
 * Keys of a pane or of the whole console, as tinykeys writes them (`j`, `g w`, `$mod+k`). Ignored while typing and inside
 * dialogs, except chords with Control or Meta. Bindings may change on every render.
 */
export function useKeys(bindings: KeyBindings, within?: RefObject<HTMLElement | null>): void {
  const current = useRef(bindings);
  useEffect(() => {
    current.current = bindings;
  });
  const names = Object.keys(bindings).join("\n");
  // A layout effect: while React keeps a pane hidden behind another one that is loading, its keys must not act.
  useLayoutEffect(() => {
    const map: Record<string, (event: KeyboardEvent) => void> = {};
    for (const name of names.split("\n")) {
      map[name] = (event) => {
        const chord = event.ctrlKey || event.metaKey;
        if (event.defaultPrevented || (!chord && (isTyping(event.target) || isInModal(event.target)))) return;
        current.current[name]?.(event);
      };
    }
    return tinykeys(within?.current ?? window, map);
  }, [names, within]);
}
