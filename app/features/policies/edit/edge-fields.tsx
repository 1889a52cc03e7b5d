import { useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { ListField, Problem } from "../../../ui/value-fields.tsx";
import { word } from "../words.ts";
import { type FormDocument, type FormEdge, textOfValue } from "./form-document.ts";

export interface EdgesProps {
  readonly document: FormDocument;
  /** The node in view: its edges are shown, and those that have no node of that name at an end. */
  readonly node: unknown;
  onChange(at: number, member: keyof FormEdge & string, value: unknown): void;
  onAdd(edge: object): void;
  onRemove(at: number): void;
  /** What is wrong at a member of an edge; of the edge itself for the empty one. */
  problem(at: number, member: string): string | undefined;
}

/** Edges shown at once; a policy has up to 1,024, and each names two of up to 256 nodes. */
const MAX_SHOWN = 24;

/** What a node passes on to others and has from them. */
export function Edges({ document: { dag }, node, onChange, onAdd, onRemove, problem }: EdgesProps) {
  const [most, setMost] = useState(MAX_SHOWN);
  const ids = dag.nodes.map(({ id }) => textOfValue(id));
  const own = dag.edges.flatMap((edge, at) => {
    const isLoose = !ids.includes(textOfValue(edge.from)) || !ids.includes(textOfValue(edge.to));
    return edge.from === node || edge.to === node || isLoose ? [{ edge, at }] : [];
  });
  const others = ids.filter((id) => id !== node);
  const isGiven = (id: string): boolean =>
    dag.edges.some(({ from, to, kind }) => from === node && to === id && kind === "delegates");
  const next = others.find((id) => !isGiven(id));
  const name = word(textOfValue(node));
  return (
    <section aria-label="Edges" className="flex flex-col gap-2">
      <h4 className="text-xs font-medium text-muted">
        Passed on by {name} and to it ({formatCount(own.length)} of {formatCount(dag.edges.length)} edges)
      </h4>
      {own.slice(0, most).map(({ edge, at }) => (
        <EdgeFields
          key={at}
          edge={edge}
          at={at}
          ids={ids}
          onChange={(member, value) => onChange(at, member, value)}
          onRemove={() => onRemove(at)}
          problem={(member) => problem(at, member)}
        />
      ))}
      {own.length > most ? (
        <Button className="self-start" onPress={() => setMost(most + MAX_SHOWN)}>
          Show {formatCount(Math.min(MAX_SHOWN, own.length - most))} more of {formatCount(own.length - most)}
        </Button>
      ) : null}
      <Button
        className="self-start"
        isDisabled={others.length === 0}
        onPress={() => {
          setMost(Math.max(most, own.length + 1));
          // Rights are passed on once to each; then only the order among them can be said.
          onAdd(
            next === undefined
              ? { from: node, to: others[0], kind: "precedes" }
              : { from: node, to: next, kind: "delegates", actions: [] },
          );
        }}
      >
        Add an edge from {name}
      </Button>
    </section>
  );
}

const KINDS = [
  { id: "delegates", name: "passes rights on" },
  { id: "precedes", name: "only goes before" },
];

interface EdgeFieldsProps {
  readonly edge: FormEdge;
  readonly at: number;
  readonly ids: readonly string[];
  onChange(member: keyof FormEdge & string, value: unknown): void;
  onRemove(): void;
  problem(member: string): string | undefined;
}

function EdgeFields({ edge, at, ids, onChange, onRemove, problem }: EdgeFieldsProps) {
  const kind = textOfValue(edge.kind);
  const end = (label: string, member: "from" | "to") => {
    const value = textOfValue(edge[member]);
    return (
      <Select
        label={label}
        items={[...new Set([...ids, value])].map((id) => ({
          id,
          name: ids.includes(id) ? word(id) : `${word(id)} (no node)`,
        }))}
        selectedKey={value}
        onSelectionChange={(id) => onChange(member, id)}
        errorMessage={problem(member)}
      />
    );
  };
  return (
    <fieldset className="grid grid-cols-2 items-start gap-x-3 gap-y-2 border border-line p-2 md:grid-cols-4">
      <legend className="px-1 text-xs font-medium text-muted">Edge {at + 1}</legend>
      {end("From", "from")}
      {end("To", "to")}
      <Select
        label="Kind"
        items={KINDS.some(({ id }) => id === kind) ? KINDS : [...KINDS, { id: kind, name: word(kind) }]}
        selectedKey={kind}
        onSelectionChange={(id) => onChange("kind", id)}
        errorMessage={problem("kind")}
      />
      <div className="flex items-end justify-end pt-5">
        <Button size="sm" aria-label={`Remove edge ${at + 1}`} onPress={onRemove}>
          Remove
        </Button>
      </div>
      {kind === "precedes" && edge.actions === undefined ? null : (
        <div className="col-span-full flex flex-col gap-1">
          <Checkbox
            isSelected={edge.actions === undefined}
            onChange={(all) => onChange("actions", all ? undefined : [])}
          >
            Passes on all that “{word(textOfValue(edge.from))}” may do
          </Checkbox>
          {edge.actions === undefined ? (
            <Problem text={problem("actions")} />
          ) : (
            <ListField
              label="Passes on only: names, or beginnings ending in *"
              value={edge.actions}
              onChange={(actions) => onChange("actions", actions)}
              problem={problem("actions")}
            />
          )}
        </div>
      )}
      <Problem text={problem("")} />
    </fieldset>
  );
}
