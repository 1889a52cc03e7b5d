import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { problemOf } from "../../api/client/problem.ts";
import type { CrossingView, DomainView } from "../../api/contract/domains.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Ago } from "../../ui/instant.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loading, OldNote, ProblemNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { AskPart } from "./ask-part.tsx";
import { BorderPart } from "./border/border-part.tsx";
import { CrossingPart } from "./crossing-detail.tsx";
import { CrossingList } from "./crossing-list.tsx";
import { DomainTable, OffsetTable } from "./domain-table.tsx";
import type { DomainsSearch, SetDomainsSearch } from "./domains-search.ts";
import { ErasurePart } from "./erasure/erasure-part.tsx";
import { GapList } from "./gap-list.tsx";
import { HeldPart } from "./held-part.tsx";
import { TrailView } from "./trail-view.tsx";

export { domainsSearchSchema } from "./domains-search.ts";

export const domainsKeys = [
  { keys: "j", does: "next crossing" },
  { keys: "k", does: "previous crossing" },
] as const;

export interface DomainsPaneProps {
  readonly search: DomainsSearch;
  readonly setSearch: SetDomainsSearch;
}

type HostStatus = Awaited<ReturnType<SignalboxClient["host"]["status"]>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The domains of this console and what crosses between them: which crossings both logs prove, which do not hold, what is
 * missing since when, and who looks after it (XDA-2, XDA-10, XDA-11, N11, L7).
 */
export function DomainsPane({ search, setSearch }: DomainsPaneProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.domains.list.queryOptions());
  const status = useQuery(orpc.host.status.queryOptions());
  const wid = search.wid !== undefined && UUID.test(search.wid) ? search.wid : undefined;
  const found = useQuery({
    ...orpc.domains.crossings.queryOptions({
      input: { ...(wid === undefined ? {} : { wid }), ...(search.state === undefined ? {} : { state: search.state }) },
    }),
    placeholderData: keepPreviousData,
  });
  if (list.data === undefined || found.data === undefined) {
    const failed = list.isError ? list : found.isError ? found : null;
    return failed === null ? (
      <Loading what="the domains" atOnce />
    ) : (
      <div className="p-4">
        <ProblemNote problem={problemOf(failed.error)} onRetry={() => void failed.refetch()} />
      </div>
    );
  }
  const { offsets, position } = list.data;
  // The list is renewed when something crosses; the console's own log grows all the time.
  const domains = list.data.domains.map((one) => (one.kind === "console" ? { ...one, ...ownNow(status.data) } : one));
  const isAlone = domains.length <= 1;
  return (
    <>
      {list.isError || found.isError ? <OldNote readAtMs={Math.min(list.dataUpdatedAt, found.dataUpdatedAt)} /> : null}
      <div className="relative min-h-0 flex-1 overflow-auto px-3">
        {wid === undefined || isAlone ? null : (
          <p className="flex flex-wrap items-center gap-2 py-1.5">
            Only crossings of workflow {visibleText(wid.slice(0, 8))}
            <Button size="sm" onPress={() => setSearch({ wid: undefined })}>
              Show all
            </Button>
          </p>
        )}
        <DomainTable domains={domains} nowMs={position.atMs} />
        {isAlone ? (
          <Empty title="This console has one domain so far">
            <p>
              Others are opened with the first workflow whose recording names them: start the bundled “Three-domain
              network change” in Watch.
            </p>
            <GoLink to="/watch">Go to Watch</GoLink>
          </Empty>
        ) : (
          <Crossings {...found.data} search={search} setSearch={setSearch} />
        )}
        {isAlone ? null : (
          <AskPart
            domains={domains.map(({ domain }) => domain)}
            own={domains.find(({ kind }) => kind === "console")?.domain ?? null}
            wid={wid}
          />
        )}
        {isAlone ? null : <HeldPart />}
        {isAlone ? null : <BorderPart />}
        {isAlone ? null : (
          <ErasurePart domains={domains.flatMap(({ kind, domain }) => (kind === "beside" ? [domain] : []))} />
        )}
        <GapList gaps={found.data.gaps} />
        <OffsetTable offsets={offsets} />
        {wid === undefined || isAlone ? null : <TrailView wid={wid} />}
      </div>
      <p className="shrink-0 border-t border-line px-3 py-1 text-xs text-muted">
        Read at {formatCount(position.size)} entries of {visibleText(position.domain)}, <Ago sinceMs={position.atMs} />
      </p>
    </>
  );
}

function ownNow(status: HostStatus | undefined): Partial<DomainView> {
  if (status === undefined) return {};
  const { position, sth, integrity } = status;
  return { size: position.size, root: position.root, sth, checked: integrity.checkedSize };
}

interface CrossingsProps extends DomainsPaneProps {
  readonly crossings: readonly CrossingView[];
  readonly counts: Readonly<Record<CrossingView["state"], number>>;
}

function Crossings({ crossings, counts, search, setSearch }: CrossingsProps) {
  const at = crossings.findIndex(({ stitchId }) => stitchId === search.crossing);
  const go = (to: number): void => {
    const crossing = crossings[to];
    if (crossing !== undefined) setSearch({ crossing: crossing.stitchId }, { replace: true });
  };
  useKeys({ j: () => go(at + 1), k: () => go(at < 0 ? 0 : at - 1) });
  const chosen = search.crossing;
  return (
    <Section title="Crossings" level={2}>
      <div className="grid gap-x-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="min-w-0">
          <CrossingList
            crossings={crossings}
            counts={counts}
            state={search.state}
            selected={chosen}
            onState={(state) => setSearch({ state, crossing: undefined }, { replace: true })}
            onSelect={(crossing) => setSearch({ crossing }, { replace: true })}
          />
        </div>
        <section aria-label="Selected crossing" className="min-w-0">
          {chosen === undefined ? (
            <p className="py-3 text-muted">Choose a crossing to see what both sides say of it.</p>
          ) : UUID.test(chosen) ? (
            <CrossingPart stitchId={chosen} />
          ) : (
            <Empty title="This is no crossing's id" />
          )}
        </section>
      </div>
    </Section>
  );
}
