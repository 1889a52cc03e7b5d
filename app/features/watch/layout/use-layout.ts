import { useEffect, useMemo, useRef, useState } from "react";
import { layoutOptions } from "../graph/node-size.ts";
import { layoutGraphOf, type ViewGraph } from "../graph/view-graph.ts";
import { browserLayoutPorts, createLayouter, type Layouter } from "./layout-client.ts";
import type { Direction, Layout } from "./layout-types.ts";

export type LayoutState =
  | { readonly status: "working"; readonly layout: null }
  | { readonly status: "done"; readonly layout: Layout }
  | { readonly status: "failed"; readonly layout: null };

const WORKING: LayoutState = { status: "working", layout: null };
const MAX_KEPT = 6;

interface Kept {
  readonly view: ViewGraph;
  readonly key: string;
  readonly layout: Layout;
}

/**
 * The layout of a view, from the worker. The sweep is shown at once; a better one replaces it only when `mayMove` still says
 * so, because nothing moves under the operator's hands. Layouts are kept, so going back is immediate.
 */
export function useLayout(
  view: ViewGraph | null,
  direction: Direction,
  lanes: boolean,
  mayMove: () => boolean,
): LayoutState {
  const [kept, setKept] = useState<readonly Kept[]>([]);
  const [failed, setFailed] = useState<string | null>(null);
  const layouter = useRef<Layouter | null>(null);
  const still = useRef(mayMove);
  still.current = mayMove;
  const key = `${direction} ${lanes}`;
  const known = kept.find((entry) => entry.view === view && entry.key === key);

  useEffect(() => {
    layouter.current = createLayouter(browserLayoutPorts);
    return () => layouter.current?.close();
  }, []);

  const missing = known === undefined;
  useEffect(() => {
    if (view === null || !missing) return;
    layouter.current?.layout({
      graph: layoutGraphOf(view, lanes),
      options: layoutOptions(direction),
      onLayout: (layout) => {
        if (layout.source === "refined" && !still.current()) return;
        setFailed(null);
        setKept((before) => [
          { view, key, layout },
          ...before.filter((entry) => entry.view !== view || entry.key !== key).slice(0, MAX_KEPT - 1),
        ]);
      },
      onFailure: () => setFailed(key),
    });
  }, [view, direction, lanes, key, missing]);

  return useMemo(() => {
    if (known !== undefined) return { status: "done", layout: known.layout };
    return failed === key ? { status: "failed", layout: null } : WORKING;
  }, [known, failed, key]);
}
