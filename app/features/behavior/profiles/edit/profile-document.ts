import type { Baseline, LimitRule, ProfileBody, SequenceRule } from "../../../../protocol/behavior/profile.ts";

/**
 * A profile as it is being written: members may be missing or of any kind, and what the form does not know stays as it is. The
 * lists the form goes through are lists.
 */
export interface ProfileDocument {
  readonly [member: string]: unknown;
  readonly sequences: readonly SequenceRule[];
  readonly limits: readonly LimitRule[];
  readonly thresholds: Readonly<Record<string, unknown>>;
  readonly baseline: Baseline | undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const objects = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** The text of a draft as the form reads it; null where it is no JSON object. Only our own form writes drafts. */
export function readDocument(text: string): ProfileDocument | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(document)) return null;
  const { baseline } = document;
  return {
    ...document,
    // Written by the form below, member by member; what is missing in one is said by the check of the whole.
    sequences: objects(document.sequences) as unknown as readonly SequenceRule[],
    limits: objects(document.limits) as unknown as readonly LimitRule[],
    thresholds: isObject(document.thresholds) ? document.thresholds : {},
    baseline: isObject(baseline) && isObject(baseline.action_freq) ? (baseline as unknown as Baseline) : undefined, // as above
  };
}

/** What a new profile begins with: usual values, nothing allowed yet. */
export function newProfile(owner: string): string {
  return textOf({
    profile_id: "",
    version: 1,
    owner,
    applies_to: [],
    allowed_actions: [],
    window_s: 3600,
    min_samples: 20,
    thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
    assurance: "standard",
  });
}

/** The next version of a profile, for a start the same in all but its number. */
export const nextVersion = (profile: ProfileBody): string => textOf({ ...profile, version: profile.version + 1 });

/** The next version with other shares in its baseline and nothing else changed (BEH-44). */
export const rebased = (profile: ProfileBody, { action_freq }: Pick<Baseline, "action_freq">): string =>
  textOf({ ...profile, version: profile.version + 1, baseline: { ...profile.baseline, action_freq } });

export const textOf = (profile: object): string => JSON.stringify(profile, null, 2);

/** A name for a rule that none has yet: `stem-1`, `stem-2` … */
export function freeId(stem: string, taken: readonly string[]): string {
  let at = 1;
  while (taken.includes(`${stem}-${at}`)) at += 1;
  return `${stem}-${at}`;
}
