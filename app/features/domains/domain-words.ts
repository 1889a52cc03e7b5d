import type { ClockOffsetView, CrossingView, GapView, HeldTokenView } from "../../api/contract/domains.ts";
import { formatCount } from "../../ui/duration.ts";
import type { MarkShapeProps } from "../../ui/mark.tsx";

type Look = Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string };

/** How a state is called and shown; colour only where something is not as it should be (A9). */
export const STATE_LOOK: Readonly<Record<CrossingView["state"], Look>> = {
  conflict: { shape: "cross", tone: "critical", label: "conflict" },
  dangling: { shape: "triangle", tone: "warning", label: "dangling" },
  refused: { shape: "square", tone: "warning", label: "refused" },
  uncompared: { shape: "square", tone: "neutral", label: "cannot be compared" },
  announced: { shape: "ring", tone: "neutral", label: "announced" },
  matched: { shape: "half", tone: "neutral", label: "matched" },
  verified: { shape: "dot", tone: "good", label: "verified" },
};

/** States that ask for somebody. */
export const ASKS: ReadonlySet<CrossingView["state"]> = new Set(["conflict", "dangling", "refused"]);

export const PART_WORDS: Readonly<Record<HeldTokenView["part"], string>> = {
  out: "the sender's audit token",
  handoff: "the handoff in the sender's log",
  handoff_received: "the handoff in the receiver's log",
  countersign: "the countersignature in the receiver's log",
  countersign_received: "the countersignature in the sender's log",
  in: "the receiver's audit token",
};

export const GAP_WORDS: Readonly<Record<GapView["reason"], string>> = {
  domain_not_read: "the log of this domain cannot be read",
  predecessor_missing: "a task it rests on is in no log here",
};

/** Milliseconds with their sign: "+4,960 ms". */
const signed = (ms: number): string => `${ms < 0 ? "−" : "+"}${formatCount(Math.abs(Math.round(ms)))} ms`;

/** What is known of the offset: an interval, as far as messages bound it (L7). */
export function offsetWords({ lowMs, highMs, contradictory, messages }: Omit<ClockOffsetView, "a" | "b">): string {
  if (messages === 0) return "not known: nothing has crossed";
  if (contradictory) return "not known: what crossed contradicts itself";
  if (lowMs === null) return highMs === null ? "not known" : `at most ${signed(highMs)}`;
  return highMs === null ? `at least ${signed(lowMs)}` : `between ${signed(lowMs)} and ${signed(highMs)}`;
}

/** What is still to come, in words. */
export function missingWords(missing: CrossingView["missing"]): string {
  const [first, ...others] = missing.map((part) => PART_WORDS[part]);
  if (first === undefined) return "nothing is missing";
  return others.length === 0 ? `${first} is missing` : `${[first, ...others].join(", ")} are missing`;
}

const DAY_S = 86_400;

/** A time of retention in days, or in seconds below one. */
export function retentionWords(seconds: number): string {
  return seconds >= DAY_S ? `${formatCount(Math.floor(seconds / DAY_S))} days` : `${formatCount(seconds)} s`;
}
