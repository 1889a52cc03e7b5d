import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { DrillScriptView } from "../../../api/contract/drill.ts";
import { scriptWords } from "../../../operator/drill-scripts.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Section } from "../../../ui/section.tsx";
import { Select } from "../../../ui/select.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useStartDrill } from "./use-start-drill.ts";

const AGAIN_DAYS = "7";

export interface StartFormProps {
  /** A drill that runs already: one at a time is what a person can attend to. */
  readonly isRunning: boolean;
  onStarted(wid: string): void;
}

/** Chooses a script, a size and when to drill again, and starts. */
export function StartForm(props: StartFormProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.drill.scripts.queryOptions());
  if (list.data === undefined)
    return list.isError ? (
      <ProblemNote problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
    ) : (
      <Loading what="the scripts" />
    );
  return <Form {...list.data} {...props} />;
}

interface FormProps extends StartFormProps {
  readonly scripts: readonly DrillScriptView[];
  readonly place: "workers" | "thread";
}

function Form({ scripts, place, isRunning, onStarted }: FormProps) {
  const { status, knownName, enrol } = useOperator();
  const [id, setId] = useState(scripts[0]?.id ?? "");
  const [size, setSize] = useState<string | null>(null);
  const [againDays, setAgainDays] = useState(AGAIN_DAYS);
  const { start, isBusy, problem } = useStartDrill(onStarted);
  const script = scripts.find((one) => one.id === id);
  if (script === undefined) return <p className="text-muted">This host has no script of a drill.</p>;
  const { min, max, usual } = script.sizes;
  const agents = wholeNumber(size ?? String(usual), min, max);
  const days = wholeNumber(againDays, 1, 365);
  const isReady = status === "ready";
  const submit = (): void => {
    if (agents !== null && days !== null && isReady && !isRunning && !isBusy)
      start({ script: id, size: agents, againDays: days });
  };
  return (
    <Section title="Start a drill" level={2}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="flex flex-wrap items-start gap-3">
          <Select
            label="What goes wrong"
            className="basis-64"
            items={scripts.map((one) => ({ id: one.id, name: scriptWords(one.id).name }))}
            selectedKey={id}
            onSelectionChange={(next) => {
              setId(next);
              setSize(null);
            }}
          />
          <TextField
            label={`Agents (${min} to ${max})`}
            value={size ?? String(usual)}
            onChange={setSize}
            errorMessage={agents === null ? `A whole number from ${min} to ${max}` : undefined}
          />
          <TextField
            label="Drill again within (days)"
            value={againDays}
            onChange={setAgainDays}
            errorMessage={days === null ? "A whole number from 1 to 365" : undefined}
          />
        </div>
        <p className="max-w-prose">{scriptWords(id).about}</p>
        <p className="max-w-prose text-muted">
          {place === "workers"
            ? "Its agents are started in real workers beside whatever else runs"
            : "Its agents are started in the thread of this host beside whatever else runs: one that hangs is only deaf, and one that crashes only silent"}
          , under a policy that you sign. Your part: stop all of them with the stop you would use in earnest, within{" "}
          {formatCount(script.limitS)} s. Nothing outside this console is touched.
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
        <div className="flex flex-wrap items-center gap-3">
          {isReady ? (
            <Button
              type="submit"
              variant="primary"
              isPending={isBusy}
              isDisabled={agents === null || days === null || isRunning || isBusy}
            >
              {isBusy ? "Starting …" : "Sign and start the drill"}
            </Button>
          ) : (
            <Button onPress={() => void enrol(knownName ?? "").catch(() => undefined)}>
              Sign in to start a drill …
            </Button>
          )}
          {isRunning ? <span className="text-muted">A drill is running: stop it, or abort it, first.</span> : null}
        </div>
      </form>
    </Section>
  );
}

/** The whole number somebody typed, within bounds; null where it is none. */
export function wholeNumber(text: string, min: number, max: number): number | null {
  if (!/^\s*\d{1,3}\s*$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}
