import type { CheckEnded } from "./entry-check.ts";

export type Answer = { readonly result: "passed" | "failed" | "not_checked"; readonly detail: string };

export interface FirstBad {
  /** The entry it is about, or the one after the last where something is missing behind it. */
  readonly seq: number;
  readonly code: string;
  readonly detail: string;
  /** The part of the document: "entries.4", "heads.0". */
  readonly place: string;
}

/** XA-20: five separate answers, and the first bad entry. */
export interface LogReport {
  readonly size: number;
  readonly root: string;
  readonly authentic: Answer;
  readonly included: Answer;
  readonly consistent: Answer;
  readonly complete: Answer;
  readonly plausible: Answer;
  readonly firstBad: FirstBad | null;
  /** Entries before the first bad one. */
  readonly entriesBefore: number;
  /** Why the check came to no end, or null. Then no question is answered, and nothing is said of the log. */
  readonly unfinished: CheckEnded | null;
}

export type Question = "authentic" | "included" | "consistent" | "complete" | "plausible";
export type Bad = FirstBad & { readonly question: Question };

/** What a walk through the entries found. */
interface Found {
  /** Entries that hold, and their root. */
  readonly size: number;
  readonly root: string;
  readonly bad: Bad | null;
  readonly unfinished: CheckEnded | null;
  /** What is said where nothing is bad. */
  readonly consistent: Answer;
  readonly complete: Answer;
}

/** The report of a walk: one bad entry leaves nothing behind it checked, and one answer failed. */
export function reportOf({ size, root, bad, unfinished, consistent, complete }: Found): LogReport {
  const answers: Record<Question, Answer> = {
    authentic: { result: "passed", detail: "every token verifies as of its receipt" },
    included: { result: "passed", detail: "every leaf and the root are recomputed" },
    consistent,
    complete,
    plausible: { result: "passed", detail: "times of receipt never go back" },
  };
  const all = (detail: string): void => {
    for (const question of Object.keys(answers) as Question[]) answers[question] = { result: "not_checked", detail }; // its own keys
  };
  if (bad !== null) {
    all(`checked up to entry ${bad.seq} only`);
    answers[bad.question] = { result: "failed", detail: bad.detail };
  } else if (unfinished !== null) all(`the check was not finished: ${unfinished.detail}`);
  return {
    size,
    root,
    ...answers,
    firstBad: bad === null ? null : { seq: bad.seq, code: bad.code, detail: bad.detail, place: bad.place },
    entriesBefore: bad === null ? size : bad.seq,
    unfinished: bad === null ? unfinished : null,
  };
}
