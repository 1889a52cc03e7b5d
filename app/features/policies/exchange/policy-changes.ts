import type { AcpClaims, HitlRule } from "../../../protocol/acp/claims.ts";
import { consequenceOf } from "../../../protocol/acp/match.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { escalationSentence, ruleSentence } from "../rules/rule-words.ts";
import { CONSEQUENCE_WORDS, type LimitValue, limitWords, listed, word } from "../words.ts";

/** One thing that is different, in words: what, as it is in force, as it would be; null where there is nothing. */
export interface PolicyChange {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

type AcpNode = AcpClaims["dag"]["nodes"][number];
type AcpEdge = AcpClaims["dag"]["edges"][number];
type Hitl = AcpClaims["hitl"];

/** Everything that a draft changes in a policy, rules first: old and new side by side. Ids and times are no change. */
export function policyChanges(old: AcpClaims, draft: AcpClaims): PolicyChange[] {
  return [
    ...ruleChanges(old.hitl, draft.hitl),
    ...changedText("Without an answer", SILENCE[old.hitl.default_on_timeout], SILENCE[draft.hitl.default_on_timeout]),
    ...changedText("Escalation", escalationSentence(old.hitl), escalationSentence(draft.hitl)),
    ...changedText("Told besides", contacts(old.hitl), contacts(draft.hitl)),
    ...nodeChanges(old.dag.nodes, draft.dag.nodes),
    ...edgeChanges(old.dag.edges, draft.dag.edges),
    ...changedText("Holder", word(old.sub), word(draft.sub)),
    ...changedText("Root node", word(old.dag.root), word(draft.dag.root)),
    ...changedText("Own node", word(old.dag.self), word(draft.dag.self)),
    ...changedText("Deepest delegation", String(old.dag.max_depth), String(draft.dag.max_depth)),
    ...changedText("Most delegates of one", String(old.dag.max_fanout), String(draft.dag.max_fanout)),
    ...changedText("Valid for", lifetime(old), lifetime(draft)),
    ...changedText("For", listed([old.aud].flat()), listed([draft.aud].flat())),
  ];
}

const SILENCE: Readonly<Record<Hitl["default_on_timeout"], string>> = {
  deny: "denied",
  abort: "the workflow is aborted",
  escalate: "the next role is asked",
  allow: "goes ahead",
};

const lifetime = ({ iat, exp }: AcpClaims): string => formatDuration((exp - iat) * 1000);
const contacts = ({ contact = [] }: Hitl): string | null => (contact.length === 0 ? null : listed(contact));

function changedText(what: string, before: string | null, after: string | null): PolicyChange[] {
  return before === after ? [] : [{ what, before, after }];
}

/** In the order of the one in force; what is new comes after. */
function pairs<T>(old: readonly T[], draft: readonly T[], keyOf: (one: T) => string): [string, T | null, T | null][] {
  const before = new Map(old.map((one) => [keyOf(one), one]));
  const after = new Map(draft.map((one) => [keyOf(one), one]));
  return [...new Set([...before.keys(), ...after.keys()])].map((key) => [
    key,
    before.get(key) ?? null,
    after.get(key) ?? null,
  ]);
}

function ruleChanges(old: Hitl, draft: Hitl): PolicyChange[] {
  return pairs(old.rules, draft.rules, ({ id }) => id).flatMap(([id, before, after]) =>
    changedText(`Rule ${word(id)}`, before && ruleWords(before, old), after && ruleWords(after, draft)),
  );
}

/** What its sentence does not say comes after it. */
function ruleWords(rule: HitlRule, hitl: Hitl): string {
  const more = [
    ...(rule.explain ? [] : ["the request needs no explanation"]),
    ...(rule.break_glass ? ["one person may approve alone in an emergency"] : []),
    ...(rule.commit_first ? ["a verdict is given before the agent's words are seen"] : []),
  ];
  return [ruleSentence(rule, hitl), ...more.map((one) => ` Also: ${one}.`)].join("");
}

function nodeChanges(old: readonly AcpNode[], draft: readonly AcpNode[]): PolicyChange[] {
  return pairs(old, draft, ({ id }) => id).flatMap(([id, before, after]) => {
    const name = `Node ${word(id)}`;
    if (before === null || after === null)
      return [{ what: name, before: before && nodeWords(before), after: after && nodeWords(after) }];
    const limits = new Set([...Object.keys(before.constraints ?? {}), ...Object.keys(after.constraints ?? {})]);
    return [
      ...changedText(`${name}, agent`, word(before.agent), word(after.agent)),
      ...changedText(`${name}, actions`, actionsOf(before), actionsOf(after)),
      ...changedText(`${name}, consequence`, consequenceWords(before), consequenceWords(after)),
      ...changedText(`${name}, delegating`, delegating(before), delegating(after)),
      ...[...limits].flatMap((limit) =>
        changedText(`${name}, ${limit}`, limitOf(before, limit), limitOf(after, limit)),
      ),
    ];
  });
}

const actionsOf = ({ actions }: AcpNode): string => (actions.length === 0 ? "none" : actions.map(word).join(", "));
const consequenceWords = (node: AcpNode): string => CONSEQUENCE_WORDS[consequenceOf(node)];
const delegating = ({ delegable = false }: AcpNode): string => (delegable ? "may delegate" : "may not delegate");

function limitOf({ constraints = {} }: AcpNode, name: string): string | null {
  const value: LimitValue | undefined = Object.entries(constraints).find(([key]) => key === name)?.[1];
  return value === undefined ? null : limitWords(name, value, constraints.currency);
}

function nodeWords(node: AcpNode): string {
  const limits = Object.keys(node.constraints ?? {}).map((name) => limitOf(node, name));
  return [`${word(node.agent)} may do ${actionsOf(node)}`, consequenceWords(node), delegating(node), ...limits].join(
    "; ",
  );
}

function edgeChanges(old: readonly AcpEdge[], draft: readonly AcpEdge[]): PolicyChange[] {
  const keyOf = ({ from, to, kind }: AcpEdge): string => `${word(from)} ${kind} ${word(to)}`;
  return pairs(old, draft, keyOf).flatMap(([key, before, after]) =>
    changedText(`Edge ${key}`, before && edgeWords(before), after && edgeWords(after)),
  );
}

const edgeWords = ({ kind, actions }: AcpEdge): string =>
  kind === "precedes" ? "comes before it" : actions === undefined ? "all actions" : actions.map(word).join(", ");
