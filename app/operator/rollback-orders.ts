import type { ResidueHandlingClaims, ResidueVerb } from "../protocol/cascade/residue-handling.ts";
import type { RollbackRequestClaims, RollbackResultClaims } from "../protocol/cascade/rollback-claims.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import type { Operator } from "./session.ts";

const LIFETIME_S = 300;
const ROLES = ["operator", "duty_manager"] as const;

/** Of a rollback, what whoever aborts or confirms it names again (cascade.md section b). */
export interface RollbackNamed {
  readonly rbId: string;
  readonly wid: string;
  readonly target: RollbackRequestClaims["target"];
  readonly keepTarget: boolean;
  readonly bestEffort: boolean;
  readonly planHash: string;
  readonly authority: RollbackRequestClaims["authority"];
}

interface Signing {
  readonly operator: Operator;
  /** Epoch seconds of the last confirmation of presence. */
  readonly authTime: number;
  /** Wall clock, epoch ms. */
  readonly nowMs: number;
}

/** Claims by which a person has nothing more of a rollback begun. */
export function rollbackAbortClaims(input: Signing & { readonly rollback: RollbackNamed; readonly reason: string }) {
  return orderClaims(input, "abort");
}

/** Claims by which a person confirms what is left; `revision` is of what was shown to them (CAS-16, CAS-26). */
export function rollbackConfirmClaims(
  input: Signing & { readonly rollback: RollbackNamed; readonly reason: string; readonly revision: number },
) {
  return { ...orderClaims(input, "confirm"), revision: input.revision };
}

/** Claims of what a person did by hand for a step; `partial` says in `residue` what stays changed. */
export function manualResultClaims(
  input: Omit<Signing, "authTime"> & {
    readonly rbId: string;
    readonly planHash: string;
    readonly n: number;
    readonly task: string;
    readonly status: "done" | "partial" | "failed" | "irreversible";
    readonly residue: readonly string[];
  },
): RollbackResultClaims {
  const { operator, nowMs, rbId, planHash, n, task, status, residue } = input;
  return {
    ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S, nowMs }),
    rb_id: rbId,
    phase: "execute",
    plan_hash: planHash,
    n,
    task,
    status,
    residue: [...residue],
  };
}

/** Claims by which a person takes on, gives to somebody, settles or reopens what a rollback has left (CAS-33). */
export function residueClaims(
  input: Signing & {
    readonly rbId: string;
    readonly n: number;
    readonly verb: ResidueVerb;
    readonly assignee?: string;
    readonly reason?: string;
  },
): ResidueHandlingClaims {
  const { operator, authTime, nowMs, rbId, n, verb, assignee, reason } = input;
  return {
    ...commonClaims({ iss: operator.subject, aud: [operator.logId], lifetimeS: LIFETIME_S, nowMs }),
    rb_id: rbId,
    n,
    verb,
    ...(assignee === undefined ? {} : { assignee }),
    ...(reason === undefined ? {} : { reason }),
    ...authenticated(operator, authTime),
  };
}

/** How the person authenticated and in which role; where none of them is held the engine says so. */
function authenticated(operator: Operator, authTime: number) {
  const role = ROLES.find((held) => operator.roles.includes(held)) ?? "operator";
  return { auth_time: authTime, amr: [...OPERATOR_AMR], role };
}

function orderClaims(
  { operator, authTime, nowMs, rollback, reason }: Signing & { rollback: RollbackNamed; reason: string },
  phase: "abort" | "confirm",
): RollbackRequestClaims {
  const common = commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S, nowMs });
  return {
    ...common,
    rb_id: rollback.rbId,
    wid: rollback.wid,
    target: { ...rollback.target },
    keep_target: rollback.keepTarget,
    phase,
    plan_hash: rollback.planHash,
    reason,
    authority: { ...rollback.authority },
    deadline: common.exp,
    best_effort: rollback.bestEffort,
    ...authenticated(operator, authTime),
  };
}
