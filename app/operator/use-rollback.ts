import { useCallback, useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { must } from "../base/assert.ts";
import type { ResidueVerb } from "../protocol/cascade/residue-handling.ts";
import type { RollbackTarget } from "../protocol/cascade/rollback-claims.ts";
import { useOperatorSession } from "./operator-context.tsx";
import { rollbackClaims } from "./order-claims.ts";
import {
  manualResultClaims,
  type RollbackNamed,
  residueClaims,
  rollbackAbortClaims,
  rollbackConfirmClaims,
} from "./rollback-orders.ts";
import type { Second } from "./second-person.tsx";
import { type Given, useCosigned } from "./use-orders.ts";

export interface RollbackOrder {
  readonly wid: string;
  readonly target: RollbackTarget;
  readonly keepTarget: boolean;
  readonly bestEffort: boolean;
  /** Digest of the plan that was shown: both people sign it (D4). */
  readonly planHash: string;
  readonly reason: string;
  readonly second: Second;
}

/** Orders a rollback, signed by two people; its `jti` is the rollback's id. Rejects where one of them does not authenticate. */
export function useRollbackOrder(): (order: RollbackOrder) => Promise<readonly Given[]> {
  const cosigned = useCosigned();
  const { client } = useApi();
  return useCallback(
    async ({ second, ...order }) => {
      const { claims, token } = await cosigned((by) => rollbackClaims({ ...order, ...by }), second);
      const problem = await client.rollback.request({ token }).then(() => null, problemOf);
      return [{ scope: claims.scope, jti: claims.jti, problem }];
    },
    [cosigned, client],
  );
}

export interface RollbackWord {
  readonly rollback: RollbackNamed;
  readonly reason: string;
}

export interface RollbackWords {
  /** `revision` is of the residues that were shown (CAS-26). */
  confirm(word: RollbackWord & { readonly revision: number }): Promise<Given>;
  abort(word: RollbackWord): Promise<Given>;
}

/** Ends a rollback: confirms what is left (CAS-16), or lets nothing more begin. */
export function useRollbackWord(): RollbackWords {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMemo(() => {
    const by = () => ({
      operator: must(session.store.getState().operator, "somebody is signed in when an order is given"),
      authTime: session.touch(),
      nowMs: Date.now(),
    });
    const given = async (
      { rollback }: RollbackWord,
      claims: { readonly jti: string },
      send: (input: { readonly token: string }) => Promise<unknown>,
    ): Promise<Given> => {
      const token = await session.sign("rollback-request+jwt", claims);
      const problem = await send({ token }).then(() => null, problemOf);
      return { scope: { kind: "workflow", id: rollback.wid }, jti: claims.jti, problem };
    };
    return {
      confirm: (word) => given(word, rollbackConfirmClaims({ ...word, ...by() }), client.rollback.confirm),
      abort: (word) => given(word, rollbackAbortClaims({ ...word, ...by() }), client.rollback.abort),
    };
  }, [session, client]);
}

export interface ResidueWord {
  readonly rbId: string;
  readonly n: number;
  readonly verb: ResidueVerb;
  readonly assignee?: string;
  readonly reason?: string;
}

/** Signs and gives what a person says of something that a rollback has left (CAS-33). Rejects with the client's error. */
export function useResidueWord(): (word: ResidueWord) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (word) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const claims = residueClaims({ ...word, operator, authTime: session.touch(), nowMs: Date.now() });
      await client.rollback.residue({ token: await session.sign("residue-handling+jwt", claims) });
    },
    [session, client],
  );
}

export type ManualStatus = "done" | "partial" | "failed" | "irreversible";

export interface ManualResult {
  readonly rbId: string;
  readonly planHash: string;
  readonly n: number;
  readonly task: string;
  readonly status: ManualStatus;
  readonly residue: readonly string[];
}

/** Signs and gives what a person says came of a manual step. Rejects with the client's error. */
export function useManualResult(): (result: ManualResult) => Promise<void> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (result) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const claims = manualResultClaims({ ...result, operator, nowMs: Date.now() });
      await client.rollback.result({ token: await session.sign("rollback-result+jwt", claims) });
    },
    [session, client],
  );
}
