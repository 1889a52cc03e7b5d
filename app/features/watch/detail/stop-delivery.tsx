import { useEffect, useReducer } from "react";
import { useStore } from "zustand";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import type { StopDelivery } from "../../../operator/stop-sender.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { type AgentStops, agentName, type SentStop } from "./use-agent-stops.ts";

/** How the sending of each stop went: one by one while they are few, counted when they are many. */
export function StopDeliveries({
  run,
  sent,
  atMost,
}: {
  readonly run: RunGraph;
  readonly sent: readonly SentStop[];
  readonly atMost: number;
}) {
  if (sent.length > atMost) return <Sum sent={sent} />;
  return sent.map(({ agent, index, sender }) => (
    <Delivery key={agent} name={agentName(run, index)} stop={{ agent, index, sender }} />
  ));
}

/** The stops that have to be told of where some agents are in view: theirs, and any that is not yet known to hold. */
export function useToldStops(stops: AgentStops, indexes: ReadonlySet<number>): readonly SentStop[] {
  const deliveries = useDeliveries(stops.sent);
  return stops.sent.filter(({ index }, at) => indexes.has(index) || deliveries[at]?.phase !== "latched");
}

/** How the stops stand now, in their order. */
function useDeliveries(sent: readonly SentStop[]): readonly StopDelivery[] {
  const [, again] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const ends = sent.map(({ sender }) => sender.store.subscribe(again));
    again();
    return () => {
      for (const end of ends) end();
    };
  }, [sent]);
  return sent.map(({ sender }) => sender.store.getState());
}

function Delivery({ name, stop }: { readonly name: string; readonly stop: SentStop }) {
  const delivery = useStore(stop.sender.store);
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 text-xs">
      {delivery.phase === "latched" ? (
        <Mark shape="square" tone="critical" label={`${name}: the stop holds`} size={10} />
      ) : delivery.phase === "refused" ? (
        <Mark shape="cross" tone="critical" label={`${name}: refused, ${delivery.problem?.detail ?? ""}`} size={10} />
      ) : (
        <Mark shape="triangle" tone="warning" label={`${name}: sending, attempt ${delivery.attempts}`} size={10} />
      )}
      {delivery.phase === "latched" ? (
        <GoLink to="/control" search={{ signal: delivery.answer?.jti }}>
          Did it obey?
        </GoLink>
      ) : null}
    </p>
  );
}

function Sum({ sent }: { readonly sent: readonly SentStop[] }) {
  const deliveries = useDeliveries(sent);
  const count = (phase: StopDelivery["phase"]): number => deliveries.filter((one) => one.phase === phase).length;
  const [holding, refused] = [count("latched"), count("refused")];
  const sending = deliveries.length - holding - refused;
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 text-xs">
      {holding === 0 ? null : (
        <Mark
          shape="square"
          tone="critical"
          label={holding === 1 ? "1 stop holds" : `${formatCount(holding)} stops hold`}
          size={10}
        />
      )}
      {sending === 0 ? null : (
        <Mark shape="triangle" tone="warning" label={`${formatCount(sending)} being sent`} size={10} />
      )}
      {refused === 0 ? null : (
        <Mark shape="cross" tone="critical" label={`${formatCount(refused)} refused`} size={10} />
      )}
      {holding === 0 ? null : <GoLink to="/control">Did they obey?</GoLink>}
    </p>
  );
}
