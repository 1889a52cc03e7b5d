import type { Baseline, LimitRule, SequenceRule } from "./profile.ts";

/**
 * What a profile could say about the conduct of a span (BEH-S3, BEH-39): suggestions with what speaks for and against
 * each. Nothing of it is in force: a person picks, edits and signs a version. The same tasks give the same suggestions.
 */
export interface Suggestion {
  /** Unique among the suggestions; of a rule, the rule's own id. */
  readonly id: string;
  readonly adds:
    | { readonly kind: "allowed_action"; readonly pattern: string }
    | { readonly kind: "sequence"; readonly rule: SequenceRule }
    | { readonly kind: "limit"; readonly rule: LimitRule }
    | { readonly kind: "baseline"; readonly baseline: Baseline };
  /** How many times it could have been broken in the span, and how many times it was not. */
  readonly cases: number;
  readonly held: number;
  /** Tasks that broke it, the first 20. */
  readonly counterExamples: readonly string[];
  /** Workflows, and agents, that it could have been broken in or by. */
  readonly workflows: number;
  readonly agents: number;
  /** Share of the cases that comes from one of them alone, 0..1: who fills the span writes its rules. */
  readonly largestShare: number;
  readonly largestAgentShare: number;
  /** `one-…`: more than half of its cases come from one workflow, or four fifths from one agent among several. */
  readonly rests: "many" | "one-workflow" | "one-agent";
  /** Of a sequence: the chance that it would hold this often if its tasks came in any order; null for others. */
  readonly chance: number | null;
  /** Of a limit: values by workflow at these shares of them. */
  readonly quantiles?: readonly { readonly share: number; readonly value: number }[];
  /** Of a baseline: in how many of the span's workflows the sequential test would have alarmed; many mean `bursts`. */
  readonly alarmed?: number;
}

export interface Learned {
  /** Epoch seconds; 0 where there were no tasks. */
  readonly span: {
    readonly from: number;
    readonly to: number;
    readonly tasks: number;
    readonly workflows: number;
    readonly agents: number;
  };
  /** Actions by how often they are, the baseline, sequences by how surprising they are, limits. */
  readonly suggestions: readonly Suggestion[];
  /** What was not looked at, so that the answer stays small: rarer names, and rules beyond those shown. */
  readonly pruned: { readonly names: number; readonly rules: number };
}
