import { REASONS } from "../../protocol/behavior/appraisal-reasons.ts";
import type { Appraised } from "../../protocol/behavior/appraise.ts";
import type { CompiledProfile } from "../../protocol/behavior/compile-profile.ts";
import { ACTION_RULES } from "../../protocol/behavior/profile.ts";
import type { Reason } from "../../protocol/behavior/result.ts";
import type { ConductWindow, KnownReason } from "./behavior-state.ts";

/** Characters of reasons that a record has room for beside all else: a token holds 16,384 bytes. */
const ROOM = 6000;
const MAX_DETAIL = 96;
/** Of a limit over what the log does not know. */
const UNKNOWN = "this limit could not be judged: what it bounds is not known of this window";
/** Of a rule about one thing at a time (BEH-63). */
const UNSAID = "could not be judged: this task, or one before it, does not say what it is about";

/** More than these never fit. */
const MAX_REASONS = 100;

/**
 * The reasons of a verdict as they are shown, as many as a record has room for: what each rule is, and of which task (BEH-20).
 * Findings that are counted and not listed are in their number.
 */
export function knownReasons(
  { reasons, findings }: Pick<Appraised, "reasons" | "findings">,
  { wid, to }: Pick<ConductWindow, "wid" | "to">,
  { profile }: CompiledProfile,
  unlisted: number,
): { readonly told: readonly KnownReason[]; readonly count: number } {
  const kinds = new Map<string, string>([
    [ACTION_RULES.forbidden, "forbidden"],
    [ACTION_RULES.notAllowed, "not_allowed"],
    ...(profile.sequences ?? []).map(({ id, kind }) => [id, kind] as const),
    ...(profile.limits ?? []).map(({ id }) => [id, "limit"] as const),
    [REASONS.conflict, "observer_conflict"],
    [REASONS.coverage, "evidence"],
    [REASONS.unverifiable, "evidence"],
    [REASONS.insufficient, "other"],
  ]);
  // In the order of the reasons; of a hundred thousand most are only counted.
  const found = new Map(
    findings.slice(0, MAX_REASONS).map((finding) => [`${finding.rule_id} ${finding.jti}`, finding]),
  );
  const kindOf = ({ rule_id }: Reason): string =>
    kinds.get(rule_id) ??
    (rule_id.startsWith(REASONS.drift) ? "drift" : rule_id.startsWith("bet_") ? "evidence" : "other");
  const all = reasons.filter(({ rule_id }) => rule_id !== REASONS.hidden);
  const told = fitting(
    all.slice(0, MAX_REASONS).map((reason): KnownReason => {
      const finding = found.get(`${reason.rule_id} ${reason.jti ?? ""}`);
      return {
        rule: reason.rule_id,
        kind: kindOf(reason),
        severity: reason.severity ?? null,
        task: reason.jti ?? null,
        wid,
        at: finding?.at ?? Math.max(0, (to ?? 1) - 1),
        detail: finding?.detail?.slice(0, MAX_DETAIL) ?? unknownDetail(reason),
        hidden: finding?.hidden ?? false,
      };
    }),
  );
  return { told, count: all.length + unlisted };
}

const unknownDetail = ({ rule_id }: Reason): string | null =>
  rule_id.startsWith(REASONS.limit) ? UNKNOWN : rule_id.startsWith(REASONS.order) ? UNSAID : null;

/** As many of them as fit, in their order. */
function fitting(reasons: readonly KnownReason[]): KnownReason[] {
  const kept: KnownReason[] = [];
  let room = ROOM;
  for (const reason of reasons) {
    room -= JSON.stringify(reason).length + 1;
    if (room < 0) break;
    kept.push(reason);
  }
  return kept;
}
