import type { GrantRow } from "../../../api/contract/policy.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { rolesEnding } from "../../../operator/use-grant.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Meter } from "../../../ui/meter.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { agentName, listed, word } from "../words.ts";
import { GRANT_LOOK, grantStateAt } from "./grant-rows.ts";

export interface GrantFactsProps {
  readonly grant: GrantRow;
  /** Epoch seconds. */
  readonly nowS: number;
  onEnd(): void;
}

/** One grant: what for, how much is left of it, until when, by whom and why. */
export function GrantFacts({ grant, nowS, onEnd }: GrantFactsProps) {
  const state = grantStateAt(grant, nowS);
  return (
    <div className="grid gap-x-6 gap-y-1 md:grid-cols-[minmax(0,1fr)_15rem]">
      <div className="flex min-w-0 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-3">
          <Mark {...GRANT_LOOK[state]} />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <span className="font-medium">{agentName(grant.agent)}</span> may do{" "}
            <span className="font-mono text-xs">{word(grant.execAct)}</span>
          </span>
        </p>
        <p>
          Answers {grant.ruleIds.length === 1 ? "rule" : "the rules"} {listed(grant.ruleIds)} in place of{" "}
          {word(grant.role)}; touches{" "}
          {grant.resources === null ? "whatever the policy allows" : `only ${listed(grant.resources)}`}.
        </p>
        <p>
          Given by {agentName(grant.by)} <Ago sinceMs={grant.at * 1000} />, because:{" "}
          <UntrustedText text={grant.reason} maxCharacters={200} />
        </p>
        {state === "void" ? (
          <p>Its policy decides nothing any more: it was replaced, or its run has finished.</p>
        ) : null}
        {grant.revoked === null ? null : (
          <p>
            Ended by {agentName(grant.revoked.by)} <Ago sinceMs={grant.revoked.at * 1000} />, because:{" "}
            <UntrustedText text={grant.revoked.reason} maxCharacters={200} />{" "}
            <GoLink to="/timeline" search={{ entry: grant.revoked.seq }}>
              entry {formatCount(grant.revoked.seq)}
            </GoLink>
          </p>
        )}
        <p className="text-xs text-muted">
          {grant.runName === "" ? null : <>Run {word(grant.runName)}; </>}
          <GoLink to="/timeline" search={{ entry: grant.seq }}>
            entry {formatCount(grant.seq)}
          </GoLink>
          ;{" "}
          <GoLink to="/policies" search={{ policy: grant.policy }}>
            its policy
          </GoLink>
          ;{" "}
          <GoLink to="/watch" search={{ wid: grant.wid }}>
            its workflow
          </GoLink>
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        <Uses grant={grant} state={state} />
        <p>
          {state === "in_force" ? `${formatDuration((grant.until - nowS) * 1000)} left, until` : "was given until"}{" "}
          <Instant epochMs={grant.until * 1000} />
        </p>
        {state === "in_force" ? <End grant={grant} onEnd={onEnd} /> : null}
      </div>
    </div>
  );
}

/** A bar while it can still be used; of an ended one only the number matters. */
function Uses({ grant, state }: { readonly grant: GrantRow; readonly state: GrantRow["state"] }) {
  const { uses, maxUses } = grant;
  const text = `${formatCount(uses)} of ${formatCount(maxUses)} uses`;
  if (state !== "in_force") return <p>{text}</p>;
  return <Meter label="Uses" share={uses / maxUses} text={`${text}, ${formatCount(maxUses - uses)} left`} />;
}

/** Ending is open to whoever could have given it and to those who may stop; nobody else is offered it. */
function End({ grant, onEnd }: Pick<GrantFactsProps, "grant" | "onEnd">) {
  const { operator } = useOperator();
  const roles = rolesEnding(grant.role);
  const mayNot = operator !== null && operator.roles.length > 0 && !roles.some((role) => operator.roles.includes(role));
  if (mayNot) return <p className="text-xs text-muted">Ending it needs the role {listed(roles.map(inWords), "or")}.</p>;
  return (
    <Button
      size="sm"
      variant="danger"
      shortcut="x"
      className="self-start"
      aria-label={`End the grant for ${word(grant.execAct)} by ${agentName(grant.agent)}`}
      onPress={onEnd}
    >
      End it …
    </Button>
  );
}

const inWords = (role: string): string => role.replaceAll("_", " ");
