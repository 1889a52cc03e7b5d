import type { Consequence } from "../../../protocol/acp/claims.ts";
import { matchesAny } from "../../../protocol/acp/match.ts";
import type { ActionFacts } from "./action-facts.ts";
import { domainsProblem, type OwnDomain } from "./domain-choice.ts";

/** What the form says; the token is made of it. */
export interface PolicyChoice {
  /** Per action, where no pattern makes it irreversible. */
  readonly consequences: Readonly<Record<string, "none" | "reversible">>;
  /** Patterns of actions that cannot be undone: names, or prefixes ending in `*`, separated by spaces or commas. */
  readonly irreversible: string;
  readonly approvals: number;
  readonly timeoutS: number;
  readonly reasonRequired: boolean;
  readonly onTimeout: "deny" | "abort";
  readonly lifetimeS: number;
  /** Calls each agent may make per class of action; null for no limit. */
  readonly maxCalls: number | null;
  /** Whether each agent is a failure domain of its own, or the domains are those of `ownDomains`. */
  readonly domains: "none" | "agents" | "own";
  readonly ownDomains: readonly OwnDomain[];
}

/** Above this a person would decide all day: then a rarer action is proposed instead of the last one. */
const MAX_GATES = 40;

/**
 * A sensible start: what writes is reversible, what only reads has no consequence, and the action that ends the run by
 * writing its result is irreversible. Of several the one with the fewest tasks, so that few gates open, not thousands.
 */
export function suggestChoice(facts: readonly ActionFacts[]): PolicyChoice {
  return {
    consequences: Object.fromEntries(
      facts.map(({ action, writes }) => [action, writes === false ? "none" : "reversible"] as const),
    ),
    irreversible: finalAction(facts)?.action ?? "",
    approvals: 1,
    timeoutS: 900,
    reasonRequired: true,
    onTimeout: "deny",
    lifetimeS: 7200,
    maxCalls: null,
    domains: "none",
    ownDomains: [],
  };
}

/**
 * The first of these that is not done too often: a last action that writes, any that writes, any last one, any at all; of
 * equals the one that comes up latest in the recording. What is only said is none of them while something is done.
 */
function finalAction(inOrder: readonly ActionFacts[]): ActionFacts | undefined {
  const done = inOrder.filter(({ isTalk }) => !isTalk);
  const facts = (done.length === 0 ? inOrder : done).toReversed();
  const writing = facts.filter((fact) => fact.writes !== false);
  const rarest = [writing.filter((fact) => fact.last > 0), writing, facts.filter((fact) => fact.last > 0), facts].map(
    (list) => list.toSorted((a, b) => a.tasks - b.tasks || b.last - a.last)[0],
  );
  return (
    rarest.find((fact) => fact !== undefined && fact.tasks <= MAX_GATES) ?? rarest.find((fact) => fact !== undefined)
  );
}

export function patternsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((part) => part !== ""))];
}

/** What keeps the form from being signed, beside its patterns, or null. */
export function groupProblem({ domains, ownDomains }: PolicyChoice): string | null {
  return domains === "own" ? domainsProblem(ownDomains) : null;
}

/** What is wrong with the patterns, or null. */
export function patternProblem(text: string, facts: readonly ActionFacts[]): string | null {
  for (const pattern of patternsOf(text)) {
    if (!/^[^*]{0,64}\*?$/.test(pattern)) return `“${pattern}”: a * is allowed at the end only.`;
    if (!facts.some((fact) => matchesAny([pattern], fact.action))) return `“${pattern}” matches no action of this run.`;
  }
  return null;
}

export function consequenceOfAction(choice: PolicyChoice, action: string): Consequence {
  if (matchesAny(patternsOf(choice.irreversible), action)) return "irreversible";
  return choice.consequences[action] ?? "reversible";
}
