import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";
import { type D3ZoomEvent, zoom, zoomIdentity } from "d3-zoom";
import { type RefObject, useEffect } from "react";
import type { SightState, SightStore } from "./sight-store.ts";
import { lookAt } from "./sight-store.ts";
import { LEAST_MS, moved, zoomed } from "./view.ts";

/** A click may tremble so far, px. */
const CLICK_PX = 4;
const DOUBLE_CLICK = 2;

/**
 * Wheel, drag and pinch on the plot change what of time is looked at; a drag up or down scrolls the lanes, and the wheel with
 * Shift moves along the time.
 */
export function useGestures(
  plot: RefObject<HTMLElement | null>,
  store: SightStore,
  scrollBy: (px: number) => void,
): void {
  useEffect(() => {
    const element = plot.current;
    if (element === null) return;
    const behaviour = zoom<HTMLElement, unknown>()
      .clickDistance(CLICK_PX)
      .filter((event: Event) => !isOther(event));
    const target = select(element);
    let lastY = 0;
    const baseOf = ({ whole, widthPx }: SightState) =>
      scaleLinear()
        .domain([whole.fromMs, whole.toMs])
        .range([0, Math.max(1, widthPx)]);
    const adjust = (state: SightState): void => {
      const { span, whole, widthPx, heightPx } = state;
      const most = Math.max(1, (whole.toMs - whole.fromMs) / LEAST_MS);
      behaviour
        .scaleExtent([1, most])
        .extent([
          [0, 0],
          [Math.max(1, widthPx), Math.max(1, heightPx)],
        ])
        .translateExtent([
          [0, Number.NEGATIVE_INFINITY],
          [Math.max(1, widthPx), Number.POSITIVE_INFINITY],
        ]);
      const k = (whole.toMs - whole.fromMs) / (span.toMs - span.fromMs);
      lastY = 0;
      target.call(behaviour.transform, zoomIdentity.translate(-k * baseOf(state)(span.fromMs), 0).scale(k));
    };
    let isOwn = false;
    behaviour.on("zoom", ({ transform, sourceEvent }: D3ZoomEvent<HTMLElement, unknown>) => {
      // Without an event of the page it is only told where it is.
      if (sourceEvent === null) return;
      const state = store.getState();
      const [fromMs = state.span.fromMs, toMs = state.span.toMs] = transform.rescaleX(baseOf(state)).domain();
      const isDrag = sourceEvent instanceof Event && /^(mouse|pointer|touch)move$/.test(sourceEvent.type);
      if (isDrag) scrollBy(lastY - transform.y);
      lastY = transform.y;
      isOwn = true;
      lookAt(store, { fromMs, toMs });
      isOwn = false;
    });
    target.call(behaviour).on("dblclick.zoom", null);
    const across = (event: WheelEvent): void => {
      if (!event.shiftKey) return;
      event.preventDefault();
      const { span, whole, widthPx } = store.getState();
      lookAt(store, moved(span, (event.deltaY + event.deltaX) / Math.max(1, widthPx), whole));
    };
    const nearer = (event: MouseEvent): void => {
      const { span, whole, widthPx } = store.getState();
      const share = (event.clientX - element.getBoundingClientRect().left) / Math.max(1, widthPx);
      lookAt(store, zoomed(span, DOUBLE_CLICK, span.fromMs + share * (span.toMs - span.fromMs), whole));
    };
    element.addEventListener("wheel", across, { passive: false });
    element.addEventListener("dblclick", nearer);
    adjust(store.getState());
    const forget = store.subscribe((now, before) => {
      const isSame = now.span === before.span && now.whole === before.whole && now.widthPx === before.widthPx;
      if (!isOwn && !isSame) adjust(now);
    });
    return () => {
      forget();
      target.on(".zoom", null);
      element.removeEventListener("wheel", across);
      element.removeEventListener("dblclick", nearer);
    };
  }, [plot, store, scrollBy]);
}

/** What is not for zooming: other buttons, and the wheel with Shift. */
function isOther(event: Event): boolean {
  return (event instanceof WheelEvent && event.shiftKey) || (event instanceof MouseEvent && event.button !== 0);
}
