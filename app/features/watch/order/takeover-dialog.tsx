import { useId, useMemo, useState } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useTakeover } from "../../../operator/use-orders.ts";
import { FIELD_CLASS, LABEL_CLASS } from "../../../ui/field-classes.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
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
  const { known, operator } = useOperator();
  const others = known.filter(({ subject }) => subject !== operator?.subject);
  const choices = all.filter(({ id, scopes }) => id !== "task" && scopes.length === 1);
  const [chosen, setChosen] = useState<ScopeChoice["id"]>("agent");
  const [hold, setHold] = useState("900");
  const [kid, setKid] = useState<string | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const field = useId();
  const second = others.find((one) => one.kid === kid) ?? others[0];
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0];
  const preview = useMemo(() => ({ words: "Take over", scopes: choice?.scopes ?? [], forwarded: false }), [choice]);
  const [scope] = choice?.scopes ?? [];
  if (choice === undefined || scope === undefined) return null;
  const asksPassphrase = second?.protection === "passphrase";
  return (
    <OrderDialog
      title="Take over"
      verb="Take over"
      busy="Taking over …"
      keep="Let it run"
      why="Why is it taken over? (recorded)"
      done="The takeover is in the log"
      doneDetail="The next steps wait above the graph until an operator carries them out."
      isReady={second !== undefined && (!asksPassphrase || passphrase !== "")}
      run={(reason) =>
        takeover({
          scope,
          reason,
          effectUntil: Math.floor(Date.now() / 1000) + Number(hold),
          second: { kid: second?.kid ?? "", passphrase },
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
      {second === undefined ? (
        <p role="alert" className="font-medium text-warning">
          A takeover takes two people. Nobody else has a key in this profile: add a second operator in the operator
          menu.
        </p>
      ) : (
        <fieldset className="flex flex-wrap gap-3 border border-line px-3 pb-3">
          <legend className="px-1 font-semibold">The second person signs the same order</legend>
          <Select
            label="Second operator"
            className="min-w-48 flex-1"
            items={others.map((one) => ({ id: one.kid, name: visibleText(one.name) }))}
            selectedKey={second.kid}
            onSelectionChange={(id) => {
              setKid(id);
              setPassphrase("");
            }}
          />
          {asksPassphrase ? (
            <div className="flex min-w-48 flex-1 flex-col gap-1">
              <label htmlFor={field} className={LABEL_CLASS}>
                {`Passphrase of ${visibleText(second.name)}`}
              </label>
              <input
                id={field}
                type="password"
                value={passphrase}
                maxLength={1024}
                autoComplete="off"
                onChange={(event) => setPassphrase(event.target.value)}
                className={`${FIELD_CLASS} h-8`}
              />
            </div>
          ) : (
            <p className="self-end text-muted">Their passkey is asked for when the order is given.</p>
          )}
        </fieldset>
      )}
    </OrderDialog>
  );
}
