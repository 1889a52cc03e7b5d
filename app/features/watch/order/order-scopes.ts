import type { RunGraph } from "../../../api/contract/workflow.ts";
import type { OverrideScope } from "../../../protocol/override/claims.ts";
import { formatCount } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { closure } from "../halo/reach.ts";

/** How far an order for what is selected may go. */
export interface ScopeChoice {
  readonly id: "task" | "agent" | "below" | "workflow" | "group";
  readonly name: string;
  /** One signal each. */
  readonly scopes: readonly OverrideScope[];
}

/** More signals of one order than this are not given: one operator gives 30 a minute (OVR-S7). */
const MAX_SIGNALS = 25;

export interface Chosen {
  readonly wid: string;
  readonly run: RunGraph;
  readonly tasks: readonly number[];
  /** Id in the log of the one selected task; null while it is not known, or where several are selected. */
  readonly task: string | null;
  /** Id of each agent, by its index. */
  readonly agents: readonly string[];
  /** Whom each agent calls or delegates to. */
  readonly below: readonly ReadonlySet<number>[];
}

/** From the narrowest to the widest; what would be the same as a narrower one is left out. */
export function scopeChoices({ wid, run, tasks, task, agents, below }: Chosen): readonly ScopeChoice[] {
  const own = new Set(tasks.map((index) => run.agent[index] ?? -1).filter((index) => agents[index]));
  const all = closure(below, own);
  const ofAgents = (indexes: Iterable<number>): OverrideScope[] =>
    [...indexes].sort((a, b) => a - b).map((index) => ({ kind: "agent", id: agents[index] ?? "" }));
  const more = all.size - own.size;
  const who = own.size === 1 ? "This agent" : `These ${formatCount(own.size)} agents`;
  const choices: ScopeChoice[] = [
    ...(task === null ? [] : [{ id: "task", name: "This task", scopes: [{ kind: "task", id: task }] } as const]),
    { id: "agent", name: who, scopes: ofAgents(own) },
    { id: "below", name: `and the ${formatCount(more)} below`, scopes: more === 0 ? [] : ofAgents(all) },
    { id: "workflow", name: "The whole workflow", scopes: [{ kind: "workflow", id: wid }] },
  ];
  const names = new Set([...own].map((index) => agents[index]?.split("/").at(-1) ?? ""));
  const [group] = names;
  if (names.size === 1 && group !== undefined && group !== "")
    choices.push({
      id: "group",
      name: `Everywhere: all named ${visibleText(group)}`,
      scopes: [{ kind: "group", id: group }],
    });
  return choices.filter(({ scopes }) => scopes.length > 0 && scopes.length <= MAX_SIGNALS);
}

/** How long an order holds by itself, seconds; null until somebody ends it. */
export interface Hold {
  readonly id: string;
  readonly name: string;
  readonly s: number | null;
}

export const PAUSE_HOLDS: readonly Hold[] = [
  { id: "resumed", name: "until it is resumed", s: null },
  { id: "15", name: "15 minutes", s: 900 },
  { id: "60", name: "1 hour", s: 3600 },
  { id: "480", name: "8 hours", s: 28_800 },
];

export const CHANGE_HOLDS: readonly Hold[] = [
  { id: "5", name: "after 5 minutes", s: 300 },
  { id: "15", name: "after 15 minutes", s: 900 },
  { id: "60", name: "after 1 hour", s: 3600 },
  { id: "never", name: "never: until it is undone", s: null },
];

/** `effect_until` of an order that is given now. */
export function effectUntil(hold: Hold | undefined, nowMs: number): { readonly effectUntil?: number } {
  return hold?.s == null ? {} : { effectUntil: Math.floor(nowMs / 1000) + hold.s };
}

/** Of some scopes only those that are left over, where an order was given in part. */
export function leftOf(
  scopes: readonly OverrideScope[],
  left: readonly OverrideScope[] | null,
): readonly OverrideScope[] {
  return left === null
    ? scopes
    : scopes.filter(({ kind, id }) => left.some((one) => one.kind === kind && one.id === id));
}
