import { createContext, useContext } from "react";
import { must } from "../../../base/assert.ts";
import type { TaskStatesStore } from "../task-states.ts";
import type { HighlightStore } from "./highlight.ts";

/** What every node listens to. */
export interface DagStores {
  readonly states: TaskStatesStore;
  readonly highlight: HighlightStore;
}

export const DagContext = createContext<DagStores | null>(null);

export function useDag(): DagStores {
  return must(useContext(DagContext), "nodes are drawn inside a DagContext");
}
