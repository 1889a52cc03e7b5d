import { useMemo, useState } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useOrderlyStop } from "../../../operator/use-orders.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import type { ReachInput } from "../halo/reach.ts";
import { ElsewhereNote } from "./elsewhere-note.tsx";
import { leftOf, type ScopeChoice } from "./order-scopes.ts";
import { ReachNote } from "./reach-note.tsx";
import { WiderNote } from "./wider-note.tsx";

export interface StopDialogProps {
  readonly run: RunGraph;
  readonly input: ReachInput;
  readonly choices: readonly ScopeChoice[];
  onClose(): void;
}

/** How long what is under way may take to end, ms. */
const GRACES = [
  { id: "10000", name: "10 seconds" },
  { id: "60000", name: "1 minute" },
  { id: "600000", name: "10 minutes" },
] as const;

/** A stop to a safe point, which becomes an immediate one by itself (S10): two deliberate acts, as every order (OVR-18). */
export function StopDialog({ run, input, choices, onClose }: StopDialogProps) {
  const stop = useOrderlyStop();
  const [chosen, setChosen] = useState<ScopeChoice["id"]>("agent");
  const [grace, setGrace] = useState("60000");
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0];
  const preview = useMemo(() => ({ words: "Stop in order", scopes: choice?.scopes ?? [], forwarded: true }), [choice]);
  if (choice === undefined) return null;
  return (
    <OrderDialog
      title="Stop in order"
      verb="Stop in order"
      busy="Stopping …"
      keep="Let it run"
      why="Why is it stopped? (recorded)"
      done="The stop is in the log"
      doneDetail="Who still ends a task, and when it becomes immediate, is shown in Control."
      run={(reason, left) => stop({ scopes: leftOf(choice.scopes, left), graceMs: Number(grace), reason })}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        <Segmented label="What is stopped" selected={choice.id} onChange={setChosen} options={choices} />
        <Select
          label="At once after"
          className="w-44"
          items={GRACES}
          selectedKey={grace}
          onSelectionChange={setGrace}
        />
      </div>
      <WiderNote choices={choices} chosen={choice} />
      <ElsewhereNote chosen={choice} wid={input.wid} />
      <ReachNote run={run} input={input} preview={preview} listed={5} />
      <p>
        <strong>Nothing new begins; tasks under way may end.</strong> When the time is over, whatever still goes on is
        stopped at once, also when an agent hangs or this page is closed. Requests for a human are aborted.
      </p>
      <p className="text-muted">
        It is stopped until it is released and started anew. In an emergency, stop at once instead: that waits for
        nothing.
      </p>
    </OrderDialog>
  );
}
