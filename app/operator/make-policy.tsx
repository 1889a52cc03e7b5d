import { useMemo } from "react";
import { setDraft, useDraft } from "../api/client/policy-drafts.ts";
import { checkDraftText } from "../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../protocol/acp/claims.ts";
import {
  type DecidedAlike,
  draftFromDecisions,
  type NoDraft,
  type ProposedChange,
} from "../protocol/acp/draft-from-decisions.ts";
import { Button } from "../ui/button.tsx";
import { GoLink } from "../ui/go-link.tsx";
import { UntrustedText } from "../ui/untrusted-text.tsx";
import { shortenMiddle, visibleText } from "../ui/visible-text.ts";

/** Where a proposed draft is looked at: its replay, which begins by itself. The draft is kept under its policy's id. */
export const proposalSearch = (jti: string) =>
  ({ policy: jti, version: "draft", tab: "replay", replay: "now" }) as const;

export interface MakePolicyProps {
  /** The policy that asked, as it was issued. */
  readonly policy: AcpClaims;
  readonly decided: DecidedAlike;
  /** Goes to the draft where that is in the same pane; a link to Policies otherwise. */
  onOpen?(search: ReturnType<typeof proposalSearch>): void;
}

/**
 * "Make this a policy" (N5, R2, J1): what would be changed so that the policy answers as people did each time, and the way to
 * that draft and its replay; or why there can be no draft. A draft that is at hand already is changed further.
 */
export function MakePolicy({ policy, decided, onOpen }: MakePolicyProps) {
  const kept = useDraft(policy.jti);
  const proposed = useMemo(() => draftFromDecisions(baseOf(kept, policy), decided), [kept, policy, decided]);
  if (!proposed.ok)
    return (
      <p className="text-muted">
        No policy can be made of it: <UntrustedText text={noDraftWords(proposed.error)} />.
      </p>
    );
  const { claims, changes, alsoFor } = proposed.value;
  const keep = (): void => setDraft(policy.jti, JSON.stringify(claims, null, 2));
  const search = proposalSearch(policy.jti);
  return (
    <div className="flex flex-col items-start gap-1">
      <p>
        <UntrustedText text={`Then ${changes.map(changeWords).join("; ")}.`} />
        {alsoFor.length === 0 ? null : (
          <UntrustedText
            text={` The same holds then for ${alsoFor.map((agent) => shortenMiddle(agent, 24, 24)).join(", ")}.`}
          />
        )}
      </p>
      {onOpen === undefined ? (
        <GoLink to="/policies" search={search} onClick={keep}>
          Make this a policy
        </GoLink>
      ) : (
        <Button
          size="sm"
          onPress={() => {
            keep();
            onOpen(search);
          }}
        >
          Make this a policy …
        </Button>
      )}
    </div>
  );
}

/** The draft of this tab where it is a policy of the same workflow; otherwise the policy as issued. */
function baseOf(kept: string | null, policy: AcpClaims): AcpClaims {
  const checked = kept === null ? null : checkDraftText(kept);
  return checked?.ok === true && checked.value.wid === policy.wid ? checked.value : policy;
}

function changeWords(change: ProposedChange): string {
  switch (change.kind) {
    case "rule_removed":
      return `rule ${visibleText(change.rule)} goes away, because it names nothing else`;
    case "rule_narrowed":
      return `rule ${visibleText(change.rule)} then names ${change.patterns.map(visibleText).join(", ")}`;
    case "node_removed":
      return `node ${visibleText(change.node)} goes away, because it allows nothing else`;
    case "action_removed":
      return `node ${visibleText(change.node)} does not allow it any more`;
  }
}

function noDraftWords({ code, subject }: NoDraft): string {
  const name = subject ?? "";
  switch (code) {
    case "irreversible":
      return "it cannot be undone, and such an action is approved each time";
    case "no_rule":
    case "rule_unknown":
      return "the rule that asked does not ask about it any more";
    case "rule_not_by_action":
      return `rule ${name} asks for another reason than the action's name, so the name alone cannot take it out`;
    case "several_people":
      return `rule ${name} asks several people, and that is not taken away by a habit`;
    case "pattern_too_wide":
      return `${name} names it by the beginning of a name only, which takes others in; write them out first`;
    case "action_not_named":
      return "no node allows it";
    case "not_a_policy":
      return `the result would not be a policy: ${name}`;
  }
}
