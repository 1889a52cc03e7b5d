import { useState } from "react";
import type { ActionDecision } from "../../../api/contract/policy.ts";
import type { GrantSubject } from "../../../operator/grant-claims.ts";
import { GrantDialog } from "../../../operator/grant-dialog.tsx";
import { Button } from "../../../ui/button.tsx";
import type { PolicyAnswer } from "../use-policy.ts";
import { whyNoGrant } from "./why-no-grant.ts";

export interface GrantOfferProps {
  readonly answer: PolicyAnswer;
  readonly decision: ActionDecision;
  readonly agent: string;
  readonly act: string;
  readonly target: string | undefined;
  /** It was given: where it can be seen. */
  onGiven(jti: string): void;
}

/** Where an action that is tried would wait for one person: leave in advance for the next ones, or why there can be none. */
export function GrantOffer({ answer, decision, agent, act, target, onGiven }: GrantOfferProps) {
  const [subject, setSubject] = useState<GrantSubject | null>(null);
  const { policy } = answer;
  const [due] = decision.roles;
  if (decision.effect !== "gate" || due === undefined) return null;
  const why = whyNoGrant(answer, decision, agent);
  if (why !== null) return <p className="text-muted">No standing grant can answer for it: {why}.</p>;
  return (
    <>
      <Button
        className="self-start"
        onPress={() =>
          setSubject({
            ...{ wid: policy.wid, acp: { jti: policy.jti, hash: policy.hash }, agent, execAct: act },
            ...{ ruleIds: decision.ruleIds, role: due.role, target: target ?? null },
          })
        }
      >
        Give a standing grant …
      </Button>
      {subject === null ? null : <GrantDialog subject={subject} onClose={() => setSubject(null)} onGiven={onGiven} />}
    </>
  );
}
