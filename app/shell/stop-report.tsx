import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useApi, useConnection } from "../api/client/api-context.tsx";
import { countFacts, type StopCounts } from "../features/control/stop-facts.ts";
import type { StopDelivery } from "../operator/stop-sender.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Instant } from "../ui/instant.tsx";
import { MarkIcon } from "../ui/mark.tsx";
import { toldHeight } from "../ui/told-height.ts";

export interface StopReportProps {
  readonly delivery: StopDelivery;
  onDismiss(): void;
  onOpenControl(): void;
}

/** What became of the stop just pressed: commanded, acknowledged, verified, violated, as far as each is known (S7). */
export function StopReport({ delivery, onDismiss, onOpenControl }: StopReportProps) {
  const { phase, problem, attempts, pressedAtMs } = delivery;
  if (phase === "idle") return null;
  return (
    <StopNote onDismiss={phase === "sending" ? undefined : onDismiss}>
      <Step done label="commanded">
        <Instant epochMs={pressedAtMs} precise />
      </Step>
      {phase === "sending" ? <Sending attempts={attempts} problem={problem} /> : null}
      {phase === "refused" ? (
        <p className="font-semibold text-critical">
          Refused: {problem?.detail} {problem?.next} <span className="font-mono text-xs">{problem?.code}</span>
        </p>
      ) : null}
      {phase === "latched" ? <Latched delivery={delivery} onDismiss={onDismiss} onOpenControl={onOpenControl} /> : null}
    </StopNote>
  );
}

const tellHeight = toldHeight("--stop-note");

/** A note of the control, in the same top layer; it covers neither a banner nor a dialog, which makes room for it. */
export function StopNote({
  onDismiss,
  closeLabel = "Close this note; the stop stays",
  children,
}: {
  readonly onDismiss?: (() => void) | undefined;
  readonly closeLabel?: string;
  readonly children: ReactNode;
}) {
  return (
    <div
      ref={tellHeight}
      className="pointer-events-none fixed inset-x-2 top-(--notes-top) bottom-(--notes-bottom) flex justify-center pb-2 md:justify-end"
    >
      <div className="pointer-events-auto flex w-80 gap-2 border-2 border-stop bg-raised p-2 text-ink shadow-overlay">
        <div role="status" aria-live="assertive" className="min-w-0 flex-1 space-y-1">
          {children}
        </div>
        {onDismiss === undefined ? null : <IconButton label={closeLabel} icon={X} size="sm" onPress={onDismiss} />}
      </div>
    </div>
  );
}

function Sending({ attempts, problem }: Pick<StopDelivery, "attempts" | "problem">) {
  const connection = useConnection();
  const { stopLine } = useApi();
  if (problem === null && attempts <= 1) return <Step label="sending to the enforcement point …" />;
  return (
    <div className="space-y-1">
      <p className="flex items-start gap-2 font-semibold text-critical">
        <span className="mt-1">
          <MarkIcon shape="triangle" tone="critical" />
        </span>
        Not delivered yet: attempt {attempts}, sent again until it is answered.
      </p>
      {stopLine !== null && connection.state === "leader" ? (
        <p>Unrecorded stop: this tab’s engine lets nothing through meanwhile.</p>
      ) : null}
      <p className="text-muted">{problem === null ? connection.detail : problem.detail}</p>
      <p className="text-muted">To end agents without the engine, close every tab of this console: they run in it.</p>
    </div>
  );
}

/** Long enough to be read once every agent is verified; the banner goes on telling it. */
const READ_MS = 3000;

function Latched({ delivery, onDismiss, onOpenControl }: StopReportProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.override.list.queryOptions());
  const answer = delivery.answer;
  const signal = list.data?.signals.find((one) => one.jti === answer?.jti);
  const counts = signal === undefined ? null : countFacts(signal.targets);
  const settled = counts !== null && counts.verified === counts.targets;
  useEffect(() => {
    if (!settled) return;
    const timer = setTimeout(onDismiss, READ_MS);
    return () => clearTimeout(timer);
  }, [settled, onDismiss]);
  const recorded = answer?.recorded === true || (signal !== undefined && signal.seq !== null);
  return (
    <>
      <Step done label="in force">
        {answer?.latchedAtMs === null || answer === null ? null : <Instant epochMs={answer.latchedAtMs} precise />}
      </Step>
      {counts === null ? <Step label={`waiting for ${answer?.targets ?? 0} agents`} /> : <CountSteps counts={counts} />}
      {recorded ? null : (
        <p className="font-semibold text-critical">The log has not recorded it yet. It holds all the same.</p>
      )}
      <Button size="sm" onPress={onOpenControl}>
        Open control
      </Button>
    </>
  );
}

function CountSteps({ counts }: { readonly counts: StopCounts }) {
  const { targets, acknowledged, verified, violated, unconfirmed } = counts;
  if (targets === 0) return <Step done label="no agent was running" />;
  return (
    <>
      <Step done={acknowledged === targets} label={`acknowledged ${acknowledged}/${targets}`} />
      <Step done={verified === targets} label={`verified ${verified}/${targets}`} />
      {unconfirmed === 0 ? null : (
        <p className="flex items-center gap-2 font-semibold text-warning">
          <MarkIcon shape="triangle" tone="warning" /> unconfirmed {unconfirmed}
        </p>
      )}
      {violated === 0 ? null : (
        <p className="flex items-center gap-2 font-semibold text-critical">
          <MarkIcon shape="cross" tone="critical" /> VIOLATED {violated}
        </p>
      )}
    </>
  );
}

function Step({
  done = false,
  label,
  children,
}: {
  readonly done?: boolean;
  readonly label: string;
  readonly children?: ReactNode;
}) {
  return (
    <p className="flex items-center gap-2">
      <MarkIcon shape={done ? "dot" : "ring"} tone="neutral" />
      <span>{label}</span>
      <span className="ml-auto text-muted">{children}</span>
    </p>
  );
}
