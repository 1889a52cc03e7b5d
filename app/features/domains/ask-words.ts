import type { AskedQuestionView } from "../../api/contract/held-questions.ts";
import type { DomainAnswer } from "../../api/contract/trail-answer.ts";
import { formatCount } from "../../ui/duration.ts";
import type { MarkShapeProps } from "../../ui/mark.tsx";

/** What a trail may be asked for; each domain says itself in which role it answers. */
export const PURPOSES = [
  { id: "incident_investigation", name: "Investigation of an incident" },
  { id: "compliance_audit", name: "Audit of compliance" },
  { id: "authority_request", name: "Request of an authority" },
  { id: "data_subject_request", name: "Request of a person about their data" },
] as const;

/** Claims that domains keep apart from their records and show by their rules. */
export const WANTED = [
  { id: "inp_hash", name: "digest of what went in" },
  { id: "out_hash", name: "digest of what came out" },
  { id: "evidence", name: "references to evidence" },
] as const;

export const purposeName = (id: string): string => PURPOSES.find((one) => one.id === id)?.name ?? id;

export const claimName = (id: string): string => WANTED.find((one) => one.id === id)?.name ?? id;

export const ANSWER_LOOK: Readonly<
  Record<DomainAnswer["state"], Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string }>
> = {
  answered: { shape: "dot", tone: "neutral", label: "answered" },
  denied: { shape: "square", tone: "warning", label: "said no" },
  held: { shape: "half", tone: "warning", label: "held for approval" },
  silent: { shape: "triangle", tone: "warning", label: "did not answer" },
};

export const ASKED_LOOK: Readonly<
  Record<AskedQuestionView["state"], Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string }>
> = {
  asked: { shape: "ring", tone: "neutral", label: "asked, nothing came back yet" },
  answered: ANSWER_LOOK.answered,
  denied: ANSWER_LOOK.denied,
  silent: ANSWER_LOOK.silent,
  waiting: { shape: "half", tone: "warning", label: "waits for approval" },
  approved: { shape: "diamond", tone: "warning", label: "approved, to be fetched" },
  fetched: { shape: "dot", tone: "neutral", label: "fetched as approved" },
  refused: { shape: "square", tone: "warning", label: "refused" },
  expired: { shape: "ring", tone: "neutral", label: "expired" },
};

const GAPS: Readonly<Record<string, string>> = {
  predecessor_missing: "a task that it rests on is not in its log",
  crossing_dangling: "it went out to another domain, and nobody has answered",
};
export const gapWords = (reason: string): string => GAPS[reason] ?? reason;

/** What was kept back and why, a sentence for each reason; nothing where nothing was. */
export function redactionWords(
  { redacted, rounded }: Pick<DomainAnswer, "redacted" | "rounded">,
  whom: "you" | "them" = "you",
): string[] {
  const { audience, erased, transfer_forbidden: forbidden } = redacted;
  const many = (count: number, one: string, more: string): string =>
    `${rounded ? "up to " : ""}${formatCount(count)} ${count === 1 ? one : more}`;
  return [
    ...(audience === 0 ? [] : [`${many(audience, "claim", "claims")} not shown to ${whom} by its rules`]),
    ...(erased === 0 ? [] : [`${many(erased, "claim", "claims")} erased: only digests are left`]),
    ...(forbidden === 0 ? [] : [`${many(forbidden, "entry", "entries")} that must not leave the domain`]),
  ];
}
