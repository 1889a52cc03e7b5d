/** An expected "no", as a value: a literal code, the HTTP status it has on the wire (COM-8, COM-9) and a sentence. */
export interface Refusal {
  readonly code: string;
  readonly status: 400 | 403 | 404 | 409 | 413 | 503;
  readonly detail: string;
  /** The claim the refusal is about. */
  readonly claim?: string;
  /** The token the refusal is about. */
  readonly jti?: string;
  /** The tasks the refusal is about, in order: a cycle, or the predecessors that are missing. */
  readonly tasks?: readonly string[];
  /** After how long it is worth asking again (`Retry-After`), ms. */
  readonly retryAfterMs?: number;
}

/** Statuses that are not 403 (spec README section 5, ect.md D1, D2, override.md O1). */
const STATUS: Readonly<Record<string, Refusal["status"]>> = {
  token_too_large: 413,
  token_malformed: 400,
  ect_malformed: 400,
  audit_malformed: 400,
  json_malformed: 400,
  ect_ledger_unavailable: 503,
  override_outranked: 409,
  override_not_found: 404,
  hitl_unknown_request: 404,
  rollback_target_unknown: 404,
  rollback_conflict: 409,
  rollback_finished: 409,
  rollback_plan_changed: 409,
  rollback_residue_changed: 409,
  rollback_wrong_phase: 409,
  workflow_unknown: 404,
  circuit_open: 503,
  breaker_unknown: 404,
  breaker_state_invalid: 409,
  domain_unknown: 404,
  domain_state_invalid: 409,
  failure_outdated: 409,
  run_unknown: 404,
  at_before_log: 400,
  at_beyond_log: 404,
  entry_unknown: 404,
  anchor_limit: 409,
  trust_malformed: 400,
  trust_unknown: 404,
  trust_known: 409,
  trust_key_taken: 409,
  trust_expiry: 400,
  crossing_unknown: 404,
  query_not_held: 404,
  query_decided: 409,
  query_lapsed: 409,
  query_fetched: 409,
  domain_not_here: 404,
  border_outdated: 409,
  border_unchanged: 409,
  border_not_waiting: 404,
  border_lapsed: 409,
  erasure_unknown: 404,
  legal_hold: 409,
  retention_duty: 409,
  erasure_nothing: 409,
  erasure_outdated: 409,
  hold_known: 409,
  hold_unknown: 404,
  finding_resolved: 409,
  bench_unknown: 404,
  bench_over: 409,
  bench_running: 409,
  bench_not_comparable: 409,
};

export function refusal(code: string, detail: string, about: Pick<Refusal, "claim" | "jti" | "tasks"> = {}): Refusal {
  return { code, status: STATUS[code] ?? 403, detail, ...about };
}
