import { isOverdue, scriptWords } from "../features/control/drills/drill-words.ts";
import { useProven, useRunning } from "../features/control/drills/use-drills.ts";
import { useMinute } from "../ui/clock.ts";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Age, Ago } from "../ui/instant.tsx";
import { Banner } from "./banner.tsx";

/** A drill that runs is one in every view (OVR-25), and what was proven and is no more is said until it is drilled again (S12). */
export function DrillBanner() {
  const running = useRunning();
  const proven = useProven();
  const nowMs = useMinute();
  const [drill] = running.data?.drills ?? [];
  if (drill !== undefined)
    return (
      <Banner
        shape="diamond"
        tone="warning"
        age={
          <>
            for <Age sinceMs={drill.startedAt * 1000} />
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
  const stop = proven.data?.controls.find(({ control }) => control === "stop");
  if (stop === undefined || stop.last === null || !isOverdue(stop, nowMs)) return null;
  return (
    <Banner
      shape="triangle"
      tone="warning"
      age={
        <>
          proven <Ago sinceMs={stop.last.at * 1000} />
        </>
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
