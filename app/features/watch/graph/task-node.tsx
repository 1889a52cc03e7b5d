import { Group } from "lucide-react";
import { memo } from "react";
import { useStore } from "zustand";
import { taskMark } from "../../../api/client/task-marks.ts";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { haloMark } from "../halo/halo-words.ts";
import { LivenessTag } from "../liveness/liveness-tag.tsx";
import { countStates, STATES_BY_NEED, stateName } from "../task-states.ts";
import { useDag } from "./dag-context.ts";
import { haloBits, isCursor, isSelected, matchCount } from "./highlight-marks.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";

/** Border, ground and text of a node by state: grey while normal, a tone only where somebody has to look (A9). */
const LOOK: Record<TaskState, string> = {
  planned: "border-line bg-panel text-muted",
  asked: "border-strong bg-raised text-ink",
  waiting: "border-notice bg-notice-soft text-ink",
  running: "border-strong bg-raised text-ink",
  done: "border-line bg-raised text-ink",
  failed: "border-critical bg-critical-soft text-ink",
  stopped: "border-critical bg-critical-soft text-ink",
  refused: "border-warning bg-warning-soft text-ink",
  blocked: "border-dashed border-warning bg-panel text-muted",
};

const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT };
const BASE = "relative box-border flex items-center gap-2 rounded-md border px-2 text-left";
const SELECTED = "outline-2 outline-offset-1 outline-accent";
const CURSOR = "outline-2 outline-offset-1 outline-dashed outline-accent";

/** What a node shows, fixed for as long as it is drawn. */
export type NodeData = {
  readonly run: RunGraph;
  /** The task, or the first member of a group. */
  readonly task: number;
  readonly members: Int32Array | null;
  /** First member of the opened group it belongs to, or -1. */
  readonly openedFrom: number;
};

export interface NodeProps {
  readonly data: NodeData;
}

/** One task. It listens for its own state number, so a change elsewhere does not render it. */
export const TaskNode = memo(function TaskNode({ data: { run, task, openedFrom } }: NodeProps) {
  const { states, highlight, closeGroup } = useDag();
  const state = stateName(useStore(states, (live) => live.states[task]));
  const selected = useStore(highlight, (marks) => isSelected(marks, task, null));
  const pointed = useStore(highlight, (marks) => isCursor(marks, task, null));
  const faded = useStore(highlight, (marks) => matchCount(marks, task, null) === 0);
  const halo = useStore(highlight, (marks) => haloBits(marks, task, null));
  const mark = taskMark(state);
  const name = visibleText(run.names[task] ?? "");
  const normal = mark.tone === "neutral" || mark.tone === "good";
  return (
    <div
      style={SIZE}
      title={name}
      data-state={state}
      className={`${BASE} ${LOOK[state]} ${pointed ? CURSOR : selected ? SELECTED : ""} ${faded ? "opacity-25" : ""} ${haloLook(halo)}`}
    >
      <HaloTag bits={halo} />
      {OVER.has(state) ? null : <LivenessTag agent={run.agent[task] ?? -1} />}
      <MarkIcon shape={mark.shape} tone={mark.tone} size={14} />
      <span className="min-w-0 flex-1 leading-4">
        <Name text={name} />
        <span className="block truncate text-xs text-muted">
          {normal ? null : <b className="font-semibold text-ink">{mark.label} · </b>}
          {visibleText(run.agents[run.agent[task] ?? 0]?.name ?? "")}
        </span>
      </span>
      {openedFrom < 0 ? null : (
        // Not reached by Tab, like the nodes themselves: the key c does the same.
        <button
          type="button"
          tabIndex={-1}
          title="Close the group it belongs to (c)"
          aria-label={`Close the group of ${run.actions[task]}`}
          onClick={(event) => {
            event.stopPropagation();
            closeGroup(openedFrom);
          }}
          onDoubleClick={(event) => event.stopPropagation()}
          className="nopan -mr-1.5 flex h-6 w-6 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-sunken hover:text-ink"
        >
          <Group aria-hidden="true" size={13} />
        </button>
      )}
    </div>
  );
});

/** States in which nothing of a task is left that a lease or a link could bear on. */
const OVER: ReadonlySet<TaskState> = new Set(["done", "failed", "refused", "blocked"]);

