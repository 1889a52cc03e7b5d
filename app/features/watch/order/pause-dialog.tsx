import { useMemo, useState } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { usePause } from "../../../operator/use-orders.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import type { ReachInput } from "../halo/reach.ts";
import { ElsewhereNote } from "./elsewhere-note.tsx";
import { effectUntil, leftOf, PAUSE_HOLDS, type ScopeChoice } from "./order-scopes.ts";
import { ReachNote } from "./reach-note.tsx";
import { WiderNote } from "./wider-note.tsx";

export interface PauseDialogProps {
  readonly run: RunGraph;
  readonly input: ReachInput;
  readonly choices: readonly ScopeChoice[];
  onClose(): void;
}

/** Pauses what is selected, as far as chosen; nothing that was done is lost, and it goes on where it was (OVR-27, J4). */
export function PauseDialog({ run, input, choices, onClose }: PauseDialogProps) {
  const pause = usePause();
  const [chosen, setChosen] = useState<ScopeChoice["id"]>("agent");
  const [mode, setMode] = useState<"after_task" | "now">("after_task");
  const [hold, setHold] = useState("resumed");
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0];
  const preview = useMemo(() => ({ words: "Pause", scopes: choice?.scopes ?? [], forwarded: true }), [choice]);
  if (choice === undefined) return null;
  const signals = choice.scopes.length;
  return (
    <OrderDialog
      title="Pause"
      verb="Pause"
      busy="Pausing …"
      keep="Let it run"
      why="Why is it paused? (recorded)"
      done="The pause is in the log"
      doneDetail="Who has not reached a safe point yet is shown above the graph."
      run={(reason, left) =>
        pause({
          scopes: leftOf(choice.scopes, left),
          mode,
          reason,
          ...effectUntil(
            PAUSE_HOLDS.find(({ id }) => id === hold),
            Date.now(),
          ),
        })
      }
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        <Segmented label="What is paused" selected={choice.id} onChange={setChosen} options={choices} />
        <Segmented
          label="When"
          selected={mode}
          onChange={setMode}
          options={[
            { id: "after_task", name: "After the task under way" },
            { id: "now", name: "At once" },
          ]}
        />
        <Select
          label="Until"
          hideLabel
          className="w-44"
          items={PAUSE_HOLDS}
          selectedKey={hold}
          onSelectionChange={setHold}
        />
      </div>
      <WiderNote choices={choices} chosen={choice} />
      <ElsewhereNote chosen={choice} wid={input.wid} />
      <ReachNote run={run} input={input} preview={preview} listed={5} />
      <p className="text-muted">
        {mode === "after_task"
          ? "What is in flight ends first; nothing new begins. "
          : "What is in flight is suspended where it is; only an effect that was let through already ends. "}
        {signals === 1 ? "One signal." : `${signals} signals, one for each: they are resumed together.`} Requests for a
        human stay open.
      </p>
    </OrderDialog>
  );
}
