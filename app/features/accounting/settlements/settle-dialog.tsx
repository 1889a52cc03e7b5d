import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { SettlementView } from "../../../api/contract/accounting-settling.ts";
import { must } from "../../../base/assert.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { type SettlementMessage, useAccounting, useRoleProblem } from "../../../operator/use-accounting.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import type { Dispute } from "../../../protocol/audit/accounting/settlement.ts";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { SignFooter } from "../sign-footer.tsx";
import { formatDecimal, money, resourceName, shortId, word } from "../words.ts";
import { ACT_WORDS, type Act, correctionsIn, selfProblem, statedFigures } from "./settlement-words.ts";
import { useTold } from "./use-told.ts";

export interface SettleDialogProps {
  readonly settlement: SettlementView;
  readonly act: Act;
  onClose(): void;
}

const ROLES: Readonly<Record<Act, readonly string[]>> = {
  accept: ["finance"],
  dispute: ["finance"],
  confirm: ["finance"],
  restate: ["finance"],
  arbitrate: ["duty_manager", "safety_officer"],
};

/** What a message says of the settlement it is about: the figures of its newest statement. */
function about(settlement: SettlementView): Omit<SettlementMessage, "phase" | "reason"> {
  const { id, payee, payer, from, to, root, count, totals, amount, currency, steps } = settlement;
  const last = must(steps.at(-1), "a settlement begins with a statement");
  return {
    settlement_id: id,
    ...{ payee, payer, period: { from, to } },
    ...{ records_root: root, records_count: count, totals, amount_total: amount, currency, adjustments: [] },
    answers: { jti: last.jti, hash: last.hash },
  };
}

/** One message about a settlement, signed: what it says, and what follows from it. */
export function SettleDialog(props: SettleDialogProps) {
  const { act, settlement } = props;
  if (act === "restate" || act === "arbitrate") return <RestateDialog {...props} />;
  if (act === "dispute") return <DisputeDialog {...props} />;
  return (
    <SignDialog
      {...props}
      message={(reason) => ({ ...about(settlement), phase: act, ...(reason === "" ? {} : { reason }) })}
      missing={null}
    >
      <p>
        {act === "accept"
          ? "You agree that this is owed. They confirm it; from then on only corrections in a later period change it."
          : "They have accepted it. With this the period is closed."}
      </p>
    </SignDialog>
  );
}

interface SignDialogProps extends SettleDialogProps {
  /** What is missing before it can be signed. */
  readonly missing: string | null;
  readonly children: React.ReactNode;
  message(reason: string): SettlementMessage;
}

