import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import type { ActionFacts } from "./action-facts.ts";
import { emptyDomain } from "./domain-choice.ts";
import { DomainFields } from "./domain-fields.tsx";
import { consequenceOfAction, type PolicyChoice, patternsOf } from "./policy-choice.ts";

export interface PolicyFormProps {
  readonly choice: PolicyChoice;
  onChange(choice: PolicyChoice): void;
  readonly facts: readonly ActionFacts[];
  /** Names of the agents by their index in the run. */
  readonly agents: readonly string[];
  /** What is wrong with the patterns. */
  readonly problem: string | null;
}

const LIFETIMES = [
  { id: "3600", name: "1 hour" },
  { id: "7200", name: "2 hours" },
  { id: "28800", name: "8 hours" },
  { id: "86400", name: "24 hours" },
];
const TIMEOUTS = [
  { id: "60", name: "1 minute" },
  { id: "300", name: "5 minutes" },
  { id: "900", name: "15 minutes" },
  { id: "3600", name: "1 hour" },
];
const APPROVALS = [1, 2, 3, 4, 5].map((count) => ({ id: String(count), name: String(count) }));

/** The rules of a run as a form, filled in from what the recording says. */
export function PolicyForm({ choice, onChange, facts, agents, problem }: PolicyFormProps) {
  const set = (change: Partial<PolicyChoice>): void => onChange({ ...choice, ...change });
  return (
    <div className="flex flex-col gap-4">
      <TextField
        label="Actions that cannot be undone and need approval"
        value={choice.irreversible}
        onChange={(irreversible) => set({ irreversible })}
        description="Names of actions, or beginnings of names ending in *, separated by spaces. Or tick them below."
        errorMessage={problem ?? undefined}
        mono
      />
      <Actions choice={choice} onChange={onChange} facts={facts} />
      <div className="grid grid-cols-2 gap-x-4 gap-y-3 md:grid-cols-4">
        <Select
          label="Approvals needed"
          items={APPROVALS}
          selectedKey={String(choice.approvals)}
          onSelectionChange={(id) => set({ approvals: Number(id) })}
        />
        <Select
          label="Time to decide"
          items={TIMEOUTS}
          selectedKey={String(choice.timeoutS)}
          onSelectionChange={(id) => set({ timeoutS: Number(id) })}
        />
        <Select
          label="Without an answer"
          items={[
            { id: "deny", name: "deny the task" },
            { id: "abort", name: "abort the workflow" },
          ]}
          selectedKey={choice.onTimeout}
          onSelectionChange={(id) => set({ onTimeout: id === "abort" ? "abort" : "deny" })}
        />
        <Select
          label="Policy is valid for"
          items={LIFETIMES}
          selectedKey={String(choice.lifetimeS)}
          onSelectionChange={(id) => set({ lifetimeS: Number(id) })}
        />
        <div className="col-span-2 flex items-center">
          <Checkbox isSelected={choice.reasonRequired} onChange={(reasonRequired) => set({ reasonRequired })}>
            A decision needs a reason
          </Checkbox>
        </div>
        <Select
          label="Failure domains"
          items={[
            { id: "none", name: "none" },
            { id: "agents", name: "one for each agent" },
            { id: "own", name: "those I set up" },
          ]}
          selectedKey={choice.domains}
          onSelectionChange={(id) => {
            const domains = id === "agents" || id === "own" ? id : "none";
            const isFirst = domains === "own" && choice.ownDomains.length === 0;
            set({ domains, ...(isFirst ? { ownDomains: [emptyDomain(1)] } : {}) });
          }}
        />
        <div className="col-span-2">
          <MaxCalls choice={choice} onChange={onChange} />
        </div>
      </div>
      {choice.domains === "own" ? (
        <DomainFields domains={choice.ownDomains} agents={agents} onChange={(ownDomains) => set({ ownDomains })} />
      ) : null}
    </div>
  );
}

function MaxCalls({ choice, onChange }: Pick<PolicyFormProps, "choice" | "onChange">) {
  return (
    <TextField
      label="Calls per agent and consequence, at most"
      value={choice.maxCalls === null ? "" : String(choice.maxCalls)}
      placeholder="no limit"
      onChange={(text) => {
        if (/^\d{0,9}$/.test(text)) onChange({ ...choice, maxCalls: text === "" ? null : Number(text) });
      }}
    />
  );
}

function Actions({ choice, onChange, facts }: Pick<PolicyFormProps, "choice" | "onChange" | "facts">) {
  const patterns = patternsOf(choice.irreversible);
  const gate = (action: string, on: boolean): void => {
    const next = on ? [...patterns, action] : patterns.filter((pattern) => pattern !== action);
    onChange({ ...choice, irreversible: next.join(" ") });
  };
  return (
    <div className="max-h-64 overflow-auto border border-line">
      <table className="w-full">
        <thead className="sticky top-0 z-10 bg-panel text-left text-xs text-muted">
          <tr>
            <th className="px-2 py-1 font-medium">Waits</th>
            <th className="px-2 py-1 font-medium">Action</th>
            <th className="px-2 py-1 text-right font-medium">Tasks</th>
            <th className="hidden px-2 py-1 text-right font-medium sm:table-cell">Agents</th>
            <th className="hidden px-2 py-1 font-medium sm:table-cell">Wrote</th>
            <th className="px-2 py-1 font-medium">Consequence</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((fact) => {
            const consequence = consequenceOfAction(choice, fact.action);
            const gated = consequence === "irreversible";
            return (
              <tr key={fact.action} className="border-t border-line">
                <td className="px-2 py-1">
                  <Checkbox
                    aria-label={`${fact.action} waits for approval`}
                    isSelected={gated}
                    // Matched by a pattern with a star: that is changed in the field above.
                    isDisabled={gated && !patterns.includes(fact.action)}
                    onChange={(on) => gate(fact.action, on)}
                  />
                </td>
                <td className="px-2 py-1 font-mono text-xs break-all">{fact.action}</td>
                <td className="px-2 py-1 text-right">{formatCount(fact.tasks)}</td>
                <td className="hidden px-2 py-1 text-right sm:table-cell">{formatCount(fact.agents.length)}</td>
                <td className="hidden px-2 py-1 text-muted sm:table-cell">{WROTE[String(fact.writes)]}</td>
                <td className="w-36 px-2 py-1">
                  {gated ? (
                    <span className="text-notice">irreversible</span>
                  ) : (
                    <Select
                      label={`Consequence of ${fact.action}`}
                      hideLabel
                      items={CONSEQUENCES}
                      selectedKey={consequence}
                      onSelectionChange={(id) =>
                        onChange({
                          ...choice,
                          consequences: {
                            ...choice.consequences,
                            [fact.action]: id === "none" ? "none" : "reversible",
                          },
                        })
                      }
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const WROTE: Readonly<Record<string, string>> = { true: "yes", false: "no", null: "not known" };
const CONSEQUENCES = [
  { id: "reversible", name: "reversible" },
  { id: "none", name: "none" },
];
