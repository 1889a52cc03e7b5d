import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import type { DrillScriptView } from "../../../api/contract/drill.ts";
import { toBase64url } from "../../../base/bytes.ts";
import type { BenchTaskSet } from "../../../protocol/behavior/bench-profile.ts";
import { createSha256 } from "../../../protocol/jose/hasher.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Section } from "../../../ui/section.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { Answered } from "../answered.tsx";
import { word } from "../words.ts";
import {
  type BenchDraft,
  checkDraft,
  drillFacts,
  FIRST_DRAFT,
  runFacts,
  SIGNED_FOR_S,
  withVersion,
} from "./bench-draft.ts";
import { MetricFields } from "./metric-fields.tsx";
import { OperatorOnly } from "./sign-in-first.tsx";
import { useOrderBench } from "./use-order-bench.ts";
import { drillSize, type StoredRun, WhatPart } from "./what-part.tsx";

export interface OrderFormProps {
  readonly isRunning: boolean;
  /** All so far: which version this one is. */
  readonly benchmarks: readonly BenchmarkView[];
  onOrdered(order: string): void;
}

const ALL = "*";
const NOBODY = "-";

/** Defines a benchmark over recorded runs of this console or a drill, and orders it. */
export function OrderForm(props: OrderFormProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.workflow.listRuns.queryOptions());
  const scripts = useQuery(orpc.drill.scripts.queryOptions());
  return (
    <Section title="Order a benchmark" level={2}>
      <Answered query={list} what="the recorded runs">
        {({ runs }) => (
          <Answered query={scripts} what="the scripts of drills">
            {(known) => (
              <Form runs={runs.filter(({ format }) => format !== "drill")} scripts={known.scripts} {...props} />
            )}
          </Answered>
        )}
      </Answered>
    </Section>
  );
}

interface FormProps extends OrderFormProps {
  readonly runs: readonly StoredRun[];
  readonly scripts: readonly DrillScriptView[];
}

