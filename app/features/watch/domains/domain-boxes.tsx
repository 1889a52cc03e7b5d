import { useContext, useMemo } from "react";
import { useStore } from "zustand";
import { visibleText } from "../../../ui/visible-text.ts";
import { BreakersContext } from "../breakers/use-breakers.ts";
import type { ViewGraph } from "../graph/view-graph.ts";
import type { LookStore } from "../graph/viewport-store.ts";
import type { Layout } from "../layout/layout-types.ts";
import { DomainMark } from "./domain-words.tsx";
import { domainBoxes, type ShownDomain } from "./shown-domains.ts";

export interface DomainBoxesProps {
  readonly look: LookStore;
  readonly view: ViewGraph;
  readonly layout: Layout;
}

/** A box around the lanes of each failure domain, with its name and state; one element each, whatever the graph's size. */
export function DomainBoxes({ look, view, layout }: DomainBoxesProps) {
  const breakers = useContext(BreakersContext);
  const { viewport, size } = useStore(look);
  const domains = breakers?.domains;
  const boxes = useMemo(() => domainBoxes(domains ?? [], view.tasks, layout), [domains, view, layout]);
  if (breakers === null || boxes.length === 0) return null;
  const down = layout.direction === "down";
  const [offset, extent] = down ? [viewport.x, size.width] : [viewport.y, size.height];
  return (
    <div className="pointer-events-none absolute inset-0 z-[4] overflow-hidden">
      {boxes.map(({ domain, start, end }) => {
        const from = start * viewport.zoom + offset;
        const to = end * viewport.zoom + offset;
        if (to < 0 || from > extent) return null;
        const place = down
          ? { left: from, width: to - from, top: 0, bottom: 0 }
          : { top: from, height: to - from, left: 0, right: 0 };
        return (
          <div key={domain.id} style={place} className={`absolute border-2 ${BORDERS[domain.state]}`}>
            <button
              type="button"
              aria-label={`Failure domain ${domain.id}: ${domain.state}`}
              onClick={() => breakers.orderDomain(domain)}
              style={down ? { left: Math.max(0, -from), bottom: 0 } : { bottom: 0, right: 0 }}
              className="pointer-events-auto absolute flex min-h-6 max-w-full flex-wrap items-center gap-x-1.5 overflow-hidden border border-line bg-surface px-1.5 text-xs"
            >
              <Name domain={domain} />
              <DomainMark domain={domain} readAtMs={breakers.readAtMs} isShort />
            </button>
          </div>
        );
      })}
    </div>
  );
}

const BORDERS: Record<ShownDomain["state"], string> = {
  normal: "border-line",
  degraded: "border-dashed border-notice",
  isolated: "border-double border-critical",
  recovering: "border-dotted border-notice",
};

function Name({ domain }: { readonly domain: ShownDomain }) {
  return <bdi className="max-w-full truncate font-semibold">{visibleText(domain.id)}</bdi>;
}
