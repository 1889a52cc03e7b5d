import type { Level } from "../ect/known-ects.ts";
import type { AuditQueryClaims } from "./audit-query.ts";
import type { AuditTokenClaims } from "./audit-token.ts";
import { joinSd } from "./disclosure.ts";
import { leavingProblem } from "./regime.ts";
import {
  type Audience,
  asksForRounding,
  type KeptDisclosures,
  type Redactions,
  releaseTo,
  roundedCount,
} from "./reveal.ts";
import type { DisclosureClaim, RegProfile } from "./stitch-claims.ts";

/** An audit token of a domain's own log, with what it keeps of the claims that are only digests in it. */
export interface AskedEntry {
  readonly seq: number;
  readonly compact: string;
  readonly claims: AuditTokenClaims;
  /** Computed (XA-7). */
  readonly level: Level;
  readonly kept: KeptDisclosures;
  /** What its domain is under now: a narrower rule holds for answers about earlier records too, a wider one does not (XDA-75). */
  readonly inForce?: { readonly disclosure: DisclosureClaim; readonly reg: RegProfile };
}

/** What a domain knows of its own trail. */
export interface OwnTrail {
  readonly domain: string;
  /** Whether its log has the record of this task. */
  has(wid: string, jti: string): boolean;
  /** Whether the other side has answered a crossing. */
  isAnswered(stitchId: string): boolean;
}

/** Something that is missing in what a domain tells, and between which of its entries (XDA-11). */
export interface AnswerGap {
  /** The task after which something is missing, and the one before which. */
  readonly after: string;
  readonly before?: string;
  readonly reason: "predecessor_missing" | "crossing_dangling";
}

/** Where a trail goes on in another domain. */
export interface ExternalEnd {
  readonly stitch_id: string;
  readonly domain: string;
}

export interface QueryAnswer {
  /** Audit tokens with the disclosures that are released, `<JWT>~<D1>~`. */
  readonly entries: readonly string[];
  /** Kept back by reason: claims of `audience` and `erased`, whole entries of `transfer_forbidden`. */
  readonly redacted: Redactions;
  /** Some policy asks that the counts are rounded up to powers of two (XDA-S8). */
  readonly rounded: boolean;
  readonly gaps: readonly AnswerGap[];
  readonly external: readonly ExternalEnd[];
  readonly next: number | null;
  /** This is all that the domain's own trail has of it. */
  readonly complete: boolean;
}

/** Whether an entry is what is asked for. Only claims that everybody is shown are looked at: a filter tells nothing of hidden ones (XDA-4). */
function matchesQuery({ claims, level }: Pick<AskedEntry, "claims" | "level">, query: AuditQueryClaims): boolean {
  const { wid, stitch, actor, iss, exec_act, iat, outcome } = claims;
  return (
    (query.wid === undefined || wid === query.wid) &&
    (query.stitch_id === undefined || stitch?.stitch_id === query.stitch_id) &&
    (query.agents === undefined || query.agents.includes(actor?.sub ?? iss)) &&
    (query.exec_act === undefined || exec_act === query.exec_act) &&
    (query.from === undefined || iat >= query.from) &&
    (query.to === undefined || iat <= query.to) &&
    (query.outcome === undefined || outcome === query.outcome) &&
    (query.min_level === undefined || level >= query.min_level)
  );
}

/** One page of what is asked for, in the order of the log. */
export interface QueryPage<E> {
  readonly page: readonly E[];
  readonly next: number | null;
}

export function selectPage<E extends Omit<AskedEntry, "kept">>(
  query: AuditQueryClaims,
  entries: readonly E[],
): QueryPage<E> {
  const matching = matchingOf(query, entries);
  const end = (query.page + 1) * query.page_size;
  return {
    page: matching.slice(query.page * query.page_size, end),
    next: matching.length > end ? query.page + 1 : null,
  };
}

/** Everything from the page on that is asked for, at most `most`: what is decided about when a question is held (XDA-S7). */
export function selectRest<E extends Omit<AskedEntry, "kept">>(
  query: AuditQueryClaims,
  entries: readonly E[],
  most: number,
): QueryPage<E> {
  const from = query.page * query.page_size;
  return { page: matchingOf(query, entries).slice(from, from + most), next: null };
}

/** The entries of a page that leave the domain to this audience, up to so many: the rest of it is asked for again. */
export function cutPage<E extends Told>(
  { page, next }: QueryPage<E>,
  most: number,
  {
    query,
    audience,
    domain,
  }: { readonly query: AuditQueryClaims; readonly audience: Audience; readonly domain: string },
): QueryPage<E> {
  let left = most;
  const end = page.findIndex((entry) => {
    if (leaves(entry, audience, domain)) left -= 1;
    return left < 0;
  });
  return end < 0 ? { page, next } : { page: page.slice(0, end), next: query.page };
}

/** How many entries would be told. */
export function toldOf(page: readonly Told[], audience: Audience, domain: string): number {
  return page.filter((entry) => leaves(entry, audience, domain)).length;
}

type Told = Pick<AskedEntry, "claims" | "inForce">;

/** By which rules something is shown: those it was made under and those in force, and only what both show. */
const rulesFor = ({ claims, inForce }: Told): readonly (DisclosureClaim | undefined)[] => [
  claims.disclosure,
  ...(inForce === undefined ? [] : [inForce.disclosure]),
];

