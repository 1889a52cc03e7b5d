import { useState } from "react";
import { changed, type Path } from "../../../base/change-document.ts";
import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";
import { Button } from "../../../ui/button.tsx";
import { Select } from "../../../ui/select.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Problem } from "../../../ui/value-fields.tsx";
import { agentName, word } from "../words.ts";
import { Edges } from "./edge-fields.tsx";
import {
  type FormDocument,
  freeName,
  movedNode,
  readForm,
  renamed,
  textOfValue,
  withNode,
  withoutNode,
} from "./form-document.ts";
import { NodeFields } from "./node-fields.tsx";
import { PeopleFields } from "./people-fields.tsx";
import { PolicyFields } from "./policy-fields.tsx";
import { nodeOf, problemAt } from "./problems.ts";
import { RULE_MEMBERS, RuleFields } from "./rule-fields.tsx";

export interface DraftFormProps {
  readonly text: string;
  readonly problems: readonly DraftProblem[];
  /** A place is given while something is typed there. */
  onChange(text: string, place: string | null): void;
  /** The node whose fields are shown. */
  readonly node: string | undefined;
  onNode(id: string): void;
  onJson(): void;
}

/** A rule is its place: its name is one of its fields. */
const placeOf = (rule: number): string => `hitl.rules.${rule}`;

const NEW_RULE = { trigger: { kind: "always" }, role: "operator", action: "approve" };

/** The policy as fields. It changes the document member by member, so what it does not show stays as it is. */
export function DraftForm({ text, problems, onChange, onJson, ...chosen }: DraftFormProps) {
  const read = readForm(text);
  if (read.document === null)
    return (
      <div className="flex flex-col items-start gap-2">
        <p>
          The JSON cannot be shown as a form yet: <UntrustedText text={read.why} />. Nothing of it is lost.
        </p>
        <Button onPress={onJson}>Correct it as JSON</Button>
      </div>
    );
  const { document } = read;
  const write = (next: unknown, place: string | null = null): void => onChange(JSON.stringify(next, null, 2), place);
  const set = (path: Path, value: unknown): void =>
    write(changed(document, path, value), typedPlace(document, path, value));
  const at = (path: string, except?: readonly string[]): string | undefined => problemAt(problems, path, except);
  const { rules } = document.hitl;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <PolicyFields document={document} onChange={set} problem={at} />
      <section aria-label="Rules" className="flex flex-col gap-2">
        <h3 className="font-semibold">When a human is needed</h3>
        {rules.map((rule, index) => (
          <RuleFields
            key={placeOf(index)}
            rule={rule}
            at={index}
            onChange={(member, value) => set(["hitl", "rules", index, member], value)}
            onRemove={() => set(["hitl", "rules", index], undefined)}
            problem={(member) => (member === "" ? at(placeOf(index), RULE_MEMBERS) : at(`${placeOf(index)}.${member}`))}
          />
        ))}
        <Problem
          text={problemAt(
            problems.filter(({ place }) => place === "hitl.rules"),
            "hitl.rules",
          )}
        />
        <Button
          className="self-start"
          onPress={() =>
            set(["hitl", "rules", rules.length], {
              id: freeName(
                "rule",
                rules.map(({ id }) => id),
              ),
              ...NEW_RULE,
            })
          }
        >
          Add a rule
        </Button>
      </section>
      <PeopleFields
        hitl={document.hitl}
        onChange={(path, value) => set(["hitl", ...path], value)}
        problem={(path, except) => at(`hitl.${path}`, except)}
      />
      <Nodes document={document} problems={problems} set={set} write={write} {...chosen} />
    </div>
  );
}

/** While one word, number or list of words is typed into another, it is one step to take back. */
function typedPlace(document: unknown, path: Path, value: unknown): string | null {
  const before = path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined),
    document,
  );
  const isTyped = (one: unknown): boolean => typeof one === "string" || typeof one === "number" || Array.isArray(one);
  return isTyped(before) && isTyped(value) ? path.join(".") : null;
}

