import type { RefObject } from "react";

/** Lists and menus find their items by letters: a letter there is not for the pane. */
const HAS_LETTERS = '[role="listbox"], [role="menu"], [role="combobox"]';

/**
 * A key of the pane, wherever the focus is, except in a list or menu that is not the pane's own; once for a held key. `run`
 * may return false to leave the key to the browser.
 */
export function paneKey(
  root: RefObject<HTMLElement | null>,
  run: () => boolean | undefined,
): (event: KeyboardEvent) => void {
  return (event) => {
    const list = event.target instanceof Element ? event.target.closest(HAS_LETTERS) : null;
    const theirs = list !== null && root.current?.contains(list) !== true;
    if (!event.repeat && !theirs && run() !== false) event.preventDefault();
  };
}
