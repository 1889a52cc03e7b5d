import { lazy, Suspense } from "react";
import { Segmented } from "../../ui/segmented.tsx";
import { Loading } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { type SearchProps, VIEWS } from "./behavior-search.ts";

export { behaviorSearchSchema } from "./behavior-search.ts";

export const behaviorKeys = [
  { keys: "1 2 3 4", does: "fleet, profiles, benchmarks, other domains" },
  { keys: "n", does: "fleet: the next agent that is not as it should be" },
  { keys: "Shift+N", does: "fleet: the one before" },
  { keys: "ArrowUp ArrowDown ArrowLeft ArrowRight", does: "fleet: to the agent beside, above or below" },
  { keys: "Enter", does: "fleet: the page of the agent" },
  { keys: "v", does: "tiles or table; of an agent, charts or tables" },
  { keys: "o", does: "fleet: worst first or by name" },
  { keys: "q", does: "put the agent into quarantine" },
  { keys: "r", does: "of an agent: release it from quarantine" },
  { keys: "c", does: "of an agent: compare with its last good window" },
  { keys: "j k", does: "of an agent: an older window, a newer one" },
  { keys: "u", does: "of an agent: back to the fleet" },
] as const;

const FleetView = lazy(() => import("./fleet/fleet-view.tsx").then((loaded) => ({ default: loaded.FleetView })));
const AgentPage = lazy(() => import("./agent/agent-page.tsx").then((loaded) => ({ default: loaded.AgentPage })));
const ProfilesView = lazy(() =>
  import("./profiles/profiles-view.tsx").then((loaded) => ({ default: loaded.ProfilesView })),
);
const BenchmarksView = lazy(() =>
  import("./benchmarks/benchmarks-view.tsx").then((loaded) => ({ default: loaded.BenchmarksView })),
);

const OthersView = lazy(() => import("./others/others-view.tsx").then((loaded) => ({ default: loaded.OthersView })));

/** Whether agents behave as they are expected to: the fleet, one agent, the profiles, benchmarks, and what other domains assert (behavior.md). */
export function BehaviorPane({ search, setSearch }: SearchProps) {
  const view = search.view ?? "fleet";
  const turn = (to: (typeof VIEWS)[number]): void =>
    setSearch({ view: to === "fleet" ? undefined : to, agent: undefined, tab: undefined, as: undefined });
  useKeys(Object.fromEntries(VIEWS.map((one, at) => [String(at + 1), () => turn(one)])));
  return (
    <>
      <div className="shrink-0 border-b border-line bg-panel px-3 py-1.5">
        <Segmented
          label="Show"
          selected={view}
          onChange={turn}
          options={[
            { id: "fleet", name: "Fleet" },
            { id: "profiles", name: "Profiles" },
            { id: "benchmarks", name: "Benchmarks" },
            { id: "others", name: "Other domains" },
          ]}
        />
      </div>
      <div className="relative min-h-0 flex-1 overflow-auto px-3 pb-6">
        <Suspense fallback={<Loading what="the conduct of agents" />}>
          {view === "profiles" ? (
            <ProfilesView search={search} setSearch={setSearch} />
          ) : view === "benchmarks" ? (
            <BenchmarksView search={search} setSearch={setSearch} />
          ) : view === "others" ? (
            <OthersView />
          ) : search.agent !== undefined ? (
            <AgentPage key={search.agent} agent={search.agent} search={search} setSearch={setSearch} />
          ) : (
            <FleetView search={search} setSearch={setSearch} />
          )}
        </Suspense>
      </div>
    </>
  );
}
