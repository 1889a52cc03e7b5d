import { FileUp } from "lucide-react";
import { useState } from "react";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { BUNDLED_RUNS, type BundledRun } from "../../../api/embedded/bundled-runs.ts";
import { Button } from "../../../ui/button.tsx";
import { formatBytes, formatCount } from "../../../ui/duration.ts";
import { TextField } from "../../../ui/text-field.tsx";
import { formatName } from "../playback/reenactment.tsx";
import { pastedSource, type RunSource } from "./run-source.ts";
import { StoredRuns } from "./stored-runs.tsx";

export interface RunChoicesProps {
  onSource(source: RunSource): void;
  onStored(digest: string): void;
}

/** Where a recorded run can come from. */
export function RunChoices({ onSource, onStored }: RunChoicesProps) {
  return (
    <div className="flex flex-col gap-6">
      <OwnFile onSource={onSource} />
      <BundledRuns
        id="bundled-runs"
        title="Real recordings that come with the console"
        runs={BUNDLED_RUNS.filter(({ source }) => source !== null)}
        onSource={onSource}
      />
      <BundledRuns
        id="bundled-scenarios"
        title="Scenarios written for this console, not recordings"
        runs={BUNDLED_RUNS.filter(({ source }) => source === null)}
        onSource={onSource}
      />
      <StoredRuns onChosen={onStored} />
    </div>
  );
}

function BundledRuns({
  id,
  title,
  runs,
  onSource,
}: Pick<RunChoicesProps, "onSource"> & {
  readonly id: string;
  readonly title: string;
  readonly runs: readonly BundledRun[];
}) {
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <h3 id={id} className="font-semibold">
        {title}
      </h3>
      <ul className="border-t border-line">
        {runs.map((run) => (
          <li key={run.id} className="flex items-center gap-3 border-b border-line py-2">
            <div className="min-w-0 flex-1">
              <p className="font-medium">{run.title}</p>
              <p className="text-xs text-muted">{run.description}</p>
              <p className="text-xs text-faint">
                {formatCount(run.tasks)} tasks · {formatName(run.format)} · {formatBytes(run.bytes)}
                {run.source === null
                  ? ""
                  : ` · ${run.source.repository.replace("https://", "")} · ${run.source.licence}`}
              </p>
            </div>
            <Button writes aria-label={`Load: ${run.title}`} onPress={() => onSource({ kind: "bundled", run })}>
              Load
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OwnFile({ onSource }: Pick<RunChoicesProps, "onSource">) {
  const [pasting, setPasting] = useState(false);
  const [text, setText] = useState("");
  return (
    <section aria-labelledby="own-file" className="flex flex-col gap-2">
      <h3 id="own-file" className="font-semibold">
        A recording of yours
      </h3>
      <div className="flex flex-wrap items-center gap-2 border border-dashed border-strong bg-raised p-3">
        <FileTrigger
          allowsMultiple
          onSelect={(list) => {
            const files = list === null ? [] : [...list];
            if (files.length > 0) onSource({ kind: "files", files });
          }}
        >
          <Button variant="primary">
            <FileUp aria-hidden="true" size={15} /> Choose a file
          </Button>
        </FileTrigger>
        <Button aria-expanded={pasting} onPress={() => setPasting(!pasting)}>
          Paste text
        </Button>
        <span className="min-w-48 flex-1 text-muted">
          or drop it anywhere on this view. WfCommons, Spark event logs (all parts of a rolled one together), Langfuse,
          OTLP/JSON traces, AgentRx (runs and their annotations together), Who&amp;When, SWE-agent, Inspect, Temporal,
          AG-UI (all turns together), our own log export; gzip too. It stays in this browser.
        </span>
      </div>
      {pasting ? (
        <form
          className="flex flex-col items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "") onSource(pastedSource(text));
          }}
        >
          <div className="w-full">
            <TextField
              label="The recording, as JSON or JSON lines"
              value={text}
              onChange={setText}
              multiline
              mono
              rows={6}
            />
          </div>
          <Button type="submit" variant="primary" isDisabled={text.trim() === ""}>
            Read it
          </Button>
        </form>
      ) : null}
    </section>
  );
}
