import * as z from "zod";
import { createStore } from "zustand/vanilla";

const commitmentSchema = z.object({ outcome: z.enum(["approve", "reject"]), at: z.int() });
/** What somebody thought of a request before they saw its agent's words, and when, epoch s (F6). */
export type Commitment = z.infer<typeof commitmentSchema>;

const KEY = "signalbox.approvals.committed";
const keptSchema = z.array(z.tuple([z.string(), commitmentSchema]));
/** First verdicts kept; older ones belong to requests that are settled long since. */
const MOST = 200;

/**
 * First verdicts by person and version of the request. They outlive a reload of the page, so that nobody says what they
 * thought before they had read after they have read.
 */
export const commitments = createStore<{ readonly given: ReadonlyMap<string, Commitment> }>(() => ({ given: kept() }));

/** `digest` is the request's: another version of it is another question. */
export const commitmentKey = (subject: string, digest: string): string => `${digest} ${subject}`;

/** Records a first verdict; there is no second one. */
export function commit(key: string, commitment: Commitment): void {
  const { given } = commitments.getState();
  if (given.has(key)) return;
  const entries = [...given, [key, commitment] as const].slice(-MOST);
  commitments.setState({ given: new Map(entries) });
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // A profile that keeps nothing: it holds until the page is left, and is asked again then.
  }
}

/** Forgets all of them, here and in the profile. */
export function forgetCommitments(): void {
  commitments.setState({ given: new Map() });
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing is kept there.
  }
}

function kept(): ReadonlyMap<string, Commitment> {
  try {
    const read = keptSchema.safeParse(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
    return new Map(read.success ? read.data : []);
  } catch {
    return new Map();
  }
}
