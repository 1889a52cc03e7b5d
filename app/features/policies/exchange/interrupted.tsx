import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";

/** What ends when the policy is replaced now (ACP-44): tasks under way, requests, approvals, standing grants. It goes on changing. */
export function Interrupted({ wid, policy }: { readonly wid: string; readonly policy: string }) {
  const { orpc } = useApi();
  const workflow = useQuery(orpc.workflow.get.queryOptions({ input: { wid } }));
  const gates = useQuery(orpc.gate.queue.queryOptions({ input: { wid } }));
  const grants = useQuery(orpc.policy.grants.queryOptions());
  const failed = [workflow, gates, grants].find((query) => query.isError);
  if (failed !== undefined)
    return <ProblemNote problem={problemOf(failed.error)} onRetry={() => void failed.refetch()} />;
  if (workflow.data === undefined || gates.data === undefined || grants.data === undefined)
    return <Loading what="what is under way" />;
  const { asked = 0, waiting = 0, running = 0 } = workflow.data.workflow.counts;
  const pending = gates.data.rows.filter((row) => row.state === "pending").length;
  const approved = gates.data.rows.filter((row) => row.state === "approved").length;
  const leave = grants.data.grants.filter((grant) => grant.policy === policy && grant.state === "in_force").length;
  return (
    <>
      <ul className="ml-5 list-disc">
        <li>
          <b>{count(asked + waiting + running, "task")}</b> under way now ({formatCount(asked)} asked for,{" "}
          {formatCount(waiting)} waiting, {formatCount(running)} running): stopped, and asked for anew under the draft.
        </li>
        <li>
          {count(pending, "open request")}: ended, and asked again where the draft still asks.{" "}
          {count(approved, "approval")} not used yet: void.
        </li>
        <li>{count(leave, "standing grant")} in force: void.</li>
      </ul>
      <p className="mt-1 text-xs text-muted">
        As of <Ago sinceMs={workflow.data.position.atMs} />; it goes on until you sign.
      </p>
    </>
  );
}

const count = (number: number, noun: string): string => `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
