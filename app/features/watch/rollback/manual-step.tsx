import { useId, useState } from "react";
import type { RollbackStepState } from "../../../api/contract/rollback.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { type ManualStatus, useManualResult } from "../../../operator/use-rollback.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Remaining } from "../../../ui/remaining.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { TaskName } from "./names.tsx";
import { useFirst } from "./plan-report.tsx";
import type { Shown } from "./queries.ts";

/** Time a person has for a step before its outcome counts as not known, ms (C5). */
const STEP_MS = 600_000;

/** Steps that a person is to do now, with the time they have, and the way to say what came of it. */
export function AskedSteps({ shown, readAtMs }: { readonly shown: Shown; readonly readAtMs: number }) {
  const [open, setOpen] = useState<number | null>(null);
  // What was taken for not known may still become known.
  const steps = shown.steps.filter(
    ({ n, method, status }) => shown.rollback.asked.includes(n) || (method === "manual" && status === "timeout"),
  );
  const list = useFirst(steps);
  const step = steps.find(({ n }) => n === open);
  if (steps.length === 0) return null;
  return (
    <section aria-label="Steps for a person" className="border border-notice bg-notice-soft px-3 py-2">
      <p role="status" className="flex items-center gap-2 font-semibold">
        <MarkIcon shape="triangle" tone="notice" />
        {steps.length === 1 ? "1 step waits for a person" : `${formatCount(steps.length)} steps wait for a person`}
      </p>
      <ul>
        {list.shown.map((one) => (
          <li key={one.n} className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1">
            <span className="min-w-0 basis-full">
              {one.n}. <TaskName task={one} />
            </span>
            <span className="flex-1 text-xs">
              {one.status === "timeout" || one.askedAt === null ? (
                "not known: nobody said in time"
              ) : (
                <>
                  counts as not known in{" "}
                  <Remaining remainingMs={one.askedAt * 1000 + STEP_MS - readAtMs} readAtMs={readAtMs} />
                </>
              )}
            </span>
            <Button
              writes
              size="sm"
              aria-label={`Say what came of it: ${visibleText(one.name ?? one.action).slice(0, 80)}`}
              onPress={() => setOpen(one.n)}
            >
              Say what came of it …
            </Button>
          </li>
        ))}
      </ul>
      {list.more}
      {step === undefined ? null : <ManualDialog shown={shown} step={step} onClose={() => setOpen(null)} />}
    </section>
  );
}

const OUTCOMES: readonly { readonly id: ManualStatus; readonly name: string }[] = [
  { id: "done", name: "Undone" },
  { id: "partial", name: "Partly" },
  { id: "failed", name: "Failed" },
  { id: "irreversible", name: "Cannot be undone" },
];

const MAX_LINES = 32;
const MAX_LINE = 500;

interface ManualDialogProps {
  readonly shown: Shown;
  readonly step: RollbackStepState;
  onClose(): void;
}

/** A person says what they did: signed, once, and with what stays changed where something does (CAS-16). */
function ManualDialog({ shown, step, onClose }: ManualDialogProps) {
  const { operator } = useOperator();
  const give = useManualResult();
  const form = useId();
  const [status, setStatus] = useState<ManualStatus | null>(null);
  const [left, setLeft] = useState("");
  const lines = left
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const { rbId, planHash } = shown.rollback;
  const { n, task } = step;
  const signing = useSigning(
    () => give({ rbId, planHash, n, task, status: status ?? "failed", residue: status === "done" ? [] : lines }),
    { title: "Your result is in the log", detail: "What it leads to is shown with the steps." },
    onClose,
  );
  const error =
    lines.length > MAX_LINES
      ? `At most ${MAX_LINES} lines.`
      : lines.some((line) => line.length > MAX_LINE)
        ? `At most ${MAX_LINE} characters a line.`
        : undefined;
  const isMissing = status === "partial" && lines.length === 0;
  const isReady = status !== null && !isMissing && error === undefined && operator !== null && !signing.isBusy;
  return (
    <Dialog
      title="What came of a step"
      isOpen
      onOpenChange={onClose}
      isDismissable={!signing.isBusy}
      footer={
        <>
          <Button variant="quiet" isDisabled={signing.isBusy} onPress={onClose}>
            Not yet
          </Button>
          <Button variant="primary" type="submit" form={form} isDisabled={!isReady}>
            {signing.isBusy ? "Signing …" : "Sign the result"}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) signing.run();
        }}
      >
        <Facts
          items={[
            { term: "Task", value: <TaskName task={step} plain /> },
            { term: "Action", value: <UntrustedText text={step.action} maxCharacters={120} mono /> },
            { term: "It changed", value: <UntrustedText text={step.writes.join(", ")} maxCharacters={400} mono /> },
          ]}
        />
        <fieldset className="flex flex-wrap gap-x-4 gap-y-1 border border-line px-3 pb-2">
          <legend className="px-1 text-xs font-medium text-muted">What came of it</legend>
          {OUTCOMES.map(({ id, name }) => (
            <label key={id} className="inline-flex min-h-6 items-center gap-1.5">
              <input type="radio" name={`${form}-outcome`} checked={status === id} onChange={() => setStatus(id)} />
              {name}
            </label>
          ))}
        </fieldset>
        {status === null || status === "done" ? null : (
          <TextField
            label={status === "partial" ? "What stays changed, one thing a line" : "What stays changed, if known"}
            value={left}
            onChange={setLeft}
            multiline
            rows={4}
            isRequired={status === "partial"}
            errorMessage={error}
          />
        )}
        <p role="status" className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : status === null
              ? "Choose what came of it."
              : isMissing
                ? "Partly undone means something stays: say what."
                : `It is recorded as what ${visibleText(operator.name)} says, once.`}
        </p>
        {signing.problem === null ? null : <ProblemNote problem={signing.problem} />}
      </form>
    </Dialog>
  );
}
