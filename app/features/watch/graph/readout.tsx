import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { at } from "../layout/layout-types.ts";
import { stateName } from "../task-states.ts";
import { useDag } from "./dag-context.ts";
import type { ViewGraph } from "./view-graph.ts";

/** Names what the pointer is on in the overview, where nothing can carry its name. */
export function Readout({ view, node }: { readonly view: ViewGraph; readonly node: number }) {
  const { states } = useDag();
  const { run } = view.tasks;
  const task = at(view.head, node);
  const members = view.members[node] ?? null;
  const state = useStore(states, (live) => stateName(live.states[task]));
  const mark = taskMark(state);
  return (
    <p className="pointer-events-none absolute bottom-2 left-28 z-10 flex max-w-[60%] items-center gap-2 rounded-md border border-line bg-panel px-2 py-1 text-xs">
      {members === null ? (
        <>
          <MarkIcon shape={mark.shape} tone={mark.tone} />
          <span className="shrink-0">{mark.label}</span>
          <bdi className="truncate font-medium">{visibleText(run.names[task] ?? "")}</bdi>
        </>
      ) : (
        <bdi className="truncate font-medium">
          {run.actions[task]} × {formatCount(members.length)}
        </bdi>
      )}
      <bdi className="truncate text-muted">{visibleText(run.agents[run.agent[task] ?? 0]?.name ?? "")}</bdi>
    </p>
  );
}
