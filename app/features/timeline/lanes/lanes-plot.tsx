import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { formatCount } from "../../../ui/duration.ts";
import { PointNote } from "../../../ui/point-note.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { paneKey } from "../pane-key.ts";
import { zoneName } from "./axis.ts";
import { entrySentence, within } from "./entry-words.tsx";
import { LaneHeaders } from "./lane-headers.tsx";
import type { RunNames } from "./lane-names.ts";
import type { Grouping } from "./lanes.ts";
import { zoomBy } from "./lanes-toolbar.tsx";
import { moveWindow } from "./overview.tsx";
import type { Hit, Picture } from "./picture.ts";
import { Plot } from "./plot.tsx";
import { AXIS_PX, ROW_PX } from "./rows.ts";
import { lookAt, type SightStore } from "./sight-store.ts";
import { useGestures } from "./use-gestures.ts";
import { reveal, timeOf, useSize } from "./use-sight.ts";
import { type Place, stepInTime } from "./view.ts";

export interface LanesPlotProps {
  readonly picture: Picture;
  readonly store: SightStore;
  readonly by: Grouping;
  readonly runs: RunNames;
  /** The pane, for its keys. */
  readonly root: RefObject<HTMLElement | null>;
  /** Domains whose clock is apart from that of the log in view. */
  readonly apart: ReadonlySet<string>;
  onToggle(domain: string): void;
  onOpen(place: Place): void;
  /** The keyboard has come to an entry. */
  onMove(place: Place): void;
}

/** Lanes with their names, moved and stepped through by pointer and keys. */
export function LanesPlot({ picture, store, by, runs, root, apart, onToggle, onOpen, onMove }: LanesPlotProps) {
  const { lanes, rows, selected } = picture;
  const scroller = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const drawing = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ readonly hit: Hit; readonly x: number; readonly y: number } | null>(null);
  useSize(scroller, plot, store);
  const scrollBy = useCallback((px: number) => scroller.current?.scrollBy({ top: px }), []);
  useGestures(plot, store, scrollBy);
  const latest = useRef(picture);
  useEffect(() => {
    latest.current = picture;
  });
  // Another entry is brought into view, however it was come to; one that is in view does not move it.
  useEffect(() => {
    store.setState({ focusMs: selected === null ? null : timeOf(selected, latest.current) });
    if (selected !== null) reveal(selected, latest.current, store, scroller.current);
  }, [selected, store]);

  const step = (direction: 1 | -1): undefined => {
    const next = stepInTime(lanes, selected, store.getState().span, direction);
    if (next === null) return undefined;
    drawing.current?.focus({ preventScroll: true });
    onMove(next);
    return undefined;
  };
  const held = (run: () => void) => (event: KeyboardEvent) => {
    const own = event.target instanceof Element ? event.target.closest("[role=tablist], [role=slider]") : null;
    if (own !== null) return;
    event.preventDefault();
    run();
  };
  const ofDrawing = (run: () => void) => (event: KeyboardEvent) => {
    if (document.activeElement !== drawing.current) return;
    event.preventDefault();
    run();
  };
  /** Without a note in view Escape is the pane's. */
  const closeNote = (event: KeyboardEvent): void => {
    if (hover === null) return;
    event.preventDefault();
    setHover(null);
  };
  useKeys({
    j: paneKey(root, () => step(1)),
    k: paneKey(root, () => step(-1)),
    "0": held(() => lookAt(store, store.getState().whole)),
    "+": held(() => zoomBy(store, 2)),
    "Shift++": held(() => zoomBy(store, 2)),
    "=": held(() => zoomBy(store, 2)),
    "-": held(() => zoomBy(store, 0.5)),
    ArrowLeft: ofDrawing(() => moveWindow(store, -0.1)),
    ArrowRight: ofDrawing(() => moveWindow(store, 0.1)),
    "Shift+ArrowLeft": ofDrawing(() => moveWindow(store, -0.8)),
    "Shift+ArrowRight": ofDrawing(() => moveWindow(store, 0.8)),
    ArrowUp: ofDrawing(() => scrollBy(-ROW_PX)),
    ArrowDown: ofDrawing(() => scrollBy(ROW_PX)),
    Home: ofDrawing(() => moveWindow(store, Number.NEGATIVE_INFINITY)),
    End: ofDrawing(() => moveWindow(store, Number.POSITIVE_INFINITY)),
    Enter: ofDrawing(() => {
      if (selected !== null) onOpen(selected);
    }),
    Escape: closeNote,
  });
  const log = lanes.find((lane) => lane.log.domain === selected?.domain)?.log;
  return (
    <>
      <div ref={scroller} className="relative min-h-0 flex-1 overflow-x-hidden overflow-y-auto">
        <div className="flex" style={{ minHeight: "100%", height: AXIS_PX + rows.length * ROW_PX }}>
          <LaneHeaders
            lanes={lanes}
            rows={rows}
            by={by}
            runs={runs}
            times={picture.isAligned ? "Since the start" : `Time, ${zoneName(store.getState().span.fromMs)}`}
            isAligned={picture.isAligned}
            apart={apart}
            onToggle={onToggle}
          />
          <div className="min-w-0 flex-1">
            <div
              ref={drawing}
              role="application"
              aria-label="Lanes: entries over time"
              aria-describedby="lanes-keys"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: the drawing is moved, zoomed and stepped through by keys
              tabIndex={0}
              className="sticky top-0 overflow-hidden -outline-offset-2"
              style={{ height: "var(--lanes-height, 20rem)" }}
            >
              <Plot picture={picture} store={store} plot={plot} onHover={setHover} onOpen={onOpen} />
            </div>
          </div>
        </div>
      </div>
      <p id="lanes-keys" className="sr-only">
        Arrow keys move, plus and minus zoom, j and k go to the next and previous entry, the square brackets to a cause
        or an effect, Enter opens. The table view has the same entries as a list.
      </p>
      <p role="status" className="sr-only">
        {selected === null || log === undefined || selected.seq >= log.size ? "" : entrySentence(log, selected.seq)}
      </p>
      {hover === null ? null : (
        <PointNote x={hover.x} y={hover.y}>
          <HoverWords hit={hover.hit} picture={picture} />
        </PointNote>
      )}
    </>
  );
}

function HoverWords({ hit, picture }: { readonly hit: Hit; readonly picture: Picture }) {
  const log = picture.lanes[hit.kind === "mark" ? hit.mark.lane : hit.bin.lane]?.log;
  if (log === undefined) return null;
  if (hit.kind === "mark") return entrySentence(log, hit.mark.seq);
  const { count, bySeverity, first, last } = hit.bin;
  const [, , warning = 0, critical = 0] = bySeverity;
  return [
    `${formatCount(count)} entries ${within(log, first, last)}`,
    ...(critical > 0 ? [`${formatCount(critical)} critical`] : []),
    ...(warning > 0 ? [`${formatCount(warning)} warning`] : []),
    "press to look closer",
  ].join(", ");
}
