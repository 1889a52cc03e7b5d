import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/client/api-context.tsx";
import type { OverrideSignal } from "../api/contract/override.ts";
import { lostNow } from "../features/control/ladder-words.ts";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Ago } from "../ui/instant.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner } from "./banner.tsx";

/** The last rung of an escalation ladder: agents do not follow an order, whatever the host has tried, so people are told (OVR-33). */
export function EscalationBanner() {
  const { orpc } = useApi();
  const { data } = useQuery(orpc.override.list.queryOptions());
  const lost = lostOf(data?.signals ?? []);
  const [newest] = lost;
  if (newest === undefined) return null;
  const { signal, agents, at } = newest;
  const names = signal.targets.filter(({ agent }) => agents.includes(agent)).map(({ name }) => name);
  return (
    <Banner
      shape="cross"
      age={<Ago sinceMs={at * 1000} />}
      action={
        <GoLink to="/control" search={{ signal: signal.jti }}>
          Open control
        </GoLink>
      }
    >
      <strong>An order is not followed:</strong> <bdi>{visibleText(names.slice(0, 2).join(", "))}</bdi>
      {names.length > 2 ? ` and ${formatCount(names.length - 2)} more` : ""} under a {visibleText(signal.action)}. The
      host has isolated {agents.length === 1 ? "it" : "them"} and can do no more.
      {lost.length === 1 ? "" : ` ${formatCount(lost.length - 1)} more orders are in the same state.`}
    </Banner>
  );
}

/** Signals in force whose ladder has come to its end, newest first, with those who do not follow them now. */
export function lostOf(signals: readonly OverrideSignal[]) {
  return signals
    .filter(({ inForce, latched }) => inForce || latched)
    .flatMap((signal) => {
      const at = signal.ladder.rungs.findLast(({ rung }) => rung === "alert")?.at;
      const agents = lostNow(signal);
      return at === undefined || agents.length === 0 ? [] : [{ signal, at, agents }];
    })
    .toSorted((a, b) => b.at - a.at);
}
