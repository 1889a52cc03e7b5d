import type { TaskState } from "../contract/task-state.ts";

/** How a task's state looks: the props of `Mark`. Normal states are grey; only what needs somebody has a tone (A9). */
export interface TaskMark {
  readonly shape: "dot" | "ring" | "square" | "triangle" | "diamond" | "cross" | "bar" | "half";
  readonly tone: "neutral" | "notice" | "warning" | "critical" | "good";
  readonly label: string;
}

const MARKS: Record<TaskState, TaskMark> = {
  planned: { shape: "ring", tone: "neutral", label: "planned" },
  asked: { shape: "bar", tone: "neutral", label: "asked" },
  waiting: { shape: "diamond", tone: "notice", label: "waiting" },
  running: { shape: "half", tone: "neutral", label: "running" },
  done: { shape: "dot", tone: "good", label: "done" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  stopped: { shape: "square", tone: "critical", label: "stopped" },
  refused: { shape: "triangle", tone: "warning", label: "refused" },
  blocked: { shape: "bar", tone: "warning", label: "blocked" },
};

export function taskMark(state: TaskState): TaskMark {
  return MARKS[state];
}