interface NodesProps extends Pick<DraftFormProps, "problems" | "node" | "onNode"> {
  readonly document: FormDocument;
  set(path: Path, value: unknown): void;
  write(document: unknown): void;
}

const NODE_MEMBERS = ["id", "agent", "actions", "consequence", "delegable", "constraints"];
const EDGE_MEMBERS = ["from", "to", "kind", "actions"];

/** One node at a time, with what it passes on and has from others. */
function Nodes({ document, problems, node, onNode, set, write }: NodesProps) {
  const { nodes } = document.dag;
  const [picked, setPicked] = useState(0);
  const named = nodes.findIndex(({ id }) => id === node);
  // Two nodes may have one name, and the name in the URL may be that of none: then the place that was picked counts.
  const at = named === -1 || nodes[picked]?.id === node ? Math.min(picked, nodes.length - 1) : named;
  const shown = nodes[at];
  const pick = (index: number, id = nodes[index]?.id): void => {
    setPicked(index);
    onNode(textOfValue(id));
  };
  if (shown === undefined) return null;
  const wrong = new Set(problems.map(({ place }) => nodeOf(place, document)));
  const problem = (path: string, except?: readonly string[]) => problemAt(problems, path, except);
  const id = freeName(
    "node",
    nodes.map((one) => one.id),
  );
  const move = (to: number): void => {
    write(movedNode(document, at, to));
    pick(to, shown.id);
  };
  return (
    <section aria-label="Node" className="flex min-w-0 flex-col gap-2">
      <h3 className="font-semibold">Who may do what</h3>
      <div className="flex flex-wrap items-end gap-2">
        <Select
          label="Node"
          className="w-full max-w-xs"
          items={nodes.map((one, index) => ({
            id: String(index),
            name: `${word(textOfValue(one.id))} · ${agentName(textOfValue(one.agent))}${wrong.has(textOfValue(one.id)) ? " · has a problem" : ""}`,
          }))}
          selectedKey={String(at)}
          onSelectionChange={(index) => pick(Number(index))}
        />
        <Button
          onPress={() => {
            write(withNode(document, shown, id));
            pick(nodes.length, id);
          }}
        >
          Add a node below it
        </Button>
        <Button
          isDisabled={nodes.length === 1}
          onPress={() => {
            write(withoutNode(document, at));
            const to = at === 0 ? 0 : at - 1;
            pick(to, nodes[at === 0 ? 1 : at - 1]?.id);
          }}
        >
          Remove this node
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Button size="sm" isDisabled={at === 0} onPress={() => move(at - 1)}>
          Decides earlier
        </Button>
        <Button size="sm" isDisabled={at === nodes.length - 1} onPress={() => move(at + 1)}>
          Decides later
        </Button>
        <span className="text-xs text-muted">
          Node {at + 1} of {nodes.length}. The first that fits an agent and its action decides.
        </span>
      </div>
      <NodeFields
        key={at}
        node={shown}
        taken={nodes.flatMap((one, index) => (index === at ? [] : [one.id]))}
        onChange={(path, value) => set(["dag", "nodes", at, ...path], value)}
        onRename={(name) => {
          write(renamed(document, at, name));
          pick(at, name);
        }}
        problem={(member) =>
          member === "" ? problem(`dag.nodes.${at}`, NODE_MEMBERS) : problem(`dag.nodes.${at}.${member}`)
        }
      />
      <Edges
        key={`edges ${at}`}
        document={document}
        node={shown.id}
        onChange={(edge, member, value) => set(["dag", "edges", edge, member], value)}
        onAdd={(edge) => set(["dag", "edges", document.dag.edges.length], edge)}
        onRemove={(edge) => set(["dag", "edges", edge], undefined)}
        problem={(edge, member) =>
          member === "" ? problem(`dag.edges.${edge}`, EDGE_MEMBERS) : problem(`dag.edges.${edge}.${member}`)
        }
      />
    </section>
  );
}
