import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { tinykeys } from "tinykeys";

export type KeyBindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Inputs that are pressed or moved and take no letters. */
const NO_TEXT: ReadonlySet<string> = new Set([
  "button",
  "checkbox",
  "color",
  "file",
  "image",
  "radio",
  "range",
  "reset",
  "submit",
]);

/** A field that takes text, where a letter is a letter; a list finds its choices by letters as well. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NO_TEXT.has(target.type);
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Keys by which an input without text is itself pressed or moved. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  " ",
  "Enter",
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
  "PageUp",
  "PageDown",
]);

const isOwnKey = (event: KeyboardEvent): boolean => event.target instanceof HTMLInputElement && OWN_KEYS.has(event.key);

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
        if (event.defaultPrevented) return;
        if (!chord && (isTyping(event.target) || isOwnKey(event) || isInModal(event.target))) return;
        current.current[name]?.(event);
      };
    }
    return tinykeys(within?.current ?? window, map);
  }, [names, within]);
}
