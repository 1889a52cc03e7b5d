import { useRef, useState } from "react";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useLease } from "../../../operator/use-lease.ts";
import { useToldAnyway } from "../../../operator/use-told-anyway.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { leaseLeftMs, leaseStand } from "./lease-stand.ts";
import { LeaseMark } from "./liveness-tag.tsx";
import { spanWords } from "./liveness-words.ts";
import type { Liveness, ShownLiveness } from "./use-liveness.ts";
import { useOwnPress } from "./use-own-press.ts";

export interface LeaseDialogProps {
  readonly liveness: Liveness;
  readonly agent: ShownLiveness;
  onClose(): void;
}

const DURATIONS = [300, 900, 1800, 3600, 7200];
const DEFAULT_S = 1800;

/**
 * Lets an agent go on, by a press that is begun and ended here: a key that was held down before, or repeats, does nothing
 * (L5). Before it is asked for nothing can be renewed, and the enforcement point refuses it as well.
 */
export function LeaseDialog({ liveness, agent, onClose }: LeaseDialogProps) {
  const { lease, name } = agent;
  const give = useLease();
  const tellAnyway = useToldAnyway();
  const { operator } = useOperator();
  const nowMs = useNow();
  const [chosenS, setChosenS] = useState(DEFAULT_S);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const durationS = lease?.durationS ?? chosenS;
  const stand = lease === null ? null : leaseStand(lease, leaseLeftMs(lease, liveness.readAtMs, nowMs));
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await give({ wid: liveness.wid, agent: agent.agent, duration_s: durationS });
      toast({ title: "Lease given", detail: `${name} may go on for ${spanWords(durationS)}.`, tone: "neutral" });
      onClose();
    } catch (error) {
      const refused = problemOf(error);
      tellAnyway(`a lease for ${name}`, refused);
      setProblem(refused);
      setBusy(false);
    }
  };
  const button = useRef<HTMLButtonElement>(null);
  const press = useOwnPress(button, () => void run());
  return (
    <Dialog
      title={lease === null ? "Put an agent under a lease" : "Renew a lease"}
      isOpen
      onOpenChange={onClose}
      isDismissable={!isBusy}
      footer={
        <>
          <Button variant="quiet" isDisabled={isBusy} onPress={onClose}>
            {lease === null ? "Leave it" : "Not now"}
          </Button>
          <Button
            ref={button}
            variant="primary"
            isDisabled={isBusy || operator === null || stand === "running"}
            onPress={press}
          >
            {isBusy ? "Signing …" : `Let it go on for ${spanWords(durationS)}`}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Facts
          items={[
            { term: "Agent", value: <bdi>{name}</bdi> },
            {
              term: "Lease",
              value: lease === null ? "none" : <LeaseMark lease={lease} readAtMs={liveness.readAtMs} />,
            },
            ...(lease === null
              ? []
              : [
                  { term: "Given by", value: <bdi>{visibleText(lease.by)}</bdi> },
                  { term: "Runs out", value: <Instant epochMs={lease.until * 1000} /> },
                ]),
          ]}
        />
        {lease === null ? (
          <Select
            label="For how long at a time"
            items={DURATIONS.map((seconds) => ({ id: String(seconds), name: spanWords(seconds) }))}
            selectedKey={String(chosenS)}
            onSelectionChange={(id) => setChosenS(Number(id))}
          />
        ) : null}
        <p>
          <strong>When it runs out the agent is paused.</strong> What it is doing then ends, and it begins nothing new
          until somebody renews the lease.
        </p>
        <p className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : stand === "running"
              ? "It is not asked for yet. It will be at a moment that nobody can tell in advance, well before it runs out."
              : `The press signs this as ${visibleText(operator.name)}. Look at what the agent does first.`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  );
}
