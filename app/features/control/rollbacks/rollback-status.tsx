import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { asksPerson, openResidues, useRollbacks } from "./use-rollbacks.ts";

/** Whether a rollback waits for a person, or has left something open, in a few words; nothing where none does. Not knowing is said. */
export function RollbackStatus() {
  const { data, isError } = useRollbacks();
  if (isError) return <Mark shape="triangle" tone="warning" label="Whether a rollback waits is not known" />;
  const waiting = data?.rollbacks.filter(asksPerson).length ?? 0;
  if (waiting > 0) {
    const words =
      waiting === 1 ? "1 rollback waits for a person" : `${formatCount(waiting)} rollbacks wait for a person`;
    return <Mark shape="triangle" tone="warning" label={words} />;
  }
  const open = data?.rollbacks.reduce((sum, one) => sum + openResidues(one), 0) ?? 0;
  if (open === 0) return null;
  const words =
    open === 1 ? "1 task left by a rollback is open" : `${formatCount(open)} tasks left by rollbacks are open`;
  return <Mark shape="ring" tone="notice" label={words} />;
}
