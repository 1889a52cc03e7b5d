import { createElement, type HTMLAttributes, type ReactElement, type Ref } from "react";

type GridPartProps = HTMLAttributes<HTMLElement> & {
  readonly ref?: Ref<HTMLDivElement> | undefined;
  readonly [data: `data-${string}`]: string | number | undefined;
};

/**
 * The parts of a table whose rows are placed by CSS grid and may be virtual: table elements lose their meaning when their
 * `display` is changed, so the roles are given instead. Rows take the focus; the pane moves it with the arrow keys.
 */
const part =
  (role: string) =>
  (props: GridPartProps): ReactElement =>
    createElement("div", { ...props, role });

export const Grid = part("grid");
export const GridRowGroup = part("rowgroup");
export const GridRow = part("row");
export const GridHeaderCell = part("columnheader");
export const GridCell = part("gridcell");

/** Where an arrow key leads from row `at` of `count`; undefined for other keys. */
export function rowAfterKey(key: string, at: number, count: number): number | undefined {
  const clamp = (to: number): number => Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return clamp(at - 1);
    case "PageDown":
      return clamp(at + 10);
    case "PageUp":
      return clamp(at - 10);
    case "Home":
      return 0;
    case "End":
      return clamp(count - 1);
    default:
      return undefined;
  }
}