/** While an override is looked at, what it leaves alone steps back, and can be read all the same. */
const haloLook = (bits: number): string =>
  bits === 0 ? "opacity-80 grayscale" : bits > 0 ? "shadow-[0_0_0_4px_var(--color-notice)]" : "";

/** What an override would do to a node, by shape and word (N2). */
function HaloTag({ bits }: { readonly bits: number }) {
  const mark = bits > 0 ? haloMark(bits) : null;
  if (mark === null) return null;
  return (
    <span
      data-halo={bits}
      className="absolute -top-3 right-1 z-10 inline-flex items-center gap-1 border border-notice bg-panel px-1 text-xs leading-4 font-semibold text-ink"
    >
      <MarkIcon shape={mark.shape} tone={mark.tone} size={9} />
      {mark.label}
    </span>
  );
}

/** Characters at the end that stay in view: alike tasks differ in their numbers, which stand last. */
const TAIL = 6;

function Name({ text }: { readonly text: string }) {
  const tail = text.length > 2 * TAIL ? text.slice(-TAIL) : "";
  return (
    <bdi className="flex text-[13px] font-medium">
      <span className="truncate">{text.slice(0, text.length - tail.length)}</span>
      <span className="whitespace-pre">{tail}</span>
    </bdi>
  );
}

/** The agent that all of these are of, or -1. */
function agentOf(run: RunGraph, tasks: ArrayLike<number>): number {
  const agent = run.agent[tasks[0] ?? -1] ?? -1;
  for (let i = 1; i < tasks.length; i += 1) if (run.agent[tasks[i] ?? -1] !== agent) return -1;
  return agent;
}

/** A group of alike tasks: how many, and how many of them in which state. */
export const GroupNode = memo(function GroupNode({ data: { run, task, members } }: NodeProps) {
  const { states, highlight } = useDag();
  // A short text stands for the counts, so that an equal count does not render again.
  const key = useStore(states, (live) => countStates(live.states, members ?? []).join());
  const selected = useStore(highlight, (marks) => isSelected(marks, task, members));
  const pointed = useStore(highlight, (marks) => isCursor(marks, task, members));
  const matches = useStore(highlight, (marks) => matchCount(marks, task, members));
  const halo = useStore(highlight, (marks) => haloBits(marks, task, members));
  const counts = key.split(",").map(Number);
  const present = STATES_BY_NEED.filter((state) => (counts[TASK_STATES.indexOf(state)] ?? 0) > 0);
  const worst = taskMark(present[0] ?? "planned");
  const look = worst.tone === "neutral" || worst.tone === "good" ? LOOK.done : LOOK[present[0] ?? "planned"];
  return (
    <div
      style={SIZE}
      data-group={members?.length ?? 0}
      className={`${BASE} ${look} ${pointed ? CURSOR : selected ? SELECTED : ""} ${matches === 0 ? "opacity-25" : ""} ${haloLook(halo)}`}
    >
      <HaloTag bits={halo} />
      {present.every((state) => OVER.has(state)) ? null : <LivenessTag agent={agentOf(run, members ?? [])} />}
      <span
        aria-hidden="true"
        className="absolute inset-x-1 -bottom-1 -z-10 h-2 rounded-b-md border border-t-0 border-strong bg-panel"
      />
      <span className="min-w-0 flex-1 leading-4">
        <span className="flex items-baseline gap-1 text-[13px] font-medium">
          <bdi className="truncate">{run.actions[task]}</bdi>
          <span className="shrink-0">× {formatCount(members?.length ?? 0)}</span>
          {matches > 0 ? <span className="ml-auto text-xs text-accent">{formatCount(matches)} match</span> : null}
        </span>
        <span className="flex gap-2 overflow-hidden text-xs text-muted">
          {present.slice(0, 4).map((state) => {
            const mark = taskMark(state);
            return (
              <span key={state} className="inline-flex items-center gap-0.5">
                <MarkIcon shape={mark.shape} tone={mark.tone} size={10} />
                <span className="sr-only">{mark.label}</span>
                {formatCount(counts[TASK_STATES.indexOf(state)] ?? 0)}
              </span>
            );
          })}
        </span>
      </span>
    </div>
  );
});
