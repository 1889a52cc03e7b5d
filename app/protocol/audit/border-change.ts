import type { BorderPolicyText } from "./border-policy.ts";
import { asksForRounding, mayReveal } from "./reveal.ts";
import type { RegProfile } from "./stitch-claims.ts";

/** One thing that another policy says differently. */
export interface BorderChange {
  /** Place in the policy; of an audience its kind and name. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** More leaves the domain, or is let in, or is held back for less long: two people have to want it (XDA-73). */
  readonly widens: boolean;
}

/** Claims of a record that are kept apart from it and may be shown by rules. */
export const APART: readonly string[] = ["inp_hash", "out_hash", "evidence"];

const TRANSFER: readonly RegProfile["transfer"][] = ["forbidden", "restricted", "allowed"];

/**
 * What differs between two policies, and what of it is wider. Audiences are compared by what each would be shown, not by how
 * the rules are written: taking a rule away shows more where whoever fits no rule is shown everything.
 */
export function borderChanges(before: BorderPolicyText, after: BorderPolicyText): BorderChange[] {
  const changes: BorderChange[] = [];
  const tell = (what: string, was: string, is: string, widens: boolean): void => {
    if (was !== is) changes.push({ what, before: was, after: is, widens });
  };
  const [a, b] = [before.reg, after.reg];
  // Another regime lets other things in and out, and is asked for other purposes: never only narrower.
  tell("reg.regime", a.regime, b.regime, true);
  tell("reg.role", a.role, b.role, true);
  tell("reg.legal_basis", a.legal_basis ?? "", b.legal_basis ?? "", false);
  tell("reg.purpose", a.purpose, b.purpose, false);
  // Whoever takes only some classes takes a record that names fewer of them.
  tell("reg.data_classes", list(a.data_classes), list(b.data_classes), !isWithin(a.data_classes, b.data_classes));
  tell("reg.transfer", a.transfer, b.transfer, TRANSFER.indexOf(b.transfer) > TRANSFER.indexOf(a.transfer));
  tell("reg.retention_min_s", `${a.retention_min_s}`, `${b.retention_min_s}`, b.retention_min_s < a.retention_min_s);
  tell("reg.retention_max_s", `${a.retention_max_s}`, `${b.retention_max_s}`, b.retention_max_s > a.retention_max_s);
  const [had, has] = [before.takes, after.takes];
  tell("takes.level_min", `${had.level_min}`, `${has.level_min}`, has.level_min < had.level_min);
  tell("takes.regimes", list(had.regimes), list(has.regimes), !isWithin(has.regimes, had.regimes));
  tell(
    "takes.data_classes",
    list(had.data_classes),
    list(has.data_classes),
    !isWithin(has.data_classes, had.data_classes),
  );
  tell("works_with", list(before.works_with), list(after.works_with), !isWithin(after.works_with, before.works_with));
  tell("jurisdictions", list(before.jurisdictions), list(after.jurisdictions), false);
  const [from, to] = [before.disclosure, after.disclosure];
  tell("disclosure.pairwise", `${from.pairwise}`, `${to.pairwise}`, from.pairwise && !to.pairwise);
  const [rounded, rounds] = [asksForRounding(from), asksForRounding(to)];
  tell("disclosure.policy_id", from.policy_id, to.policy_id, rounded && !rounds);
  for (const { what, was, is } of audiences(before, after)) tell(what, list(was), list(is), !isWithin(is, was));
  // Rules that are written otherwise and show the same are another policy all the same.
  if (changes.length === 0) tell("disclosure", JSON.stringify(from), JSON.stringify(to), false);
  return changes;
}

interface AudienceChange {
  readonly what: string;
  readonly was: readonly string[];
  readonly is: readonly string[];
}

/**
 * What each audience that either policy can tell apart would be shown: every domain and role that is named, and all others.
 * Somebody of a domain in a role only where they would be shown what neither the domain nor the role says of itself.
 */
function audiences(before: BorderPolicyText, after: BorderPolicyText): AudienceChange[] {
  const rules = [before, after].flatMap(({ disclosure }) => disclosure.audience_rules);
  const claims = [...new Set([...APART, ...rules.flatMap(({ reveal }) => reveal)])].toSorted();
  const domains = [...new Set(rules.flatMap((rule) => ("domain" in rule ? [rule.domain] : [])))].toSorted();
  const roles = [...new Set(rules.flatMap((rule) => ("role" in rule ? [rule.role] : [])))].toSorted();
  const shown = (policy: BorderPolicyText, domain: string | null, role: string): string[] =>
    claims.filter((claim) => mayReveal(policy.disclosure, { domain, role }, claim));
  // No role has the empty name.
  const one = (domain: string | null, role: string): AudienceChange => ({
    what: audienceName(domain, role),
    was: shown(before, domain, role),
    is: shown(after, domain, role),
  });
  const alone = new Map(
    [one(null, ""), ...domains.map((domain) => one(domain, "")), ...roles.map((role) => one(null, role))].map((of) => [
      of.what,
      of,
    ]),
  );
  const both = domains.flatMap((domain) =>
    roles.map((role) => ({
      of: one(domain, role),
      told: [...gained(alone.get(audienceName(domain, ""))), ...gained(alone.get(audienceName(null, role)))],
    })),
  );
  return [...alone.values(), ...both.flatMap(({ of, told }) => (isWithin(gained(of), told) ? [] : [of]))];
}

const gained = (of: AudienceChange | undefined): readonly string[] =>
  of === undefined ? [] : of.is.filter((claim) => !of.was.includes(claim));

const audienceName = (domain: string | null, role: string): string =>
  `audience ${[...(domain === null ? [] : [`domain:${domain}`]), ...(role === "" ? [] : [`role:${role}`])].join(" ") || "others"}`;

const list = (of: readonly string[]): string => [...new Set(of)].toSorted().join(", ");

const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one));
