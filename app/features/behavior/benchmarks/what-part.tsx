import type { DrillScriptView } from "../../../api/contract/drill.ts";
import { scriptWords } from "../../../operator/drill-scripts.ts";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { word } from "../words.ts";
import { type BenchDraft, DRILL_METRICS, FIRST_DRAFT } from "./bench-draft.ts";

export interface StoredRun {
  readonly digest: string;
  readonly name: string;
  readonly tasks: number;
}

export interface WhatPartProps {
  readonly draft: BenchDraft;
  readonly runs: readonly StoredRun[];
  readonly scripts: readonly DrillScriptView[];
  /** What is wrong with the choice. */
  readonly problem: string | undefined;
  onChange(patch: Partial<BenchDraft>): void;
}

/** What a benchmark repeats: recorded runs, or a drill in which a person stops agents that misbehave (row 102). */
export function WhatPart({ draft, runs, scripts, problem, onChange }: WhatPartProps) {
  const { drill } = draft;
  const script = scripts.find(({ id }) => id === drill?.script);
  return (
    <div className="flex flex-col items-start gap-3">
      <Segmented
        label="What is repeated"
        selected={drill === null ? "runs" : "drill"}
        options={[
          { id: "runs", name: "Recorded runs" },
          { id: "drill", name: "A drill that you stop" },
        ]}
        onChange={(what) => {
          const [first] = scripts;
          if (what === "runs") onChange({ drill: null, metrics: FIRST_DRAFT.metrics });
          else if (first !== undefined)
            onChange({
              drill: { script: first.id, size: String(first.sizes.usual) },
              ...{ metrics: DRILL_METRICS, isSecret: false, agent: null, gated: null, repetitions: "3" },
              ...(draft.id === "" ? { id: `stop-${first.id}`.slice(0, 40) } : {}),
            });
        }}
      />
      {drill === null ? (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-xs font-medium text-muted">Recorded runs that it repeats</legend>
          {runs.length === 0 ? (
            <p className="text-muted">
              There is none here, whose outcomes would be the expected results. Load one in Watch first.
            </p>
          ) : null}
          {runs.map((run) => (
            <Checkbox
              key={run.digest}
              isSelected={draft.runs.includes(run.digest)}
              onChange={(isOn) => {
                const rest = draft.runs.filter((digest) => digest !== run.digest);
                onChange({
                  runs: isOn ? [...rest, run.digest] : rest,
                  ...{ agent: null, gated: null },
                  ...(draft.id === "" && isOn ? { id: slugFrom(run.name) } : {}),
                });
              }}
            >
              {word(run.name)}, {formatCount(run.tasks)} tasks
            </Checkbox>
          ))}
          {problem === undefined ? null : <p className="text-xs font-medium text-critical">{problem}</p>}
        </fieldset>
      ) : (
        <>
          <div className="grid grid-cols-2 items-start gap-3">
            <Select
              label="What goes wrong"
              items={scripts.map(({ id }) => ({ id, name: scriptWords(id).name }))}
              selectedKey={drill.script}
              onSelectionChange={(id) => {
                const chosen = scripts.find((one) => one.id === id);
                if (chosen !== undefined) onChange({ drill: { script: id, size: String(chosen.sizes.usual) } });
              }}
            />
            <TextField
              label={script === undefined ? "Agents" : `Agents (${script.sizes.min} to ${script.sizes.max})`}
              value={drill.size}
              onChange={(size) => onChange({ drill: { script: drill.script, size } })}
              errorMessage={drillSize(drill.size, script) === null ? "A whole number within these" : undefined}
            />
          </div>
          <p className="max-w-prose">{scriptWords(drill.script).about}</p>
        </>
      )}
    </div>
  );
}

/** The number of agents somebody typed; null where the script is not for so many. */
export function drillSize(text: string, script: DrillScriptView | undefined): number | null {
  const size = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : Number.NaN;
  return script !== undefined && size >= script.sizes.min && size <= script.sizes.max ? size : null;
}

const slugFrom = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
