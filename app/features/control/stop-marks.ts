import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";
import { statusOf, type TargetFacts } from "./stop-facts.ts";

const WORST: readonly TargetFacts["status"][] = ["violated", "unconfirmed", "commanded", "acknowledged", "verified"];

/** The status of a group is the worst of its members' (O4); null while it has none. */
export function worstOf(targets: readonly TargetFacts[]): TargetFacts["status"] | null {
  const found = new Set(targets.map(statusOf));
  return WORST.find((status) => found.has(status)) ?? null;
}

export interface StatusMark {
  readonly shape: "dot" | "ring" | "half" | "triangle" | "cross";
  readonly tone: "neutral" | "warning" | "critical" | "good";
  readonly label: string;
}

const MARKS: Record<TargetFacts["status"], StatusMark> = {
  commanded: { shape: "ring", tone: "neutral", label: "commanded" },
  acknowledged: { shape: "half", tone: "neutral", label: "acknowledged" },
  verified: { shape: "dot", tone: "good", label: "verified" },
  violated: { shape: "cross", tone: "critical", label: "violated" },
  unconfirmed: { shape: "triangle", tone: "warning", label: "unconfirmed" },
};

export const markOf = (status: TargetFacts["status"]): StatusMark => MARKS[status];

const WRONG: Readonly<Record<string, string>> = {
  override_unauthorized: "whoever gave it was not shown to be allowed to: by their role, or by when they authenticated",
  override_stale: "a newer signal of the same operator for the same scope was there before it",
  token_claim_invalid: "its deadline is longer than its level allows",
};

/** What was wrong with a stop that halted all the same (OVR-S1); a code of a newer engine as it is. */
export function wrongWords(code: string): string {
  return WRONG[code] ?? code;
}

/**
 * Whether a stop reaches a workflow, as far as the page can know: an agent's id names its workflow. Where nothing says so
 * (a task or group of which no agent was running) it may, and what may is shown.
 */
export function touchesWorkflow({ scope, targets }: OverrideSignal, wid: string): boolean {
  const isOf = (agent: string): boolean => agent.includes(`/agent/${wid}/`);
  switch (scope.kind) {
    case "domain":
      return true;
    case "workflow":
      return scope.id === wid;
    case "agent":
      return isOf(scope.id);
    case "task":
    case "group":
      return targets.length === 0 || targets.some((target) => isOf(target.agent));
  }
}

export type FactKey =
  | "sentAtMs"
  | "deliveredAtMs"
  | "acknowledgedAtMs"
  | "compliedAtMs"
  | "verifiedAtMs"
  | "violatedAtMs"
  | "terminatedAtMs";

/** OVR-19: separate facts, in the order in which they may become known. */
export const FACT_COLUMNS: readonly { readonly key: FactKey; readonly name: string }[] = [
  { key: "sentAtMs", name: "Sent" },
  { key: "deliveredAtMs", name: "Delivered" },
  { key: "acknowledgedAtMs", name: "Acknowledged" },
  { key: "compliedAtMs", name: "Complied" },
  { key: "verifiedAtMs", name: "Verified" },
  { key: "violatedAtMs", name: "Violated" },
  { key: "terminatedAtMs", name: "Terminated" },
];

/**
 * A fact's time after the command. Measured from the moment of sending while the enforcement point remembers it; read from
 * the log afterwards, whose times are whole seconds, and then said to be about so much.
 */
export function sinceCommand(target: TargetFacts, atMs: number, commandMs: number): string {
  if (target.sentAtMs === null) {
    const seconds = Math.max(0, Math.round((atMs - commandMs) / 1000));
    return seconds === 0 ? "within 1 s" : `about ${seconds} s`;
  }
  const ms = Math.max(0, Math.round(atMs - target.sentAtMs));
  return ms === 0 ? "0 ms" : ms < 10_000 ? `+${formatCount(ms)} ms` : `+${(ms / 1000).toFixed(1)} s`;
}
