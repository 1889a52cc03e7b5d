import { useState } from "react";
import { stepsWords } from "../../../api/client/rollback-words.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import type { RollbackNamed } from "../../../operator/rollback-orders.ts";
import { useRollbackWord } from "../../../operator/use-rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import type { Shown } from "./queries.ts";
import { ResidueList } from "./residues.tsx";
import type { StepList } from "./rollback-words.ts";

/** Seconds after the last step in which a confirmation keeps the locks (C5). */
const CONFIRM_S = 600;

/** What a person can still say about it: stop it, or confirm what is left as it is. */
export function EndRollback({ shown, isOld }: { readonly shown: Shown; readonly isOld: boolean }) {
  const [open, setOpen] = useState<"abort" | "confirm" | null>(null);
  const { rollback } = shown;
  const { phase, needsPerson, stopped } = rollback;
  const canAbort = (phase === "preparing" || phase === "ready" || phase === "executing") && stopped === null;
  const close = (): void => setOpen(null);
  return (
    <>
      {needsPerson ? (
        <section aria-label="To be confirmed" className="space-y-1 border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">A person has to confirm what is left.</p>
          <Time shown={shown} />
          <Button variant="primary" isDisabled={isOld} onPress={() => setOpen("confirm")}>
            Confirm as it is …
          </Button>
          {isOld ? <p className="text-xs">It could not be read again: it may be another list by now.</p> : null}
        </section>
      ) : null}
      {canAbort ? (
        <div>
          <Button variant="danger" onPress={() => setOpen("abort")}>
            Abort …
          </Button>
        </div>
      ) : null}
      {open === "confirm" && needsPerson ? <ConfirmDialog shown={shown} onClose={close} /> : null}
      {open === "abort" ? <AbortDialog shown={shown} isOld={isOld} onClose={close} /> : null}
    </>
  );
}

function Time({ shown: { rollback } }: { readonly shown: Shown }) {
  const nowMs = useNow();
  if (rollback.lapsed)
    return (
      <p className="font-medium text-warning">
        Nobody confirmed within {CONFIRM_S / 60} minutes: the agents have let go of what they held. It can have changed
        since.
      </p>
    );
  if (rollback.endedAt === null) return null;
  const leftMs = (rollback.endedAt + CONFIRM_S) * 1000 - nowMs;
  return leftMs <= 0 ? null : <p>The agents hold what they changed for {formatDuration(leftMs)} more.</p>;
}

interface WordDialogProps {
  readonly shown: Shown;
  onClose(): void;
}

const namedOf = ({ rollback, authority }: Shown): RollbackNamed => ({ ...rollback, authority });

/** A confirmation is of what is shown: where a later result has changed it, it is read again first (CAS-26). */
function ConfirmDialog({ shown: now, onClose }: WordDialogProps) {
  const [shown, setShown] = useState(now);
  const { confirm } = useRollbackWord();
  const { residues, revision } = shown;
  const undone = undoneOf(shown);
  const isCurrent = revision === now.revision;
  const told = new Set(residues.flatMap(({ tell }) => tell));
  return (
    <OrderDialog
      title="Confirm what is left"
      verb="Confirm"
      busy="Confirming …"
      keep="Not yet"
      why="Why may it stay as it is? (recorded)"
      done="What is left is confirmed"
      doneDetail="The agents stay paused until somebody resumes them."
      size="lg"
      isReady={isCurrent}
      run={async (reason) => [await confirm({ rollback: namedOf(shown), reason, revision })]}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Undone", value: undone.words },
          ...(undone.nothing === 0 ? [] : [{ term: "Nothing to undo", value: stepsWords(undone.nothing) }]),
          { term: "Left", value: `${formatCount(residues.length)} ${residues.length === 1 ? "task" : "tasks"}` },
          {
            term: "To be told",
            value: told.size === 0 ? "nobody is named" : `${formatCount(told.size)} of those listed`,
          },
        ]}
      />
      <ResidueList residues={residues} plain />
      <p>
        <strong>Confirmed, the rollback is over and this stays as it is.</strong> Nothing tells anybody by itself.
      </p>
      {isCurrent ? null : (
        <div role="alert" className="space-y-1 border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">What is left has changed: this list is not current.</p>
          <Button size="sm" onPress={() => setShown(now)}>
            Show what is left now
          </Button>
        </div>
      )}
    </OrderDialog>
  );
}

/** What has come back, and how; a step that had nothing to undo is none of it. */
function undoneOf({ rollback, steps, residues }: Shown) {
  const left = new Set(residues.map(({ n }) => n));
  const over = steps.filter(({ n, status }) => !left.has(n) && (status === "done" || status === "skipped"));
  const count = (of: StepList): number => over.filter(({ list }) => list === of).length;
  const how = [
    { count: count("undone"), words: "restored" },
    { count: count("compensated"), words: "compensated" },
    { count: count("manual"), words: "by a person" },
  ].filter((one) => one.count > 0);
  const all = how.reduce((sum, one) => sum + one.count, 0);
  const ways = how.map((one) => `${formatCount(one.count)} ${one.words}`).join(", ");
  return {
    words: `${formatCount(all)} of ${stepsWords(rollback.steps.total)}${all === 0 ? "" : `: ${ways}`}`,
    nothing: count("skipped"),
  };
}

function AbortDialog({ shown, isOld, onClose }: WordDialogProps & { readonly isOld: boolean }) {
  const { abort } = useRollbackWord();
  const { steps, phase } = shown.rollback;
  const hasBegun = phase === "executing";
  return (
    <OrderDialog
      title="Abort a rollback"
      verb="Abort"
      busy="Aborting …"
      keep="Let it go on"
      why="Why is it aborted? (recorded)"
      done="The abort is in the log"
      doneDetail="What is under way ends first. What has come of it is shown with the steps."
      run={async (reason) => [await abort({ rollback: namedOf(shown), reason })]}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Has an outcome", value: `${formatCount(steps.over)} of ${stepsWords(steps.total)}` },
          { term: "Asked for", value: stepsWords(steps.open) },
        ]}
      />
      <p>
        <strong>
          {hasBegun
            ? "Nothing more is begun. What was undone stays undone, and what was not stays changed: it is listed."
            : isOld
              ? "Nothing more is begun. What was undone by then stays undone."
              : "Nothing was changed yet, and nothing will be."}
        </strong>
      </p>
      {isOld ? (
        <p role="alert" className="font-medium text-warning">
          It could not be read again: steps may have begun since, and what is said here of them is old.
        </p>
      ) : null}
    </OrderDialog>
  );
}
