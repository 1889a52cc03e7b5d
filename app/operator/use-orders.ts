import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";
import { must } from "../base/assert.ts";
import type { OverrideClaimsInput, OverrideScope } from "../protocol/override/claims.ts";
import { signalDigest } from "../protocol/override/cosign.ts";
import type { ModifyParams, PauseParams } from "../protocol/override/params.ts";
import { useOperatorSession } from "./operator-context.tsx";
import {
  carryOutClaims,
  cosignClaims,
  modifyClaims,
  orderlyStopClaims,
  pauseClaims,
  releaseClaims,
  resumeClaims,
  takeoverClaims,
} from "./order-claims.ts";
import type { SignalInput } from "./override-signal.ts";
import type { Second } from "./second-person.tsx";

/** What became of one signal of an order: it is in the log under its `jti`, or why it is not. */
export interface Given {
  readonly scope: OverrideScope;
  readonly jti: string;
  readonly problem: ShownProblem | null;
}

type Signed = Pick<SignalInput, "operator" | "authTime" | "nowMs">;
type Make = (by: Signed) => OverrideClaimsInput;

/**
 * Signs and gives signals one after the other, all of one moment and one authentication. One that is refused does not keep
 * the others back: each is answered for. Rejects only where nobody signed.
 */
function useGive(): (makes: readonly Make[]) => Promise<readonly Given[]> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (makes) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const by: Signed = { operator, authTime: session.touch(), nowMs: Date.now() };
      const given: Given[] = [];
      for (const make of makes) {
        const claims = make(by);
        const token = await session.sign("override+jwt", claims);
        const problem = await client.override.signal({ token }).then(() => null, problemOf);
        given.push({ scope: claims.scope, jti: claims.jti, problem });
      }
      return given;
    },
    [session, client],
  );
}

export interface PauseOrder {
  /** One signal each: ending one frees exactly what no other one holds (S13). */
  readonly scopes: readonly OverrideScope[];
  readonly mode: PauseParams["mode"];
  readonly reason: string;
  /** Epoch seconds at which it ends by itself. */
  readonly effectUntil?: number;
}

/** Pauses each scope. */
export function usePause(): (order: PauseOrder) => Promise<readonly Given[]> {
  const give = useGive();
  return useCallback(
    ({ scopes, ...order }) => give(scopes.map((scope) => (by) => pauseClaims({ ...order, scope, ...by }))),
    [give],
  );
}

export interface OrderlyStop {
  readonly scopes: readonly OverrideScope[];
  readonly graceMs: number;
  readonly reason: string;
}

/** Stops each scope at a safe point, or at once when the time for that is over (S10). */
export function useOrderlyStop(): (order: OrderlyStop) => Promise<readonly Given[]> {
  const give = useGive();
  return useCallback(
    ({ scopes, ...order }) => give(scopes.map((scope) => (by) => orderlyStopClaims({ ...order, scope, ...by }))),
    [give],
  );
}

export interface TakeoverOrder {
  /** One agent or the agents of one workflow. */
  readonly scope: OverrideScope;
  readonly reason: string;
  /** Epoch seconds at which it goes over into a pause, at most 28,800 s from now (OVR-22). */
  readonly effectUntil: number;
  /** The second person, whose key is in this profile. */
  readonly second: Second;
}

/**
 * Two people sign the same order (OVR-S4, D4), the second one in this profile, for this order alone. Rejects where either of
 * them does not authenticate.
 */
export function useCosigned(): (make: Make, second: Second) => Promise<CosignedOrder> {
  const session = useOperatorSession();
  return useCallback(
    async (make, second) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const nowMs = Date.now();
      const claims = make({ operator, authTime: session.touch(), nowMs });
      const { createSha256 } = await import("../protocol/jose/hasher.ts");
      // What is signed is the JSON of the claims: members that are undefined are not there.
      const digest = signalDigest(JSON.parse(JSON.stringify(claims)), await createSha256());
      if (!digest.ok) throw new Error("Nothing was signed: the order could not be digested.");
      const signal = { jti: claims.jti, digest: digest.value };
      const cosign = await session.countersign(second.kid, second.passphrase, "override-cosign+jwt", (by) =>
        cosignClaims({ ...by, nowMs, signal }),
      );
      if (!cosign.ok) throw new Error(`Nothing was signed. The second signature: ${cosign.error.detail}.`);
      return { claims, token: await session.sign("override+jwt", { ...claims, cosign: [cosign.value] }) };
    },
    [session],
  );
}

