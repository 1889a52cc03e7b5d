import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { v4 } from "uuid";
import { useApi } from "../../../api/client/api-context.tsx";
import { setNextPolicy, useNextPolicy } from "../../../api/client/next-policies.ts";
import { problemOf } from "../../../api/client/problem.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { checkDraftText } from "../../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { taskGraph } from "../graph/task-graph.ts";
import { PolicyDesk } from "../policy/policy-desk.tsx";
import { useActionFacts } from "../policy/use-action-facts.ts";
import { usePolicy, useRunGraph } from "../queries.ts";
import { SignInFirst } from "./sign-in-first.tsx";

export interface StartRunProps {
  readonly digest: string;
  /** A stopped workflow that goes on under a new policy. */
  readonly restart: WorkflowSummary | null;
  onClose(): void;
  onStarted(wid: string): void;
}

/** The policy of a run, seen and edited before it is signed, and the start. */
export function StartRun({ digest, restart, onClose, onStarted }: StartRunProps) {
  const { client } = useApi();
  const { operator, status } = useOperator();
  const [wid] = useState(() => restart?.wid ?? v4());
  const run = useRunGraph(digest);
  const graph = useMemo(() => (run.data === undefined ? null : taskGraph(run.data)), [run.data]);
  const facts = useActionFacts(digest, graph);
  const prepared = useQuery({
    queryKey: ["watch", "prepare", digest, wid],
    queryFn: () => client.workflow.prepare({ digest, wid }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const before = usePolicy(wid, restart !== null);
  const changed = useNextPolicy(wid);
  const problem = run.error ?? prepared.error ?? before.error;
  const title = restart === null ? "Policy and start" : "Start again under a new policy";
  if (problem !== null) {
    return (
      <Dialog title={title} isOpen onOpenChange={onClose} size="lg">
        <ProblemNote
          problem={problemOf(problem)}
          onRetry={() => {
            void run.refetch();
            void prepared.refetch();
          }}
        />
      </Dialog>
    );
  }
  if (status === "none" || status === "failed") {
    return (
      <Dialog title={title} isOpen onOpenChange={onClose}>
        <SignInFirst />
      </Dialog>
    );
  }
  if (
    operator === null ||
    graph === null ||
    facts === null ||
    prepared.data === undefined ||
    (restart !== null && before.data === undefined)
  ) {
    return (
      <Dialog title={title} isOpen onOpenChange={onClose} size="lg">
        <Loading what="what the recording says of its actions" />
      </Dialog>
    );
  }
  return (
    <PolicyDesk
      title={title}
      graph={graph}
      facts={facts}
      prepared={prepared.data}
      operator={operator.subject}
      earlier={restart === null ? null : (claimsOf(changed) ?? before.data?.policy.claims ?? null)}
      onClose={onClose}
      onStarted={(started) => {
        setNextPolicy(wid, null);
        onStarted(started);
      }}
    />
  );
}

/** A policy that was changed for this start where policies are edited; it is shown and checked once more before it is signed. */
function claimsOf(text: string | null): AcpClaims | null {
  const checked = text === null ? null : checkDraftText(text);
  return checked?.ok === true ? checked.value : null;
}
