import type { BehaviorReason } from "../../../api/contract/behavior.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { isSequence, KIND_WORDS, word } from "../words.ts";
import { TaskLink } from "./task-link.tsx";
import { selectionOf, useTaskNumbers } from "./use-task-numbers.ts";

/** Broken rules of order, in the order in which it happened, and all their tasks at once in the graph of the workflow. */
export function SequenceList({ reasons }: { readonly reasons: readonly BehaviorReason[] }) {
  const broken = reasons.filter(isSequence).toSorted((a, b) => a.at - b.at);
  const wid = broken[0]?.wid ?? null;
  const tasks = broken.flatMap(({ task, taskName }) => (task === null ? [] : [{ task, taskName }]));
  const sel = selectionOf(useTaskNumbers(wid, tasks));
  if (broken.length === 0 || wid === null)
    return <p className="text-muted">What happened in this window came in an order that the profile allows.</p>;
  return (
    <>
      <ol aria-label="Broken rules of order" className="list-decimal space-y-1 pl-5">
        {broken.map((reason) => (
          <li key={`${reason.rule} ${reason.task} ${reason.at}`}>
            <TaskLink reason={reason} /> {KIND_WORDS[reason.kind]}: rule{" "}
            <span className="font-mono text-xs">{word(reason.rule, 128)}</span>{" "}
            <span className="text-muted">
              <Instant epochMs={reason.at * 1000} />
            </span>
          </li>
        ))}
      </ol>
      <p className="mt-1">
        <GoLink to="/watch" search={{ wid, view: "graph", ...(sel === undefined ? {} : { sel }) }}>
          Show them in the graph
        </GoLink>
      </p>
    </>
  );
}
