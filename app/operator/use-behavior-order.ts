import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { must } from "../base/assert.ts";
import type { BehaviorOrderClaims } from "../protocol/behavior/order.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";
import type { Given } from "./use-orders.ts";

const LIFETIME_S = 120;

/** Who may order about an agent; whether somebody holds one of them is the engine's to say. */
export const BEHAVIOR_ORDER_ROLES: readonly BehaviorOrderClaims["role"][] = [
  "operator",
  "duty_manager",
  "safety_officer",
];

export type BehaviorOrder = Pick<BehaviorOrderClaims, "agent" | "order" | "basis" | "reason">;

/**
 * Signs and gives a `behavior-order+jwt`: an agent into quarantine, or out of it (BEH-14). Answers with what became of it;
 * rejects only where nobody signed.
 */
export function useBehaviorOrder(): (order: BehaviorOrder) => Promise<readonly Given[]> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async ({ agent, order, basis, reason }) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const claims: BehaviorOrderClaims = {
        ...commonClaims({ iss: operator.subject, aud: [operator.pepId], lifetimeS: LIFETIME_S }),
        ...{ agent, order, reason },
        ...(basis === undefined ? {} : { basis }),
        role: BEHAVIOR_ORDER_ROLES.find((role) => operator.roles.includes(role)) ?? "operator",
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      const token = await session.sign("behavior-order+jwt", claims);
      const problem = await client.behavior.order({ token }).then(() => null, problemOf);
      return [{ scope: { kind: "agent", id: agent }, jti: claims.jti, problem }];
    },
    [session, client],
  );
}
