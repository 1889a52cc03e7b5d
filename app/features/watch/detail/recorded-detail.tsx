import { useState } from "react";
import type { RunTask } from "../../../protocol/run/recorded-run.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Provenance } from "../provenance.tsx";
import { Section } from "./section.tsx";
import { Fold, JsonText } from "./token-detail.tsx";

const OUTCOME = {
  success: { shape: "dot", tone: "neutral", label: "success" },
  failure: { shape: "cross", tone: "critical", label: "failure" },
  killed: { shape: "square", tone: "warning", label: "killed" },
  unfinished: { shape: "ring", tone: "neutral", label: "unfinished" },
} as const;

/** What the recording says of a task: asserted by whoever made the recording, not checked by anybody here. */
export function RecordedDetail({ recorded, agent }: { readonly recorded: RunTask; readonly agent: string }) {
  const attributes = Object.entries(recorded.attributes);
  const { usage } = recorded;
  return (
    <Section title="In the recording" aside={<Provenance kind="asserted" />}>
      <Facts
        items={[
          { term: "Action", value: <code className="font-mono text-xs">{recorded.action}</code> },
          {
            term: "Agent",
            value: <UntrustedText text={recorded.agent} mono />,
            hint: <Identifier value={agent} label="agent id" />,
          },
          { term: "Recorded id", value: <UntrustedText text={recorded.id} mono maxCharacters={120} /> },
          { term: "Result", value: <Mark {...OUTCOME[recorded.outcome]} /> },
          ...(recorded.error === null
            ? []
            : [{ term: "Error", value: <UntrustedText text={recorded.error} multiline /> }]),
          {
            term: "Start",
            value:
              recorded.startMs === null ? "not recorded" : `${formatDuration(recorded.startMs)} after the run's start`,
          },
          {
            term: "Took",
            value:
              recorded.startMs === null && recorded.durationMs === 0
                ? "not recorded"
                : formatDuration(recorded.durationMs),
          },
          { term: "Attempt", value: `${recorded.attempt + 1}`, ...(recorded.attempt > 0 ? { hint: "a retry" } : {}) },
          ...(usage === null
            ? []
            : [
                {
                  term: "Usage",
                  value: `${count(usage.inputTokens)} tokens in, ${count(usage.outputTokens)} out${
                    usage.cost === null ? "" : `, ${usage.cost.amount} ${usage.cost.currency}`
                  }`,
                },
              ]),
        ]}
      />
      <Names title="Inputs" names={recorded.inputs} />
      <Names title="Outputs" names={recorded.outputs} />
      {recorded.narrative === null ? null : (
        <div>
          <h4 className="text-xs font-medium text-muted">In the agent's own words</h4>
          <div className="max-h-60 overflow-auto border-l-2 border-strong bg-sunken p-2">
            <UntrustedText text={recorded.narrative} multiline maxCharacters={1500} />
          </div>
        </div>
      )}
      <Fold title="Arguments">
        <JsonText value={recorded.args} />
      </Fold>
      {attributes.length === 0 ? null : (
        <Fold title={`${formatCount(attributes.length)} other ${attributes.length === 1 ? "attribute" : "attributes"}`}>
          <JsonText value={recorded.attributes} />
        </Fold>
      )}
    </Section>
  );
}

const count = (value: number | null): string => (value === null ? "unknown" : formatCount(value));

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  const [shown, setShown] = useState(8);
  return (
    <div>
      <h4 className="text-xs font-medium text-muted">
        {title} ({formatCount(names.length)})
      </h4>
      {names.length === 0 ? (
        <p className="text-muted">none recorded</p>
      ) : (
        <ul>
          {names.slice(0, shown).map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a recording may name the same file twice
            <li key={index}>
              <UntrustedText text={name} mono maxCharacters={160} />
            </li>
          ))}
        </ul>
      )}
      {names.length > shown ? (
        <Button size="sm" variant="quiet" onPress={() => setShown(shown + 100)}>
          {formatCount(names.length - shown)} more
        </Button>
      ) : null}
    </div>
  );
}
