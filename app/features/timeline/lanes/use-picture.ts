import { useMemo } from "react";
import type { Blamed } from "./blamed.ts";
import { criticalPath, type Effects, effectsOf, type Reached, reachedFrom } from "./causal.ts";
import { sideBySide } from "./compare.ts";
import { burstsOf, entriesOfWorkflow, gapsOf } from "./findings.ts";
import type { LaneLog } from "./lane-log.ts";
import { type Grouping, type Lane, lanePlaces, lanesOf } from "./lanes.ts";
import type { Picture } from "./picture.ts";
import { rowOfLane, rowsOf } from "./rows.ts";
import type { BorderCrossing } from "./use-domains.ts";
import type { Place } from "./view.ts";

export interface PictureChoice {
  readonly logs: readonly LaneLog[];
  readonly by: Grouping;
  readonly closed: ReadonlySet<string>;
  readonly selected: Place | null;
  /** Workflow whose critical path is drawn. */
  readonly wid: string | null;
  readonly crossings: readonly BorderCrossing[];
  readonly blamed: readonly Blamed[];
  readonly showsPath: boolean;
  readonly asOfMs: number | null;
  /** Two runs side by side, each from its start. */
  readonly isAligned: boolean;
  readonly shows: ((log: LaneLog, seq: number) => boolean) | undefined;
}

/** Entries a selected one is followed to, each way. */
const MOST_REACHED = 400;

/** All that is drawn and said of the lanes; each part is made anew only when what it is made of has changed. */
export function usePicture(choice: PictureChoice) {
  const { logs, by, closed, selected, wid, crossings, blamed, showsPath, asOfMs, isAligned, shows } = choice;
  const lanes = useMemo(() => {
    const made = lanesOf(logs, { by, closed, ...(shows === undefined ? {} : { shows }) });
    return isAligned ? sideBySide(made) : made;
  }, [logs, by, closed, shows, isAligned]);
  const rows = useMemo(() => rowsOf(lanes, by, isAligned), [lanes, by, isAligned]);
  const rowOf = useMemo(() => rowOfLane(rows), [rows]);
  const places = useMemo(() => lanePlaces(lanes), [lanes]);
  const bursts = useMemo(
    () => logs.flatMap((log) => burstsOf(log, shows === undefined ? undefined : (seq) => shows(log, seq))),
    [logs, shows],
  );
  // Two runs are two looks at the same log.
  const gaps = useMemo(() => logs.slice(0, isAligned ? 1 : logs.length).flatMap(gapsOf), [logs, isAligned]);
  const log = logs.find((one) => one.domain === selected?.domain);
  const seq = selected?.seq;
  const hasSelected = log !== undefined && seq !== undefined && seq < log.size;
  // The other way round is only made when something is selected: it costs a pass over all causes.
  const effects = useMemo<Effects | null>(() => (hasSelected ? effectsOf(log) : null), [log, hasSelected]);
  const causal = useMemo(() => {
    if (log === undefined || seq === undefined || effects === null || seq >= log.size) return null;
    const reach = (towards: "causes" | "effects"): Reached => reachedFrom(log, effects, seq, towards, MOST_REACHED);
    return { log, seq, causes: reach("causes"), effects: reach("effects") };
  }, [log, seq, effects]);
  const path = useMemo(() => {
    const own = wid === null || !showsPath ? undefined : logs.find((one) => one.words.wid.includes(wid));
    return own === undefined || wid === null
      ? null
      : { log: own, entries: criticalPath(own, entriesOfWorkflow(own, wid)) };
  }, [logs, wid, showsPath]);
  const picture = useMemo<Picture>(
    () => ({
      lanes,
      rows,
      rowOf,
      places,
      selected,
      arrows: causal === null ? [] : [...causal.causes.arrows, ...causal.effects.arrows],
      path,
      firsts: bursts,
      backs: gaps.filter(({ kind }) => kind === "back"),
      blamed: blamed.flatMap(({ blame, at }) => (at === null ? [] : [{ ...at, cause: blame.cause }])),
      crossings,
      asOfMs,
      isAligned,
    }),
    [lanes, rows, rowOf, places, selected, causal, path, bursts, gaps, blamed, crossings, asOfMs, isAligned],
  );
  return { picture, lanes: lanes satisfies readonly Lane[], rows, causal, path, bursts, gaps };
}
