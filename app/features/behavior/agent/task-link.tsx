import type { BehaviorReason } from "../../../api/contract/behavior.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { word } from "../words.ts";
import { selectionOf, useTaskNumbers } from "./use-task-numbers.ts";

export interface TaskLinkProps {
  readonly reason: Pick<BehaviorReason, "wid" | "task" | "taskName" | "action">;
}

/** To the task of a reason in Watch, selected and opened, and to the token that states it. */
export function TaskLink({ reason: { wid, task, taskName, action } }: TaskLinkProps) {
  const numbers = useTaskNumbers(wid, task === null ? [] : [{ task, taskName }]);
  if (task === null) return "no single task";
  const sel = selectionOf(numbers);
  return (
    <>
      <GoLink to="/watch" search={{ wid, ...(sel === undefined ? {} : { sel, detail: true }) }}>
        <bdi>{word(taskName ?? action ?? task)}</bdi>
      </GoLink>{" "}
      <GoLink to="/inspector" search={{ jti: task }} aria-label={`Token of ${word(taskName ?? action ?? task)}`}>
        token
      </GoLink>
    </>
  );
}
