import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";
import { type AcpClaimsInput, acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { formatDuration } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { agentName, word } from "../words.ts";
import { changed, type Path } from "./change-document.ts";
import { NodeFields, type NodeInput } from "./node-fields.tsx";
import { problemAt } from "./problems.ts";
import { RuleFields, type RuleInput } from "./rule-fields.tsx";

export interface DraftFormProps {
  readonly text: string;
  readonly problems: readonly DraftProblem[];
  onChange(text: string): void;
  /** The node whose fields are shown. */
  readonly node: string | undefined;
  onNode(id: string): void;
}

/** A rule is its place: its name is one of its fields. */
const placeOf = (rule: number): string => `hitl.rules.${rule}`;

const TIMEOUTS = ["deny", "abort", "escalate", "allow"].map((id) => ({ id, name: id }));
const NEW_RULE = { trigger: { kind: "always" }, role: "operator", action: "approve" };

/** The policy as fields. It changes the document member by member, so what it does not show stays as it is. */
export function DraftForm({ text, problems, onChange, node, onNode }: DraftFormProps) {
  const document = readable(text);
  if (document === null) {
    return <p>The JSON cannot be read as a policy, so there is no form for it. Correct it as JSON first.</p>;
  }
  const set = (path: Path, value: unknown): void => onChange(JSON.stringify(changed(document, path, value), null, 2));
  const { dag, hitl } = document;
  const at = Math.max(
    0,
    dag.nodes.findIndex((candidate) => candidate.id === node),
  );
  const shown = dag.nodes[at];
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-2 md:grid-cols-4">
        <Select
          label="Valid for"
          items={lifetimes(document.exp - document.iat)}
          selectedKey={String(document.exp - document.iat)}
          onSelectionChange={(seconds) => set(["exp"], document.iat + Number(seconds))}
        />
        <Select
          label="Without an answer"
          items={TIMEOUTS}
          selectedKey={hitl.default_on_timeout}
          onSelectionChange={(id) => set(["hitl", "default_on_timeout"], id)}
        />
      </div>
      <section aria-label="Rules" className="flex flex-col gap-2">
        <h3 className="font-semibold">When a human is needed</h3>
        <Problem text={problemAt(problems, "hitl.default_on_timeout")} />
        {hitl.rules.map((rule, index) => (
          <RuleFields
            key={placeOf(index)}
            rule={rule}
            at={index}
            onChange={(member, value) => set(["hitl", "rules", index, member], value)}
            onRemove={() => set(["hitl", "rules", index], undefined)}
            problem={(member) => ruleProblem(problems, rule, index, member)}
          />
        ))}
        <Button
          className="self-start"
          onPress={() => set(["hitl", "rules", hitl.rules.length], { id: freeName(hitl.rules), ...NEW_RULE })}
        >
          Add a rule
        </Button>
      </section>
      <section aria-label="Node" className="flex flex-col gap-2">
        <h3 className="font-semibold">Who may do what</h3>
        <Select
          label="Node"
          className="max-w-sm"
          items={dag.nodes.map(({ id, agent }) => ({ id, name: `${word(id)} · ${agentName(agent)}` }))}
          selectedKey={shown?.id ?? null}
          onSelectionChange={onNode}
        />
        {shown === undefined ? null : (
          <NodeFields
            key={at}
            node={shown}
            onChange={(path, value) => set(["dag", "nodes", at, ...path], value)}
            problem={(member) => nodeProblem(problems, shown, at, member)}
          />
        )}
      </section>
    </div>
  );
}

function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : <p className="text-xs font-medium text-critical">{text}</p>;
}

const RULE_MEMBERS = ["id", "trigger", "role", "timeout_s"];

/** At the member that is wrong; what belongs to no shown member, at the rule. */
function ruleProblem(problems: readonly DraftProblem[], rule: RuleInput, at: number, member: string) {
  const path = placeOf(at);
  if (member !== "") return problemAt(problems, `${path}.${member}`);
  const others = problems.filter(({ place }) => !RULE_MEMBERS.some((name) => place.startsWith(`${path}.${name}`)));
  return problemAt(others, path, rule.id);
}

const NODE_MEMBERS = ["agent", "actions", "constraints."];

function nodeProblem(problems: readonly DraftProblem[], node: NodeInput, at: number, member: string) {
  const path = `dag.nodes.${at}`;
  if (member !== "") return problemAt(problems, `${path}.${member}`);
  const others = problems.filter(({ place }) => !NODE_MEMBERS.some((name) => place.startsWith(`${path}.${name}`)));
  return problemAt(others, path, node.id);
}

/**
 * The document as far as a form needs it: the lists are lists of the right members. Single members may be wrong; they are
 * named where they stand.
 */
function readable(text: string): AcpClaimsInput | null {
  try {
    const document: unknown = JSON.parse(text);
    const parsed = acpClaimsSchema.safeParse(document);
    const unreadable = parsed.error?.issues.some(({ path }) => !isLeaf(path)) ?? false;
    return unreadable ? null : (document as AcpClaimsInput);
  } catch {
    return null;
  }
}

/** A member of a rule or of a node, or a limit: a field can show it whatever it is. */
const isLeaf = (path: readonly PropertyKey[]): boolean =>
  path.length >= 4 && ((path[0] === "hitl" && path[1] === "rules") || (path[0] === "dag" && path[1] === "nodes"));

const LIFETIMES = [3600, 7200, 28_800, 86_400];

function lifetimes(now: number): { readonly id: string; readonly name: string }[] {
  return [...new Set([...LIFETIMES, now])]
    .sort((a, b) => a - b)
    .map((seconds) => ({ id: String(seconds), name: formatDuration(seconds * 1000) }));
}

function freeName(rules: readonly RuleInput[]): string {
  const taken = new Set(rules.map((rule) => rule.id));
  let number = rules.length + 1;
  while (taken.has(`rule-${number}`)) number += 1;
  return `rule-${number}`;
}
