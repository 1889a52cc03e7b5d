import type { BorderView } from "../../../api/contract/domain-orders.ts";

export type Policy = BorderView["inForce"]["policy"];
export type DataClass = Policy["reg"]["data_classes"][number];

export const CLASSES: readonly DataClass[] = ["operational", "public", "personal", "special", "phi", "financial"];
export const LEVELS = [1, 2, 3] as const;
const DAY_S = 86_400;

/** Who a rule is for, and what they are shown. */
export interface RuleDraft {
  readonly id: number;
  readonly kind: "role" | "domain";
  readonly name: string;
  readonly reveal: readonly string[];
}

/** A border policy as it is written on the form: text where people type. */
export interface BorderDraft {
  readonly regime: string;
  readonly role: Policy["reg"]["role"];
  readonly purpose: string;
  readonly legalBasis: string;
  readonly classes: readonly DataClass[];
  readonly transfer: Policy["reg"]["transfer"];
  readonly minDays: string;
  readonly maxDays: string;
  readonly level: number;
  readonly regimes: string;
  readonly taken: readonly DataClass[];
  readonly worksWith: string;
  readonly jurisdictions: string;
  readonly pairwise: boolean;
  readonly rounded: boolean;
  readonly revealsAll: boolean;
  readonly rules: readonly RuleDraft[];
}

export function draftOf({ reg, takes, works_with, jurisdictions, disclosure }: Policy): BorderDraft {
  return {
    ...{ regime: reg.regime, role: reg.role, purpose: reg.purpose, legalBasis: reg.legal_basis ?? "" },
    ...{ classes: reg.data_classes, transfer: reg.transfer },
    minDays: daysOf(reg.retention_min_s),
    maxDays: daysOf(reg.retention_max_s),
    ...{ level: takes.level_min, regimes: takes.regimes.join(", "), taken: takes.data_classes },
    worksWith: works_with.join(", "),
    jurisdictions: jurisdictions.join(", "),
    pairwise: disclosure.pairwise,
    rounded: disclosure.policy_id === "xd-2",
    revealsAll: disclosure.default === "reveal",
    rules: disclosure.audience_rules.map((rule, id) =>
      "domain" in rule
        ? { id, kind: "domain", name: rule.domain, reveal: rule.reveal }
        : { id, kind: "role", name: rule.role, reveal: rule.reveal },
    ),
  };
}

const daysOf = (seconds: number): string => String(seconds / DAY_S);

/** What is on the form as a policy; what is not a number of days is told by place. Its domain checks the rest. */
export function policyOfDraft(
  draft: BorderDraft,
):
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: Readonly<Record<string, string>> } {
  const [min, max] = [Number(draft.minDays), Number(draft.maxDays)];
  const problems: Record<string, string> = {};
  const isDays = (text: string, days: number): boolean => text.trim() !== "" && Number.isFinite(days) && days >= 0;
  if (!isDays(draft.minDays, min)) problems.minDays = "A number of days, 0 or more.";
  if (!isDays(draft.maxDays, max)) problems.maxDays = "A number of days, 0 or more.";
  else if (max < min) problems.maxDays = "At least as long as it has to be kept.";
  if (draft.purpose.trim() === "") problems.purpose = "What the domain keeps records for.";
  if (draft.regime.trim() === "") problems.regime = "A regime, or none.";
  for (const rule of draft.rules) if (rule.name.trim() === "") problems[`rule ${rule.id}`] = "Who this is for.";
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const legalBasis = draft.legalBasis.trim();
  return {
    ok: true,
    policy: {
      reg: {
        regime: draft.regime.trim(),
        role: draft.role,
        ...(legalBasis === "" ? {} : { legal_basis: legalBasis }),
        data_classes: [...draft.classes],
        retention_min_s: Math.round(min * DAY_S),
        retention_max_s: Math.round(max * DAY_S),
        transfer: draft.transfer,
        purpose: draft.purpose.trim(),
      },
      takes: { level_min: draft.level, regimes: names(draft.regimes), data_classes: [...draft.taken] },
      works_with: names(draft.worksWith),
      jurisdictions: names(draft.jurisdictions),
      disclosure: {
        policy_id: draft.rounded ? "xd-2" : "xd-1",
        pairwise: draft.pairwise,
        default: draft.revealsAll ? "reveal" : "hash_only",
        audience_rules: draft.rules.map(({ kind, name, reveal }) =>
          kind === "domain" ? { domain: name.trim(), reveal: [...reveal] } : { role: name.trim(), reveal: [...reveal] },
        ),
      },
    },
  };
}

const names = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];

export const toggled = <T>(of: readonly T[], one: T, isIn: boolean): T[] =>
  isIn ? [...of.filter((known) => known !== one), one] : of.filter((known) => known !== one);
