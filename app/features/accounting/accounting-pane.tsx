import { lazy, Suspense } from "react";
import { Segmented } from "../../ui/segmented.tsx";
import { Loading } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { type SearchProps, VIEWS } from "./accounting-search.ts";
import { UsageView } from "./usage/usage-view.tsx";

export { accountingSearchSchema } from "./accounting-search.ts";

export const accountingKeys = [
  { keys: "1 2 3 4 5", does: "usage, limits, tariffs, settlements, reconciliation" },
  { keys: "v", does: "usage over time as a chart or as a table" },
  { keys: "j", does: "next group, settlement or line" },
  { keys: "k", does: "previous group, settlement or line" },
  { keys: "z", does: "usage: the whole time again" },
] as const;

const LimitsView = lazy(() => import("./limits-view.tsx").then((loaded) => ({ default: loaded.LimitsView })));
const TariffsView = lazy(() =>
  import("./tariffs/tariffs-view.tsx").then((loaded) => ({ default: loaded.TariffsView })),
);
const SettlementsView = lazy(() =>
  import("./settlements/settlements-view.tsx").then((loaded) => ({ default: loaded.SettlementsView })),
);
const ReconcileView = lazy(() =>
  import("./ledgers/reconcile-view.tsx").then((loaded) => ({ default: loaded.ReconcileView })),
);

/**
 * What agents use, what it costs and who is charged: over time, against limits and tariffs, and settled with other domains
 * (cross-domain-audit.md, XDA-14 to XDA-22).
 */
export function AccountingPane({ search, setSearch }: SearchProps) {
  const view = search.view ?? "usage";
  const turn = (to: (typeof VIEWS)[number]): void => setSearch({ view: to === "usage" ? undefined : to });
  useKeys(Object.fromEntries(VIEWS.map((one, at) => [String(at + 1), () => turn(one)])));
  return (
    <>
      <div className="shrink-0 border-b border-line bg-panel px-3 py-1.5">
        <Segmented
          label="Show"
          selected={view}
          onChange={turn}
          options={[
            { id: "usage", name: "Usage" },
            { id: "limits", name: "Limits" },
            { id: "tariffs", name: "Tariffs" },
            { id: "settlements", name: "Settlements" },
            { id: "reconcile", name: "Reconciliation" },
          ]}
        />
      </div>
      <div className="relative min-h-0 flex-1 overflow-auto px-3 pb-6">
        <Suspense fallback={<Loading what="the accounts" />}>
          {view === "limits" ? (
            <LimitsView />
          ) : view === "tariffs" ? (
            <TariffsView />
          ) : view === "settlements" ? (
            <SettlementsView search={search} setSearch={setSearch} />
          ) : view === "reconcile" ? (
            <ReconcileView search={search} setSearch={setSearch} />
          ) : (
            <UsageView search={search} setSearch={setSearch} />
          )}
        </Suspense>
      </div>
    </>
  );
}
