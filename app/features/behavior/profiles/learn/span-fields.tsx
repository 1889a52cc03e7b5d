import { useId, useState } from "react";
import { useApi } from "../../../../api/client/api-context.tsx";
import { formatCount } from "../../../../ui/duration.ts";
import { FIELD_CLASS, LABEL_CLASS } from "../../../../ui/field-classes.ts";
import { Segmented } from "../../../../ui/segmented.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { entriesOf, type Span, type SpanChoice, span, WHOLE_LOG } from "./span.ts";

/** Answers with the entries of a choice; times are looked up in the log. Rejects with the client's error. */
export function useSpan(): (choice: SpanChoice, size: number) => Promise<Span> {
  const { client } = useApi();
  return async (choice, size) => {
    if (choice.by !== "times") return entriesOf(choice, size);
    const [from, to] = [Date.parse(choice.from), Date.parse(choice.to)];
    if ((choice.from !== "" && Number.isNaN(from)) || (choice.to !== "" && Number.isNaN(to)))
      return { ok: false, message: "times" };
    const at = async (ms: number, otherwise: number): Promise<number> =>
      Number.isNaN(ms) ? otherwise : (await client.audit.instant({ time: Math.floor(ms / 1000) })).at;
    return span(await at(from, 0), await at(to, size));
  };
}

export interface SpanFieldsProps {
  readonly label: string;
  readonly choice: SpanChoice;
  readonly size: number;
  onChange(choice: SpanChoice): void;
  readonly problem: string | undefined;
}

/** Which part of the log is looked at. */
export function SpanFields({ label, choice, size, onChange, problem }: SpanFieldsProps) {
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Segmented
        label={label}
        selected={choice.by}
        onChange={(by) => onChange({ by, from: "", to: "" })}
        options={[
          { id: "all", name: "The whole log" },
          { id: "entries", name: "Entries" },
          { id: "times", name: "Times" },
        ]}
      />
      {choice.by === "all" ? (
        <p className="text-muted">{formatCount(size)} entries</p>
      ) : choice.by === "entries" ? (
        <>
          <TextField
            label="From entry"
            value={choice.from}
            placeholder="0"
            onChange={(from) => onChange({ ...choice, from })}
            errorMessage={problem}
          />
          <TextField
            label="To entry"
            value={choice.to}
            placeholder={String(Math.max(0, size - 1))}
            onChange={(to) => onChange({ ...choice, to })}
          />
        </>
      ) : (
        <>
          <TimeField label="After" value={choice.from} onChange={(from) => onChange({ ...choice, from })} />
          <TimeField label="Up to" value={choice.to} onChange={(to) => onChange({ ...choice, to })} />
        </>
      )}
      {problem === undefined || choice.by === "entries" ? null : (
        <p role="alert" className="text-xs font-medium text-critical">
          {problem}
        </p>
      )}
    </div>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

/** The browser's own field for a local time. */
function TimeField({ label, value, onChange }: TimeFieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={LABEL_CLASS}>
        {label}
      </label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={`${FIELD_CLASS} h-8`}
      />
    </div>
  );
}

/** A choice with what is wrong with it, for a form that asks when something is pressed. */
export function useSpanChoice() {
  const [choice, setChoice] = useState(WHOLE_LOG);
  const [problem, setProblem] = useState<string>();
  const change = (next: SpanChoice): void => {
    setChoice(next);
    setProblem(undefined);
  };
  return { choice, change, problem, setProblem };
}
