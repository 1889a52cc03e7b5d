import type { BorderProposalView } from "../../../api/contract/domain-orders.ts";
import type { BorderChange } from "../../../protocol/audit/border-change.ts";
import type { MarkShapeProps } from "../../../ui/mark.tsx";
import { claimName } from "../ask-words.ts";
import { retentionWords } from "../domain-words.ts";

const PLACES: Readonly<Record<string, string>> = {
  "reg.regime": "Regime",
  "reg.role": "Role under it",
  "reg.legal_basis": "Legal basis",
  "reg.purpose": "Purpose",
  "reg.data_classes": "Classes of data in its records",
  "reg.transfer": "May leave the domain",
  "reg.retention_min_s": "Kept at least",
  "reg.retention_max_s": "Kept at most",
  "takes.level_min": "Takes trails of level",
  "takes.regimes": "Takes what is restricted to",
  "takes.data_classes": "Takes classes of data",
  works_with: "Works with",
  jurisdictions: "Jurisdictions",
  "disclosure.pairwise": "Hands on names of the pair alone",
  "disclosure.policy_id": "Rounds what it counts",
  disclosure: "How the rules are written",
};

/** What a place of a border policy is called; of an audience who it is. */
export function placeName(what: string): string {
  if (!what.startsWith("audience ")) return PLACES[what] ?? what;
  const of = what.slice("audience ".length);
  if (of === "others") return "Shown to everybody else";
  return `Shown to ${of
    .split(" ")
    .map((part) =>
      part.startsWith("role:") ? `the role ${part.slice(5).replaceAll("_", " ")}` : `people of ${part.slice(7)}`,
    )
    .join(" in ")
    .replace(/^people of (.*) in the role (.*)$/, "people of $1 in the role $2")}`;
}

/** A value of it in words. */
export function valueWords(what: string, value: string): string {
  if (value === "") return what === "reg.legal_basis" ? "none stated" : "nothing";
  if (what.startsWith("audience ")) return value.split(", ").map(claimName).join(", ");
  if (what === "reg.retention_min_s" || what === "reg.retention_max_s") return retentionWords(Number(value));
  if (what === "takes.level_min") return `${value} or higher`;
  if (what === "disclosure.policy_id") return value === "xd-2" ? "yes" : "no, exact counts";
  if (what === "disclosure.pairwise") return value === "true" ? "yes" : "no, its own ids";
  return value.replaceAll("_", " ");
}

export const wideningWords = (changes: readonly Pick<BorderChange, "widens">[]): string => {
  const wider = changes.filter(({ widens }) => widens).length;
  if (wider === 0) return "Nothing of it is wider: it is in force with your signature.";
  return `${wider === 1 ? "One change is" : `${wider} changes are`} wider: it is in force only when another person has confirmed it within a day.`;
};

export const PROPOSAL_LOOK: Readonly<
  Record<BorderProposalView["state"], Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string }>
> = {
  waiting: { shape: "half", tone: "warning", label: "waits for a second person" },
  lapsed: { shape: "ring", tone: "neutral", label: "not confirmed in time" },
  overtaken: { shape: "ring", tone: "neutral", label: "overtaken by another version" },
};
