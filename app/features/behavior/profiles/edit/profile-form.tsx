import { changed, type Path } from "../../../../base/change-document.ts";
import { standingOf } from "../../../../protocol/behavior/standing.ts";
import { Section } from "../../../../ui/section.tsx";
import { ListField, NumberField, WordField } from "../../../../ui/value-fields.tsx";
import type { Seen } from "../seen.ts";
import { SequenceRules } from "../sequence/sequence-rules.tsx";
import { BaselineFields } from "./baseline-fields.tsx";
import { type ProfileProblem, problemAt } from "./check-profile.ts";
import { LimitFields } from "./limit-fields.tsx";
import { ObservationFields } from "./observation-fields.tsx";
import { PatternList } from "./pattern-list.tsx";
import { type ProfileDocument, readDocument, textOf } from "./profile-document.ts";

export interface ProfileFormProps {
  readonly text: string;
  readonly problems: readonly ProfileProblem[];
  readonly seen: Seen;
  /** A version of it is in force: its name stays. */
  readonly isNamed: boolean;
  /** `place` is given while something is typed there. */
  onChange(text: string, place: string | null): void;
}

/** A profile as fields. It changes the document member by member, so what it does not show stays as it is. */
export function ProfileForm({ text, problems, seen, isNamed, onChange }: ProfileFormProps) {
  const document = readDocument(text);
  if (document === null) return <p role="alert">This draft cannot be read any more. Discard it.</p>;
  const set = (path: Path, value: unknown, place: string | null = path.join(".")): void =>
    onChange(textOf(asObject(changed(JSON.parse(text), path, value))), place);
  const at = (path: string, except?: readonly string[]): string | undefined => problemAt(problems, path, except);
  const taken = [...document.sequences, ...document.limits].map(({ id }) => id);
  return (
    <div className="min-w-0">
      <Section title="What it is">
        <div className="grid grid-cols-2 items-start gap-3 md:grid-cols-4">
          {isNamed ? null : (
            <WordField
              label="Profile"
              value={document.profile_id}
              placeholder="executor-prod"
              onChange={(id) => set(["profile_id"], id)}
              problem={at("profile_id")}
            />
          )}
          <NumberField
            label="Version"
            value={document.version}
            onChange={(version) => set(["version"], version)}
            problem={at("version")}
          />
          <WordField
            label="Owner"
            value={document.owner}
            onChange={(owner) => set(["owner"], owner)}
            problem={at("owner")}
          />
        </div>
      </Section>
      <Section title="Which agents">
        <PatternList
          label="Applies to"
          what="agent"
          value={document.applies_to}
          seen={seen.agents.map(({ agent, tasks }) => ({ name: agent, tasks }))}
          onChange={(value) => set(["applies_to"], value, null)}
          problem={at("applies_to")}
        />
      </Section>
      <Section title="Which actions">
        <Actions document={document} seen={seen} set={set} at={at} />
      </Section>
      <Section title="In which order">
        <SequenceRules
          rules={document.sequences}
          taken={taken}
          seen={seen}
          onChange={(rules, place) => set(["sequences"], rules.length === 0 ? undefined : rules, place)}
          problem={(path, except) => at(`sequences.${path}`, except)}
        />
      </Section>
      <Section title="How much in a window">
        <LimitFields
          limits={document.limits}
          taken={taken}
          onChange={(limits, place) => set(["limits"], limits.length === 0 ? undefined : limits, place)}
          problem={(path, except) => at(`limits.${path}`, except)}
        />
      </Section>
      <Section title="Baseline: how often what is done">
        <BaselineFields
          baseline={document.baseline}
          onChange={(baseline, place) => set(["baseline"], baseline, place)}
          problem={at("baseline")}
        />
      </Section>
      <Section title="How it is observed">
        <ObservationFields document={document} set={set} problem={at} />
      </Section>
    </div>
  );
}

interface ActionsProps {
  readonly document: ProfileDocument;
  readonly seen: Seen;
  set(path: Path, value: unknown, place?: string | null): void;
  at(path: string): string | undefined;
}

/** What may be done, chosen from what the agents it applies to did; what may never be done is typed. */
function Actions({ document, seen, set, at }: ActionsProps) {
  const { applies_to } = document;
  const patterns = Array.isArray(applies_to) ? applies_to.map(String) : [];
  const counts = new Map<string, number>();
  for (const { agent, actions } of seen.agents) {
    if (patterns.length > 0 && !patterns.some((pattern) => isAbout(pattern, agent))) continue;
    for (const { action, tasks } of actions) counts.set(action, (counts.get(action) ?? 0) + tasks);
  }
  const known = [...counts].map(([name, tasks]) => ({ name, tasks })).sort((a, b) => b.tasks - a.tasks);
  return (
    <div className="grid items-start gap-4 md:grid-cols-2">
      <PatternList
        label="Allowed"
        what="action"
        value={document.allowed_actions}
        seen={known}
        onChange={(value) => set(["allowed_actions"], value, null)}
        problem={at("allowed_actions")}
      />
      <ListField
        label="Forbidden, whatever is allowed"
        value={document.forbidden_actions}
        description="Names or beginnings ending in *, separated by spaces. One of them is severity 5: the agent is nonconformant at once."
        onChange={(value) => set(["forbidden_actions"], Array.isArray(value) && value.length === 0 ? undefined : value)}
        problem={at("forbidden_actions")}
      />
    </div>
  );
}

/** Whether a pattern of `applies_to` is about an agent, which is named here by the id behind those in workflows. */
const isAbout = (pattern: string, agent: string): boolean =>
  pattern.endsWith("*") ? agent.startsWith(pattern.slice(0, -1)) : standingOf(pattern) === agent;

const asObject = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
