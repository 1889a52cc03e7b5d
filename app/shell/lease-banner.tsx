import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { AgentLivenessView } from "../api/contract/liveness.ts";
import { type LeaseStand, leaseLeftMs, leaseStand } from "../features/watch/liveness/lease-stand.ts";
import { useNow } from "../ui/clock.ts";
import { formatCount, formatDuration } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner, NotKnown } from "./banner.tsx";
import { isContained } from "./contained.ts";
import { useNotifyPorts } from "./notify-context.ts";
import { muteLeft, notifySettings } from "./notify-settings.ts";

/**
 * Said in every view from when a lease is asked for; heard from when it is about to run out (L5). Not of an agent that is
 * quarantined or stopped: that it begins nothing its own banner says.
 */
export function LeaseBanner() {
  const { orpc } = useApi();
  const { data, dataUpdatedAt, isError, refetch } = useQuery(orpc.liveness.agents.queryOptions({ input: {} }));
  const alarms = useQuery(orpc.behavior.alarms.queryOptions());
  const stops = useQuery(orpc.override.list.queryOptions());
  const quarantined = new Set(
    alarms.data?.agents.flatMap(({ agent, state }) => (state === "quarantined" ? [agent] : [])),
  );
  const leased =
    data?.agents.filter(
      ({ agent, lease }) => lease !== null && !isContained(agent, quarantined, stops.data?.signals ?? []),
    ) ?? [];
  return (
    <>
      {isError ? (
        <NotKnown readAtMs={data === undefined ? null : dataUpdatedAt} onRetry={() => void refetch()}>
          Whether a lease runs out is not known: leases and links could not be read.
        </NotKnown>
      ) : null}
      {leased.length === 0 ? null : <Due leased={leased} readAtMs={dataUpdatedAt} />}
    </>
  );
}

type Leased = readonly AgentLivenessView[];

interface Standing {
  readonly agent: string;
  readonly stand: LeaseStand;
  readonly leftMs: number;
}

function standings(leased: Leased, readAtMs: number, nowMs: number): readonly Standing[] {
  return leased
    .flatMap(({ agent, lease }) => {
      if (lease === null) return [];
      const leftMs = leaseLeftMs(lease, readAtMs, nowMs);
      return [{ agent, leftMs, stand: leaseStand(lease, leftMs) }];
    })
    .filter(({ stand }) => stand !== "running")
    .sort((a, b) => a.leftMs - b.leftMs);
}

function Due({ leased, readAtMs }: { readonly leased: Leased; readonly readAtMs: number }) {
  const due = standings(leased, readAtMs, useNow());
  // Each lease is heard twice: when it is about to run out, and when it has by this page's count.
  const heard = due
    .filter(({ stand }) => stand === "sounding" || stand === "due" || stand === "lapsed")
    .map(({ agent, stand }) => `${agent} ${stand === "sounding" ? "before" : "after"}`)
    .join("\n");
  useSound(heard);
  const [first] = due;
  if (first === undefined) return null;
  const over = first.stand === "lapsed";
  const wid = /\/agent\/([^/]+)\//.exec(first.agent)?.[1];
  return (
    <Banner
      shape={over ? "bar" : "diamond"}
      tone="warning"
      age={over ? undefined : first.stand === "due" ? "due now" : `${formatDuration(first.leftMs)} left`}
      action={
        <GoLink to="/watch" search={{ ...(wid === undefined ? {} : { wid }), links: true }}>
          Leases and links
        </GoLink>
      }
    >
      <strong>{over ? "Lease over, it begins nothing new:" : "A lease runs out:"}</strong>{" "}
      <bdi>{visibleText(first.agent.split("/").at(-1) ?? "")}</bdi>.
      {due.length === 1
        ? ""
        : ` ${formatCount(due.length - 1)} more ${due.length === 2 ? "lease is" : "leases are"} due or over.`}
    </Banner>
  );
}

/** A tone whenever what is to be heard has grown, unless somebody muted it or has the sound off (A8). */
function useSound(heard: string): void {
  const { sounds } = useNotifyPorts();
  const before = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const all = new Set(heard.split("\n").filter((one) => one !== ""));
    const hasGrown = [...all].some((one) => !before.current.has(one));
    before.current = all;
    const { sounds: on, mutedUntilMs } = notifySettings.getState();
    if (hasGrown && on.high && muteLeft(mutedUntilMs, Date.now()) === 0) sounds.play("high");
  }, [heard, sounds]);
}
