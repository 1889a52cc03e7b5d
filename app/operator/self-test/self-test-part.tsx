import { problemOf } from "../../api/client/problem.ts";
import { SELF_TEST_STEPS } from "../../protocol/drill/self-test.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { ProofMark } from "./proof-mark.tsx";
import { FINDINGS, RESULT_MARKS, STEP_NAMES, WHAT_IS_NOT, WHAT_IS_TESTED } from "./self-test-words.ts";
import { StartButton } from "./start-button.tsx";
import { type AgentProof, useSelfTests, useStartSelfTest } from "./use-self-test.ts";

/** Of one agent: what its newest self-test found, when it is due again, and one button to test it (F8, N21). */
export function SelfTestPart({ agent }: { readonly agent: string }) {
  const query = useSelfTests(agent);
  const { start, isBusy, problem } = useStartSelfTest();
  const [proof] = query.data?.agents ?? [];
  if (proof === undefined)
    return query.isError ? (
      <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
    ) : (
      <Loading what="its self-tests" />
    );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <span>
          <ProofMark proof={proof} />
        </span>
        <StartButton
          label="Sign and test it"
          isBusy={isBusy}
          isRunning={proof.running !== null}
          onStart={() => start([agent])}
        />
        {proof.dueAt === null ? null : (
          <span className="text-muted">
            due again <Instant epochMs={proof.dueAt * 1000} full />
          </span>
        )}
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
      {proof.last === null ? null : <Steps last={proof.last} />}
      <p className="max-w-prose text-muted">
        {WHAT_IS_TESTED} {WHAT_IS_NOT}
      </p>
    </div>
  );
}

function Steps({ last }: { readonly last: NonNullable<AgentProof["last"]> }) {
  return (
    <>
      <dl className="grid grid-cols-[max-content_max-content_1fr] gap-x-3 gap-y-1">
        {SELF_TEST_STEPS.map((step) => {
          const { result, finding, tried } = last.steps[step];
          return (
            <div key={step} className="contents">
              <dt>{STEP_NAMES[step]}</dt>
              <dd>
                <Mark {...RESULT_MARKS[result]} />
              </dd>
              <dd className="text-muted">
                {FINDINGS[finding]}
                {tried === 0 ? null : ` It tried ${formatCount(tried)} ${tried === 1 ? "time" : "times"}.`}
              </dd>
            </div>
          );
        })}
      </dl>
      <p>
        <GoLink to="/timeline" search={{ entry: last.seq }}>
          Its signed record
        </GoLink>
        ,{" "}
        <GoLink to="/watch" search={{ wid: last.wid }}>
          its workflow
        </GoLink>
      </p>
    </>
  );
}
