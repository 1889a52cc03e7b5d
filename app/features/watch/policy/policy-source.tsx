import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { v4 } from "uuid";
import { useApi } from "../../../api/client/api-context.tsx";
import { useDrafts } from "../../../api/client/policy-drafts.ts";
import { problemOf } from "../../../api/client/problem.ts";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote, type ShownProblem } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { useWorkflows } from "../queries.ts";
import { adaptedText, policySources, type SourceProblem } from "./policy-sources.ts";

export interface PolicySourceProps {
  /** The recording that is started. */
  readonly digest: string;
  readonly wid: string;
  /** The agents' ids in the new run. */
  readonly agents: readonly string[];
  readonly operator: string;
  /** The policy's JSON for this start; null for what the recording says. */
  onPick(text: string | null): void;
}

const OWN = "";

/**
 * Begins with a policy that is there already: a draft of this tab, or one under which the same recording ran before; made for
 * this run (ACP-62), or why it cannot be. Nothing where there is none.
 */
export function PolicySource({ digest, wid, agents, operator, onPick }: PolicySourceProps) {
  const { client, orpc } = useApi();
  const drafts = useDrafts();
  const policies = useQuery(orpc.policy.list.queryOptions());
  const workflows = useWorkflows();
  const [picked, setPicked] = useState(OWN);
  const [said, setSaid] = useState<SourceProblem | null>(null);
  const [failed, setFailed] = useState<ShownProblem | null>(null);
  const sources = policySources({
    ...{ drafts, digest, wid },
    policies: policies.data?.policies ?? [],
    workflows: workflows.data?.workflows ?? [],
  });
  const problem = policies.error ?? workflows.error;

  const latest = useRef(OWN);
  const pick = async (id: string): Promise<void> => {
    latest.current = id;
    setPicked(id);
    setSaid(null);
    setFailed(null);
    const source = sources.find((one) => one.id === id);
    if (source === undefined) return onPick(null);
    try {
      const text = source.text ?? JSON.stringify((await client.policy.get({ jti: source.jti })).claims);
      // Another was chosen while this one was fetched.
      if (latest.current !== id) return;
      const nowS = Math.floor(Date.now() / 1000);
      const adapted = adaptedText(text, { wid, agents, issuer: operator, jti: v4(), nowS });
      if (adapted.ok) onPick(adapted.value);
      else setSaid(adapted.error);
    } catch (error) {
      if (latest.current === id) setFailed(problemOf(error));
    }
  };

  if (problem !== null)
    return (
      <ProblemNote
        problem={problemOf(problem)}
        onRetry={() => {
          void policies.refetch();
          void workflows.refetch();
        }}
      />
    );
  // The list is not shown before it is whole: it would change under the hand.
  if (policies.data === undefined || workflows.data === undefined || sources.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Use a policy from"
        className="max-w-md"
        items={[{ id: OWN, name: "what the recording says" }, ...sources.map(({ id, name }) => ({ id, name }))]}
        selectedKey={picked}
        onSelectionChange={(id) => void pick(id)}
      />
      <div role="status">
        {said === null ? null : (
          <p className="text-warning">
            It cannot be used here: <UntrustedText text={said.detail} />. What is below is as it was.
          </p>
        )}
      </div>
      {failed === null ? null : <ProblemNote problem={failed} onRetry={() => void pick(picked)} />}
    </div>
  );
}
