import { type RefObject, useCallback, useMemo, useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { paneKey } from "../pane-key.ts";
import type { SetTimelineSearch, TimelineSearch } from "../timeline-search.ts";
import { effectsOf } from "./causal.ts";
import { entrySentence } from "./entry-words.tsx";
import { widOf } from "./findings.ts";
import { FindingsPanel } from "./findings-panel.tsx";
import { causesOf, type LaneLog } from "./lane-log.ts";
import { LaneTable } from "./lane-table.tsx";
import { LanesPlot } from "./lanes-plot.tsx";
import { LanesToolbar } from "./lanes-toolbar.tsx";
import { Overview } from "./overview.tsx";
import { createSightStore, type SightStore } from "./sight-store.ts";
import { useBlamed } from "./use-blamed.ts";
import { useCompared } from "./use-compared.ts";
import { useCrossings, useOtherDomains } from "./use-domains.ts";
import { useLaneLogs } from "./use-lane-logs.ts";
import { useMatches } from "./use-matches.ts";
import { usePicture } from "./use-picture.ts";
import { useRuns } from "./use-runs.ts";
import { useSpan } from "./use-sight.ts";
import { type Place, wholeSpan } from "./view.ts";

export interface LanesViewProps {
  readonly search: TimelineSearch;
  readonly setSearch: SetTimelineSearch;
  /** The pane, for its keys. */
  readonly root: RefObject<HTMLElement | null>;
  /** Entries of the log, as last read. */
  readonly size: number;
  /** The open entry, or the one the keyboard is at. */
  readonly active: number | null;
  onOpen(seq: number): void;
  /** The keyboard has come to an entry. */
  onMove(seq: number): void;
}

/** The log as swim lanes over time or as a table in groups, with what the drawing shows in words below it. */
export function LanesView({ search, setSearch, root, size, active, onOpen, onMove }: LanesViewProps) {
  // The log in view first; the others of this console when it is known that it is the console's own.
  const [own, setOwn] = useState<string>();
  const others = useOtherDomains(own);
  const read = useLaneLogs(useMemo(() => [{ domain: null, size }, ...others.toRead], [size, others]));
  const { logs } = read;
  const log = logs[0];
  const domain = log?.domain;
  if (domain !== own) setOwn(domain);
  const isDrawn = search.view === "lanes";
  const { runs, names } = useRuns();
  const compared = useCompared(log, runs, search.wid, isDrawn ? search.vs : undefined);
  const isAligned = compared !== null;
  // Two workflows are chosen then, instead of the one.
  const matches = useMatches(
    isAligned ? { ...search, wid: undefined } : search,
    useMemo(() => logs.map((one) => one.domain), [logs]),
  );
  const shows = useMemo(() => {
    const { shows: matching } = matches;
    if (compared === null)
      return matching === undefined ? undefined : (of: LaneLog, seq: number) => matching(of.domain, seq);
    return (of: LaneLog, seq: number) => compared.isOf(of, seq) && matching?.(own ?? "", seq) !== false;
  }, [compared, matches, own]);
  const by = search.group ?? "agent";
  const [closed, setClosed] = useState<ReadonlySet<string>>(NONE);
  const [asked, setAsked] = useState(0);
  // An entry of another domain's log: it is gone through and shown here, and opened there.
  const [elsewhere, setElsewhere] = useState<{ readonly place: Place; readonly from: number | null } | null>(null);
  // A new one each time it is asked for, so that it is brought into view again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const selected = useMemo<Place | null>(() => {
    if (elsewhere !== null && elsewhere.from === active) return elsewhere.place;
    if (active === null || domain === undefined) return null;
    const side = compared?.logs.find((of) => compared.isOf(of, active))?.domain;
    return { domain: side ?? domain, seq: active };
  }, [active, domain, asked, compared, elsewhere]);
  const frozen = useFrozen();
  const wid = search.wid ?? widOf(logs, selected);
  const crossings = useCrossings(logs, isAligned ? null : wid);
  const blamed = useBlamed(logs, runs, isAligned ? null : wid);
  const { picture, lanes, causal, path, bursts, gaps } = usePicture({
    logs: compared?.logs ?? logs,
    by,
    closed: isDrawn && !isAligned ? closed : NONE,
    selected,
    wid,
    crossings,
    blamed,
    showsPath: search.find === "path",
    asOfMs: isAligned ? null : (frozen?.nowMs ?? null),
    isAligned,
    shows,
  });
  const whole = useMemo(() => wholeSpan(lanes), [lanes]);
  const [store] = useState<SightStore>(() => createSightStore(null, null));
  useSpan(store, whole, search.vp, setSearch);

  const goTo = (place: Place, isOpened: boolean): void => {
    setAsked((times) => times + 1);
    const isHere = place.domain === domain || isAligned;
    setElsewhere(isHere ? null : { place, from: active });
    if (isHere) (isOpened ? onOpen : onMove)(place.seq);
  };
  const open = (place: Place): void => goTo(place, true);
  const move = (place: Place): void => goTo(place, search.entry !== undefined);
  const byCause = (towards: "cause" | "effect"): undefined => {
    const of = picture.lanes.find((lane) => lane.log.domain === selected?.domain)?.log;
    if (of === undefined || selected === null) return undefined;
    const [end, start] = towards === "cause" ? (["to", "from"] as const) : (["from", "to"] as const);
    const across = crossings.find((one) => one[end].domain === of.domain && one[end].seq === selected.seq);
    const near = towards === "cause" ? causesOf(of, selected.seq)[0] : effectsOf(of).of(selected.seq)[0];
    if (near !== undefined) move({ domain: of.domain, seq: near[0] });
    else if (across !== undefined) move(across[start]);
    return undefined;
  };
  const findings = (): undefined => {
    const first = isAligned ? "differences" : "causes";
    setSearch({ find: search.find === undefined ? first : undefined }, { replace: true });
    return undefined;
  };
  useKeys({
    "[": paneKey(root, () => byCause("cause")),
    "]": paneKey(root, () => byCause("effect")),
    f: paneKey(root, findings),
  });
  const toggle = useCallback(
    (one: string) =>
      setClosed((now) => new Set(now.has(one) ? [...now].filter((other) => other !== one) : [...now, one])),
    [],
  );

  const failed = read.error !== null ? read : matches.error !== null ? matches : null;
  if (failed !== null)
    return (
      <div className="min-w-0 flex-1 p-3">
        <ProblemNote problem={problemOf(failed.error)} onRetry={failed.retry} />
      </div>
    );
  if (log === undefined)
    return size === 0 ? (
      <Empty title="The log is empty">Every accepted fact becomes an entry here.</Empty>
    ) : (
      <Loading what="the lanes" />
    );
  const isEmpty = lanes.every((lane) => lane.entries.length === 0);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <LanesToolbar
        by={by}
        onGroup={(group) => setSearch({ group }, { replace: true })}
        store={isDrawn ? store : null}
        others={search.wid === undefined ? null : runs.filter((run) => run.wid !== search.wid)}
        vs={compared?.b.wid}
        onCompare={(vs) =>
          setSearch({ vs, vp: undefined, find: vs === undefined ? undefined : "differences" }, { replace: true })
        }
        loaded={read.loaded}
        size={others.toRead.reduce((sum, one) => sum + one.size, size)}
        indexed={matches.indexed}
        hasFindings={search.find !== undefined}
        onFindings={findings}
      />
      {compared === null ? null : (
        <p className="flex flex-wrap gap-x-4 border-b border-line px-3 py-1 text-xs">
          <span>
            <b className="border border-strong px-1 font-mono">A</b> <bdi>{compared.a.label}</bdi>
          </span>
          <span>
            <b className="border border-strong px-1 font-mono">B</b> <bdi>{compared.b.label}</bdi>
          </span>
          <span className="text-muted">each from its own start</span>
        </p>
      )}
      {isDrawn ? (
        <>
          <Overview lanes={lanes} store={store} />
          <LanesPlot
            picture={picture}
            store={store}
            by={by}
            runs={names}
            root={root}
            apart={others.apart}
            onToggle={toggle}
            onOpen={open}
            onMove={move}
          />
        </>
      ) : (
        <LaneTable
          picture={picture}
          by={by}
          runs={names}
          order={search.order ?? "newest"}
          root={root}
          onOpen={open}
          onMove={move}
        />
      )}
      {blamed.length === 0 || search.find === "annotated" ? null : (
        <p className="flex flex-wrap items-center gap-x-3 border-t border-line bg-raised px-3 py-1">
          <span>
            The recording of this workflow notes {formatCount(blamed.length)} {blamed.length === 1 ? "step" : "steps"}{" "}
            to blame.
          </span>
          <Button size="sm" onPress={() => setSearch({ find: "annotated" }, { replace: true })}>
            {blamed.some(({ blame }) => blame.cause) ? "Annotated as the cause" : "Annotated steps"}
          </Button>
        </p>
      )}
      {isEmpty ? <p className="px-3 py-2 text-muted">No entry of {formatCount(log.size)} matches.</p> : null}
      {selected === null || selected.domain === domain || isAligned ? null : <Elsewhere logs={logs} place={selected} />}
      {search.find === undefined ? null : (
        <FindingsPanel
          selected={search.find}
          onSelect={(find) => setSearch({ find }, { replace: true })}
          causal={causal}
          path={path}
          bursts={bursts}
          gaps={gaps}
          logs={logs}
          crossings={crossings}
          differences={compared?.differences ?? null}
          blamed={blamed}
          wid={wid}
          onOpen={(of, seq) => open({ domain: of?.domain ?? log.domain, seq })}
        />
      )}
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();

/** An entry of another domain's log, with the way to it. */
function Elsewhere({ logs, place }: { readonly logs: readonly LaneLog[]; readonly place: Place }) {
  const log = logs.find((one) => one.domain === place.domain);
  if (log === undefined) return null;
  return (
    <p className="flex flex-wrap gap-x-3 border-t border-line bg-raised px-3 py-1.5">
      <span>
        {visibleText(place.domain)}: {entrySentence(log, place.seq)}
      </span>
      <GoLink to="/timeline" search={{ domain: place.domain, entry: place.seq }}>
        open it in its log
      </GoLink>
    </p>
  );
}
