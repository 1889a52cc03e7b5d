import type { SparkLog } from "./spark-log.ts";

/**
 * What an event log has that the normal form has no place for, under the names of the counts the fixtures were counted
 * with. A dot makes a group: `reasons.ExceptionFailure`.
 */
export function sparkCounts(log: SparkLog): Record<string, number> {
  const infos = [...log.stages.values()].map((stage) => stage.info);
  const attemptsOf = new Map<number, number>();
  const edges = new Set<string>();
  for (const info of infos) {
    const id = info["Stage ID"];
    attemptsOf.set(id, (attemptsOf.get(id) ?? 0) + 1);
    for (const parent of info["Parent IDs"]) edges.add(`${parent} ${id}`);
  }
  const failures = [...log.reasons.values()].reduce((sum, count) => sum + count, 0);
  return {
    lines: log.lines,
    unparsable_lines: 0,
    jobs: log.jobs.size,
    jobs_ended: log.jobsEnded,
    jobs_failed: log.jobsFailed,
    stage_attempts_submitted: infos.length,
    stages_retried: [...attemptsOf.values()].filter((attempts) => attempts > 1).length,
    stage_parent_edges: edges.size,
    stages_skipped: [...log.planned.keys()].filter((id) => !attemptsOf.has(id)).length,
    task_starts_without_end: [...log.tasks.values()].filter((task) => task.finishMs === null).length,
    task_ends: log.taskEnds,
    tasks_not_successful: failures,
    task_retries: log.taskRetries,
    executors_that_ran_tasks: [...log.executors.values()].filter((executor) => executor.ranTasks).length,
    executors_removed: log.executorsRemoved,
    application_end: log.applicationEnds,
    ...Object.fromEntries([...log.reasons].map(([reason, count]) => [`reasons.${reason}`, count])),
  };
}
