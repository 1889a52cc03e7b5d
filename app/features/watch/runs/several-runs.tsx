import { useState } from "react";
import type { RunChoice } from "../../../protocol/run/import-messages.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { cutText, visibleText } from "../../../ui/visible-text.ts";

export interface SeveralRunsProps {
  /** Of the file, or of the files. */
  readonly name: string;
  readonly runs: readonly RunChoice[];
  onChosen(id: string): void;
}

/** A list of so many is looked through by a filter. */
const MANY = 12;

/** Files that hold several runs: which one is meant. */
export function SeveralRuns({ name, runs, onChosen }: SeveralRunsProps) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = runs.filter((run) => `${run.name} ${run.id}`.toLowerCase().includes(wanted));
  return (
    <section aria-labelledby="several-runs" className="flex flex-col gap-3">
      <h3 id="several-runs" className="font-semibold">
        {formatCount(runs.length)} runs in <UntrustedText text={name} maxCharacters={120} />
      </h3>
      <p className="text-muted">One run is loaded at a time. Nothing of the others is kept.</p>
      {runs.length > MANY ? <TextField label="Find a run by name or id" value={filter} onChange={setFilter} /> : null}
      <ul aria-label="Runs" className="border-t border-line">
        {shown.map((run) => (
          <li key={run.id} className="flex items-center gap-3 border-b border-line py-2">
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">
                <UntrustedText text={run.name} maxCharacters={160} />
              </p>
              <p className="text-xs text-faint">
                {formatCount(run.steps)} {run.steps === 1 ? "step" : "steps"} ·{" "}
                <UntrustedText text={run.id} mono maxCharacters={80} />
              </p>
            </div>
            <Button
              aria-label={`Load: ${visibleText(cutText(run.name, 60).head)}, ${visibleText(cutText(run.id, 60).head)}`}
              onPress={() => onChosen(run.id)}
            >
              Load
            </Button>
          </li>
        ))}
      </ul>
      {shown.length === 0 ? <p className="text-muted">No run has that in its name or id.</p> : null}
    </section>
  );
}
