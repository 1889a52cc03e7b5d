import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { type Account, AccountApi } from "../../api/client/account-api.tsx";
import { useApi } from "../../api/client/api-context.tsx";
import { useFrozen } from "../../ui/frozen.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { Select } from "../../ui/select.tsx";
import { Empty, Loading } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { type SearchProps, VIEWS } from "./accounting-search.ts";
import { Answered } from "./answered.tsx";
import { UsageView } from "./usage/usage-view.tsx";
import { word } from "./words.ts";

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

type View = (typeof VIEWS)[number];

const VIEW_NAMES: Readonly<Record<View, string>> = {
  usage: "Usage",
  limits: "Limits",
  tariffs: "Tariffs",
  settlements: "Settlements",
  reconcile: "Reconciliation",
};

/**
 * What agents use, what it costs and who is charged: over time, against limits and tariffs, and settled with other domains
 * (cross-domain-audit.md, XDA-14 to XDA-22).
 */
export function AccountingPane({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const known = useQuery(orpc.accounting.accounts.queryOptions());
  const [own, ...others] = known.data?.accounts ?? [];
  const account = others.find(({ domain }) => domain === search.of) ?? null;
  // Limits are of policies, and those are the console's own.
  const offered: readonly View[] = account === null ? VIEWS : VIEWS.filter((view) => view !== "limits");
  const view = offered.find((one) => one === search.view) ?? "usage";
  const turn = (to: View): void => setSearch({ view: to === "usage" ? undefined : to });
  useKeys(
    Object.fromEntries(VIEWS.map((one, at) => [String(at + 1), () => (offered.includes(one) ? turn(one) : undefined)])),
  );
  const turnTo = (domain: string): void =>
    setSearch({
      ...{ of: domain === own?.domain ? undefined : domain, group: undefined, settlement: undefined },
      ...{ domain: undefined, from: undefined, to: undefined, only: undefined },
    });
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-panel px-3 py-1.5">
        <Segmented
          label="Show"
          selected={view}
          onChange={turn}
          options={offered.map((id) => ({ id, name: VIEW_NAMES[id] }))}
        />
        {own === undefined || others.length === 0 ? null : (
          <Select
            label="Accounts of"
            items={[own, ...others].map(({ domain }) => ({
              id: domain,
              name: domain === own.domain ? `${word(domain)} (this console)` : word(domain),
            }))}
            selectedKey={account?.domain ?? own.domain}
            onSelectionChange={turnTo}
            isInline
          />
        )}
      </div>
      <div className="relative min-h-0 flex-1 overflow-auto px-3 pb-6">
        <Suspense fallback={<Loading what="the accounts" />}>
          <Of account={account} own={own?.domain} view={view}>
            {search.of !== undefined && known.data === undefined ? (
              // Nobody's accounts are shown in the place of others.
              <Answered query={known} what="whose accounts are here">
                {() => null}
              </Answered>
            ) : view === "limits" ? (
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
          </Of>
        </Suspense>
      </div>
    </>
  );
}

/** The accounts in view; of a moment of the past those that the moment is one of. */
function Of({
  account,
  own,
  view,
  children,
}: {
  readonly account: Account | null;
  readonly own: string | undefined;
  readonly view: View;
  readonly children: ReactNode;
}) {
  const isPast = useFrozen() !== null;
  if (isPast && account !== null)
    return (
      <Empty title={`The accounts of ${word(account.domain)} are shown as of now only`}>
        <p>
          The moment in view is one of the log of {word(own ?? "this console")}; another domain has a log of its own.
        </p>
      </Empty>
    );
  if (isPast && view === "reconcile")
    return (
      <Empty title="Two ledgers are compared as of now only">
        <p>What was metered, tariffs and settlements are shown as of this moment.</p>
      </Empty>
    );
  return account === null ? (
    children
  ) : (
    <AccountApi key={account.domain} account={account}>
      {children}
    </AccountApi>
  );
}