function Form({ runs, scripts, isRunning, benchmarks, onOrdered }: FormProps) {
  const { client, orpc } = useApi();
  const [draft, setDraft] = useState<BenchDraft>(FIRST_DRAFT);
  const [isTried, setTried] = useState(false);
  const graphs = useQueries({
    queries: draft.runs.map((digest) => orpc.workflow.graph.queryOptions({ input: { digest } })),
  });
  const { order, isBusy, problem } = useOrderBench((jti) => {
    setTried(false);
    onOrdered(jti);
  });
  const known = graphs.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const script = scripts.find(({ id }) => id === draft.drill?.script);
  const size = draft.drill === null ? null : drillSize(draft.drill.size, script);
  const facts = draft.drill === null ? runFacts(known) : drillFacts(script?.limitS ?? 0);
  const { profile, problems, runs: count, takesMs } = checkDraft(draft, facts);
  const isKnown = draft.drill === null ? known.length === draft.runs.length : size !== null;
  const change = (patch: Partial<BenchDraft>): void => setDraft((before) => ({ ...before, ...patch }));
  const said = (field: string): string | undefined => (isTried ? problems[field] : undefined);
  const taskSet = async (): Promise<BenchTaskSet> => {
    if (draft.drill !== null && size !== null) {
      const drill = { script: draft.drill.script, size };
      const { digest } = await client.drill.prepare({ ...drill, wid: crypto.randomUUID() });
      return { items: [{ run: digest, drill }] };
    }
    return {
      items: draft.runs.map((run) => ({ run })),
      ...(draft.isSecret ? { nonce: toBase64url(crypto.getRandomValues(new Uint8Array(16))) } : {}),
    };
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (profile === null || isRunning || isBusy || !isKnown) return;
    order({
      set: taskSet,
      profile: async (set) => withVersion(profile, set, facts.tasks, benchmarks, await createSha256()),
      agent: draft.agent,
      reason: draft.reason.trim(),
    });
  };
  const number = (
    field: "repetitions" | "warmup" | "concurrency" | "playback" | "timeoutS" | "seed",
    label: string,
  ) => (
    <TextField
      label={label}
      value={draft[field]}
      onChange={(value) => change({ [field]: value })}
      errorMessage={problems[field]}
    />
  );
  return (
    <form
      aria-label="Order a benchmark"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <WhatPart draft={draft} runs={runs} scripts={scripts} problem={said("runs")} onChange={change} />
      <div className="grid grid-cols-2 items-start gap-3 md:grid-cols-4">
        <TextField label="Name" value={draft.id} onChange={(id) => change({ id })} errorMessage={said("id")} />
        {number("repetitions", draft.drill === null ? "Repetitions of each run" : "Times that you stop it")}
        {draft.drill !== null ? null : (
          <>
            <Select
              label="Measured"
              items={[
                { id: ALL, name: "All agents" },
                ...facts.agents.map(({ id, name }) => ({ id, name: word(name) })),
              ]}
              selectedKey={draft.agent ?? ALL}
              onSelectionChange={(id) => change({ agent: id === ALL ? null : id })}
            />
            <Select
              label="Ask a human before"
              items={[
                { id: NOBODY, name: "Nothing" },
                ...facts.actions.map((action) => ({ id: action, name: word(action) })),
              ]}
              selectedKey={draft.gated ?? NOBODY}
              onSelectionChange={(id) => change({ gated: id === NOBODY ? null : id })}
            />
            {number("playback", "Times the recorded speed")}
            {number("warmup", "Warm-up runs, thrown away")}
            {number("concurrency", "Runs at once")}
            {number("timeoutS", "A run may take (s)")}
            {number("seed", "Seed of the order")}
          </>
        )}
      </div>
      <MetricFields draft={draft} facts={facts} problem={said("metrics")} onChange={(metrics) => change({ metrics })} />
      <div className="grid items-start gap-3 md:grid-cols-2">
        <TextField
          label="Environment, one name: value a line"
          value={draft.environment}
          onChange={(environment) => change({ environment })}
          multiline
          description="Engine, cores and where agents run are added by the host. Results are comparable only where all of it is equal."
          errorMessage={problems.environment}
        />
        <TextField
          label="Why"
          value={draft.reason}
          onChange={(reason) => change({ reason })}
          multiline
          maxLength={2000}
          errorMessage={said("reason")}
        />
      </div>
      {draft.drill !== null ? null : (
        <Checkbox isSelected={draft.isSecret} onChange={(isSecret) => change({ isSecret })}>
          Keep the tasks secret until the result: only their digest is in the log before
        </Checkbox>
      )}
      <p className="max-w-prose text-muted">{aboutWords(draft, count, takesMs)}</p>
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex flex-wrap items-center gap-3">
        <OperatorOnly what="order a benchmark">
          <Button type="submit" variant="primary" isPending={isBusy} isDisabled={isRunning || isBusy}>
            {isBusy ? "Signing …" : "Sign and run the benchmark"}
          </Button>
        </OperatorOnly>
        {isRunning ? <span className="text-muted">One runs already: two at once would measure each other.</span> : null}
        {isTried && (profile === null || !isKnown) ? (
          <span role="status">Something above is not complete yet.</span>
        ) : null}
      </div>
    </form>
  );
}

/** What will happen, and what it is not. */
function aboutWords({ drill, gated }: BenchDraft, count: number, takesMs: number): string {
  if (count === 0)
    return "Re-enactments are what is measured: agents work for the recorded time, the rest is this console's own.";
  const signed = `You sign each start now; they are taken for ${formatCount(SIGNED_FOR_S / 60)} minutes.`;
  const long = takesMs / 1000 > SIGNED_FOR_S * 0.9;
  if (drill !== null)
    return `${formatCount(count)} drills one after another, ${formatDuration(takesMs)} at most. Your part, each time: stop all of its agents as you would in earnest. ${signed} A stop of everything keeps the next drill back until you release it.${long ? " That may be too long: choose fewer." : ""}`;
  return [
    `${formatCount(count)} runs, about ${formatDuration(takesMs)} as recorded at this speed. ${signed}`,
    "Tokens and money are as recorded; nothing outside this console is touched.",
    ...(long ? ["That may be too long: choose a higher speed or fewer repetitions."] : []),
    ...(gated === null ? [] : ["Durations then include the time until somebody has answered in Approvals."]),
  ].join(" ");
}
