import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useAccount } from "../../../api/client/account-api.tsx";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { type AccountingSearch, type SearchProps, spanOf } from "../accounting-search.ts";
import { Answered } from "../answered.tsx";
import { costWords, formatDecimal, GROUP_WORDS, timeWords, tokensWords, word } from "../words.ts";
import { barsOf, type Measure } from "./bars.ts";
import { FocusExport } from "./focus-export.tsx";
import { GroupsTable, groupName } from "./groups-table.tsx";
import { NotMetered } from "./not-metered.tsx";
import { RecordsList } from "./records-list.tsx";
import { TimeTable } from "./time-table.tsx";

const UsageChart = lazy(() => import("./usage-chart.tsx").then((loaded) => ({ default: loaded.UsageChart })));
/** Bars of the chart. */
const BARS = 60;

export type UsageAnswer = Awaited<ReturnType<SignalboxClient["accounting"]["usage"]>>;

/** What was used over time, by whom, and the records it is made of. */
export function UsageView({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const by = search.by ?? "agent";
  const span = spanOf(search);
  const query = useQuery(
    orpc.accounting.usage.queryOptions({ input: { by, buckets: BARS, ...span }, placeholderData: keepPreviousData }),
  );
  useKeys({
    v: () => setSearch({ as: search.as === undefined ? "table" : undefined }, { replace: true }),
    z: () => setSearch({ from: undefined, to: undefined }),
  });
  return (
    <Answered query={query} what="what was used">
      {(usage) => (
        <>
          {usage.trouble === null ? null : (
            <ProblemNote
              problem={{
                title: "What is used is not metered at the moment",
                detail: usage.trouble,
                code: "metering_failed",
                next: "It is tried again by itself. Nothing else waits for it: stops and agents go on as ever.",
              }}
            />
          )}
          <NotMetered aside={usage.aside} />
          <Counted count={usage.counted} />
          {usage.groups.length === 0 && search.from === undefined && search.only === undefined ? (
            usage.counted === 0 ? (
              <NothingYet />
            ) : (
              <RecordsList span={spanOf(search)} />
            )
          ) : (
            <Usage usage={usage} search={search} setSearch={setSearch} />
          )}
        </>
      )}
    </Answered>
  );
}

function NothingYet() {
  const account = useAccount();
  if (account !== null)
    return (
      <Empty title={`${word(account.domain)} has done nothing for another domain yet`}>
        <p>
          What its agents do for a task that came over a border is metered here, against the domain that asked. The rest
          is metered by the console.
        </p>
      </Empty>
    );
  return (
    <Empty title="Nothing was metered yet">
      <p>
        When a task of an agent ends, the gateway states what it used: actions it let through, and the model tokens and
        times that the recording tells. <GoLink to="/watch">Start a run in Watch</GoLink>.
      </p>
    </Empty>
  );
}

/** What others did is theirs to charge: it is counted here to be compared, and in none of the sums. */
const Counted = ({ count }: { readonly count: number }) =>
  count === 0 ? null : (
    <p className="pt-2 text-muted">
      {formatCount(count)} {count === 1 ? "record counts" : "records count"} what other domains did for this one: to be
      compared with theirs, and in no sum below.
    </p>
  );

/** What there is something of: cost where it is priced, tokens where a recording tells any, else time. */
function firstMeasure({ currency, total }: UsageAnswer): Measure {
  if (currency !== null) return "cost";
  return total.tokens > 0 ? "tokens" : "time";
}

function Usage({ usage, search, setSearch }: SearchProps & { readonly usage: UsageAnswer }) {
  const by = search.by ?? "agent";
  const measure: Measure = search.measure ?? firstMeasure(usage);
  const at = usage.groups.findIndex(({ key }) => key === search.group);
  const group = usage.groups[at] ?? null;
  const { series, from, bucketS, currency } = usage;
  const bars = useMemo(
    () => barsOf({ series, from, bucketS, measure, currency, group: at }),
    [series, from, bucketS, measure, currency, at],
  );
  const zoom = (first: number, last: number): void => setSearch({ from: first, to: Math.max(last, first + 1) });
  const select = (key: string | undefined): void => setSearch({ group: key }, { replace: true });
  useKeys({
    j: () => select(usage.groups[Math.min(usage.groups.length - 1, at + 1)]?.key),
    k: () => select(usage.groups[Math.max(0, at - 1)]?.key),
  });
  const words =
    measure === "cost"
      ? (value: number) => `${formatDecimal(value.toFixed(9).replace(/\.?0+$/, ""))} ${currency ?? ""}`
      : measure === "tokens"
        ? formatCount
        : timeWords;
  return (
    <>
      <Total usage={usage} search={search} setSearch={setSearch} />
      <Section
        title="Over time"
        level={2}
        aside={
          <Segmented
            label="As"
            selected={search.as ?? "chart"}
            onChange={(as) => setSearch({ as: as === "table" ? "table" : undefined }, { replace: true })}
            options={[
              { id: "chart", name: "Chart" },
              { id: "table", name: "Table" },
            ]}
          />
        }
      >
        <div className="mb-2 flex flex-wrap items-center gap-2">
          <Segmented
            label="Of what"
            selected={measure}
            onChange={(next) => setSearch({ measure: next }, { replace: true })}
            options={[
              { id: "cost", name: "Cost" },
              { id: "tokens", name: "Tokens" },
              { id: "time", name: "Agent time" },
            ]}
          />
          <Span usage={usage} search={search} setSearch={setSearch} />
        </div>
        {measure === "cost" && currency === null ? (
          <p className="text-muted">
            No tariff prices what was used in this time. Finance sets one under Tariffs; it counts from then on.
          </p>
        ) : search.as === "table" ? (
          <TimeTable bars={bars} group={group === null ? null : groupName(by, group)} onZoom={zoom} />
        ) : (
          <>
            <Suspense fallback={<Loading what="the chart" />}>
              <UsageChart bars={bars} bucketS={bucketS} axisWords={words} onZoom={zoom} />
            </Suspense>
            <p className="text-xs text-muted">
              Grey: all of it{group === null ? "" : <Chosen by={by} group={group} />}. Draw a span to look closer, or
              take the table.
            </p>
          </>
        )}
      </Section>
      <Section
        title={`By ${GROUP_WORDS[by].by}`}
        level={2}
        aside={
          <Segmented
            label="By"
            selected={by}
            onChange={(next) => setSearch({ by: next, group: undefined }, { replace: true })}
            options={[
              { id: "agent", name: "Agent" },
              { id: "run", name: "Run" },
              { id: "task", name: "Task" },
              { id: "domain", name: "Payer" },
              { id: "resource", name: "Resource" },
            ]}
          />
        }
      >
        <GroupsTable by={by} groups={usage.groups} selected={group?.key ?? null} onSelect={select} />
      </Section>
      <RecordsList
        key={`${by} ${group?.key ?? ""}`}
        span={{ ...spanOf(search), ...(by === "run" && group !== null && group.key !== "" ? { wid: group.key } : {}) }}
        {...(by === "agent" && group !== null && group.key !== "" ? { agent: group.key } : {})}
        {...(by === "task" && group !== null && group.key !== "" ? { task: group.key } : {})}
      />
    </>
  );
}

const Chosen = ({
  by,
  group,
}: {
  readonly by: NonNullable<AccountingSearch["by"]>;
  readonly group: UsageAnswer["groups"][number];
}) => (
  <>
    ; blue: <UntrustedText text={groupName(by, group)} maxCharacters={60} />
  </>
);

function Total({ usage, search, setSearch }: SearchProps & { readonly usage: UsageAnswer }) {
  const { total, unpriced, position, meters } = usage;
  const isPriced = Object.keys(total.cost).length > 0;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <p>
        <span className="font-semibold">{isPriced ? costWords(total.cost) : "Not priced"}</span>
        {isPriced ? " for " : ": "}
        {tokensWords(total.tokens)}, {formatCount(total.calls)} actions and {timeWords(total.timeS)} of agents' time
        {total.estimated ? ", partly estimated" : ""}
        {unpriced === 0 ? "" : `; ${formatCount(unpriced)} items have no price`}.
      </p>
      {search.wid === undefined ? null : (
        <Segmented
          label="Of which workflows"
          selected={search.only ?? "all"}
          onChange={(only) => setSearch({ only: only === "wid" ? "wid" : undefined }, { replace: true })}
          options={[
            { id: "all", name: "All workflows" },
            { id: "wid", name: "The chosen one" },
          ]}
        />
      )}
      <FocusExport span={spanOf(search)} />
      <p className="text-xs text-muted">
        {formatCount(meters.length)} metering {meters.length === 1 ? "point" : "points"}; read from the log of{" "}
        {position.domain} at {formatCount(position.size)} entries, <Ago sinceMs={position.atMs} />. Tokens and times are
        what recordings tell: replaying one costs nobody anything again.
      </p>
    </div>
  );
}

function Span({ usage, search, setSearch }: SearchProps & { readonly usage: UsageAnswer }) {
  return (
    <span className="flex flex-wrap items-center gap-2 text-xs text-muted">
      <span>
        <Instant epochMs={usage.from * 1000} full /> to <Instant epochMs={usage.to * 1000} full />,{" "}
        {timeWords(usage.bucketS)} a bar
      </span>
      {search.from === undefined ? null : (
        <Button size="sm" shortcut="z" onPress={() => setSearch({ from: undefined, to: undefined })}>
          The whole time
        </Button>
      )}
    </span>
  );
}
