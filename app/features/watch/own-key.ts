import type { KeyboardEvent } from "react";

/** Whether a key presses the checkbox, button or link that has the focus, and so is not the grid's or the graph's. */
export function isOwnKey({ key, target }: KeyboardEvent): boolean {
  if (key !== " " && key !== "Enter") return false;
  return target instanceof Element && target.closest("input,button,a") !== null;
}
