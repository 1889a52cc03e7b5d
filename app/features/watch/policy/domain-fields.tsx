import { useId } from "react";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Select } from "../../../ui/select.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { BREACHES, type Breach, domainProblems, domainsProblem, emptyDomain, type OwnDomain } from "./domain-choice.ts";

/** Most domains of a policy. */
const MAX_DOMAINS = 64;

export interface DomainFieldsProps {
  readonly domains: readonly OwnDomain[];
  /** Names of the agents by their index in the run. */
  readonly agents: readonly string[];
  onChange(domains: readonly OwnDomain[]): void;
}

/** Who fails together, and how much of them may run at once: each domain with its agents and its bulkhead (CAS-5, CAS-6). */
export function DomainFields({ domains, agents, onChange }: DomainFieldsProps) {
  const add = (): void => onChange([...domains, emptyDomain(Math.max(0, ...domains.map(({ key }) => key)) + 1)]);
  return (
    <div className="flex flex-col gap-3">
      {domains.map((domain) => (
        <OneDomain
          key={domain.key}
          domain={domain}
          all={domains}
          agents={agents}
          onChange={(change) => onChange(domains.map((one) => (one === domain ? { ...one, ...change } : one)))}
          onRemove={() => onChange(domains.filter((one) => one !== domain))}
        />
      ))}
      {domains.length === 0 ? <p className="text-xs text-critical">{domainsProblem(domains)}</p> : null}
      <div>
        <Button isDisabled={domains.length >= MAX_DOMAINS} onPress={add}>
          Add a failure domain
        </Button>
      </div>
    </div>
  );
}

interface OneDomainProps {
  readonly domain: OwnDomain;
  readonly all: readonly OwnDomain[];
  readonly agents: readonly string[];
  onChange(change: Partial<OwnDomain>): void;
  onRemove(): void;
}

function OneDomain({ domain, all, agents, onChange, onRemove }: OneDomainProps) {
  const problems = domainProblems(domain, all);
  const isBounded = domain.most.trim() !== "";
  const problem = useId();
  const toggle = (index: number, on: boolean): void =>
    onChange({
      agents: on ? [...domain.agents, index].toSorted((a, b) => a - b) : domain.agents.filter((one) => one !== index),
    });
  return (
    <fieldset
      className="border border-line px-3 pb-3"
      aria-describedby={problems.agents === undefined ? undefined : problem}
    >
      <legend className="px-1 text-xs text-muted">Failure domain {visibleText(domain.name)}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-3 md:grid-cols-4">
        <TextField
          label="Name"
          value={domain.name}
          onChange={(name) => onChange({ name })}
          errorMessage={problems.name}
          mono
        />
        <TextField
          label="Tasks at once, at most"
          value={domain.most}
          placeholder="no bound"
          onChange={(most) => onChange({ most })}
          errorMessage={problems.most}
        />
        <Select
          label="Those that are more"
          items={BREACHES}
          selectedKey={domain.onBreach}
          isDisabled={!isBounded}
          onSelectionChange={(id) =>
            onChange({ onBreach: BREACHES.find((one) => one.id === id)?.id ?? domain.onBreach })
          }
        />
        <TextField
          label="Retries, percent of first calls"
          value={domain.retries}
          placeholder="no bound"
          isDisabled={!isBounded}
          onChange={(retries) => onChange({ retries })}
          errorMessage={problems.retries}
        />
        {isBounded && domain.onBreach === ("queue" satisfies Breach) ? (
          <>
            <TextField
              label="Waiting at most"
              value={domain.queueMost}
              onChange={(queueMost) => onChange({ queueMost })}
              errorMessage={problems.queueMost}
            />
            <TextField
              label="Each for at most, seconds"
              value={domain.waitS}
              onChange={(waitS) => onChange({ waitS })}
              errorMessage={problems.waitS}
            />
          </>
        ) : null}
      </div>
      <ul
        aria-label={`Agents of ${visibleText(domain.name)}`}
        className="mt-2 grid max-h-40 grid-cols-1 gap-1 overflow-auto sm:grid-cols-2 md:grid-cols-3"
      >
        {agents.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an agent of a run is its index
          <li key={index}>
            <Checkbox isSelected={domain.agents.includes(index)} onChange={(on) => toggle(index, on)}>
              <UntrustedText text={name} maxCharacters={60} />
            </Checkbox>
          </li>
        ))}
      </ul>
      {problems.agents === undefined ? null : (
        <p id={problem} className="text-xs text-critical">
          {problems.agents}
        </p>
      )}
      <Button
        size="sm"
        variant="quiet"
        aria-label={`Remove failure domain ${visibleText(domain.name)}`}
        onPress={onRemove}
      >
        Remove
      </Button>
    </fieldset>
  );
}
