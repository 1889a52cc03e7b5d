import { OctagonMinus } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import type { StopSender } from "../../operator/stop-sender.ts";
import type { Given } from "../../operator/use-orders.ts";
import { useStop } from "../../operator/use-override.ts";
import { useRevocation } from "../../operator/use-revocation.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { useFrozen } from "../../ui/frozen.ts";
import { Mark, MarkIcon } from "../../ui/mark.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { rungAfter, type Straggler, stragglersOf, workflowsOf } from "./stragglers.ts";

const LISTED = 6;

/** Who is not where they were ordered, and the next rung of the ladder by one key (N1, J3). */
export function StragglersNote({ signal }: { readonly signal: OverrideSignal }) {
  const stragglers = stragglersOf(signal, useNow());
  if (stragglers.length === 0) return null;
  return (
    <section
      aria-label="Stragglers"
      className="mx-3 my-2 shrink-0 space-y-1 border border-critical bg-critical-soft px-3 py-2"
    >
      <p className="flex items-center gap-2 font-semibold">
        <MarkIcon shape="cross" tone="critical" />
        {formatCount(stragglers.length)} of {formatCount(signal.targets.length)} not where the order wants them
      </p>
      <ul>
        {stragglers.slice(0, LISTED).map(({ target, why }) => (
          <li key={target.agent}>
            <bdi className="font-medium">{visibleText(target.name)}</bdi>: {why}
          </li>
        ))}
        {stragglers.length > LISTED ? <li>and {formatCount(stragglers.length - LISTED)} more</li> : null}
      </ul>
      {rungAfter(signal) === "stop" ? (
        <StopThem stragglers={stragglers} />
      ) : (
        <RevokeTheirs {...{ signal, stragglers }} />
      )}
    </section>
  );
}

interface RungProps {
  readonly stragglers: readonly Straggler[];
}

/** One deliberate act: a stop is never confirmed (S2). Whoever does not acknowledge it has their worker ended. */
function StopThem({ stragglers }: RungProps) {
  const stop = useStop();
  const { status } = useOperator();
  const frozen = useFrozen();
  const [sent, setSent] = useState<readonly StopSender[]>([]);
  const run = (): void => {
    if (status !== "ready" || frozen !== null) return;
    setSent(
      stragglers.map(({ target, why }) =>
        stop({ kind: "agent", id: target.agent }, `operator stop: ${why}`.slice(0, 200)),
      ),
    );
  };
  useKeys({
    x: (event) => {
      event.preventDefault();
      run();
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button variant="danger" shortcut="x" onPress={run} isDisabled={status !== "ready"}>
        <OctagonMinus aria-hidden="true" size={15} />
        Stop {stragglers.length === 1 ? "it" : "them"} now
      </Button>
      <span className="text-xs">Whoever does not acknowledge that has their worker ended.</span>
      {sent.map((sender, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are sent once, in this order
        <Sent key={at} sender={sender} />
      ))}
    </div>
  );
}

function Sent({ sender }: { readonly sender: StopSender }) {
  const { phase, problem } = useStore(sender.store);
  if (phase === "latched") return <Mark shape="square" tone="critical" label="the stop holds" />;
  if (phase === "refused")
    return <Mark shape="cross" tone="critical" label={`refused: ${visibleText(problem?.detail ?? "")}`} />;
  return <Mark shape="triangle" tone="warning" label="the stop is being sent" />;
}

/** What they act under is taken out of force: also after a release nothing is permitted by it any more (ACP-19). */
function RevokeTheirs({ signal, stragglers }: RungProps & { readonly signal: OverrideSignal }) {
  const { client } = useApi();
  const revoke = useRevocation();
  const [isOpen, setOpen] = useState(false);
  const wids = workflowsOf(stragglers);
  const frozen = useFrozen();
  useKeys({
    x: (event) => {
      event.preventDefault();
      setOpen(wids.length > 0 && frozen === null);
    },
  });
  if (wids.length === 0) return <p>Their workflow is not known here: revoke its policy under Policies.</p>;
  const one = async (wid: string, reason: string): Promise<Given> => {
    const scope = { kind: "workflow" as const, id: wid };
    try {
      const { policy } = await client.workflow.get({ wid });
      await revoke({ jti: policy.jti, hash: policy.hash, reason });
      return { scope, jti: policy.jti, problem: null };
    } catch (error) {
      return { scope, jti: wid, problem: problemOf(error) };
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button variant="danger" shortcut="x" onPress={() => setOpen(true)}>
        Revoke {wids.length === 1 ? "their policy" : `their ${formatCount(wids.length)} policies`} …
      </Button>
      <span className="text-xs">The stop holds meanwhile: what they ask for is refused.</span>
      {isOpen ? (
        <OrderDialog
          title={wids.length === 1 ? "Revoke a policy" : "Revoke policies"}
          verb="Revoke"
          busy="Revoking …"
          keep="Leave it in force"
          why="Why is it revoked? (recorded)"
          firstReason={`Not where a stop wants them: ${stragglers.map(({ target }) => visibleText(target.name)).join(", ")}`.slice(
            0,
            500,
          )}
          done="The policies are revoked"
          doneDetail="Nothing is permitted by it any more, also when the stop is released."
          run={async (reason, left) => {
            const given: Given[] = [];
            for (const wid of wids)
              if (left === null || left.some(({ id }) => id === wid)) given.push(await one(wid, reason));
            return given;
          }}
          onClose={() => setOpen(false)}
        >
          <p>
            <strong>
              Every agent of {wids.length === 1 ? "workflow" : "workflows"}{" "}
              {wids.map((wid) => visibleText(wid.slice(0, 8))).join(", ")} loses what it may do.
            </strong>{" "}
            A revoked policy does not come back: to go on, the workflow is started anew under another one.
          </p>
          <p>
            The stop of {visibleText(signal.by.split("/").at(-1) ?? "")} stays in force. To release it is an act of its
            own.
          </p>
        </OrderDialog>
      ) : null}
    </div>
  );
}
