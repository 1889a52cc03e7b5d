import type { Order } from "../agents/messages.ts";
import { type Subject, scopeCovers } from "../engine/override/scope.ts";
import type { OverrideState } from "../engine/state.ts";
import type { OverrideClaims, OverrideScope } from "../protocol/override/claims.ts";

/** A pause, takeover or orderly stop in force, as the director of re-enactments needs it. */
export interface OperatorHold {
  readonly order: Order;
  readonly scope: OverrideScope;
  readonly action: OverrideClaims["action"];
  /** Whom it was given to: of one for an agent also those it had delegated to (OVR-17). */
  readonly agents: ReadonlySet<string>;
  /** Tasks that go on all the same: those an `after_task` pause lets end, those the operator of a takeover carries out. */
  readonly goingOn: Set<string>;
  /** A takeover whose time is over, or that was released: a pause from then on. */
  lapsed: boolean;
  /** Agents that have acknowledged that they are there: they are not asked again. */
  readonly complied: Set<string>;
}

/** The holds of the log, in step with its facts. What may happen is decided by the engine; this says what is worth trying. */
export interface OperatorHolds {
  add(hold: OperatorHold): void;
  get(signal: string): OperatorHold | undefined;
  remove(signal: string): void;
  covers(subject: Subject): boolean;
  all(): readonly OperatorHold[];
}

/** Whether a hold is about this action, by its scope or by whom it was forwarded to. */
export const holdReaches = ({ scope, agents }: Pick<OperatorHold, "scope" | "agents">, subject: Subject): boolean =>
  scopeCovers(scope, subject) || (scope.kind === "agent" && agents.has(subject.agent));

export function createOperatorHolds(): OperatorHolds {
  const holds = new Map<string, OperatorHold>();
  return {
    add: (hold) => {
      holds.set(hold.order.jti, hold);
    },
    get: (signal) => holds.get(signal),
    remove: (signal) => {
      holds.delete(signal);
    },
    covers: (subject) => {
      for (const hold of holds.values())
        if (holdReaches(hold, subject) && !(subject.task !== undefined && hold.goingOn.has(subject.task))) return true;
      return false;
    },
    all: () => [...holds.values()],
  };
}

/** A hold that the log has already, when a host is opened. */
export function restoredHold(signal: OverrideState): OperatorHold {
  const { claims } = signal;
  return {
    order: orderOf(claims, signal.hash),
    scope: claims.scope,
    action: claims.action,
    agents: new Set(signal.targets.keys()),
    goingOn: new Set([...signal.finishing, ...(signal.lapsed ? [] : signal.carried.keys())]),
    lapsed: signal.lapsed,
    complied: new Set([...signal.targets.values()].filter((target) => target.complied).map((target) => target.agent)),
  };
}

export const orderOf = (claims: OverrideClaims, digest: string): Order => ({
  jti: claims.jti,
  hash: digest,
  operator: claims.iss,
});
