/** Task states, as numbers because a view may carry 15,000 of them; order is fixed. */
export const TASK_STATES = [
  "planned",
  "asked",
  "waiting",
  "running",
  "done",
  "failed",
  "stopped",
  "refused",
  "blocked",
] as const;
export type TaskState = (typeof TASK_STATES)[number];
