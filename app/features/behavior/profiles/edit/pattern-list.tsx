import { useState } from "react";
import { Button } from "../../../../ui/button.tsx";
import { Checkbox } from "../../../../ui/checkbox.tsx";
import { formatCount } from "../../../../ui/duration.ts";
import { LABEL_CLASS } from "../../../../ui/field-classes.ts";
import { SuggestField } from "../../../../ui/suggest-field.tsx";
import { Problem } from "../../../../ui/value-fields.tsx";
import { counted, word } from "../words.ts";

export interface PatternListProps {
  readonly label: string;
  readonly value: unknown;
  /** What was seen in the log, most frequent first, to be ticked. */
  readonly seen: readonly { readonly name: string; readonly tasks: number }[];
  /** What is added by typing, e.g. "action". */
  readonly what: string;
  onChange(value: readonly string[]): void;
  readonly problem: string | undefined;
}

/** Names that are shown before one asks for all. */
const SHOWN = 12;

/** Exact names, and beginnings ending in *: what was seen is ticked, anything else typed. */
export function PatternList({ label, value, seen, what, onChange, problem }: PatternListProps) {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const [typed, setTyped] = useState("");
  const [isAll, setAll] = useState(false);
  const others = seen.filter(({ name }) => !chosen.includes(name));
  const shown = isAll ? others : others.slice(0, SHOWN);
  const tasksOf = (name: string): number | undefined => seen.find((one) => one.name === name)?.tasks;
  const add = (): void => {
    const name = typed.trim();
    if (name !== "" && !chosen.includes(name)) onChange([...chosen, name]);
    setTyped("");
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className={LABEL_CLASS}>{label}</legend>
      <div className="flex flex-col gap-2">
        {chosen.map((name) => (
          <Tick
            key={name}
            name={name}
            tasks={tasksOf(name)}
            isOn
            onChange={() => onChange(chosen.filter((one) => one !== name))}
          />
        ))}
        {chosen.length === 0 ? <p className="text-muted">None.</p> : null}
        {shown.map(({ name, tasks }) => (
          <Tick key={name} name={name} tasks={tasks} isOn={false} onChange={() => onChange([...chosen, name])} />
        ))}
        {others.length > shown.length ? (
          <Button size="sm" className="self-start" onPress={() => setAll(true)}>
            Show {formatCount(others.length - shown.length)} more that were seen
          </Button>
        ) : null}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the key is that of the field inside */}
      <div
        className="flex items-end gap-2"
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
      >
        <div className="min-w-0 flex-1">
          <SuggestField
            label={`Another ${what}, or a beginning ending in *`}
            value={typed}
            onChange={setTyped}
            suggestions={others.map(({ name }) => name)}
          />
        </div>
        <Button isDisabled={typed.trim() === ""} aria-label={`Add to: ${label}`} onPress={add}>
          Add
        </Button>
      </div>
      <Problem text={problem} />
    </fieldset>
  );
}

interface TickProps {
  readonly name: string;
  readonly tasks: number | undefined;
  readonly isOn: boolean;
  onChange(): void;
}

function Tick({ name, tasks, isOn, onChange }: TickProps) {
  return (
    <Checkbox isSelected={isOn} onChange={onChange}>
      <span className="font-mono text-xs [overflow-wrap:anywhere]">{word(name)}</span>
      <span className="text-xs whitespace-nowrap text-muted">
        {tasks === undefined ? "not seen" : counted(tasks, "task")}
      </span>
    </Checkbox>
  );
}
