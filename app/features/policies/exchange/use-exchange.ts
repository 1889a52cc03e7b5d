import { useCallback, useState } from "react";
import { v4 } from "uuid";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { reissued } from "../../../protocol/acp/reissue.ts";

export interface Exchange {
  /** The policy in force whose place is taken. */
  readonly replaces: { readonly jti: string; readonly hash: string };
  /** The JSON of the draft, which is a policy: members that this version does not know are signed with it. */
  readonly text: string;
}

export interface Exchanged {
  readonly jti: string;
  readonly seq: number;
  /** Tasks that were under way and are asked for anew. */
  readonly interrupted: number;
}

/** Signs a draft as the policy of a running workflow and puts it in the place of the one it is under (ACP-44, ACP-61). */
export function useExchange() {
  const { client } = useApi();
  const { operator, sign, confirmPresence } = useOperator();
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [done, setDone] = useState<Exchanged | null>(null);
  const exchange = useCallback(
    ({ replaces, text }: Exchange): void => {
      if (operator === null) return;
      const put = async (): Promise<Exchanged> => {
        confirmPresence();
        const issue = { issuer: operator.subject, jti: v4(), nowS: Math.floor(Date.now() / 1000) };
        const { jti, hash } = replaces;
        // It was checked before it could be put in force, and is replayed as it was parsed then.
        const draft = JSON.parse(text) as AcpClaims;
        const token = await sign("acp+jwt", { ...reissued(draft, issue), replaces: { jti, hash } });
        return client.policy.replace({ token });
      };
      setBusy(true);
      setProblem(null);
      put()
        .then(setDone, (error: unknown) => setProblem(problemOf(error)))
        .finally(() => setBusy(false));
    },
    [client, operator, sign, confirmPresence],
  );
  return { exchange, problem, isBusy, done };
}
