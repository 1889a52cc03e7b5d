import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { asksPerson, useRollbacks } from "./use-rollbacks.ts";

/** Whether a rollback waits for a person, in a few words; nothing where none does. Not knowing is said. */
export function RollbackStatus() {
  const { data, isError } = useRollbacks();
  if (isError) return <Mark shape="triangle" tone="warning" label="Whether a rollback waits is not known" />;
  const waiting = data?.rollbacks.filter(asksPerson).length ?? 0;
  if (waiting === 0) return null;
  const words = waiting === 1 ? "1 rollback waits for a person" : `${formatCount(waiting)} rollbacks wait for a person`;
  return <Mark shape="triangle" tone="warning" label={words} />;
}
