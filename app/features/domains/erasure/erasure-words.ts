import type { ErasurePreviewView, ErasureView } from "../../../api/contract/domain-orders.ts";
import { formatCount } from "../../../ui/duration.ts";
import type { MarkShapeProps } from "../../../ui/mark.tsx";
import { claimName } from "../ask-words.ts";

export const recordsWords = (count: number): string => `${formatCount(count)} ${count === 1 ? "record" : "records"}`;

const STAYS: Readonly<Record<keyof ErasurePreviewView["stays"], string>> = {
  legal_hold: "under a legal hold",
  retention: "kept for longer by a regime",
  gone: "erased before",
  none: "with nothing kept apart",
};

/** What an order to erase would leave, and why, a sentence for each reason that there is. */
export function staysWords({ stays }: Pick<ErasurePreviewView, "stays">): string[] {
  return (Object.keys(STAYS) as (keyof typeof STAYS)[]).flatMap(
    (
      why, // exactly the names of the table
    ) => (stays[why] > 0 ? [`${recordsWords(stays[why])} ${STAYS[why]}`] : []),
  );
}

/** What goes of records, by claim. */
export const claimsWords = (claims: Readonly<Record<string, number>>): string[] =>
  Object.entries(claims)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${claimName(name)} of ${recordsWords(count)}`);

type Look = Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string };

/** How far an order has come. */
export function erasureLook({ kind, doneSeq, endedSeq }: Pick<ErasureView, "kind" | "doneSeq" | "endedSeq">): Look {
  if (kind === "legal_hold")
    return endedSeq === null
      ? { shape: "square", tone: "neutral", label: "legal hold in force" }
      : { shape: "ring", tone: "neutral", label: "legal hold ended" };
  return doneSeq === null
    ? { shape: "triangle", tone: "warning", label: "ordered, not carried out yet" }
    : { shape: "dot", tone: "neutral", label: "erased" };
}
