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
  const ago = (atMs: number): string => `${formatAge(Math.max(0, nowMs - atMs))} ago`;
  if (running.data !== undefined && running.data.drills.length > 0)
    return running.isError ? (
      <Mark shape="triangle" tone="warning" label={`Drill ran ${ago(running.dataUpdatedAt)}, now not known`} />
    ) : (
      <Mark shape="diamond" tone="notice" label="Drill running" />
    );
  if (running.isError) return <Mark shape="triangle" tone="warning" label="Whether a drill runs is not known" />;
  if (proven.isError)
    return (
      <Mark
        shape="triangle"
        tone="warning"
        label={`Whether the stop is proven is not known${proven.data === undefined ? "" : `, last read ${ago(proven.dataUpdatedAt)}`}`}
      />
    );
  if (proven.data === undefined) return null;
  const stop = proven.data.controls.find(({ control }) => control === "stop");
  if (stop === undefined) return null;
  const { last } = stop;
  if (last === null) return <Mark shape="triangle" tone="warning" label="Stop never proven: drill it" />;
  const age = ago(last.at * 1000);
  return isOverdue(stop, nowMs) ? (
    <Mark shape="triangle" tone="warning" label={`Drill overdue: stop last proven ${age}`} />
  ) : (
    <Mark shape="dot" tone="good" label={`Stop proven ${age}`} />
  );
}
