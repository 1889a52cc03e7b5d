import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { Position } from "../../../api/contract/common.ts";
import type { ActionDecision, IntendedActionInput } from "../../../api/contract/policy.ts";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { SuggestField } from "../../../ui/suggest-field.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { GrantOffer } from "../grants/grant-offer.tsx";
import type { SearchProps } from "../policies-search.ts";
import type { ShownPolicy } from "../use-policy.ts";
import { DecisionView } from "./decision-view.tsx";
import { NEEDS_FIELDS, needsOf, textsOf } from "./needs-fields.ts";

export interface TryTabProps extends SearchProps {
  readonly shown: ShownPolicy;
}

/** Try it: how the enforcement point would decide about an action, now. Nothing is recorded, nothing happens. */
export function TryTab({ shown, search, setSearch }: TryTabProps) {
  const { agent = "", act = "" } = search;
  const known = shown.answer.actions;
  const agents = [...new Set(known.map((one) => one.agent))];
  const acts = [...new Set(known.filter((one) => agent === "" || one.agent === agent).map((one) => one.execAct))];
  return (
    <div className="grid items-start gap-x-8 gap-y-4 xl:grid-cols-2">
      <section aria-label="Action to try" className="flex flex-col gap-3">
        <SuggestField
          label="Agent"
          value={agent}
          onChange={(next) => setSearch({ agent: next === "" ? undefined : next }, { replace: true })}
          suggestions={agents}
          maxLength={1024}
        />
        <SuggestField
          label="Action"
          value={act}
          onChange={(next) => setSearch({ act: next === "" ? undefined : next }, { replace: true })}
          suggestions={acts}
          maxLength={256}
        />
        <Needs search={search} setSearch={setSearch} />
        <Checkbox
          isSelected={search.usage === undefined}
          onChange={(live) => setSearch({ usage: live ? undefined : "none" }, { replace: true })}
        >
          On top of what the workflow has used up so far
        </Checkbox>
      </section>
      {agent === "" || act === "" ? (
        <p className="text-muted">
          Pick or type an agent and an action. {formatCount(known.length)} of this run are suggested. What an action
          does not state counts as too much for a limit, and as a match for a rule.
        </p>
      ) : (
        <Decided shown={shown} search={search} setSearch={setSearch} agent={agent} act={act} />
      )}
    </div>
  );
}

/** What the action states of itself. A field that is wrong stays here and is not stated. */
function Needs({ search, setSearch }: SearchProps) {
  const [texts, setTexts] = useState(() => textsOf(search.needs));
  const { mistakes } = needsOf(texts);
  return (
    <fieldset className="grid grid-cols-1 gap-x-3 gap-y-2 border border-line p-2 sm:grid-cols-2">
      <legend className="px-1 text-xs font-medium text-muted">What it states that it needs</legend>
      <div className="sm:col-span-2">
        <TextField
          label="Target"
          value={search.target ?? ""}
          maxLength={1024}
          mono
          onChange={(target) => setSearch({ target: target === "" ? undefined : target }, { replace: true })}
        />
      </div>
      {NEEDS_FIELDS.map(({ name, label, example }) => (
        <TextField
          key={name}
          label={label}
          value={texts[name]}
          placeholder={`not stated, e.g. ${example}`}
          errorMessage={mistakes[name]}
          onChange={(text) => {
            const next = { ...texts, [name]: text };
            setTexts(next);
            setSearch({ needs: needsOf(next).needs }, { replace: true });
          }}
        />
      ))}
    </fieldset>
  );
}

interface DecidedProps extends SearchProps {
  readonly shown: ShownPolicy;
  readonly agent: string;
  readonly act: string;
}

function Decided({ shown, search, setSearch, agent, act }: DecidedProps) {
  const { orpc } = useApi();
  const action: IntendedActionInput = {
    agent,
    execAct: act,
    ...(search.target === undefined ? {} : { target: search.target }),
    ...(search.needs === undefined ? {} : { needs: search.needs }),
  };
  const policy = search.version === "draft" ? { claims: shown.claims } : { jti: shown.answer.policy.jti };
  const decided = useQuery(
    orpc.policy.decide.queryOptions({
      input: { policy, action, usage: search.usage ?? "live" },
      placeholderData: keepPreviousData,
    }),
  );
  if (decided.isError && decided.data === undefined)
    return <ProblemNote problem={problemOf(decided.error)} onRetry={() => void decided.refetch()} />;
  if (decided.data === undefined) return <Loading what="the decision" />;
  const { decision, position } = decided.data;
  return (
    <div className="flex flex-col gap-3">
      <Answer decision={decision} position={position} failed={decided.isError} />
      {shown.isDraft || decided.isPlaceholderData ? null : (
        <GrantOffer
          {...{ answer: shown.answer, decision, agent, act, target: search.target }}
          onGiven={(jti) => setSearch({ show: "grants", grant: jti })}
        />
      )}
    </div>
  );
}

interface AnswerProps {
  readonly decision: ActionDecision;
  readonly position: Position;
  readonly failed: boolean;
}

function Answer({ decision, position, failed }: AnswerProps) {
  return (
    <div className="flex flex-col gap-2">
      <DecisionView decision={decision} />
      <p className={`text-xs ${failed ? "text-warning" : "text-muted"}`}>
        {failed ? "Not current: it could not be asked again. " : ""}Decided at {formatCount(position.size)} entries of
        the log, <Ago sinceMs={position.atMs} />. Nothing was recorded.
      </p>
    </div>
  );
}
