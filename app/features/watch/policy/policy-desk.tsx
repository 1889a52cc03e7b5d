import { useMemo, useState } from "react";
import { v4 } from "uuid";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatDuration } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { Tabs } from "../../../ui/tabs.tsx";
import type { TaskGraph } from "../graph/task-graph.ts";
import { SPEEDS } from "../playback/position.ts";
import type { PreparedAnswer } from "../queries.ts";
import type { ActionFacts } from "./action-facts.ts";
import { ActsField } from "./acts-field.tsx";
import { checkPolicy } from "./check-policy.ts";
import { highRiskAgents, startTerms, USUAL_LIVENESS } from "./liveness-choice.ts";
import { LivenessFields } from "./liveness-fields.tsx";
import { makePolicy } from "./make-policy.ts";
import { groupProblem, type PolicyChoice, patternProblem, suggestChoice } from "./policy-choice.ts";
import { PolicyForm } from "./policy-form.tsx";
import { PolicyJson } from "./policy-json.tsx";
import { PolicySource } from "./policy-source.tsx";
import { PolicySummary } from "./policy-summary.tsx";
import { useActs } from "./use-acts.ts";
import { useStart } from "./use-start.ts";

export interface PolicyDeskProps {
  readonly title: string;
  readonly graph: TaskGraph;
  readonly facts: readonly ActionFacts[];
  readonly prepared: PreparedAnswer;
  /** The operator's id, who issues the policy. */
  readonly operator: string;
  /** The policy before, where a stopped workflow goes on. */
  readonly earlier: AcpClaims | null;
  onClose(): void;
  onStarted(wid: string): void;
}

/** A first look should not take an hour: the speed that plays the recording in about a minute. */
const WANTED_MS = 60_000;

