import { formatCount } from "../../../ui/duration.ts";
import type { MarkShape, MarkTone } from "../../../ui/mark.tsx";
import {
  ASKED,
  BY_PERSON,
  COMPENSATED,
  IN_FLIGHT,
  IRREVERSIBLE,
  LEFT,
  PLANNED,
  type Reach,
  SKIPPED,
  STAYS,
  TO_COME,
  TOUCHED,
  UNDONE,
} from "./reach.ts";

export interface HaloMark {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

/** How a touched task is marked: by shape and word, the gravest first; null where it is not touched (A9). */
export function haloMark(bits: number): HaloMark | null {
  if ((bits & IRREVERSIBLE) !== 0 && (bits & IN_FLIGHT) !== 0)
    return { shape: "diamond", tone: "critical", label: "in flight, cannot be undone" };
  if ((bits & IRREVERSIBLE) !== 0) return { shape: "diamond", tone: "warning", label: "cannot be undone" };
  if ((bits & LEFT) !== 0) return { shape: "cross", tone: "warning", label: "not wholly undone" };
  if ((bits & ASKED) !== 0) return { shape: "half", tone: "notice", label: "asked for, no result yet" };
  if ((bits & TO_COME) !== 0) return { shape: "ring", tone: "neutral", label: "not undone yet" };
  if ((bits & IN_FLIGHT) !== 0) return { shape: "half", tone: "notice", label: "in flight" };
  const would = (bits & PLANNED) === 0 ? "" : "would be ";
  if ((bits & BY_PERSON) !== 0) return { shape: "triangle", tone: "notice", label: `${would}undone by a person` };
  if ((bits & COMPENSATED) !== 0) return { shape: "half", tone: "notice", label: `${would}compensated` };
  if ((bits & UNDONE) !== 0) return { shape: "ring", tone: "notice", label: `${would}undone` };
  if ((bits & SKIPPED) !== 0) return { shape: "bar", tone: "neutral", label: "nothing to undo" };
  if ((bits & STAYS) !== 0) return { shape: "square", tone: "neutral", label: "stays: the cut" };
  return (bits & TOUCHED) === 0 ? null : { shape: "ring", tone: "notice", label: "touched" };
}

const many = (count: number, one: string, more: string): string => `${formatCount(count)} ${count === 1 ? one : more}`;

/** What an override would touch in this workflow, in one sentence. */
export function reachWords({ agents, open, inFlight, irreversible, policyFailed, isLeast }: Reach): string {
  const unknown = isLeast ? " Whom they delegate to is not known." : "";
  if (agents.length === 0) return `It reaches no agent of this workflow${isLeast ? " that is known" : ""}.${unknown}`;
  const lasting =
    irreversible === null
      ? `which of them cannot be undone is not known${policyFailed ? ": the policy could not be read" : " yet"}`
      : `${formatCount(irreversible)} ${irreversible === 1 ? "is an action that" : "are actions that"} cannot be undone`;
  return `It reaches ${isLeast ? "at least " : ""}${many(agents.length, "agent", "agents")}: ${many(open, "open task", "open tasks")}, ${formatCount(inFlight)} in flight; ${lasting}.${unknown}`;
}

/** Whom it leaves out although they work for those it reaches; empty where nobody is. */
export function beyondWords({ beyond, beyondKnown, isLeast }: Reach): string {
  // Where the order follows delegations that is said of whom it reaches.
  if (beyond.length === 0) return beyondKnown || isLeast ? "" : "Whom they delegate to is not known.";
  return `Not reached: ${beyondKnown ? "" : "at least "}${many(beyond.length, "agent", "agents")} that they call or delegate to.`;
}
