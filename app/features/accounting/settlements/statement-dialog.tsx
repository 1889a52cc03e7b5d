import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { must } from "../../../base/assert.ts";
import { newSettlementId, useAccounting, useRoleProblem } from "../../../operator/use-accounting.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { SignFooter } from "../sign-footer.tsx";
import { money, word } from "../words.ts";
import { correctionsIn, statedFigures } from "./settlement-words.ts";
import { instantOf, instantText, lastMonth, sinceLastMonth } from "./statement-period.ts";
import { TotalsTable } from "./totals-table.tsx";
import { useTold } from "./use-told.ts";

const AN_INSTANT = "A day such as 2026-02-01, or with a time: 2026-02-01 14:30";

export interface StatementDialogProps {
  readonly payee: string;
  readonly payers: readonly string[];
  readonly currency: string;
  /** Epoch ms, now. */
  readonly nowMs: number;
  onClose(): void;
}

/** What another domain owes for a time, computed from the records, and signed by finance. */
export function StatementDialog({ payee, payers, currency: first, nowMs, onClose }: StatementDialogProps) {
  const { orpc } = useApi();
  const { settle } = useAccounting();
  const mayNot = useRoleProblem(["finance"]);
  const [payer, setPayer] = useState(payers[0] ?? "");
  const [currency, setCurrency] = useState(first);
  const [from, setFrom] = useState(() => instantText(lastMonth(nowMs).from));
  const [to, setTo] = useState(() => instantText(lastMonth(nowMs).to));
  const [reason, setReason] = useState("");
  const [fromS, toS] = [instantOf(from), instantOf(to)];
  const isOver = toS !== null && toS * 1000 <= nowMs;
  const isAsked = payer.trim() !== "" && /^[A-Z]{3}$/.test(currency) && fromS !== null && isOver && fromS < toS;
  const untilNow = (): void => {
    const period = sinceLastMonth(nowMs);
    setFrom(instantText(period.from));
    setTo(instantText(period.to));
  };
  const input = { payer: payer.trim(), currency, from: fromS ?? 0, to: toS ?? 1 };
  const query = useQuery({ ...orpc.accounting.draft.queryOptions({ input }), enabled: isAsked });
  const figures = isAsked ? query.data?.figures : undefined;
  const missing = !isAsked
    ? "Say who owes, in which currency, and for a time that is over."
    : query.isError
      ? "The figures could not be computed."
      : figures === undefined
        ? "The figures are still being computed."
        : figures.count === 0
          ? "There is nothing to state."
          : null;
  const told = useTold(payer.trim());
  const { run, isBusy, problem } = useSigning(
    () =>
      settle({
        settlement_id: newSettlementId(),
        phase: "statement",
        ...{ payee, payer: input.payer, period: { from: input.from, to: input.to }, currency },
        ...statedFigures(must(figures ?? null, "it is signed once it is computed")),
        ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
      }),
    (undelivered) => told("The statement is made", undelivered),
    onClose,
  );
  return (
    <Dialog
      title="Make a statement"
      isOpen
      onOpenChange={onClose}
      size="lg"
      footer={
        <SignFooter
          leave="State nothing"
          sign="Sign the statement"
          why={mayNot ?? missing}
          isBusy={isBusy}
          onLeave={onClose}
          onSign={run}
        />
      }
    >
      <div className="space-y-3">
        <div className="grid gap-3 md:grid-cols-4">
          <TextField label="Who owes" value={payer} onChange={setPayer} />
          <TextField label="Currency" value={currency} onChange={setCurrency} />
          <TextField
            label="From (UTC)"
            value={from}
            onChange={setFrom}
            errorMessage={fromS === null ? AN_INSTANT : undefined}
          />
          <TextField
            label="Until before (UTC)"
            value={to}
            onChange={setTo}
            errorMessage={
              toS === null
                ? AN_INSTANT
                : !isOver
                  ? "This time is not over yet: what is used in it is not known before"
                  : fromS !== null && toS <= fromS
                    ? "It ends after it begins"
                    : undefined
            }
          />
        </div>
        <Button variant="quiet" onPress={untilNow}>
          This month, up to now
        </Button>
        {!isAsked ? null : query.isError ? (
          <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
        ) : figures === undefined ? (
          <Loading what="the figures" />
        ) : figures.count === 0 ? (
          <p>Nothing was charged to {word(payer)} in that time and currency.</p>
        ) : (
          <>
            <p>
              <span className="font-semibold">{money(figures.amount, currency)}</span> for {formatCount(figures.count)}{" "}
              records, {formatCount(correctionsIn(figures))} of them corrections.
            </p>
            <TotalsTable totals={figures.totals} currency={currency} />
          </>
        )}
        <TextField label="Remark (recorded)" value={reason} onChange={setReason} multiline maxLength={2000} />
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}
