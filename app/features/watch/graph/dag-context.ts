import { createContext, useContext } from "react";
import { must } from "../../../base/assert.ts";
import type { TaskStatesStore } from "../task-states.ts";
import type { HighlightStore } from "./highlight.ts";

/** What every node listens to, and what it can ask for. */
export interface DagStores {
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
  /** Draws an opened group, by its first member, as one again. */
  closeGroup(first: number): void;
}

export const DagContext = createContext<DagStores | null>(null);

export function useDag(): DagStores {
  return must(useContext(DagContext), "nodes are drawn inside a DagContext");
}
