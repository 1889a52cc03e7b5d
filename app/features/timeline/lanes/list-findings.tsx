import { useEffect, useMemo } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { formatCount } from "../../../ui/duration.ts";
import { ProblemNote } from "../../../ui/states.tsx";
import type { Signs } from "../entry-list.tsx";
import type { SetTimelineSearch, TimelineSearch } from "../timeline-search.ts";
import { widOf } from "./findings.ts";
import { type Finding, FindingsPanel } from "./findings-panel.tsx";
import type { LaneLog } from "./lane-log.ts";
import { signKey, signsOf } from "./signs.ts";
import { useBlamed } from "./use-blamed.ts";
import { useLaneLogs } from "./use-lane-logs.ts";
import { useMatches } from "./use-matches.ts";
import { usePicture } from "./use-picture.ts";
import { useRuns } from "./use-runs.ts";

export interface ListFindingsProps {
  readonly search: TimelineSearch;
  readonly setSearch: SetTimelineSearch;
  readonly find: Finding;
  /** Entries of the log, as last read. */
  readonly size: number;
  readonly active: number | null;
  onOpen(seq: number): void;
  /** The signs of the entries, for the list; null when they are put away. */
  onSigns(signs: Signs | null): void;
}

/** The findings of the lanes below the plain list, and their signs in it: what is drawn there can be read here (XA-76). */
export function ListFindings({ search, setSearch, find, size, active, onOpen, onSigns }: ListFindingsProps) {
  const read = useLaneLogs(useMemo(() => [{ domain: null, size }], [size]));
  const { logs, loaded } = read;
  const domain = logs[0]?.domain;
  const matches = useMatches(
    search,
    useMemo(() => (domain === undefined ? [] : [domain]), [domain]),
  );
  const shows = useMemo(() => {
    const matching = matches.shows;
    return matching === undefined ? undefined : (of: LaneLog, seq: number) => matching(of.domain, seq);
  }, [matches.shows]);
  const selected = useMemo(
    () => (active === null || domain === undefined ? null : { domain, seq: active }),
    [active, domain],
  );
  const wid = search.wid ?? widOf(logs, selected);
  const blamed = useBlamed(logs, useRuns().runs, wid);
  const { picture, causal, path, bursts, gaps } = usePicture({
    ...{ logs, by: "domain", closed: NONE, selected, crossings: NO_CROSSINGS, asOfMs: null, isAligned: false, shows },
    ...{ wid, blamed },
    showsPath: find === "path",
  });
  const signs = useMemo(() => signsOf(picture), [picture]);
  useEffect(
    () => onSigns(domain === undefined ? null : (seq) => signs.get(signKey(domain, seq)) ?? null),
    [onSigns, signs, domain],
  );
  useEffect(() => () => onSigns(null), [onSigns]);
  const failed = read.error !== null ? read : matches.error !== null ? matches : null;
  if (failed !== null) return <ProblemNote problem={problemOf(failed.error)} onRetry={failed.retry} />;
  return (
    <>
      {loaded < size || matches.indexed !== null ? (
        <p role="status" className="border-t border-line px-3 py-1 text-xs text-muted">
          {loaded < size
            ? `${formatCount(loaded)} of ${formatCount(size)} entries read for the findings`
            : `the query has been tried on the first ${formatCount(matches.indexed ?? 0)} entries so far`}
        </p>
      ) : null}
      <FindingsPanel
        selected={find}
        onSelect={(other) => setSearch({ find: other }, { replace: true })}
        {...{ causal, path, bursts, gaps, logs, crossings: NO_CROSSINGS, differences: null, blamed, wid }}
        onOpen={(_log, seq) => onOpen(seq)}
      />
    </>
  );
}

const NONE: ReadonlySet<string> = new Set();
const NO_CROSSINGS = [] as const;
