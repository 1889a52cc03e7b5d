import type { Direction, LayoutOptions } from "../layout/layout-types.ts";

/** Size of every node, task or group, CSS px: apart from the geometry, which comes with the graph and not before. */
export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 44;

export function layoutOptions(direction: Direction): LayoutOptions {
  return { direction, nodeWidth: NODE_WIDTH, nodeHeight: NODE_HEIGHT };
}
