import { useEffect } from "react";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatBytes } from "../../../ui/duration.ts";
import { Progress } from "../../../ui/progress.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { RunChoices } from "./run-choices.tsx";
import { RunPreview } from "./run-preview.tsx";
import type { RunSource } from "./run-source.ts";
import { SeveralRuns } from "./several-runs.tsx";
import { type Importing, useImport } from "./use-import.ts";

export interface LoadRunProps {
  /** Nothing was ever started here: shown as the pane itself instead of a dialog. */
  readonly first?: boolean;
  /** Read at once, e.g. a file that was dropped. */
  readonly source: RunSource | null;
  onClose?(): void;
  /** A run is stored and was chosen to be started. */
  onChosen(digest: string): void;
}

/** Loads a recorded run: from a file, by drop, from pasted text, or one that comes with the console. */
export function LoadRun({ first = false, source, onClose, onChosen }: LoadRunProps) {
  const importing = useImport();
  const { read, state } = importing;
  useEffect(() => {
    if (source !== null) read(source);
  }, [source, read]);
  const content = <Steps importing={importing} onChosen={onChosen} />;
  const footer = <Footer importing={importing} onChosen={onChosen} />;
  if (first) {
    return (
      <div className="min-h-0 flex-1 overflow-auto">
        <div className="mx-auto flex max-w-4xl flex-col gap-4 p-4 md:p-8">
          <header className="space-y-1">
            <h2 className="text-lg font-semibold">Nothing runs yet</h2>
            <p className="max-w-prose text-muted">
              Load a recorded run. Its agents then run again in this browser, in the recorded order and time, under a
              policy you sign: what needs approval waits for you, and everything is written to a log you can verify.
            </p>
          </header>
          {content}
          {state.step === "choose" ? null : <div className="flex justify-end gap-2">{footer}</div>}
        </div>
      </div>
    );
  }
  return (
    <Dialog
      title="Load a recorded run"
      isOpen
      onOpenChange={() => onClose?.()}
      size="lg"
      {...(state.step === "choose" ? {} : { footer })}
    >
      {content}
    </Dialog>
  );
}

function Steps({ importing, onChosen }: { readonly importing: Importing; onChosen(digest: string): void }) {
  const { state } = importing;
  switch (state.step) {
    case "choose":
      return <RunChoices onSource={importing.read} onStored={onChosen} />;
    case "reading":
      return (
        <Progress
          label={`Reading ${state.name}`}
          value={state.progress.bytes}
          max={state.progress.totalBytes}
          detail={
            state.progress.totalBytes === 0
              ? "…"
              : `${formatBytes(state.progress.bytes)} of ${formatBytes(state.progress.totalBytes)}`
          }
        />
      );
    case "failed":
      return <ProblemNote problem={state.problem} />;
    case "several":
      return <SeveralRuns name={state.name} runs={state.runs} onChosen={(run) => importing.read(state.source, run)} />;
    case "read":
      return <RunPreview run={state.run} problem={state.problem} />;
  }
}

function Footer({ importing, onChosen }: { readonly importing: Importing; onChosen(digest: string): void }) {
  const { state } = importing;
  switch (state.step) {
    case "choose":
      return null;
    case "reading":
      return <Button onPress={importing.cancel}>Cancel</Button>;
    case "failed":
    case "several":
      return <Button onPress={importing.back}>Choose another</Button>;
    case "read":
      return (
        <>
          <Button onPress={importing.back} isDisabled={state.storing}>
            Choose another
          </Button>
          <Button
            variant="primary"
            isDisabled={state.storing}
            onPress={() => {
              void importing.store().then((digest) => {
                if (digest !== null) onChosen(digest);
              });
            }}
          >
            {state.storing ? "Storing the run …" : "Go on to the policy"}
          </Button>
        </>
      );
  }
}
