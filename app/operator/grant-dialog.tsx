import { useState } from "react";
import { MAX_GRANT_USES } from "../protocol/acp/grant.ts";
import { Button } from "../ui/button.tsx";
import { Facts } from "../ui/definition-list.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { formatDuration } from "../ui/duration.ts";
import { Identifier } from "../ui/identifier.tsx";
import { MarkIcon } from "../ui/mark.tsx";
import { Select } from "../ui/select.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { UntrustedText } from "../ui/untrusted-text.tsx";
import { visibleText } from "../ui/visible-text.ts";
import {
  DEFAULT_LIFETIME_S,
  DEFAULT_USES,
  type GrantLimits,
  type GrantSubject,
  grantMistakes,
  LIFETIMES_S,
  patternsOf,
} from "./grant-claims.ts";
import { useOperator } from "./operator-context.tsx";
import { useGiveGrant } from "./use-grant.ts";
import { useSigning } from "./use-signing.ts";

const MAX_REASON = 2000;

export interface GrantDialogProps {
  readonly subject: GrantSubject;
  onClose(): void;
  /** It was given; its id. */
  onGiven?(jti: string): void;
}

/**
 * Gives leave in advance for the next actions of one kind (ACP-40): what exactly will be allowed, how often and until when,
 * and what is asked about all the same. Whoever opens it has made sure that a grant can answer for the action at all.
 */
export function GrantDialog({ subject, onClose, onGiven }: GrantDialogProps) {
  const { operator } = useOperator();
  const give = useGiveGrant();
  const [limits, setLimits] = useState<GrantLimits>(() => ({
    uses: String(DEFAULT_USES),
    lifetimeS: DEFAULT_LIFETIME_S,
    resources: subject.target ?? "",
    reason: "",
  }));
  const { run, isBusy, problem } = useSigning(
    () => give(subject, limits),
    { title: "Standing grant given", detail: "It is listed under Policies, where it can be ended." },
    (jti) => {
      onGiven?.(jti);
      onClose();
    },
  );
  const mistakes = grantMistakes(limits);
  const isSound = Object.keys(mistakes).length === 0;
  // No role is told by a host of an earlier contract, or before it has answered: the engine decides.
  const lacksRole = operator !== null && operator.roles.length > 0 && !operator.roles.includes(subject.role);
  const isReady = operator !== null && !lacksRole && isSound && limits.reason.trim() !== "" && !isBusy;
  const set = (change: Partial<GrantLimits>): void => setLimits((now) => ({ ...now, ...change }));

  return (
    <Dialog
      title="Give a standing grant"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button variant="quiet" onPress={onClose}>
            Go on asking each time
          </Button>
          <Button variant="primary" onPress={run} isDisabled={!isReady}>
            {isBusy ? "Signing …" : "Sign and give it"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <section aria-label="What is allowed" className="space-y-2">
          <p role="status">
            <Allowed limits={limits} isSound={isSound} />
          </p>
          <Facts
            items={[
              { term: "Agent", value: <UntrustedText text={subject.agent} mono maxCharacters={200} /> },
              { term: "Action", value: <UntrustedText text={subject.execAct} mono maxCharacters={200} /> },
              { term: "In place of", value: <InPlaceOf subject={subject} /> },
              { term: "Under", value: <Identifier value={subject.acp.jti} label="policy id" /> },
              { term: "Touches", value: <Touched resources={limits.resources} /> },
            ]}
          />
        </section>
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Uses, at most"
            value={limits.uses}
            onChange={(uses) => set({ uses })}
            errorMessage={mistakes.uses}
            description={`1 to ${MAX_GRANT_USES}`}
          />
          <Select
            label="For"
            items={LIFETIMES_S.map((life) => ({ id: String(life), name: formatDuration(life * 1000) }))}
            selectedKey={String(limits.lifetimeS)}
            onSelectionChange={(id) => set({ lifetimeS: Number(id) })}
          />
        </div>
        <TextField
          label="Only where it touches nothing but (optional)"
          value={limits.resources}
          onChange={(resources) => set({ resources })}
          errorMessage={mistakes.resources}
          description="URIs, or beginnings of them ending in *, separated by spaces."
          mono
        />
        <TextField
          label="Why need nobody be asked? (recorded)"
          value={limits.reason}
          onChange={(reason) => set({ reason })}
          multiline
          isRequired
          maxLength={MAX_REASON}
        />
        <NeverCovered />
        <p className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : lacksRole
              ? `Giving it needs the role ${visibleText(subject.role).replaceAll("_", " ")}, which you do not hold.`
              : `Pressing Sign and give it signs this as ${visibleText(operator.name)}.`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}

function Allowed({ limits, isSound }: { readonly limits: GrantLimits; readonly isSound: boolean }) {
  if (!isSound)
    return (
      <span className="flex gap-2">
        <span className="mt-1">
          <MarkIcon shape="triangle" tone="warning" />
        </span>
        Not a grant that can be given yet; see below.
      </span>
    );
  const times = limits.uses === "1" ? "once" : `${limits.uses} times at most`;
  return (
    <>
      This agent may do this action without anybody being asked, <b>{times}</b>, for{" "}
      <b>{formatDuration(limits.lifetimeS * 1000)}</b> from your signature. Each use is recorded and names this grant.
    </>
  );
}

function InPlaceOf({ subject: { role, ruleIds } }: { readonly subject: GrantSubject }) {
  return (
    <>
      one approval by the role <UntrustedText text={role} maxCharacters={64} />, asked for by{" "}
      {ruleIds.length === 1 ? "rule" : "the rules"} <UntrustedText text={ruleIds.join(", ")} mono maxCharacters={300} />
    </>
  );
}

function Touched({ resources }: { readonly resources: string }) {
  const patterns = patternsOf(resources);
  if (patterns.length === 0) return "whatever the policy allows";
  return <UntrustedText text={patterns.join("  ")} mono maxCharacters={300} />;
}

const NEVER = [
  "anything that cannot be undone",
  "what several people must approve, or another role",
  "what a rule besides those above matches",
  "this agent under another policy: when the policy is replaced, the grant is void",
] as const;

function NeverCovered() {
  return (
    <section aria-label="Never covered">
      <h3 className="text-xs font-medium text-muted">Never covered: somebody is asked all the same</h3>
      <ul className="mt-1 space-y-0.5">
        {NEVER.map((what) => (
          <li key={what} className="flex gap-2">
            <span className="mt-1">
              <MarkIcon shape="square" tone="neutral" size={10} />
            </span>
            {what}
          </li>
        ))}
      </ul>
    </section>
  );
}
