import { useStore } from "zustand";
import type { GateRow } from "../../api/contract/gate.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { Select } from "../../ui/select.tsx";
import { MANY_WAIT, MAX_TOGETHER, togetherProblem } from "./queue-model.ts";
import { chooseUndo, undoChoice } from "./undo-choice.ts";
import type { Waiting } from "./use-waiting.ts";

/** Above the queue while the open request has look-alikes: the way to decide them together, or why not. */
export function GroupBar({ rows, onTogether }: { readonly rows: readonly GateRow[]; onTogether(): void }) {
  const problem = togetherProblem(rows);
  const count = Math.min(rows.length, MAX_TOGETHER);
  return (
    <div className="flex items-center gap-2 border-b border-line px-3 py-1.5 text-xs">
      <p className="min-w-0 flex-1">
        {formatCount(rows.length)} look alike. {problem === null ? null : <span className="text-muted">{problem}</span>}
      </p>
      {problem === null ? (
        <Button writes size="sm" shortcut="b" onPress={onTogether}>
          {`Decide ${formatCount(count)} together`}
        </Button>
      ) : null}
    </div>
  );
}

/** More wait than somebody decides well (ACP-S4). */
export function ManyWait({ waiting }: { readonly waiting: Waiting }) {
  if ((waiting.all ?? 0) <= MANY_WAIT) return null;
  return (
    <p className="flex items-center gap-1.5 text-warning">
      <MarkIcon shape="triangle" tone="warning" />
      More than {MANY_WAIT} wait; what cannot be undone is decided one by one.
    </p>
  );
}

const CHOICES = [
  { id: "batches", name: "Undo 10 s: batches" },
  { id: "all", name: "Undo 10 s: all reversible" },
  { id: "off", name: "Undo off: sent at once" },
] as const;

/** Which approvals wait on this page before they are sent. */
export function UndoSetting() {
  const { choice } = useStore(undoChoice);
  return (
    <Select
      label="Undo window"
      hideLabel
      items={CHOICES}
      selectedKey={choice}
      onSelectionChange={(id) => chooseUndo(CHOICES.find((one) => one.id === id)?.id ?? "batches")}
      className="w-44"
    />
  );
}
