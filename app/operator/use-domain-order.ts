import { useCallback } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import type { DomainOrder, DomainOrderClaims } from "../protocol/audit/domain-order.ts";
import { gatewayIdOf } from "../protocol/audit/trust-domain.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperatorSession } from "./operator-context.tsx";

const LIFETIME_S = 120;

/** Roles in which each is ordered, the lesser first; where none is held the domain says so. */
const ROLES: Readonly<Record<DomainOrder["kind"], readonly [string, ...string[]]>> = {
  border_policy: ["safety_officer"],
  confirm: ["duty_manager", "safety_officer"],
  legal_hold: ["auditor", "duty_manager", "safety_officer"],
  end_hold: ["safety_officer"],
  erase: ["duty_manager", "safety_officer"],
};

type Taken = Awaited<ReturnType<SignalboxClient["domains"]["order"]>>;

/** Signs and gives a domain a `domain-order+jwt` (XDA-72 to XDA-76). Rejects with the client's error. */
export function useDomainOrder(): (domain: string, order: DomainOrder, reason: string) => Promise<Taken> {
  const session = useOperatorSession();
  const { client } = useApi();
  return useCallback(
    async (domain, order, reason) => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a domain is given an order");
      const roles = ROLES[order.kind];
      const claims: DomainOrderClaims = {
        ...commonClaims({ iss: operator.subject, aud: [gatewayIdOf(domain)], lifetimeS: LIFETIME_S }),
        ...{ domain, order, reason },
        role: roles.find((role) => operator.roles.includes(role)) ?? roles[0],
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
      return client.domains.order({ token: await session.sign("domain-order+jwt", claims) });
    },
    [session, client],
  );
}
