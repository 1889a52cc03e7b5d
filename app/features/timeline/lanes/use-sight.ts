import { type RefObject, useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { SetTimelineSearch } from "../timeline-search.ts";
import type { Picture } from "./picture.ts";
import { AXIS_PX, ROW_PX } from "./rows.ts";
import { growTo, lookAt, type SightStore } from "./sight-store.ts";
import { type Place, showing, spanFromText, type TimeSpan, textOfSpan } from "./view.ts";

/** Begins at what the link says, grows with the log, and keeps what is looked at in the link; all of time is no part of it. */
export function useSpan(
  store: SightStore,
  whole: TimeSpan | null,
  vp: string | undefined,
  setSearch: SetTimelineSearch,
): void {
  const isPlaced = useRef(false);
  useEffect(() => {
    if (whole === null) return;
    growTo(store, whole);
    if (isPlaced.current) return;
    isPlaced.current = true;
    const span = spanFromText(vp);
    if (span !== null) lookAt(store, span);
  }, [store, whole, vp]);
  const isWhole = useStore(store, (now) => now.isWhole);
  const span = useStore(store, (now) => now.span);
  const text = isWhole ? undefined : textOfSpan(span);
  const written = useRef(vp);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text === written.current || store.getState().widthPx === 0) return;
      written.current = text;
      setSearch({ vp: text }, { replace: true });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [store, text, setSearch]);
}

/** How long the view must rest before it goes into the URL, ms. */
const REST_MS = 300;

/** Keeps width, height and scroll position of the plot in the store. */
export function useSize(
  scroller: RefObject<HTMLElement | null>,
  plot: RefObject<HTMLElement | null>,
  store: SightStore,
): void {
  useEffect(() => {
    const outer = scroller.current;
    const inner = plot.current;
    if (outer === null || inner === null) return;
    const measure = (): void => {
      outer.style.setProperty("--lanes-height", `${outer.clientHeight}px`);
      store.setState({
        widthPx: inner.clientWidth,
        heightPx: Math.max(0, outer.clientHeight - AXIS_PX),
        scrollPx: outer.scrollTop,
      });
    };
    const scrolled = (): void => store.setState({ scrollPx: outer.scrollTop });
    let frame = 0;
    // Not at once: what is measured changes the height of what is watched.
    const watch = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(measure);
    });
    watch.observe(outer);
    watch.observe(inner);
    outer.addEventListener("scroll", scrolled, { passive: true });
    measure();
    return () => {
      cancelAnimationFrame(frame);
      watch.disconnect();
      outer.removeEventListener("scroll", scrolled);
    };
  }, [scroller, plot, store]);
}

/** Where an entry stands in time, epoch ms; null for one that is in no lane. */
export function timeOf({ domain, seq }: Place, { lanes, places }: Picture): number | null {
  return lanes[places.get(domain)?.[seq] ?? -1]?.log.ms[seq] ?? null;
}

/** Moves time and rows just so far that an entry is in view. */
export function reveal(place: Place, picture: Picture, store: SightStore, scroller: HTMLElement | null): void {
  const lane = picture.places.get(place.domain)?.[place.seq] ?? -1;
  const log = picture.lanes[lane]?.log;
  if (log === undefined) return;
  const { span, whole, heightPx, scrollPx } = store.getState();
  const next = showing(span, log.ms[place.seq] as number, whole);
  if (next !== span) lookAt(store, next);
  const top = (picture.rowOf[lane] as number) * ROW_PX;
  if (top < scrollPx) scroller?.scrollTo({ top });
  else if (top + ROW_PX > scrollPx + heightPx) scroller?.scrollTo({ top: top + ROW_PX - heightPx });
}
