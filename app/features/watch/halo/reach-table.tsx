import type { RunGraph } from "../../../api/contract/workflow.ts";
import { formatCount } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { IN_FLIGHT, IRREVERSIBLE, type Reach } from "./reach.ts";

export interface ReachTableProps {
  readonly run: RunGraph;
  readonly reach: Reach;
  /** Agents that are listed; of the others only their number. */
  readonly atMost: number;
}

/** What an override would touch, agent by agent: the table twin of the halo. */
export function ReachTable({ run, reach, atMost }: ReachTableProps) {
  const rows = reach.agents.slice(0, atMost).map((agent) => ({ agent, ...countsOf(run, reach, agent) }));
  if (rows.length === 0) return null;
  const left = reach.agents.length - rows.length;
  return (
    <table className="w-full text-left text-xs">
      <caption className="sr-only">What it touches, by agent</caption>
      <thead className="text-muted">
        <tr>
          <th scope="col" className="pr-3 font-normal">
            Agent
          </th>
          <th scope="col" className="pr-3 text-right font-normal">
            open
          </th>
          <th scope="col" className="pr-3 text-right font-normal">
            in flight
          </th>
          <th scope="col" className="text-right font-normal">
            cannot be undone
          </th>
        </tr>
      </thead>
      <tbody className="tabular-nums">
        {rows.map(({ agent, open, inFlight, irreversible }) => (
          <tr key={agent}>
            <th scope="row" className="max-w-48 truncate pr-3 font-medium">
              <bdi>{visibleText(run.agents[agent]?.name ?? "")}</bdi>
            </th>
            <td className="pr-3 text-right">{formatCount(open)}</td>
            <td className="pr-3 text-right">{formatCount(inFlight)}</td>
            <td className="text-right">{reach.irreversible === null ? "not known" : formatCount(irreversible)}</td>
          </tr>
        ))}
        {left === 0 ? null : (
          <tr>
            <td colSpan={4}>and {formatCount(left)} more agents</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function countsOf(run: RunGraph, { tasks }: Reach, agent: number) {
  let [open, inFlight, irreversible] = [0, 0, 0];
  tasks.forEach((bits, task) => {
    if (bits === 0 || run.agent[task] !== agent) return;
    open += 1;
    if ((bits & IN_FLIGHT) !== 0) inFlight += 1;
    if ((bits & IRREVERSIBLE) !== 0) irreversible += 1;
  });
  return { open, inFlight, irreversible };
}
