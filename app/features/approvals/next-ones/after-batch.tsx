import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { MakePolicy } from "../../../operator/make-policy.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { GateDetail } from "../gate-detail.ts";
import type { OutboxItem } from "../outbox.ts";
import { GrantNext } from "./grant-next.tsx";

/** Look-alikes that were decided together on this page. */
export interface BatchGiven {
  readonly batch: string;
  readonly outcome: "approve" | "reject";
  /** One of them: what they have in common is told from it. */
  readonly one: GateDetail;
}

export interface AfterBatchProps {
  readonly given: BatchGiven;
  readonly items: readonly OutboxItem[];
}

/**
 * After look-alikes were decided together: how nobody needs to decide the next ones, by a grant for a while or by the policy.
 * Only once all are recorded: until then nothing was decided.
 */
export function AfterBatch({ given, items }: AfterBatchProps) {
  const mine = items.filter(({ batch }) => batch === given.batch);
  if (mine.length === 0 || mine.some(({ state }) => state !== "sent")) return null;
  return <Offers given={given} />;
}

function Offers({ given: { one, outcome } }: { readonly given: BatchGiven }) {
  const { orpc } = useApi();
  const policy = useQuery(orpc.policy.get.queryOptions({ input: { jti: one.claims.acp.jti } }));
  const decided = {
    agent: one.claims.iss,
    execAct: one.claims.task.exec_act,
    ruleIds: one.claims.rule_ids,
    outcome: outcome === "approve" ? ("approved" as const) : ("rejected" as const),
  };
  return (
    <section
      aria-label="The next ones like these"
      className="flex max-h-[30%] flex-wrap items-start gap-x-4 gap-y-1 overflow-auto border-b border-line px-3 py-1.5"
    >
      <p>
        The next ones of <UntrustedText text={one.claims.task.exec_act} maxCharacters={80} mono /> like these:
      </p>
      <GrantNext detail={one} isOffered={outcome === "approve"} />
      {policy.isError ? (
        <ProblemNote problem={problemOf(policy.error)} onRetry={() => void policy.refetch()} />
      ) : policy.data === undefined ? null : (
        <MakePolicy policy={policy.data.claims} decided={decided} />
      )}
    </section>
  );
}
