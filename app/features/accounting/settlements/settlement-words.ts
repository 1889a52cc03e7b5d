import type { Figures, SettlementView } from "../../../api/contract/accounting-settling.ts";
import type { SettlementMessage } from "../../../operator/use-accounting.ts";
import type { MarkShapeProps } from "../../../ui/mark.tsx";

export const STATUS_LOOK: Readonly<Record<SettlementView["status"], MarkShapeProps & { readonly label: string }>> = {
  stated: { shape: "ring", tone: "neutral", label: "stated, not answered" },
  accepted: { shape: "half", tone: "neutral", label: "accepted, not confirmed" },
  disputed: { shape: "triangle", tone: "warning", label: "disputed" },
  arbitration: { shape: "triangle", tone: "critical", label: "needs an arbitrator" },
  confirmed: { shape: "dot", tone: "neutral", label: "settled" },
};

export const PHASE_WORDS: Readonly<Record<SettlementView["steps"][number]["phase"], string>> = {
  statement: "stated",
  accept: "accepted",
  dispute: "disputed",
  confirm: "confirmed",
};

export type Act = "accept" | "dispute" | "confirm" | "restate" | "arbitrate";

/** What this domain can say next, by what it is in the settlement. Nothing is ever said by time (XDA-21). */
export function actsOf({ side, status, disputableUntil, check }: SettlementView, nowS: number): readonly Act[] {
  if (side === "payee")
    return status === "accepted"
      ? ["confirm"]
      : status === "disputed"
        ? ["restate"]
        : status === "arbitration"
          ? ["arbitrate"]
          : [];
  // What its own copies do not come to is disputed or left, never accepted.
  const accept: Act[] = check !== null && check.problems.length === 0 ? ["accept"] : [];
  if (status === "stated") return nowS <= disputableUntil ? [...accept, "dispute"] : accept;
  return status === "disputed" ? accept : [];
}

export const ACT_WORDS: Readonly<
  Record<Act, { readonly button: string; readonly title: string; readonly done: string }>
> = {
  accept: { button: "Accept", title: "Accept the statement", done: "The statement is accepted" },
  dispute: { button: "Dispute", title: "Dispute the statement", done: "The statement is disputed" },
  confirm: { button: "Confirm", title: "Confirm the settlement", done: "The settlement is closed" },
  restate: { button: "State again", title: "State again, with corrections", done: "The statement is made again" },
  arbitrate: {
    button: "Say what was arbitrated",
    title: "State what was arbitrated",
    done: "The arbitration is stated",
  },
};

/** Why somebody does not speak for this side: they have spoken for the other one of it (XDA-82). */
export function selfProblem({ side, steps }: Pick<SettlementView, "side" | "steps">, subject: string): string | null {
  const theirs: readonly string[] = side === "payee" ? ["accept", "dispute"] : ["statement", "confirm"];
  return steps.some(({ by, phase }) => by === subject && theirs.includes(phase))
    ? "You have spoken for the other side of this settlement: somebody else speaks for this one."
    : null;
}

/** Figures of a draft as a statement says them. */
export function statedFigures({ root, count, totals, amount, adjustments, adjustmentsRoot }: Figures) {
  return {
    ...{ records_root: root, records_count: count, totals, amount_total: amount, adjustments },
    ...(adjustmentsRoot === null ? {} : { adjustments_root: adjustmentsRoot }),
  } satisfies Partial<SettlementMessage>;
}

export const correctionsIn = ({ adjustments, adjustmentsRoot }: Figures): number =>
  adjustmentsRoot?.count ?? adjustments.length;
