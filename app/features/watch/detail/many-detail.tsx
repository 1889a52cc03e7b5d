import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { TASK_STATES } from "../../../api/contract/task-state.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { at } from "../layout/layout-types.ts";
import { countStates, STATES_BY_NEED, stateName } from "../task-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { Section } from "./section.tsx";

const SHOWN = 30;

export interface ManyDetailProps {
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly shown: "graph" | "table";
  onShow(task: number): void;
  onOpenGroup(first: number): void;
}

/** Several tasks, or a group: how they stand, whose they are, and the way to each. */
export function ManyDetail({ run, model, shown, onShow, onOpenGroup }: ManyDetailProps) {
  const { selection, states, view } = model;
  const { tasks } = selection;
  const live = useStore(states, (now) => now.states);
  const counts = countStates(live, tasks);
  const present = STATES_BY_NEED.filter((state) => (counts[TASK_STATES.indexOf(state)] ?? 0) > 0);
  const [first] = tasks;
  const node = first === undefined ? -1 : at(view.nodeOf, first);
  const isGroup =
    (view.members[node]?.length ?? 0) === tasks.length && tasks.every((task) => at(view.nodeOf, task) === node);
  const actions = [...new Set(tasks.map((task) => run.actions[task] ?? ""))];
  const agents = [...new Set(tasks.map((task) => run.agents[run.agent[task] ?? -1]?.name ?? ""))];
  const spent = tasks.reduce((sum, task) => sum + (run.durationMs[task] ?? 0), 0);
  const ordered = tasks.toSorted(
    (a, b) => STATES_BY_NEED.indexOf(stateName(live[a])) - STATES_BY_NEED.indexOf(stateName(live[b])) || a - b,
  );
  return (
    <div className="flex flex-col gap-4">
      <Section title={isGroup ? "A group of alike tasks" : "How they stand"}>
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {present.map((state) => (
            <li key={state}>
              <Mark {...taskMark(state)} label={`${formatCount(counts[TASK_STATES.indexOf(state)] ?? 0)} ${state}`} />
            </li>
          ))}
        </ul>
        <Facts
          items={[
            { term: actions.length === 1 ? "Action" : "Actions", value: listed(actions) },
            { term: agents.length === 1 ? "Agent" : "Agents", value: listed(agents) },
            { term: "Recorded time", value: formatDuration(spent), hint: "of all together" },
          ]}
        />
        {isGroup && shown === "graph" && first !== undefined ? (
          <div>
            <Button onPress={() => onOpenGroup(first)}>Draw its {formatCount(tasks.length)} tasks one by one</Button>
          </div>
        ) : null}
      </Section>
      <Section title="Tasks">
        <ul>
          {ordered.slice(0, SHOWN).map((task) => {
            const mark = taskMark(stateName(live[task]));
            return (
              <li key={task}>
                <button
                  type="button"
                  onClick={() => onShow(task)}
                  className="flex w-full items-center gap-2 rounded-sm px-1 py-0.5 text-left hover:bg-sunken"
                >
                  <Mark {...mark} />
                  <bdi className="min-w-0 flex-1 truncate text-accent">{visibleText(run.names[task] ?? "")}</bdi>
                </button>
              </li>
            );
          })}
        </ul>
        {tasks.length > SHOWN ? (
          <p className="text-xs text-muted">and {formatCount(tasks.length - SHOWN)} more; the table shows them all</p>
        ) : null}
      </Section>
    </div>
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => visibleText(name));
  return names.length > shown.length
    ? `${shown.join(", ")} and ${formatCount(names.length - shown.length)} more`
    : shown.join(", ");
}