/** The policy as a form and as the token's own JSON; what it means in words; then signed and started. */
export function PolicyDesk(props: PolicyDeskProps) {
  const { graph, facts, prepared, operator, earlier } = props;
  const endMs = useMemo(() => endOf(graph), [graph]);
  const [choice, setChoice] = useState<PolicyChoice>(() => suggestChoice(facts));
  const [speed, setSpeed] = useState(() => SPEEDS.find((item) => endMs / item <= WANTED_MS) ?? 1000);
  const agents = useMemo(() => agentUris(graph, prepared), [graph, prepared]);
  const fromForm = useMemo(
    () =>
      JSON.stringify(
        makePolicy(choice, facts, {
          operator,
          pepId: prepared.pepId,
          wid: prepared.wid,
          jti: v4(),
          nowS: Math.floor(Date.now() / 1000),
          agents,
        }),
        null,
        2,
      ),
    [choice, facts, operator, prepared, agents],
  );
  const [edited, setEdited] = useState<string | null>(() => (earlier === null ? null : renewed(earlier)));
  const [tab, setTab] = useState(earlier === null ? "form" : "json");
  const [isTaken, setTaken] = useState(false);
  /** Counts how often the form was gone back to. */
  const [round, setRound] = useState(0);
  const text = edited ?? fromForm;
  const checked = useMemo(() => checkPolicy(text, { wid: prepared.wid }), [text, prepared.wid]);
  const formProblem = edited === null ? patternProblem(choice.irreversible, facts) : null;
  const [liveness, setLiveness] = useState(USUAL_LIVENESS);
  const highRisk = useMemo(
    () => (checked.ok ? highRiskAgents(checked.value, facts, agents) : []),
    [checked, facts, agents],
  );
  const { start, problem, starting } = useStart(props.onStarted);
  const acts = useActs(graph, earlier === null);
  const ready =
    checked.ok &&
    formProblem === null &&
    (edited !== null || groupProblem(choice) === null) &&
    !starting &&
    acts.isOn !== null;
  return (
    <Dialog
      title={props.title}
      isOpen
      onOpenChange={props.onClose}
      size="lg"
      footer={
        <div className="flex w-full flex-wrap items-end justify-end gap-2">
          <div className="mr-auto flex items-end gap-2">
            <Select
              label="Speed of the re-enactment"
              items={SPEEDS.map((item) => ({ id: String(item), name: `× ${item}` }))}
              selectedKey={String(speed)}
              onSelectionChange={(id) => setSpeed(Number(id))}
              className="w-44"
            />
            <span className="pb-1.5 text-xs text-muted">
              {endMs === 0
                ? "no times in the recording: each step comes when the one before is done"
                : `${formatDuration(endMs)} recorded, about ${formatDuration(endMs / speed)} here`}
            </span>
          </div>
          <Button onPress={props.onClose}>Cancel</Button>
          <Button
            variant="primary"
            isDisabled={!ready}
            onPress={() => {
              if (checked.ok)
                start({
                  claims: checked.value,
                  text,
                  prepared,
                  digest: graph.run.digest,
                  speed,
                  resume: earlier !== null,
                  liveness: startTerms(liveness, highRisk),
                  acts: acts.isOn ?? false,
                });
            }}
          >
            {starting ? "Signing and starting …" : "Sign the policy and start"}
          </Button>
        </div>
      }
    >
      <div className="flex flex-col gap-4">
        {earlier === null ? (
          <PolicySource
            key={round}
            {...{ digest: graph.run.digest, wid: prepared.wid, agents, operator }}
            onPick={(picked) => {
              setEdited(picked);
              setTaken(picked !== null);
              setTab(picked === null ? "form" : "json");
            }}
          />
        ) : null}
        <PolicySummary checked={checked} graph={graph} agents={agents} />
        {problem === null ? null : <ProblemNote problem={problem} />}
        <LivenessFields
          choice={liveness}
          onChange={setLiveness}
          agents={graph.run.agents.map(({ name }, index) => ({ id: agents[index] ?? "", name }))}
          highRisk={highRisk.length}
        />
        <ActsField acts={acts} />
        <Tabs
          label="Policy"
          selected={tab}
          onSelect={setTab}
          items={[
            {
              id: "form",
              title: "Rules",
              content:
                edited === null ? (
                  <PolicyForm
                    choice={choice}
                    onChange={setChoice}
                    facts={facts}
                    agents={graph.run.agents.map(({ name }) => name)}
                    problem={formProblem}
                  />
                ) : (
                  <div className="flex flex-col items-start gap-2">
                    <p>
                      {isTaken
                        ? "This is the policy you chose, made for this run: its ids, its agents, its issuer. It is edited as JSON."
                        : earlier === null
                          ? "The policy was edited as JSON, which can say more than this form."
                          : "This is the policy from before the stop, or the draft made of it, with new times. It is edited as JSON."}
                    </p>
                    <Button
                      onPress={() => {
                        setEdited(null);
                        setTaken(false);
                        setRound(round + 1);
                      }}
                    >
                      Discard it and use the form
                    </Button>
                  </div>
                ),
            },
            {
              id: "json",
              title: "Token (JSON)",
              content: <PolicyJson text={text} checked={checked} onChange={setEdited} />,
            },
          ]}
        />
      </div>
    </Dialog>
  );
}

/** The agents' ids by their index in the run. */
function agentUris(graph: TaskGraph, prepared: PreparedAnswer): string[] {
  const byId = new Map(prepared.agents.map((agent) => [agent.id, agent.agent]));
  return graph.run.agents.map((agent) => byId.get(agent.id) ?? "");
}

function endOf(graph: TaskGraph): number {
  return graph.run.durationMs.reduce(
    (end, duration, task) => Math.max(end, (graph.run.startMs[task] ?? 0) + duration),
    0,
  );
}

/** The same rules as a new token: another id, the same lifetime from now on. */
function renewed(claims: AcpClaims): string {
  const nowS = Math.floor(Date.now() / 1000);
  return JSON.stringify({ ...claims, jti: v4(), iat: nowS, exp: nowS + (claims.exp - claims.iat) }, null, 2);
}
