import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { ProofMark } from "../../../operator/self-test/proof-mark.tsx";
import { WHAT_IS_NOT, WHAT_IS_TESTED } from "../../../operator/self-test/self-test-words.ts";
import { StartButton } from "../../../operator/self-test/start-button.tsx";
import { useSelfTests, useStartSelfTest } from "../../../operator/self-test/use-self-test.ts";
import { MAX_TESTED } from "../../../protocol/drill/self-test.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Select } from "../../../ui/select.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

/** Agents that are listed at most; every one has its own page. */
const MOST_LISTED = 50;

const nameOf = (agent: string): string => visibleText(agent.slice(agent.lastIndexOf("/") + 1));

/** Which agents are proven to block, fail closed, survive and obey, those that are not first; and a test of a workflow's agents (F8, N21). */
export function SelfTests() {
  const query = useSelfTests();
  const { start, isBusy, problem } = useStartSelfTest();
  const [chosen, setChosen] = useState<string | null>(null);
  if (query.data === undefined)
    return query.isError ? (
      <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
    ) : (
      <Loading what="the self-tests" />
    );
  const { agents, workflows } = query.data;
  const workflow = workflows.find(({ wid }) => wid === chosen) ?? workflows[0];
  const tested = workflow?.agents.slice(0, MAX_TESTED) ?? [];
  const listed = [...agents].sort((one, other) => Number(other.overdue) - Number(one.overdue)).slice(0, MOST_LISTED);
  return (
    <Section title="Self-tests of agents" level={2}>
      <p className="max-w-prose text-muted">
        {WHAT_IS_TESTED} {WHAT_IS_NOT}
      </p>
      {workflow === undefined ? (
        <p className="py-2">
          No workflow is running: an agent is tested while it takes part in one, or on its own page.
        </p>
      ) : (
        <div className="flex flex-wrap items-end gap-3 py-2">
          <Select
            label="Agents of the workflow"
            className="basis-64"
            items={workflows.map(({ wid, agents: of }) => ({
              id: wid,
              name: `${wid.slice(0, 8)}, ${formatCount(of.length)} ${of.length === 1 ? "agent" : "agents"}`,
            }))}
            selectedKey={workflow.wid}
            onSelectionChange={(wid) => setChosen(String(wid))}
          />
          <StartButton
            label={`Sign and test ${formatCount(tested.length)} of ${formatCount(workflow.agents.length)}`}
            isBusy={isBusy}
            isRunning={agents.some(({ agent, running }) => running !== null && tested.includes(agent))}
            onStart={() => start(tested)}
          />
        </div>
      )}
      {problem === null ? null : <ProblemNote problem={problem} />}
      {listed.length === 0 ? null : (
        <table className="w-full text-left">
          <thead className="text-xs text-muted">
            <tr>
              {["Agent", "State", "Due again"].map((name) => (
                <th key={name} scope="col" className="py-1 pr-4 font-normal">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.map((proof) => (
              <tr key={proof.agent} className="border-t border-line">
                <th scope="row" className="py-1 pr-4 font-medium">
                  <GoLink to="/behavior" search={{ agent: proof.agent }}>
                    {nameOf(proof.agent)}
                  </GoLink>
                </th>
                <td className="py-1 pr-4">
                  <ProofMark proof={proof} />
                </td>
                <td className="py-1">{proof.dueAt === null ? "now" : <Instant epochMs={proof.dueAt * 1000} full />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {listed.length < agents.length ? (
        <p className="text-muted">
          {formatCount(listed.length)} of {formatCount(agents.length)} are listed; every agent's page has its own.
        </p>
      ) : null}
    </Section>
  );
}
