import { type ProfileBody, profileBodySchema } from "../../../../protocol/behavior/profile.ts";

/** What is wrong, at which member: `sequences.0.within_s`. */
export interface ProfileProblem {
  readonly place: string;
  readonly message: string;
}

/** A token has 16 kB, and carries a profile as base64url beside its other claims. */
const MAX_BYTES = 11_000;

export type CheckedProfile =
  | { readonly ok: true; readonly profile: ProfileBody }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] };

/**
 * A draft's text as a profile that could be signed. What a schema says for machines is said in words; a profile that has ended
 * already, or is no later version than the one in force, is none that helps. A new one has a name that none has: `taken` are
 * those of the others.
 */
export function checkProfile(
  text: string,
  nowS: number,
  newest: number,
  taken: readonly string[] = [],
): CheckedProfile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { ok: false, problems: [{ place: "", message: "not a JSON document" }] };
  }
  const parsed = profileBodySchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const place = path.map(String).join(".");
      return { place, message: wordsFor(place, message) };
    });
    return { ok: false, problems };
  }
  const { profile_id, version, not_after } = parsed.data;
  const late: ProfileProblem[] = [];
  if (new TextEncoder().encode(JSON.stringify(parsed.data)).length > MAX_BYTES)
    late.push({ place: "", message: "it is too large for a token: leave out rules, actions or shares" });
  if (taken.includes(profile_id))
    late.push({ place: "profile_id", message: "there is one of this name: a change of it is its next version" });
  if (version <= newest) late.push({ place: "version", message: `above ${newest}, which is there already` });
  if (not_after !== undefined && not_after <= nowS) late.push({ place: "not_after", message: "in the future" });
  return late.length === 0 ? { ok: true, profile: parsed.data } : { ok: false, problems: late };
}

const EXPECTED: Readonly<Record<string, string>> = {
  profile_id: "a name of lower-case letters, digits and hyphens, at most 63",
  id: "a name of lower-case letters, digits and hyphens, at most 63",
  owner: "an absolute URI",
  version: "a whole number from 1",
  applies_to: "at least one agent, or a beginning that ends in *",
  allowed_actions: "at least one action, or a beginning that ends in *",
  forbidden_actions: "names with one space between them, or beginnings that end in *",
  strength: "a number above 0",
  window_s: "whole seconds from 60 to 86,400",
  min_samples: "a whole number from 1",
  within_s: "whole seconds from 1 to 86,400",
  severity: "1 to 5",
  value: "a number",
  warn: "a number from 0 to 1",
  fail: "a number from 0 to 1, above the warning",
  drift_warn: "a number from 0 to 1",
  drift_fail: "a number from 0 to 1, above the warning",
  action_freq: "shares from 0 to 1 that sum to 1",
  not_after: "a day such as 2027-06-30",
};

const OF_A_SCHEMA = /^(Invalid|Too (small|big)|Unrecognized)/;

function wordsFor(place: string, message: string): string {
  const member = place.split(".").findLast((part) => !/^\d+$/.test(part)) ?? "";
  if (/\.same(\.|$)/.test(place)) return "expected: an argument on each side, as a JSON pointer such as /order_id";
  if (member === "a" || member === "b") return "an action, a class of data or a target";
  const expected = Object.hasOwn(EXPECTED, member) ? EXPECTED[member] : undefined;
  return expected !== undefined && (OF_A_SCHEMA.test(message) || message.startsWith("above `"))
    ? `expected: ${expected}`
    : message;
}

/** What is wrong at a place or below it, except below members that say it themselves; undefined where nothing is. */
export function problemAt(
  problems: readonly ProfileProblem[],
  path: string,
  except: readonly string[] = [],
): string | undefined {
  const isAt = (place: string, at: string): boolean => place === at || place.startsWith(`${at}.`);
  const found = problems.filter(
    ({ place }) => isAt(place, path) && !except.some((member) => isAt(place, `${path}.${member}`)),
  );
  return found.length === 0 ? undefined : [...new Set(found.map(({ message }) => message))].join(" · ");
}

/** Parts of the form, by the member of the profile that they write. */
const PARTS: Readonly<Record<string, string>> = {
  profile_id: "profile",
  applies_to: "which agents",
  allowed_actions: "allowed actions",
  forbidden_actions: "forbidden actions",
  sequences: "rule",
  limits: "limit",
  window_s: "window",
  min_samples: "tasks at least",
  not_after: "end",
};

/** Where a problem is, as the form calls it: `rule 1, within_s`. */
export function placeWords(place: string): string {
  const [head = "", ...rest] = place.split(".");
  const [at, member] = rest;
  const part = PARTS[head] ?? head;
  if (head !== "sequences" && head !== "limits") return rest.length === 0 ? part : `${part}, ${rest.join(" ")}`;
  if (at === undefined) return `${part}s`;
  return `${part} ${Number(at) + 1}${member === undefined ? "" : `, ${member}`}`;
}