export interface CosignedOrder {
  readonly claims: OverrideClaimsInput;
  readonly token: string;
}

/** Takes agents over, signed by two people. */
export function useTakeover(): (order: TakeoverOrder) => Promise<readonly Given[]> {
  const cosigned = useCosigned();
  const { client } = useApi();
  return useCallback(
    async ({ second, ...order }) => {
      const { claims, token } = await cosigned((by) => takeoverClaims({ ...order, ...by }), second);
      const problem = await client.override.signal({ token }).then(() => null, problemOf);
      return [{ scope: claims.scope, jti: claims.jti, problem }];
    },
    [cosigned, client],
  );
}

export interface CarryOut {
  readonly task: string;
  /** jti and priority of the takeover. */
  readonly of: string;
  readonly priority: number;
  readonly reason: string;
}

/** Carries out one step of an agent that was taken over, under the same policy and record (OVR-30). */
export function useCarryOut(): (step: CarryOut) => Promise<readonly Given[]> {
  const give = useGive();
  return useCallback((step) => give([(by) => carryOutClaims({ ...step, ...by })]), [give]);
}

/** A signal in force that is to end, as the log has it. */
export interface InForce {
  readonly jti: string;
  readonly scope: OverrideScope;
  readonly action: string;
  /** A takeover that is over and holds as a pause. */
  readonly lapsed: boolean;
  /** The end has at least the priority of what it ends (OVR-15, OVR-26). */
  readonly priority: number;
}

/** The action that ends a signal, or null where nothing of it lasts (override.md section c). */
export function endingOf({ action, lapsed }: Pick<InForce, "action" | "lapsed">): "resume" | "release" | null {
  if (action === "pause" || lapsed) return "resume";
  return action === "stop" || action === "modify" || action === "takeover" ? "release" : null;
}

/** Ends signals in force: resumes pauses, releases stops, changes of limits and takeovers. */
export function useResume(): (signals: readonly InForce[], reason: string) => Promise<readonly Given[]> {
  const give = useGive();
  return useCallback(
    (signals, reason) =>
      give(
        signals.map(({ jti: of, scope, priority, ...signal }) => (by) => {
          const end = { of, scope, reason, ...by };
          return endingOf(signal) === "resume" ? resumeClaims({ ...end, priority }) : releaseOf(end, priority);
        }),
      ),
    [give],
  );
}

const releaseOf = (end: SignalInput & { readonly of: string }, priority: number): OverrideClaimsInput => ({
  ...releaseClaims(end),
  priority,
});

export interface ModifyOrder {
  /** Agents or one workflow, one signal each. */
  readonly scopes: readonly OverrideScope[];
  readonly set: ModifyParams["set"];
  readonly reason: string;
  /** Epoch seconds at which it reverts unless it is confirmed (S14). */
  readonly effectUntil?: number;
  /** A change in force that this one takes the place of: with the same limits and no end of its own it confirms that one. */
  readonly supersedes?: string;
  readonly priority?: number;
}

/** Changes the limits of one scope where that may widen them: signed by two people (OVR-S4). */
export function useWiden(): (
  order: Omit<ModifyOrder, "scopes"> & { readonly scope: OverrideScope; readonly second: Second },
) => Promise<readonly Given[]> {
  const cosigned = useCosigned();
  const { client } = useApi();
  return useCallback(
    async ({ second, ...order }) => {
      const { claims, token } = await cosigned((by) => modifyClaims({ ...order, ...by, onlyNarrow: false }), second);
      const problem = await client.override.signal({ token }).then(() => null, problemOf);
      return [{ scope: claims.scope, jti: claims.jti, problem }];
    },
    [cosigned, client],
  );
}

/** Changes limits, only ever narrower: what may widen takes two operators (OVR-S4). */
export function useModify(): (order: ModifyOrder) => Promise<readonly Given[]> {
  const give = useGive();
  return useCallback(
    ({ scopes, ...order }) =>
      give(scopes.map((scope) => (by) => modifyClaims({ ...order, scope, ...by, onlyNarrow: true }))),
    [give],
  );
}
