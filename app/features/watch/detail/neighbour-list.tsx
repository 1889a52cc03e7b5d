import { useState } from "react";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { EdgeKind } from "../graph/task-graph.ts";
import { stateName } from "../task-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";

const FIRST = 6;
const STEP = 50;

export interface NeighbourListProps {
  readonly title: string;
  readonly tasks: readonly number[];
  /** How the link to each is known; said where it is not an ordinary recorded order. */
  kindOf(other: number): EdgeKind;
  readonly model: WorkflowModel;
  onShow(task: number): void;
}

/** Tasks next to one: each leads there; inferred links say so. */
export function NeighbourList({ title, tasks, kindOf, model, onShow }: NeighbourListProps) {
  const [shown, setShown] = useState(FIRST);
  const live = useStore(model.states, (now) => now.states);
  const graph = model.view.tasks;
  return (
    <div>
      <h4 className="text-xs font-medium text-muted">
        {title} ({formatCount(tasks.length)})
      </h4>
      {tasks.length === 0 ? (
        <p className="text-muted">none</p>
      ) : (
        <ul>
          {tasks.slice(0, shown).map((other) => {
            const mark = taskMark(stateName(live[other]));
            const kind = kindOf(other);
            return (
              <li key={other}>
                <button
                  type="button"
                  onClick={() => onShow(other)}
                  className="flex w-full items-center gap-2 rounded-sm px-1 py-0.5 text-left hover:bg-sunken"
                >
                  <MarkIcon shape={mark.shape} tone={mark.tone} />
                  <bdi className="min-w-0 flex-1 truncate text-accent">{visibleText(graph.run.names[other] ?? "")}</bdi>
                  {kind === "inferred" ? <span className="text-xs text-muted">inferred</span> : null}
                  <span className="text-xs text-muted">{mark.label}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {tasks.length > shown ? (
        <Button size="sm" variant="quiet" onPress={() => setShown(shown + STEP)}>
          {formatCount(tasks.length - shown)} more
        </Button>
      ) : null}
    </div>
  );
}