function matchingOf<E extends Omit<AskedEntry, "kept">>(query: AuditQueryClaims, entries: readonly E[]): E[] {
  return entries.filter((entry) => matchesQuery(entry, query)).toSorted((a, b) => a.seq - b.seq);
}

/** What would be told, counted: entries, and by name the claims that would be disclosed of them. */
export interface AnswerPreview {
  readonly entries: number;
  readonly claims: Readonly<Record<string, number>>;
  readonly redacted: Redactions;
}

/** As `answerQuery` would release it, exactly: whoever decides about a question is of the domain that has it (XDA-S7). */
export function previewAnswer(
  query: Pick<AuditQueryClaims, "fields">,
  audience: Audience,
  entries: readonly AskedEntry[],
  domain: string,
): AnswerPreview {
  const shown = entries.filter((entry) => leaves(entry, audience, domain));
  const claims: Record<string, number> = {};
  let [audienceCount, erased] = [0, 0];
  for (const entry of shown) {
    const { released, redacted } = releaseTo(rulesFor(entry), entry.kept, audience, query.fields);
    for (const { name } of released) claims[name] = (claims[name] ?? 0) + 1;
    audienceCount += redacted.audience;
    erased += redacted.erased;
  }
  const redacted = { audience: audienceCount, erased, transfer_forbidden: entries.length - shown.length };
  return { entries: shown.length, claims, redacted };
}

/** XDA-8: what must not leave a domain is told to those who are of it only. */
function leaves({ claims, inForce }: Told, audience: Audience, domain: string): boolean {
  const profiles = [...(claims.reg ?? []), ...(inForce === undefined ? [] : [inForce.reg])];
  return audience.domain === domain || leavingProblem(profiles) === null;
}

/** X4 after authorisation: which entries and disclosures of a page of its own log a domain releases, and what it does not. */
export function answerQuery(
  query: Pick<AuditQueryClaims, "fields" | "page">,
  audience: Audience,
  { page, next }: QueryPage<AskedEntry>,
  trail: OwnTrail,
): QueryAnswer {
  const shown = page.filter((entry) => leaves(entry, audience, trail.domain));
  const released = shown.map((entry) => {
    const { released: given, redacted } = releaseTo(rulesFor(entry), entry.kept, audience, query.fields);
    return {
      text: joinSd(
        entry.compact,
        given.map(({ encoded }) => encoded),
      ),
      redacted,
    };
  });
  const total = (of: "audience" | "erased"): number => released.reduce((sum, { redacted }) => sum + redacted[of], 0);
  const rounded = page.some((entry) => rulesFor(entry).some(asksForRounding));
  const count = rounded ? roundedCount : (exact: number) => exact;
  const gaps = shown.flatMap((entry) => gapsAt(entry, trail));
  return {
    entries: released.map(({ text }) => text),
    redacted: {
      audience: count(total("audience")),
      erased: count(total("erased")),
      transfer_forbidden: count(page.length - shown.length),
    },
    rounded,
    gaps,
    external: externalOf(shown),
    next,
    // A last page by itself is not all of it: what comes before it is told by other answers.
    complete: query.page === 0 && next === null && gaps.length === 0,
  };
}

/** What an entry rests on that is nowhere here, and a crossing out that nobody has answered. */
function gapsAt({ claims }: AskedEntry, trail: OwnTrail): AnswerGap[] {
  const { jti, wid, pred, stitch } = claims;
  const dangling: AnswerGap[] =
    stitch?.direction === "out" && !trail.isAnswered(stitch.stitch_id)
      ? [{ after: jti, reason: "crossing_dangling" }]
      : [];
  // What came over a border rests on tasks of another domain: that is an external end, and no gap.
  if (stitch?.direction === "in" || wid === undefined) return dangling;
  const missing = pred.filter((before) => !trail.has(wid, before));
  return [...missing.map((after): AnswerGap => ({ after, before: jti, reason: "predecessor_missing" })), ...dangling];
}

function externalOf(entries: readonly AskedEntry[]): ExternalEnd[] {
  const ends = new Map(
    entries.flatMap(({ claims: { stitch } }) =>
      stitch === undefined ? [] : [[stitch.stitch_id, stitch.peer] as const],
    ),
  );
  return [...ends].map(([stitch_id, domain]) => ({ stitch_id, domain }));
}

/** What became of a question in one domain. */
export interface DomainReply {
  readonly domain: string;
  /** `held`: one of its operators is to approve it first (XDA-S7). `silent`: it did not answer in time, or cannot. */
  readonly state: "answered" | "denied" | "held" | "silent";
  readonly complete: boolean;
  readonly external: readonly Pick<ExternalEnd, "domain">[];
}

/** How long a domain has to answer (X4), ms. */
export const ANSWER_WITHIN_MS = 10_000;

/** X4: whether everything was told. A domain that a trail goes on in and that did not answer makes it incomplete. */
export function isTrailComplete(replies: readonly DomainReply[]): boolean {
  const answered = new Set(replies.filter(({ state }) => state === "answered").map(({ domain }) => domain));
  return replies.every(
    ({ state, complete, external }) =>
      state === "answered" && complete && external.every(({ domain }) => answered.has(domain)),
  );
}
