import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { PolicyRow } from "../../../api/contract/policy.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { nameOf } from "../policy-list.tsx";
import { ReportView } from "../replay/replay-tab.tsx";
import { agentName } from "../words.ts";
import { ChangesTable } from "./changes-table.tsx";
import { Interrupted } from "./interrupted.tsx";
import { policyChanges } from "./policy-changes.ts";
import { type Exchanged, useExchange } from "./use-exchange.ts";

/** Differences that are asked for; the replay tab shows more. */
const MAX_SHOWN = 20;
/** Who may put a policy in force, as who may start. */
const ROLE = "operator";

export interface ExchangeDialogProps {
  readonly policy: PolicyRow;
  /** The policy in force. */
  readonly claims: AcpClaims;
  readonly draft: AcpClaims;
  /** The draft as it was written. */
  readonly text: string;
  onClose(): void;
  /** It is in force; the new policy's id. */
  onDone(jti: string): void;
}

/**
 * The second step of putting a draft in force: what it takes the place of, what is interrupted, what is decided differently by
 * a replay of exactly this draft, and every change, old beside new. Only then can it be signed (ACP-61).
 */
export function ExchangeDialog({ policy, claims, draft, text, onClose, onDone }: ExchangeDialogProps) {
  const { client } = useApi();
  const { operator } = useOperator();
  const { exchange, problem, isBusy, done } = useExchange();
  const changes = useMemo(() => policyChanges(claims, draft), [claims, draft]);
  // Asked once for each opening: over a running workflow every change notice would replay the log again.
  const replay = useQuery({
    queryKey: ["policies", "exchange", policy.jti, draft],
    queryFn: ({ signal }) => client.policy.replay({ claims: draft, wid: policy.wid, limit: MAX_SHOWN }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (done !== null) return <Done done={done} onDone={() => onDone(done.jti)} />;
  const lacksRole = operator !== null && operator.roles.length > 0 && !operator.roles.includes(ROLE);
  const isReady = operator !== null && !lacksRole && changes.length > 0 && replay.data !== undefined && !isBusy;
  return (
    <Dialog
      title="Put the draft in force"
      isOpen
      onOpenChange={onClose}
      size="lg"
      footer={
        <>
          <Button variant="quiet" onPress={onClose}>
            Keep the policy as it is
          </Button>
          <Button
            variant="danger"
            isDisabled={!isReady}
            onPress={() => exchange({ replaces: { jti: policy.jti, hash: policy.hash }, text })}
          >
            {isBusy ? "Signing …" : "Sign and put in force"}
          </Button>
        </>
      }
    >
      <div className="pb-3">
        <Facts
          items={[
            { term: "Workflow", value: `${nameOf(policy)}, running` },
            { term: "In force now", value: <Identifier value={policy.jti} label="policy id" /> },
            { term: "Issued by", value: issuerWords(claims.iss, operator?.subject) },
            { term: "Valid for", value: `${formatDuration((draft.exp - draft.iat) * 1000)} from your signature` },
          ]}
        />
      </div>
      <Section title="What is interrupted">
        <Interrupted wid={policy.wid} policy={policy.jti} />
      </Section>
      <Section title={`What is changed (${formatCount(changes.length)})`}>
        <ChangesTable changes={changes} />
      </Section>
      <Section title="What is decided differently">
        {replay.isError ? (
          <ProblemNote problem={problemOf(replay.error)} onRetry={() => void replay.refetch()} />
        ) : replay.data === undefined ? (
          <Loading what="the replay of the draft" />
        ) : (
          <ReportView report={replay.data} />
        )}
      </Section>
      <p className="text-muted">
        {operator === null
          ? "Nobody is signed in: sign in first."
          : lacksRole
            ? "Putting a policy in force needs the role operator, which you do not hold."
            : `Needs the role operator. Pressing Sign and put in force signs this as ${visibleText(operator.name)}.`}
      </p>
      {problem === null ? null : <ProblemNote problem={problem} />}
    </Dialog>
  );
}

const issuerWords = (before: string, now: string | undefined): string =>
  now === undefined || now === before ? agentName(before) : `${agentName(before)} until now, then ${agentName(now)}`;

function Done({ done, onDone }: { readonly done: Exchanged; onDone(): void }) {
  const { interrupted, seq, jti } = done;
  const tasks = interrupted === 1 ? "1 task was" : `${formatCount(interrupted)} tasks were`;
  return (
    <Dialog
      title="The draft is in force"
      isOpen
      onOpenChange={onDone}
      footer={
        <Button variant="primary" autoFocus onPress={onDone}>
          Show the new policy
        </Button>
      }
    >
      <div role="status" className="space-y-2">
        <p className="flex gap-2">
          <span className="mt-1">
            <MarkIcon shape="dot" tone="good" />
          </span>
          Recorded: the workflow's actions are decided by the new policy now.
        </p>
        <p>{interrupted === 0 ? "Nothing was under way." : `${tasks} interrupted, and asked for anew under it.`}</p>
        <p>
          New policy <Identifier value={jti} label="policy id" />;{" "}
          <GoLink to="/timeline" search={{ entry: seq }}>
            entry {formatCount(seq)}
          </GoLink>
        </p>
      </div>
    </Dialog>
  );
}
