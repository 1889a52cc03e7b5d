import type { HeldQuestionView } from "../../api/contract/held-questions.ts";
import { formatCount } from "../../ui/duration.ts";
import type { MarkShapeProps } from "../../ui/mark.tsx";

export const HELD_LOOK: Readonly<
  Record<HeldQuestionView["state"], Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string }>
> = {
  held: { shape: "half", tone: "warning", label: "waits for approval" },
  approved: { shape: "ring", tone: "neutral", label: "approved, to be fetched" },
  refused: { shape: "square", tone: "neutral", label: "refused" },
  used: { shape: "dot", tone: "neutral", label: "answered as approved" },
  lapsed: { shape: "ring", tone: "neutral", label: "lapsed" },
};

const FILTERS: Readonly<Record<string, string>> = {
  wid: "Workflow",
  stitch_id: "Crossing",
  agents: "Agents",
  exec_act: "Action",
  from: "Not before (epoch s)",
  to: "Not after (epoch s)",
  outcome: "Outcome",
  min_level: "Lowest level",
};
export const filterName = (name: string): string => FILTERS[name] ?? name;

/** Pages begin at 0 on the wire. */
export function fromWords({ page, pageSize }: Pick<HeldQuestionView, "page" | "pageSize">): string {
  return page === 0 ? "from the first record on" : `from record ${formatCount(page * pageSize + 1)} on`;
}
