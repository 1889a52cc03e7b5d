import { memo } from "react";
import type { EdgeKind } from "./task-graph.ts";

/** Dashes say how an edge is known; the legend names them. */
export const EDGE_DASH: Record<EdgeKind, readonly number[]> = { after: [], inferred: [6, 4], call: [1, 4] };

export interface DependencyEdgeProps {
  readonly data?: { readonly path: string; readonly kind: EdgeKind; readonly lit: boolean } | undefined;
}

export const DependencyEdge = memo(function DependencyEdge({ data }: DependencyEdgeProps) {
  if (data === undefined) return null;
  const dash = EDGE_DASH[data.kind];
  return (
    <path
      d={data.path}
      fill="none"
      data-kind={data.kind}
      className={data.lit ? "stroke-accent" : "stroke-strong"}
      strokeWidth={data.lit ? 2 : 1}
      strokeOpacity={data.lit ? 1 : 0.7}
      strokeLinecap="round"
      {...(dash.length === 0 ? {} : { strokeDasharray: dash.join(" ") })}
    />
  );
});
