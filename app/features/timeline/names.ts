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

const TYPS: ReadonlyMap<string, string> = new Map([
  ["role-statement+jwt", "role statement"],
  ["acp-revocation+jwt", "policy revocation"],
  ["missing", "missing entry"],
  ["unreadable", "unreadable entry"],
]);

/** A token type in words, or without what all of them share. */
export function shortTyp(typ: string): string {
  return TYPS.get(typ) ?? typ.replace(/\+jwt$/, "");
}

/** By type and action: an agent may call its action whatever it likes. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["role-statement+jwt grant_roles", "says which roles somebody has"],
  ["acp-revocation+jwt revoke_policy", "revokes a policy"],
  ["record+jwt gate_escalated", "request escalated"],
  ["record+jwt override_escalated", "rung of the escalation ladder"],
  ["record+jwt stop_due", "orderly stop is immediate now"],
  ["missing missing", "no entry is stored here"],
  ["unreadable unreadable", "the stored entry cannot be read"],
]);

/** What the console itself names, in words; null for what stands in the token as it is. */
export function actionWords({ typ, action }: Pick<EntryRow, "typ" | "action">): string | null {
  return ACTIONS.get(`${typ} ${action}`) ?? null;
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
