/** Keys of the pane, for the help sheet. */
export const watchKeys = [
  { keys: "/", does: "search tasks" },
  { keys: "t", does: "graph or table" },
  { keys: "l", does: "turn the graph: downwards or to the right" },
  { keys: "f", does: "show the whole graph" },
  { keys: "ArrowUp ArrowDown ArrowLeft ArrowRight", does: "along the edges and among neighbours; Shift adds" },
  { keys: "Enter", does: "open the details, or open a group" },
  { keys: "n", does: "next task that waits for a human or went wrong" },
  { keys: "p", does: "pause or resume the re-enactment" },
  { keys: ".", does: "one step" },
  { keys: "[ ]", does: "slower, faster" },
  { keys: "o", does: "load a run" },
  { keys: "Escape", does: "close the details, then clear selection and filters" },
] as const;
