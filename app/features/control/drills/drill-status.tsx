import { useNow } from "../../../ui/clock.ts";
import { formatAge } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { isOverdue } from "./drill-words.ts";
import { useProven, useRunning } from "./use-drills.ts";

/** Whether the stop is proven, in a few words: a status, not a question (S12). Not knowing is never shown as proven. */
export function DrillStatus() {
  const proven = useProven();
  const running = useRunning();
  const nowMs = useNow();
  if (running.data !== undefined && running.data.drills.length > 0)
    return <Mark shape="diamond" tone="notice" label="Drill running" />;
  if (proven.data === undefined)
    return proven.isError ? (
      <Mark shape="triangle" tone="warning" label="Whether the stop is proven is not known" />
    ) : null;
  const stop = proven.data.controls.find(({ control }) => control === "stop");
  if (stop === undefined) return null;
  const { last } = stop;
  if (last === null) return <Mark shape="triangle" tone="warning" label="Stop never proven: drill it" />;
  const age = formatAge(Math.max(0, nowMs - last.at * 1000));
  return isOverdue(stop, nowMs) ? (
    <Mark shape="triangle" tone="warning" label={`Drill overdue: stop last proven ${age} ago`} />
  ) : (
    <Mark shape="dot" tone="good" label={`Stop proven ${age} ago`} />
  );
}
