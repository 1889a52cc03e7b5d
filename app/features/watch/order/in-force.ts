import type { OverrideSignal } from "../../../api/contract/override.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { visibleText } from "../../../ui/visible-text.ts";

/** Signals that one order gave together: they end together, and nothing else with them (S13). */
export interface OrderSet {
  readonly key: string;
  readonly signals: readonly OverrideSignal[];
}

/** Seconds by which the signals of one order may lie apart in the log. */
const TOGETHER_S = 5;

/** What holds or changes a workflow now, newest first; stops and drills are not among it. */
export function ordersInForce(signals: readonly OverrideSignal[], wid: string): readonly OrderSet[] {
  const mine = signals
    .filter((signal) => signal.inForce && !signal.drill && LASTING.has(signal.action) && reachesWorkflow(signal, wid))
    .toSorted((a, b) => b.at - a.at);
  const sets: OverrideSignal[][] = [];
  for (const signal of mine) {
    const set = sets.find(([first]) => first !== undefined && isTogether(first, signal));
    if (set === undefined) sets.push([signal]);
    else set.push(signal);
  }
  return sets.map((set) => ({ key: set[0]?.jti ?? "", signals: set }));
}

const LASTING: ReadonlySet<string> = new Set(["pause", "modify", "takeover", "rollback"]);

/** Of the same person, order, reason and end, at the same moment. */
function isTogether(a: OverrideSignal, b: OverrideSignal): boolean {
  return (
    Math.abs(a.at - b.at) <= TOGETHER_S &&
    a.by === b.by &&
    a.action === b.action &&
    a.lapsed === b.lapsed &&
    a.reason === b.reason &&
    a.effectUntil === b.effectUntil &&
    JSON.stringify(a.params) === JSON.stringify(b.params)
  );
}

function reachesWorkflow({ scope, targets }: OverrideSignal, wid: string): boolean {
  if (scope.kind === "workflow") return scope.id === wid;
  if (scope.kind === "domain") return true;
  const isOf = (agent: string): boolean => agent.includes(`/agent/${wid}/`);
  return scope.kind === "agent" ? isOf(scope.id) : targets.some(({ agent }) => isOf(agent));
}

/** Whether an order holds its agents as a pause does: one, or a takeover or rollback that is over. */
export const isPause = ({ signals: [first] }: OrderSet): boolean =>
  first !== undefined && (first.action === "pause" || first.lapsed);

/** Whom an order is for, by name. */
export function whomWords({ signals }: OrderSet, run: RunGraph, agents: readonly string[]): string {
  const [first] = signals;
  if (first?.scope.kind === "workflow") return "the whole workflow";
  if (first?.scope.kind === "domain") return `everything in ${visibleText(first.scope.id)}`;
  if (first?.scope.kind === "group") return `everybody named ${visibleText(first.scope.id)}, in all workflows`;
  const names = signals.map(({ scope, targets }) => {
    if (scope.kind === "task") return `one task of ${visibleText(targets[0]?.name ?? "an agent")}`;
    return visibleText(run.agents[agents.indexOf(scope.id)]?.name ?? targets[0]?.name ?? scope.id);
  });
  return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more agents` : names.join(", ");
}

/** Agents under an order, each once, that have not reached a safe point. */
export function notSafe({ signals }: OrderSet): readonly OverrideSignal["targets"][number][] {
  const open = new Map(
    signals.flatMap(({ targets }) =>
      targets.filter(({ unfinished }) => unfinished.length > 0).map((target) => [target.agent, target] as const),
    ),
  );
  return [...open.values()];
}
