import type { Direction } from "../layout/layout-types.ts";
import { EDGE_DASH } from "./dependency-edge.tsx";
import { EDGE_KINDS, type EdgeKind } from "./task-graph.ts";
import type { ViewGraph } from "./view-graph.ts";

const MEANING: Record<EdgeKind, string> = {
  after: "finished before (recorded)",
  inferred: "finished before (inferred from the recording)",
  call: "called (recorded)",
};

/** What the lines mean; only the kinds that occur. */
export function Legend({ view, direction }: { readonly view: ViewGraph; readonly direction: Direction }) {
  const present = EDGE_KINDS.filter((_, index) => view.kind.includes(index));
  if (present.length === 0) return null;
  return (
    <ul
      aria-label="Legend"
      className="pointer-events-none absolute right-2 bottom-5 z-10 hidden flex-col items-end gap-0.5 text-xs text-muted md:flex"
    >
      {present.map((kind) => (
        <li key={kind} className="flex items-center gap-2 bg-surface/80 px-1">
          <svg aria-hidden="true" width="28" height="6" className="text-strong">
            <path
              d="M0 3H28"
              stroke="currentColor"
              strokeWidth="1.5"
              strokeLinecap="round"
              strokeDasharray={EDGE_DASH[kind].join(" ")}
            />
          </svg>
          {direction === "down" ? "upper" : "left"} {MEANING[kind]}
        </li>
      ))}
    </ul>
  );
}
