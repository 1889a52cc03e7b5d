import type { Suggestion } from "../../../../api/contract/behavior-profiles.ts";
import type { LimitRule, SequenceRule } from "../../../../protocol/behavior/profile.ts";
import { freeId } from "../edit/profile-document.ts";
import { matchWords, ruleWords } from "../sequence/sequence-track.ts";

type Document = Readonly<Record<string, unknown>>;

const list = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? value : []);

/**
 * A draft with the suggestions that somebody ticked, and no other. What is there already stays: an action is added once, a rule
 * under a name of its own; a baseline takes the place of the one before.
 */
export function adopted(draft: Document, ticked: readonly Suggestion[]): Document {
  let document = draft;
  for (const { adds } of ticked) document = withOne(document, adds);
  return document;
}

function withOne(document: Document, adds: Suggestion["adds"]): Document {
  switch (adds.kind) {
    case "allowed_action": {
      const allowed = list<string>(document.allowed_actions);
      return allowed.includes(adds.pattern) ? document : { ...document, allowed_actions: [...allowed, adds.pattern] };
    }
    case "sequence": {
      const rules = list<SequenceRule>(document.sequences);
      if (rules.some((rule) => ruleWords(rule) === ruleWords(adds.rule))) return document;
      return { ...document, sequences: [...rules, { ...adds.rule, id: ownId(document, adds.rule.id) }] };
    }
    case "limit": {
      const limits = list<LimitRule>(document.limits);
      if (limits.some((limit) => limitKey(limit) === limitKey(adds.rule))) return document;
      return { ...document, limits: [...limits, { ...adds.rule, id: ownId(document, adds.rule.id) }] };
    }
    case "baseline":
      return { ...document, baseline: adds.baseline };
  }
}

const limitKey = ({ metric, op, value }: Pick<LimitRule, "metric" | "op" | "value">): string =>
  `${metric} ${op} ${value}`;

function ownId(document: Document, id: string): string {
  const taken = [...list<SequenceRule>(document.sequences), ...list<LimitRule>(document.limits)].map((rule) => rule.id);
  return taken.includes(id) ? freeId(id.slice(0, 58), taken) : id;
}

/** What a suggestion would add, in words. */
export function addsWords({ adds }: Suggestion): string {
  switch (adds.kind) {
    case "allowed_action":
      return `allow ${matchWords(adds.pattern)}`;
    case "sequence":
      return ruleWords(adds.rule);
    case "limit":
      return `${adds.rule.metric} ${adds.rule.op} ${adds.rule.value}`;
    case "baseline":
      return `baseline of ${Object.keys(adds.baseline.action_freq).length} actions`;
  }
}
