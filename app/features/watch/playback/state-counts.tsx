import { ToggleButton } from "react-aria-components/ToggleButton";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { STATES_BY_NEED, type TaskStatesStore } from "../task-states.ts";

export interface StateCountsProps {
  readonly states: TaskStatesStore;
  readonly chosen: readonly TaskState[];
  onChoose(states: readonly TaskState[]): void;
}

/** How many tasks are in which state; a press shows only those. What waits or went wrong stands first. */
export function StateCounts({ states, chosen, onChoose }: StateCountsProps) {
  const counts = useStore(states, (live) => live.counts);
  const present = STATES_BY_NEED.filter(
    (state) => (counts[TASK_STATES.indexOf(state)] ?? 0) > 0 || chosen.includes(state),
  );
  return (
    <fieldset aria-label="Tasks by state" className="flex min-w-0 flex-wrap items-center gap-x-1 gap-y-0.5">
      {present.map((state) => {
        const mark = taskMark(state);
        const count = counts[TASK_STATES.indexOf(state)] ?? 0;
        const loud = mark.tone !== "neutral" && mark.tone !== "good";
        return (
          <ToggleButton
            key={state}
            isSelected={chosen.includes(state)}
            onChange={(on) => onChoose(on ? [...chosen, state] : chosen.filter((item) => item !== state))}
            className="flex h-6 items-center gap-1 rounded-sm px-1.5 text-xs data-hovered:bg-sunken data-selected:bg-accent-soft data-selected:font-semibold"
          >
            <MarkIcon shape={mark.shape} tone={mark.tone} size={11} />
            <span className={loud ? "font-semibold" : ""}>{formatCount(count)}</span>
            <span className={loud ? "" : "text-muted"}>{mark.label}</span>
          </ToggleButton>
        );
      })}
    </fieldset>
  );
}
