import { type FormEvent, useState } from "react";
import type { Inspected } from "../../api/contract/inspect.ts";
import { Button } from "../../ui/button.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { type AsOf, isTime, readTime } from "./as-of.ts";
import type { InspectorSearch, SetInspectorSearch } from "./inspector-search.ts";

export interface AsOfBarProps {
  readonly seen: Inspected;
  readonly search: InspectorSearch;
  readonly setSearch: SetInspectorSearch;
}

/** As of when the token is verified: a token that is over was good in its time (COM-2). */
export function AsOfBar({ seen, search, setSearch }: AsOfBarProps) {
  const [isTyping, setTyping] = useState(false);
  const choices = choicesOf(seen);
  const selected = isTyping ? "given" : chosen(seen, search);
  const choose = (id: AsOf): void => {
    setTyping(id === "given");
    if (id === "given") return;
    const made = seen.claims.iat;
    const at = id === "made" && isTime(made) ? made : id === "now" && seen.entry !== null ? "now" : undefined;
    setSearch({ at }, { replace: true });
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-muted">Verify as of</span>
        <Segmented label="Verify as of" options={choices} selected={selected} onChange={choose} />
      </div>
      {selected === "given" ? (
        <TimeForm
          onTime={(at) => {
            setTyping(false);
            setSearch({ at }, { replace: true });
          }}
        />
      ) : null}
    </div>
  );
}

function choicesOf({ entry, claims }: Inspected): { id: AsOf; name: string }[] {
  return [
    ...(entry === null ? [] : [{ id: "receipt" as const, name: "its receipt" }]),
    ...(isTime(claims.iat) ? [{ id: "made" as const, name: "when it was made" }] : []),
    { id: "now", name: "now" },
    { id: "given", name: "another time" },
  ];
}

function chosen({ entry, claims }: Inspected, { at }: InspectorSearch): AsOf {
  if (at === undefined) return entry === null ? "now" : "receipt";
  if (at === "now") return "now";
  return at === claims.iat ? "made" : "given";
}

function TimeForm({ onTime }: { onTime(epochS: number): void }) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const at = readTime(typed);
    setProblem(at === null ? "A time like 2026-11-22 14:03 or 2026-11-22T13:03:00Z is needed." : undefined);
    if (at !== null) onTime(at);
  };
  return (
    <form onSubmit={submit} className="flex max-w-md flex-col gap-2">
      <TextField
        label="Time"
        value={typed}
        onChange={setTyped}
        mono
        maxLength={40}
        description="Local unless it names a zone, or epoch seconds."
        errorMessage={problem}
      />
      <div>
        <Button type="submit" size="sm">
          Verify as of this time
        </Button>
      </div>
    </form>
  );
}
