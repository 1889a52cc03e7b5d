import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/client/api-context.tsx";
import { isAbnormal, STATE_LOOKS, WORST_FIRST } from "../features/behavior/state-looks.ts";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Ago } from "../ui/instant.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner, NotKnown } from "./banner.tsx";

/** An agent that does not behave as it is expected to is said in every view, with the way to its page (J5, BEH-9, BEH-10). */
export function ConductBanner() {
  const { orpc } = useApi();
  const { data, isError, dataUpdatedAt, refetch } = useQuery(orpc.behavior.alarms.queryOptions());
  const agents = (data?.agents ?? [])
    .filter(({ state }) => isAbnormal(state))
    .toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || (b.since ?? 0) - (a.since ?? 0));
  const [worst] = agents;
  if (worst === undefined)
    return isError ? (
      <NotKnown readAtMs={data === undefined ? null : dataUpdatedAt} onRetry={() => void refetch()}>
        Whether every agent behaves is not known: where they stand could not be read.
      </NotKnown>
    ) : null;
  const { shape, label } = STATE_LOOKS[worst.state];
  return (
    <Banner
      shape={shape}
      tone={worst.state === "nonconformant" ? "critical" : "warning"}
      age={
        <>
          {worst.since === null ? null : <Ago sinceMs={worst.since * 1000} />}
          {isError ? (
            <>
              ; read <Ago sinceMs={dataUpdatedAt} />, could not be read again
            </>
          ) : null}
        </>
      }
      action={
        <GoLink to="/behavior" search={{ agent: worst.agent }}>
          Open its page
        </GoLink>
      }
    >
      <strong>
        Agent <bdi>{visibleText(worst.name)}</bdi> is {label}
        {worst.state === "quarantined" ? ": it begins nothing new" : ""}.
      </strong>
      {agents.length === 1 ? null : (
        <>
          {" "}
          <GoLink to="/behavior">{`${formatCount(agents.length - 1)} more ${agents.length === 2 ? "is" : "are"} not as expected`}</GoLink>
          .
        </>
      )}
    </Banner>
  );
}
