import type { SignalboxClient } from "../../api/client/client.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";

/** An audit token as the host finds it. */
export type AuditRecord = Awaited<ReturnType<SignalboxClient["audit"]["records"]>>["records"][number];

interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
  readonly size?: number;
}

/** The level this host computes; a claim alone never looks like one (XA-7, INV-4). */
export function levelMark({
  level,
  code,
  isCovered,
  untold,
}: Pick<AuditRecord, "level" | "code" | "isCovered" | "untold">): Look {
  if (untold !== null && code === null) return { shape: "half", tone: "notice", label: "cannot be checked" };
  if (level === 0) return { shape: "cross", tone: "critical", label: `does not verify: ${code ?? "no reason"}` };
  if (level === 3) return { shape: "dot", tone: "good", label: "level 3: signed, and on record under a signed head" };
  if (level === 2)
    return isCovered
      ? { shape: "half", tone: "notice", label: "level 2: signed" }
      : { shape: "half", tone: "notice", label: "level 2: signed; level 3 once a signed head covers it" };
  return { shape: "ring", tone: "warning", label: "level 1: not signed" };
}

/** How it is known who acted; by a record that does not verify here, it is not. */
export function actorMark({ actorBy, level }: Pick<AuditRecord, "actorBy" | "level">): Look {
  if (level === 0) return { shape: "triangle", tone: "warning", label: "claimed: who says so is not proven", size: 10 };
  switch (actorBy) {
    case "verified":
      return { shape: "square", tone: "good", label: "verified: by their own signature", size: 10 };
    case "issuer":
      return { shape: "ring", tone: "neutral", label: "asserted by the enforcement point", size: 10 };
    case "asserted":
      return { shape: "ring", tone: "warning", label: "asserted: the console's word", size: 10 };
  }
}

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ["success", "succeeded"],
  ["failure", "failed"],
  ["partial", "done in part"],
  ["denied", "denied"],
  ["compensated", "made good"],
]);

/** The outcome in words; one that is not known is told as it stands. */
export const outcomeWords = (outcome: string): string => OUTCOMES.get(outcome) ?? `"${outcome.slice(0, 32)}"`;
