import { type RefObject, useEffect, useRef, useState } from "react";
import { paint } from "./paint.ts";
import { followTheme, type Palette } from "./palette.ts";
import { type Hit, hitAt, type Picture } from "./picture.ts";
import { AXIS_PX } from "./rows.ts";
import type { Scene } from "./scene.ts";
import { lookAt, type SightStore, sightOf } from "./sight-store.ts";
import type { Place } from "./view.ts";

export interface PlotProps {
  readonly picture: Picture;
  readonly store: SightStore;
  /** The element that gestures and keys go to. */
  readonly plot: RefObject<HTMLDivElement | null>;
  /** What lies under the pointer, and where that is in the window. */
  onHover(hover: { readonly hit: Hit; readonly x: number; readonly y: number } | null): void;
  onOpen(place: Place): void;
}

/** The canvas of the lanes: drawn again when the picture, the sight, the theme or what is pointed at changes, once a frame. */
export function Plot({ picture, store, plot, onHover, onOpen }: PlotProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scene = useRef<Scene | null>(null);
  const again = useRef<() => void>(() => undefined);
  const drawn = useRef(picture);
  const hovered = useRef<Place | null>(null);
  const [cursor, setCursor] = useState<"grab" | "pointer">("grab");
  useEffect(() => {
    drawn.current = picture;
    again.current();
  }, [picture]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    let palette: Palette | null = null;
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      const sight = sightOf(store.getState());
      if (palette === null || sight.widthPx === 0) return;
      const ratio = window.devicePixelRatio || 1;
      const width = Math.round(sight.widthPx * ratio);
      const height = Math.round((sight.heightPx + AXIS_PX) * ratio);
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
      }
      scene.current = paint(context, drawn.current, sight, palette, ratio, hovered.current);
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    again.current = soon;
    const forget = store.subscribe(soon);
    const endTheme = followTheme(element, (colours) => {
      palette = colours;
      soon();
    });
    return () => {
      cancelAnimationFrame(frame);
      again.current = () => undefined;
      forget();
      endTheme();
    };
  }, [store]);

  const hitOf = (event: React.MouseEvent): Hit | null => {
    if (scene.current === null) return null;
    const box = event.currentTarget.getBoundingClientRect();
    const y = event.clientY - box.top - AXIS_PX;
    if (y < 0) return null;
    return hitAt(drawn.current, sightOf(store.getState()), scene.current, event.clientX - box.left, y);
  };
  const hover = (event: React.PointerEvent | null): void => {
    const hit = event === null || event.pointerType === "touch" || event.buttons !== 0 ? null : hitOf(event);
    const log = hit?.kind === "mark" ? drawn.current.lanes[hit.mark.lane]?.log : undefined;
    const place = hit?.kind === "mark" && log !== undefined ? { domain: log.domain, seq: hit.mark.seq } : null;
    if (place?.seq !== hovered.current?.seq || place?.domain !== hovered.current?.domain) {
      hovered.current = place;
      again.current();
    }
    setCursor(hit === null ? "grab" : "pointer");
    onHover(hit === null || event === null ? null : { hit, x: event.clientX, y: event.clientY });
  };
  const press = (event: React.MouseEvent): void => {
    const hit = hitOf(event);
    if (hit === null) return;
    if (hit.kind === "mark") {
      const log = drawn.current.lanes[hit.mark.lane]?.log;
      if (log !== undefined) onOpen({ domain: log.domain, seq: hit.mark.seq });
      return;
    }
    // Several entries are told apart first: the time between them becomes most of the view.
    const log = drawn.current.lanes[hit.bin.lane]?.log;
    const fromMs = log?.ms[hit.bin.first] ?? hit.bin.fromMs;
    const toMs = log?.ms[hit.bin.last] ?? hit.bin.toMs;
    const room = Math.max(1, (toMs - fromMs) * 0.15);
    lookAt(store, { fromMs: fromMs - room, toMs: toMs + room });
    onHover(null);
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of the plot are the view's; every entry is in the table as well
    // biome-ignore lint/a11y/noStaticElementInteractions: the drawing is the element around it, which has role and name
    <div
      ref={plot}
      className="absolute inset-0 touch-none"
      style={{ cursor }}
      onPointerMove={hover}
      onPointerLeave={() => hover(null)}
      onPointerDown={() => onHover(null)}
      onClick={press}
    >
      <canvas ref={canvas} className="block h-full w-full" />
    </div>
  );
}
