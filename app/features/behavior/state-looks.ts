import type { BehaviorStateName, Verdict } from "../../protocol/behavior/result.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";

export interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

/**
 * How a state looks: each with a shape and a word of its own, in colour only where somebody has to look (A9). `stale` is not
 * known, and looks like nothing that is known to be well (BEH-10); nothing is worse than `nonconformant` but what was done
 * about it (BEH-9).
 */
export const STATE_LOOKS: Readonly<Record<BehaviorStateName, Look>> = {
  nonconformant: { shape: "cross", tone: "critical", label: "nonconformant" },
  quarantined: { shape: "square", tone: "critical", label: "quarantined" },
  stale: { shape: "bar", tone: "notice", label: "stale" },
  drifting: { shape: "triangle", tone: "warning", label: "drifting" },
  unverified: { shape: "ring", tone: "neutral", label: "unverified" },
  conformant: { shape: "dot", tone: "neutral", label: "conformant" },
};

/** What a state means, in a sentence. */
export const STATE_WORDS: Readonly<Record<BehaviorStateName, string>> = {
  nonconformant: "It did what its profile does not allow, or drifted beyond what the profile tolerates.",
  quarantined: "It is shut out: no new task, no start, breakers toward it open. Only a person lets it out.",
  stale: "Not known: no valid evidence for twice its window. For decisions it counts as drifting.",
  drifting: "It behaves otherwise than its profile expects, within what the profile still tolerates.",
  unverified: "Nothing was appraised yet: no profile applies to it, or too little was seen.",
  conformant: "Its newest window is within its profile.",
};

/** Worst first. What is in quarantine is contained already, so that it stands after what is not. */
export const WORST_FIRST: readonly BehaviorStateName[] = [
  "nonconformant",
  "quarantined",
  "drifting",
  "stale",
  "unverified",
  "conformant",
];

/** Not as it should be. */
export const isAbnormal = (state: BehaviorStateName): boolean => state !== "conformant" && state !== "unverified";

export const VERDICT_LOOKS: Readonly<Record<Verdict, Look>> = {
  nonconformant: STATE_LOOKS.nonconformant,
  drifting: STATE_LOOKS.drifting,
  conformant: STATE_LOOKS.conformant,
  insufficient: { shape: "ring", tone: "neutral", label: "too little seen" },
  unverifiable: { shape: "bar", tone: "notice", label: "not verifiable" },
};
