import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { AnswerPreviewView, HeldQuestionView } from "../../api/contract/held-questions.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { useQueryDecision } from "../../operator/use-query-decision.ts";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Select } from "../../ui/select.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { claimName, purposeName, redactionWords } from "./ask-words.ts";
import { filterName, fromWords } from "./held-words.ts";

const OUTCOMES = [
  { id: "approve", name: "Approve: it may be answered" },
  { id: "reject", name: "Refuse: it is not answered" },
] as const;

export interface HeldDialogProps {
  readonly question: HeldQuestionView;
  onClose(): void;
}

/**
 * Decides about a question that a domain holds back: what is asked and what for, what would be disclosed to whom, counted
 * by the domain as it would answer now. No more entries than are shown are given by it (XDA-S7).
 */
export function HeldDialog({ question, onClose }: HeldDialogProps) {
  const { orpc } = useApi();
  const { operator } = useOperator();
  const decide = useQueryDecision();
  const { domain, jti } = question;
  const full = useQuery(orpc.domains.question.queryOptions({ input: { domain, jti } }));
  const [outcome, setOutcome] = useState<string | null>(null);
  const preview = full.data?.preview;
  const isOwn = operator?.subject === question.asker;
  const isApproval = outcome === "approve";
  return (
    <OrderDialog
      title={`Question to ${visibleText(domain)}`}
      verb={outcome === null ? "Decide" : isApproval ? "Approve" : "Refuse"}
      busy={isApproval ? "Approving …" : "Refusing …"}
      keep="Leave it waiting"
      why="Why? (recorded)"
      done={isApproval ? "Approved" : "Refused"}
      doneDetail={
        isApproval
          ? "It is in the domain's log. The asker fetches the answer within an hour, from their questions."
          : "It is in the domain's log. The same question is not answered for a day."
      }
      size="lg"
      focusReason={false}
      isReady={preview !== undefined && outcome !== null && !isOwn}
      run={async (reason) => {
        if (preview === undefined || outcome === null) return [];
        const shown = { entries: preview.entries, claims: preview.claims };
        await decide({ question, outcome: isApproval ? "approve" : "reject", shown, reason });
        return [];
      }}
      onClose={onClose}
    >
      <Asked question={question} />
      {preview === undefined ? (
        full.isError ? (
          <ProblemNote problem={problemOf(full.error)} onRetry={() => void full.refetch()} />
        ) : (
          <Loading what="what would be disclosed" />
        )
      ) : (
        <WouldTell preview={preview} />
      )}
      {isOwn ? (
        <p className="font-medium">You asked this yourself: somebody else has to decide.</p>
      ) : (
        <Select
          label="Decision"
          placeholder="Choose a decision"
          items={OUTCOMES}
          selectedKey={outcome}
          onSelectionChange={setOutcome}
        />
      )}
    </OrderDialog>
  );
}

function Asked({ question }: Pick<HeldDialogProps, "question">) {
  const { asker, role, purpose, reason, filters, fields, givenInHour } = question;
  return (
    <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_1fr]" aria-label="What is asked">
      <Row name="Asked by">
        <Identifier value={asker} label="asker's id" /> as {visibleText(role.replaceAll("_", " "))}
      </Row>
      <Row name="Purpose">{visibleText(purposeName(purpose))}</Row>
      <Row name="In their words">{reason === null ? "no reason given" : <UntrustedText text={reason} />}</Row>
      {filters.map(({ name, value }) => (
        <Row key={name} name={filterName(name)}>
          <span className="font-mono break-all">{visibleText(value)}</span>
        </Row>
      ))}
      {filters.length === 0 ? <Row name="Only">no filter: every record of this domain</Row> : null}
      <Row name="Wanted beside the records">
        {fields === null
          ? "every claim that is kept apart"
          : fields.length === 0
            ? "nothing"
            : fields.map((name) => visibleText(claimName(name))).join(", ")}
      </Row>
      <Row name="Goes on">{fromWords(question)}</Row>
      <Row name="Given in the last hour">{formatCount(givenInHour)} records</Row>
    </dl>
  );
}

/** Counted exactly, also where the domain rounds what it tells others: who decides is of the domain. */
function WouldTell({ preview: { entries, claims, redacted } }: { readonly preview: AnswerPreviewView }) {
  const disclosed = Object.entries(claims).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <section aria-label="What would be disclosed">
      <p className="font-semibold">
        {formatCount(entries)} {entries === 1 ? "record" : "records"} would be disclosed
      </p>
      <ul className="list-inside list-disc">
        {disclosed.map(([name, count]) => (
          <li key={name}>
            {visibleText(claimName(name))} of {formatCount(count)} {count === 1 ? "record" : "records"}
          </li>
        ))}
        {disclosed.length === 0 ? <li>Nothing of what is kept apart from the records</li> : null}
        {redactionWords({ redacted, rounded: false }, "them").map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p className="text-muted">
        Approved, no more records than these are given, within an hour. What was told cannot be taken back.
      </p>
    </section>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
