import { useMemo, useState } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { SecondPerson, useSecondPerson } from "../../../operator/second-person.tsx";
import { useTakeover } from "../../../operator/use-orders.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import type { ReachInput } from "../halo/reach.ts";
import type { ScopeChoice } from "./order-scopes.ts";
import { ReachNote } from "./reach-note.tsx";
import { WiderNote } from "./wider-note.tsx";

export interface TakeoverDialogProps {
  readonly run: RunGraph;
  readonly input: ReachInput;
  readonly choices: readonly ScopeChoice[];
  onClose(): void;
}

/** How long a takeover holds before it becomes a pause, seconds; the longest there may be stands last (OVR-22). */
const HOLDS = [
  { id: "900", name: "for 15 minutes" },
  { id: "3600", name: "for 1 hour" },
  { id: "28800", name: "for 8 hours" },
] as const;

/** Takes an agent or a workflow over: two people sign, and each next step waits for an operator (OVR-30, OVR-S4). */
export function TakeoverDialog({ run, input, choices: all, onClose }: TakeoverDialogProps) {
  const takeover = useTakeover();
  const people = useSecondPerson();
  const choices = all.filter(({ id, scopes }) => id !== "task" && id !== "group" && scopes.length === 1);
  const [chosen, setChosen] = useState<ScopeChoice["id"]>("agent");
  const [hold, setHold] = useState("900");
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0];
  const preview = useMemo(() => ({ words: "Take over", scopes: choice?.scopes ?? [], forwarded: true }), [choice]);
  const [scope] = choice?.scopes ?? [];
  if (choice === undefined || scope === undefined) return null;
  return (
    <OrderDialog
      title="Take over"
      verb="Take over"
      busy="Taking over …"
      keep="Let it run"
      why="Why is it taken over? (recorded)"
      done="The takeover is in the log"
      doneDetail="The next steps wait above the graph until an operator carries them out."
      isReady={people.second !== null}
      run={(reason) =>
        takeover({
          scope,
          reason,
          effectUntil: Math.floor(Date.now() / 1000) + Number(hold),
          second: people.second ?? { kid: "", passphrase: "" },
        })
      }
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        <Segmented label="What is taken over" selected={choice.id} onChange={setChosen} options={choices} />
        <Select
          label="How long"
          hideLabel
          className="w-44"
          items={HOLDS}
          selectedKey={hold}
          onSelectionChange={setHold}
        />
      </div>
      <WiderNote choices={choices} chosen={choice} />
      <ReachNote run={run} input={input} preview={preview} listed={5} />
      <p>
        <strong>Each next step waits until an operator carries it out</strong>, under the same policy and with the same
        approvals. When the time is over, or it is released, the agents are paused.
      </p>
      <SecondPerson state={people} what="A takeover" />
    </OrderDialog>
  );
}