function SignDialog({ settlement, act, missing, message, children, onClose }: SignDialogProps) {
  const { settle } = useAccounting();
  const mayNot = useRoleProblem(ROLES[act]);
  const [reason, setReason] = useState("");
  const words = ACT_WORDS[act];
  const { operator } = useOperator();
  const why = mayNot ?? selfProblem(settlement, operator?.subject ?? "") ?? missing;
  const told = useTold(settlement.side === "payee" ? settlement.payer : settlement.payee);
  const { run, isBusy, problem } = useSigning(
    () => settle(message(reason.trim())),
    (undelivered) => told(words.done, undelivered),
    onClose,
  );
  return (
    <Dialog
      title={words.title}
      isOpen
      onOpenChange={onClose}
      size="lg"
      footer={
        <SignFooter
          leave="Say nothing"
          sign={`Sign: ${words.button.toLowerCase()}`}
          why={why}
          isBusy={isBusy}
          onLeave={onClose}
          onSign={run}
        />
      }
    >
      <div className="space-y-3">
        <Facts
          items={[
            { term: "From and to", value: `${word(settlement.payer)} pays ${word(settlement.payee)}` },
            {
              term: "For",
              value: (
                <>
                  <Instant epochMs={settlement.from * 1000} full /> until before{" "}
                  <Instant epochMs={settlement.to * 1000} full />
                </>
              ),
            },
            {
              term: "Stated",
              value: `${money(settlement.amount, settlement.currency)} for ${formatCount(settlement.count)} records`,
            },
          ]}
        />
        {children}
        <TextField label="Why (recorded)" value={reason} onChange={setReason} multiline maxLength={2000} />
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}

const disputeWords = ({ kind, resource, expected }: Dispute): string =>
  `${kind}${resource === undefined ? "" : ` of ${resourceName(resource).toLowerCase()}`}${expected === undefined ? "" : `, ${formatDecimal(expected)} by our ledger`}`;

/** A dispute names single records: those on which the two ledgers differ. */
function DisputeDialog(props: SettleDialogProps) {
  const { settlement } = props;
  const { orpc } = useApi();
  const { from, to, payee } = settlement;
  const query = useQuery(orpc.accounting.reconcile.queryOptions({ input: { domain: payee, from, to, limit: 1 } }));
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const all = query.data?.disputes ?? [];
  const disputes = all.filter((_, at) => !left.has(at));
  return (
    <SignDialog
      {...props}
      message={(reason) => ({
        ...about(settlement),
        phase: "dispute",
        disputes,
        ...(reason === "" ? {} : { reason }),
      })}
      missing={
        query.data === undefined
          ? "Both ledgers have to be compared first."
          : disputes.length === 0
            ? "A dispute names at least one record."
            : null
      }
    >
      {query.isError ? (
        <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading what="the comparison" />
      ) : all.length === 0 ? (
        <p>Both ledgers say the same of every record: there is nothing to dispute.</p>
      ) : (
        <fieldset className="flex flex-col gap-1">
          <legend className="font-medium">Records you do not agree with, from the reconciliation</legend>
          {all.map((dispute, at) => (
            <Checkbox
              // Two disputes can be about one record.
              key={`${dispute.jti} ${dispute.resource ?? ""}`}
              isSelected={!left.has(at)}
              onChange={(isSelected) => {
                const next = new Set(left);
                if (isSelected) next.delete(at);
                else next.add(at);
                setLeft(next);
              }}
            >
              {shortId(dispute.jti)}: {disputeWords(dispute)}
            </Checkbox>
          ))}
        </fieldset>
      )}
      <p className="text-muted">
        After two disputes that lead to nothing a person arbitrates. Saying nothing is no agreement either.
      </p>
    </SignDialog>
  );
}

/** The statement anew, with what corrections have changed; after two rounds with what an arbitrator found. */
function RestateDialog(props: SettleDialogProps) {
  const { settlement, act } = props;
  const { orpc } = useApi();
  const { from, to, payer, currency, steps } = settlement;
  const query = useQuery(orpc.accounting.draft.queryOptions({ input: { payer, currency, from, to } }));
  const [found, setFound] = useState("");
  const figures = query.data?.figures;
  const isArbitrated = act === "arbitrate";
  const before = steps.findLast(({ phase }) => phase === "statement");
  return (
    <SignDialog
      {...props}
      message={(reason) => ({
        ...about(settlement),
        phase: "statement",
        ...statedFigures(must(figures ?? null, "it is signed once it is computed")),
        ...(before === undefined ? {} : { prev_settlement: before.jti }),
        ...(isArbitrated ? { arbitration: found.trim() } : {}),
        ...(reason === "" ? {} : { reason }),
      })}
      missing={
        figures === undefined
          ? "The figures have to be computed first."
          : isArbitrated && found.trim() === ""
            ? "Say what the arbitrator found first."
            : null
      }
    >
      {query.isError ? (
        <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
      ) : figures === undefined ? (
        <Loading what="the figures" />
      ) : (
        <p>
          By the ledger as it is now: <span className="font-semibold">{money(figures.amount, currency)}</span> for{" "}
          {formatCount(figures.count)} records, {formatCount(correctionsIn(figures))} of them corrections. Corrections
          are ordered at the record, under Usage.
        </p>
      )}
      {isArbitrated ? (
        <TextField
          label="What the arbitrator found"
          value={found}
          onChange={setFound}
          multiline
          isRequired
          maxLength={2000}
        />
      ) : null}
    </SignDialog>
  );
}
