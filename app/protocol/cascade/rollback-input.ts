import type { Checkpoint, UndoKind } from "./checkpoint.ts";
import type { RollbackAuthority, RollbackMethod, RollbackTarget } from "./rollback-claims.ts";

/**
 * From where to where in the log a task was at work: the entry before its first effect, and the one that ended it; null
 * while it runs. Positions, not seconds: two entries of the same second have an order.
 */
export interface Span {
  readonly from: number;
  readonly to: number | null;
}

/** A task of the workflow, as far as undoing it is concerned. */
export interface UndoTask {
  readonly jti: string;
  readonly agent: string;
  /** Predecessors, joins included as tasks of their own. Those not in the set bind nothing. */
  readonly pred: readonly string[];
  readonly execAct: string;
  readonly state: "done" | "running" | "undone";
  /** Whether it changed anything outside the log: what did not is skipped. */
  readonly effect: boolean;
  /** What it touched, by its agent's statement (ECT-57). Empty with an effect: not known. */
  readonly resources: readonly string[];
  readonly span: Span;
  /** What was declared before it acted (CAS-11); null when nothing was. */
  readonly undo: UndoKind | null;
  /** Who can compensate it, and for how much; null when no compensation is known. */
  readonly compensation: { readonly agent: string; readonly cost: string | null } | null;
  /** Who is affected beyond the agents: told about a residue. */
  readonly tell?: readonly string[];
  /** Gateway of the domain in whose log its trail is kept, where that is another one of this console (CAS-36). */
  readonly gateway?: string;
}

/** A checkpoint at its place in the log. */
export interface PlacedCheckpoint extends Checkpoint {
  readonly position: number;
}

/** Everything a plan follows from (C4). */
export interface RollbackInput {
  readonly wid: string;
  readonly tasks: readonly UndoTask[];
  readonly checkpoints: readonly PlacedCheckpoint[];
  readonly target: RollbackTarget;
  readonly keepTarget: boolean;
  readonly bestEffort: boolean;
  readonly nowS: number;
  readonly ownDomain: string;
  /** Gateways of other trust domains, by lower-case domain (C4 step 6). */
  readonly gateways: Readonly<Record<string, string>>;
  /** What other rollbacks hold locked. */
  readonly locks: readonly { readonly rbId: string; readonly resources: readonly string[] }[];
  /** Agents that may restore for others; nobody else's checkpoint is used for a task that is not their own (CAS-S5). */
  readonly custodians?: readonly string[];
}

/** A plan asked for on somebody's authority, verified before; null when none was shown. */
export interface AuthorizedInput extends RollbackInput {
  readonly authority: RollbackAuthority | null;
}

/**
 * Something to know before deciding. `blocks`: nothing may begin while it holds, best effort or not. The others say why a
 * step is not done the first way, or what else would be touched.
 */
export interface Conflict {
  readonly kind:
    | "in_flight"
    | "locked"
    | "touched_since"
    | "checkpoint_expired"
    | "checkpoint_scope"
    | "checkpoint_shared"
    | "already_compensated"
    | "scope_unknown";
  readonly task: string;
  readonly blocks: boolean;
  readonly resource?: string;
  readonly ckptId?: string;
  /** The task or the rollback on the other side. */
  readonly by?: string;
}

/** Why a task cannot be undone. */
export type ImpossibleReason =
  | "declared_irreversible"
  | "no_way_known"
  | "compensation_stays"
  | "domain_without_gateway";

/** What stays changed, and who must be told (N13). */
export interface Impossible {
  readonly n: number;
  readonly task: string;
  readonly agent: string;
  readonly execAct: string;
  readonly why: ImpossibleReason;
  readonly resources: readonly string[];
  readonly tell: readonly string[];
}

/** How one task is undone. `coveredBy`: the checkpoint whose restore undoes it together with an earlier task. */
export interface Choice {
  readonly method: RollbackMethod;
  readonly agent: string;
  readonly ckpt: PlacedCheckpoint | null;
  readonly covered: boolean;
  readonly cost: string | null;
  readonly impossible: ImpossibleReason | null;
}
