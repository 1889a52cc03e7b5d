import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { formatDuration } from "../../../ui/duration.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import type { Lane } from "./lanes.ts";
import { paintShape, SEVERITY_SHAPES } from "./paint.ts";
import { followTheme, type Palette } from "./palette.ts";
import { sceneOf, xOf } from "./scene.ts";
import { lookAt, type SightStore } from "./sight-store.ts";
import { LEAST_MS, moved, type TimeSpan } from "./view.ts";

export interface OverviewProps {
  readonly lanes: readonly Lane[];
  readonly store: SightStore;
}

const HEIGHT_PX = 40;

/** All of time at once, with a window over what is looked at: it is dragged, and its ends by pointer or keyboard. */
export function Overview({ lanes, store }: OverviewProps) {
  const box = useRef<HTMLDivElement>(null);
  const { span, whole } = useStore(store);
  const length = Math.max(1, whole.toMs - whole.fromMs);
  const left = (span.fromMs - whole.fromMs) / length;
  const right = (span.toMs - whole.fromMs) / length;
  const dragged = useRef<{
    readonly what: "window" | "start" | "end";
    readonly x: number;
    readonly span: TimeSpan;
  } | null>(null);
  const begin =
    (what: "window" | "start" | "end") =>
    (event: React.PointerEvent): void => {
      event.stopPropagation();
      event.currentTarget.setPointerCapture(event.pointerId);
      dragged.current = { what, x: event.clientX, span };
    };
  const drag = (event: React.PointerEvent): void => {
    const from = dragged.current;
    if (from === null || box.current === null) return;
    const by = ((event.clientX - from.x) / Math.max(1, box.current.clientWidth)) * length;
    lookAt(store, changed(from.span, from.what, by));
  };
  const end = (): void => {
    dragged.current = null;
  };
  const jump = (event: React.PointerEvent): void => {
    const { left: edge, width } = event.currentTarget.getBoundingClientRect();
    const atMs = whole.fromMs + ((event.clientX - edge) / Math.max(1, width)) * length;
    const half = (span.toMs - span.fromMs) / 2;
    lookAt(store, { fromMs: atMs - half, toMs: atMs + half });
  };
  const handle = (what: "start" | "end") => (
    <div
      role="slider"
      tabIndex={0}
      aria-label={what === "start" ? "Start of the view" : "End of the view"}
      aria-valuemin={Math.floor(whole.fromMs)}
      aria-valuemax={Math.ceil(whole.toMs)}
      aria-valuenow={Math.round(what === "start" ? span.fromMs : span.toMs)}
      aria-valuetext={`${formatInstant(what === "start" ? span.fromMs : span.toMs, true)}, ${formatDuration(span.toMs - span.fromMs)} in view`}
      className="absolute -inset-y-px z-10 w-3 cursor-ew-resize touch-none rounded-sm border border-strong bg-raised"
      style={
        what === "start"
          ? { left: `max(0px, calc(${left * 100}% - 12px))` }
          : { left: `min(calc(100% - 12px), ${right * 100}%)` }
      }
      onPointerDown={begin(what)}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
        if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        lookAt(store, changed(span, what, by * (span.toMs - span.fromMs) * (event.shiftKey ? 0.25 : 0.05)));
      }}
    />
  );
  return (
    <div className="border-b border-line bg-surface px-3 py-1 select-none">
      <div ref={box} className="relative" style={{ height: HEIGHT_PX }} onPointerDown={jump}>
        <Bars lanes={lanes} store={store} />
        <div
          className="absolute inset-y-0 cursor-grab touch-none border-x border-accent bg-accent/12"
          style={{ left: `${left * 100}%`, width: `max(6px, ${(right - left) * 100}%)` }}
          onPointerDown={begin("window")}
          onPointerMove={drag}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {handle("start")}
        {handle("end")}
      </div>
    </div>
  );
}

/** A span with an end moved by so many ms, or all of it; its ends never pass each other. */
function changed(span: TimeSpan, what: "window" | "start" | "end", byMs: number): TimeSpan {
  if (what === "window") return { fromMs: span.fromMs + byMs, toMs: span.toMs + byMs };
  if (what === "start") return { fromMs: Math.min(span.fromMs + byMs, span.toMs - LEAST_MS), toMs: span.toMs };
  return { fromMs: span.fromMs, toMs: Math.max(span.toMs + byMs, span.fromMs + LEAST_MS) };
}

function Bars({ lanes, store }: { readonly lanes: readonly Lane[]; readonly store: SightStore }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = useStore(store, (now) => now.whole);
  const width = useStore(store, (now) => now.widthPx);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew at another width as well
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    return followTheme(element, (palette) => drawBars(element, context, palette, lanes, whole));
  }, [lanes, whole, width]);
  return <canvas ref={canvas} className="absolute inset-0 h-full w-full" />;
}

/** The root of the count gives the height; what is abnormal stands above it by its shape. */
function drawBars(
  element: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  palette: Palette,
  lanes: readonly Lane[],
  whole: TimeSpan,
): void {
  const ratio = window.devicePixelRatio || 1;
  const widthPx = element.clientWidth;
  element.width = Math.round(widthPx * ratio);
  element.height = Math.round(HEIGHT_PX * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, widthPx, HEIGHT_PX);
  const view = { ...whole, widthPx };
  const scene = sceneOf(lanes, view);
  const counts = new Map<number, { count: number; worst: number }>();
  const add = (atMs: number, count: number, worst: number): void => {
    const bin = Math.floor(atMs / scene.stepMs);
    const before = counts.get(bin) ?? { count: 0, worst: 0 };
    counts.set(bin, { count: before.count + count, worst: Math.max(before.worst, worst) });
  };
  for (const { atMs, severity } of scene.marks) add(atMs, 1, severity);
  for (const { fromMs, count, worst } of scene.bins) add(fromMs, count, worst);
  const most = Math.max(1, ...[...counts.values()].map(({ count }) => count));
  for (const [bin, { count, worst }] of counts) {
    const left = xOf(view, bin * scene.stepMs);
    const right = xOf(view, (bin + 1) * scene.stepMs);
    const height = Math.max(2, Math.sqrt(count / most) * (HEIGHT_PX - 13));
    context.fillStyle = palette.strong;
    context.globalAlpha = 0.6;
    context.fillRect(left, HEIGHT_PX - height, Math.max(1, right - left - 1), height);
    context.globalAlpha = 1;
    if (worst >= 2)
      paintShape(
        context,
        SEVERITY_SHAPES[worst] ?? "dot",
        palette.severity[worst] ?? palette.ink,
        (left + right) / 2,
        6,
        8,
        "transparent",
      );
  }
}

/** The window over the whole, moved by a share of itself: for the keys of the view. */
export function moveWindow(store: SightStore, share: number): void {
  const { span, whole } = store.getState();
  lookAt(store, moved(span, share, whole));
}
