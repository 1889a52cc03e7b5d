import { useState } from "react";
import { setNextPolicy, useNextPolicy } from "../../../api/client/next-policies.ts";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import type { PolicyRow } from "../../../api/contract/policy.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import type { SetPoliciesSearch } from "../policies-search.ts";
import type { Draft, PolicyAnswer } from "../use-policy.ts";
import { ExchangeDialog } from "./exchange-dialog.tsx";

export interface IssuingProps {
  readonly answer: PolicyAnswer;
  readonly draft: Draft | null;
  readonly setSearch: SetPoliciesSearch;
}

/** What can be done with a draft: put in force where its workflow runs, used for the next start where it is stopped, or for another run. */
export function Issuing({ answer, draft, setSearch }: IssuingProps) {
  const { policy } = answer;
  const sound = draft?.checked.ok === true ? draft : null;
  // What is under review stays what was opened, whatever becomes of the draft.
  const [reviewed, setReviewed] = useState<{ readonly claims: AcpClaims; readonly text: string } | null>(null);
  return (
    <div className="flex max-w-3xl flex-col items-start gap-2 border-t border-line pt-3">
      <p className="text-muted">
        {wordsOf(policy)} Try it and replay it first.{" "}
        <GoLink to="/watch" search={{ wid: policy.wid }}>
          Go to the workflow
        </GoLink>
      </p>
      {canBeReplaced(policy) ? (
        <Button
          variant="primary"
          isDisabled={sound === null}
          onPress={() => {
            if (sound?.checked.ok === true) setReviewed({ claims: sound.checked.value, text: sound.text });
          }}
        >
          Put in force …
        </Button>
      ) : null}
      {policy.workflow?.status === "stopped" && sound !== null ? (
        <ForNextStart wid={policy.wid} text={sound.text} />
      ) : null}
      {reviewed === null ? null : (
        <ExchangeDialog
          policy={policy}
          claims={answer.claims}
          draft={reviewed.claims}
          text={reviewed.text}
          onClose={() => setReviewed(null)}
          onDone={(jti) => {
            setReviewed(null);
            setDraft(policy.jti, null);
            setSearch({ policy: jti, version: undefined, tab: "rules", node: undefined });
          }}
        />
      )}
    </div>
  );
}

/** Its own policy, in force over a workflow that runs: a derived one is its agent's, a stopped workflow is started anew. */
const canBeReplaced = ({ inForce, revoked, parent, workflow }: PolicyRow): boolean =>
  inForce && revoked === null && parent === null && workflow?.status === "running";

function wordsOf(policy: PolicyRow): string {
  const elsewhere = "The draft can be chosen in Watch, where another run is started.";
  if (policy.workflow?.status === "stopped")
    return "This workflow is stopped: when it is started again in Watch, it is under the policy that is signed there.";
  if (canBeReplaced(policy))
    return "A draft decides nothing until it is put in force in the place of this policy: what is under way is then asked for anew.";
  if (policy.replacedBy !== null) return `Another policy has taken its place. ${elsewhere}`;
  if (policy.parent !== null && policy.inForce)
    return "An agent derived this policy for another: it changes with the policy it was derived from.";
  return `This policy is not in force over a running workflow. ${elsewhere}`;
}

function ForNextStart({ wid, text }: { readonly wid: string; readonly text: string }) {
  const kept = useNextPolicy(wid);
  return (
    <>
      <Button isDisabled={kept === text} onPress={() => setNextPolicy(wid, text)}>
        Use it for the next start
      </Button>
      <p role="status" className="text-muted">
        {kept === text
          ? "“Start again under a new policy” in Watch begins with this draft. It is issued when you sign it there."
          : ""}
      </p>
    </>
  );
}
