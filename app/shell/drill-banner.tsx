import { isOverdue } from "../features/control/drills/drill-words.ts";
import { useProven, useRunning } from "../features/control/drills/use-drills.ts";
import { scriptWords } from "../operator/drill-scripts.ts";
import { useMinute } from "../ui/clock.ts";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Age, Ago } from "../ui/instant.tsx";
import { Banner, NotKnown } from "./banner.tsx";

/** A drill that runs is one in every view (OVR-25), and what was proven and is no more is said until it is drilled again (S12). */
export function DrillBanner() {
  return (
    <>
      <RunningBanner />
      <ProvenBanner />
      <SelfTestBanner />
    </>
  );
}

function RunningBanner() {
  const { data, isError, dataUpdatedAt, refetch } = useRunning();
  const [drill] = data?.drills ?? [];
  if (drill === undefined)
    return isError ? (
      <NotKnown readAtMs={data === undefined ? null : dataUpdatedAt} onRetry={() => void refetch()}>
        Whether a drill runs is not known: the drills could not be read.
      </NotKnown>
    ) : null;
  return (
    <Banner
      shape="diamond"
      tone="warning"
      age={
        <>
          for <Age sinceMs={drill.startedAt * 1000} />
          {isError ? (
            <>
              ; read <Ago sinceMs={dataUpdatedAt} />, could not be read again
            </>
          ) : null}
        </>
      }
      action={
        <GoLink to="/control" search={{ view: "drills", drill: drill.wid }}>
          Open the drill
        </GoLink>
      }
    >
      <strong>Drill running: {scriptWords(drill.script).name}.</strong> Its {formatCount(drill.size)} agents misbehave
      on purpose and wait for your stop.
    </Banner>
  );
}

function ProvenBanner() {
  const isRunning = (useRunning().data?.drills.length ?? 0) > 0;
  const { data, isError, dataUpdatedAt, refetch } = useProven();
  const nowMs = useMinute();
  // While one runs it is known what to do about it.
  if (isRunning) return null;
  const stop = data?.controls.find(({ control }) => control === "stop");
  const isDue = stop !== undefined && stop.last !== null && isOverdue(stop, nowMs);
  if (!isDue)
    return isError ? (
      <NotKnown readAtMs={data === undefined ? null : dataUpdatedAt} onRetry={() => void refetch()}>
        Whether the stop is proven is not known: what was proven could not be read.
      </NotKnown>
    ) : null;
  return (
    <Banner
      shape="triangle"
      tone="warning"
      age={
        stop.last === null ? undefined : (
          <>
            proven <Ago sinceMs={stop.last.at * 1000} />
            {isError ? (
              <>
                ; read <Ago sinceMs={dataUpdatedAt} />, could not be read again
              </>
            ) : null}
          </>
        )
      }
      action={
        <GoLink to="/control" search={{ view: "drills" }}>
          Open the drills
        </GoLink>
      }
    >
      <strong>Drill overdue:</strong> the stop was to be proven again within {formatCount(stop.againDays)}{" "}
      {stop.againDays === 1 ? "day" : "days"}.
    </Banner>
  );
}

/** Agents that failed their self-test, or whose proof is over: governed is what is proven (F8, S12). */
function SelfTestBanner() {
  const { data } = useProven();
  const nowMs = useMinute();
  // That what was proven could not be read is said beside this.
  if (data === undefined) return null;
  const { failed, overdue, nextDueAt } = data.selfTests;
  const over = overdue === 0 && nextDueAt !== null && nextDueAt * 1000 <= nowMs ? 1 : overdue;
  if (failed === 0 && over === 0) return null;
  return (
    <Banner
      shape={failed > 0 ? "cross" : "triangle"}
      tone={failed > 0 ? "critical" : "warning"}
      action={
        <GoLink to="/control" search={{ view: "drills" }}>
          Open the self-tests
        </GoLink>
      }
    >
      <strong>Self-test:</strong>
      {failed === 0 ? null : ` failed by ${agents(failed)}`}
      {failed > 0 && over > 0 ? ";" : null}
      {over === 0 ? null : ` overdue of ${agents(over)}`}.
    </Banner>
  );
}

const agents = (count: number): string => `${formatCount(count)} ${count === 1 ? "agent" : "agents"}`;
