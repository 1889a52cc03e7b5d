import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";

const LISTED = 8;
const TASKS = 3;

/** Who has not reached a safe point yet, by agent and task (J4): a pause that lets tasks end is not over before they have. */
export function Unfinished({ signal }: { readonly signal: OverrideSignal }) {
  const open = signal.inForce ? signal.targets.filter(({ unfinished }) => unfinished.length > 0) : [];
  if (open.length === 0) return null;
  return (
    <section
      aria-label="Not at a safe point"
      className="mx-3 my-2 shrink-0 border border-warning bg-warning-soft px-3 py-2"
    >
      <p className="flex items-center gap-2 font-semibold">
        <MarkIcon shape="triangle" tone="warning" />
        {formatCount(open.length)} of {formatCount(signal.targets.length)}{" "}
        {signal.targets.length === 1 ? "agent has" : "agents have"} not reached a safe point
      </p>
      <ul className="mt-1 space-y-0.5">
        {open.slice(0, LISTED).map(({ agent, name, unfinished }) => (
          <li key={agent} className="flex flex-wrap items-center gap-x-2">
            <bdi className="font-medium">{visibleText(name)}</bdi>
            <span>{unfinished.length === 1 ? "task" : `${formatCount(unfinished.length)} tasks`}</span>
            {unfinished.slice(0, TASKS).map((task) => (
              <Identifier key={task} value={task} label="task id" />
            ))}
            {unfinished.length > TASKS ? <span>and {formatCount(unfinished.length - TASKS)} more</span> : null}
          </li>
        ))}
      </ul>
      {open.length > LISTED ? <p>and {formatCount(open.length - LISTED)} more agents: they are in the table</p> : null}
    </section>
  );
}
