import { useStore } from "zustand";
import { visibleText } from "../../../ui/visible-text.ts";
import type { Layout } from "../layout/layout-types.ts";
import type { LookStore } from "./viewport-store.ts";

/** Swim lanes behind the graph, one per agent; their names stay in view. */
export function LaneBands({
  look,
  layout,
  names,
}: {
  readonly look: LookStore;
  readonly layout: Layout;
  readonly names: readonly string[];
}) {
  const { viewport, size } = useStore(look);
  if (names.length === 0) return null;
  const down = layout.direction === "down";
  const bands = layout.lanes
    .map((lane) => ({
      lane: lane.lane,
      start: lane.start * viewport.zoom + (down ? viewport.x : viewport.y),
      end: lane.end * viewport.zoom + (down ? viewport.x : viewport.y),
    }))
    .filter((lane) => lane.end > 0 && lane.start < (down ? size.width : size.height));
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-0 overflow-hidden">
      {bands.map(({ lane, start, end }) => {
        const place = down
          ? { left: start, width: end - start, top: 0, bottom: 0 }
          : { top: start, height: end - start, left: 0, right: 0 };
        return (
          <div
            key={lane}
            style={place}
            className={`absolute border-line ${down ? "border-r" : "border-b"} ${lane % 2 === 0 ? "bg-sunken/50" : ""}`}
          >
            {end - start < (down ? 48 : 20) ? null : (
              <bdi
                style={down ? { left: Math.max(0, -start) } : { top: Math.max(0, -start) }}
                className="absolute max-w-full truncate bg-surface/85 px-2 py-0.5 text-xs font-semibold text-muted"
              >
                {visibleText(names[lane] ?? "")}
              </bdi>
            )}
          </div>
        );
      })}
    </div>
  );
}
