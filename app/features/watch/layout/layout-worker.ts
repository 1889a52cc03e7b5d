import type { Layout, LayoutGraph, LayoutOptions } from "./layout-types.ts";
import { refineLayout } from "./refine.ts";
import { sweepLayout } from "./sweep-layout.ts";

/** Asked by the page; `refine` says whether d3-dag may try to do better after the sweep was answered. */
export interface LayoutRequest {
  readonly id: number;
  readonly graph: LayoutGraph;
  readonly options: LayoutOptions;
  readonly refine: boolean;
}

/** First the sweep, then, when refinement was asked for, the better layout or null. */
export interface LayoutAnswer {
  readonly id: number;
  readonly stage: "sweep" | "refined";
  readonly layout: Layout | null;
}

function answer(id: number, stage: LayoutAnswer["stage"], layout: Layout | null): void {
  const transfer =
    layout === null
      ? []
      : [layout.x.buffer, layout.y.buffer, layout.layer.buffer, layout.bendStart.buffer, layout.bends.buffer];
  const message: LayoutAnswer = { id, stage, layout };
  postMessage(message, { transfer: transfer as ArrayBuffer[] });
}

addEventListener("message", (event: MessageEvent<LayoutRequest>) => {
  const { id, graph, options, refine } = event.data;
  const sweep = sweepLayout(graph, options);
  const { crossings } = sweep;
  answer(id, "sweep", sweep);
  if (refine) answer(id, "refined", refineLayout(graph, options, crossings));
});
