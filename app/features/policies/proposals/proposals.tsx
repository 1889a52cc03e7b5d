import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { MakePolicy } from "../../../operator/make-policy.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import type { SetPoliciesSearch } from "../policies-search.ts";
import type { PolicyAnswer } from "../use-policy.ts";
import { agentName, word } from "../words.ts";
import { decidedAlike, MIN_ALIKE } from "./decided-alike.ts";

const MAX_SHOWN = 20;

export interface ProposalsProps {
  readonly answer: PolicyAnswer;
  readonly setSearch: SetPoliciesSearch;
}

/** What people answered the same way each time, told to whoever writes the policy before it tires anybody out (R2). */
export function Proposals({ answer, setSearch }: ProposalsProps) {
  const { orpc } = useApi();
  const { wid } = answer.policy;
  const gates = useQuery(orpc.gate.queue.queryOptions({ input: { wid } }));
  const rows = gates.data?.rows;
  const groups = useMemo(() => (rows === undefined ? [] : decidedAlike(rows)), [rows]);
  return (
    <Section title="Decided the same way each time">
      {gates.isError ? (
        <ProblemNote problem={problemOf(gates.error)} onRetry={() => void gates.refetch()} />
      ) : gates.data === undefined ? (
        <Loading what="past decisions" />
      ) : groups.length === 0 ? (
        <p className="text-muted">
          No look-alikes of this workflow were answered the same way {MIN_ALIKE} times or more, and never otherwise.
        </p>
      ) : (
        <>
          <ul className="flex max-w-3xl flex-col gap-3">
            {groups.slice(0, MAX_SHOWN).map((group) => (
              <li key={group.likeness} className="flex flex-col gap-1">
                <p>
                  {formatCount(group.count)} of {formatCount(group.count)} {group.outcome}:{" "}
                  <span className="font-mono text-xs">{word(group.execAct)}</span> by {agentName(group.agent)}
                </p>
                <MakePolicy policy={answer.claims} decided={group} onOpen={setSearch} />
              </li>
            ))}
          </ul>
          {groups.length > MAX_SHOWN ? <p>and {formatCount(groups.length - MAX_SHOWN)} more.</p> : null}
          <p className="mt-1 text-xs text-muted">
            As of <Ago sinceMs={gates.data.position.atMs} />. A draft decides nothing until it is put in force.
          </p>
        </>
      )}
    </Section>
  );
}
