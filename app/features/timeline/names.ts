import type { EntryRow } from "../../api/contract/common.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";

interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

const SEVERITIES: Record<EntryRow["severity"], Look | null> = {
  info: null,
  notice: { shape: "diamond", tone: "notice", label: "notice" },
  warning: { shape: "triangle", tone: "warning", label: "warning" },
  critical: { shape: "cross", tone: "critical", label: "critical" },
};

/** Null for what is normal: only the abnormal is marked (A9). */
export function severityMark(severity: EntryRow["severity"]): Look | null {
  return SEVERITIES[severity];
}

/** A token type without what all of them share. */
export function shortTyp(typ: string): string {
  return typ.replace(/\+jwt$/, "");
}

/** The last part of an agent's or operator's id; the whole id is always near. */
export function shortName(id: string): string {
  return (
    id
      .split(/[/:]/)
      .filter((part) => part !== "")
      .at(-1) ?? id
  );
}

const ANSWERS: Record<"passed" | "failed" | "not_checked" | "not_reached", Look> = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_checked: { shape: "ring", tone: "warning", label: "not checked" },
  not_reached: { shape: "ring", tone: "neutral", label: "not reached" },
};

/** How the answer of a check looks; one that was not made never looks passed (XA-20). */
export function answerMark(result: keyof typeof ANSWERS): Look {
  return ANSWERS[result];
}
