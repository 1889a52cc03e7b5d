import { useContext, useMemo } from "react";
import { useStore } from "zustand";
import { useDag } from "../graph/dag-context.ts";
import { edgePoints, NODE_WIDTH, visibleBox } from "../graph/geometry.ts";
import type { ViewGraph } from "../graph/view-graph.ts";
import type { LookStore } from "../graph/viewport-store.ts";
import { at, type Layout } from "../layout/layout-types.ts";
import { stateName } from "../task-states.ts";
import { BreakerMark, STATE_WORDS } from "./breaker-words.tsx";
import { hasNotStarted, isOfGroup } from "./containment.ts";
import { BreakersContext, type BreakersOnGraph, type ShownBreaker } from "./use-breakers.ts";

/** More marks than this at once say nothing more: the list has every breaker. */
const MAX_MARKS = 60;

export interface BreakerMarksProps {
  readonly look: LookStore;
  readonly view: ViewGraph;
  readonly layout: Layout;
}

/** The breakers that are not closed, on the edges they stand on; and of a cascade its suspected root and where it spreads. */
export function BreakerMarks(props: BreakerMarksProps) {
  const breakers = useContext(BreakersContext);
  if (breakers === null || (breakers.abnormal.length === 0 && breakers.cascades.length === 0)) return null;
  return <Marks {...props} breakers={breakers} />;
}

function Marks({ look, view, layout, breakers }: BreakerMarksProps & { readonly breakers: BreakersOnGraph }) {
  const { viewport, size } = useStore(look);
  const states = useStore(useDag().states, (live) => live.states);
  const edges = useMemo(() => markedEdges(view, breakers.abnormal, states), [view, breakers.abnormal, states]);
  const box = visibleBox(viewport, size);
  const named = new Set<string>();
  const placed = edges
    .map(({ edge, breaker }) => ({ edge, breaker, middle: middleOf(edgePoints(view, layout, edge)) }))
    .filter(({ middle: [x, y] }) => x > box.left && x < box.right && y > box.top && y < box.bottom);
  const marks = apart(placed, viewport.zoom);
  return (
    <div className="pointer-events-none absolute inset-0 z-[5] overflow-hidden">
      {marks.map(({ edge, breaker, middle: [x, y] }) => {
        const isFirst = !named.has(breaker.id);
        named.add(breaker.id);
        return (
          <button
            key={edge}
            type="button"
            tabIndex={isFirst ? 0 : -1}
            aria-label={`Breaker from ${breakers.nameOf(breaker.from)} to ${breakers.nameOf(breaker.to)} for ${breaker.group}: ${STATE_WORDS[breaker.state]}`}
            onClick={() => breakers.order(breaker)}
            style={{ left: x * viewport.zoom + viewport.x, top: y * viewport.zoom + viewport.y }}
            className="pointer-events-auto absolute flex min-h-6 min-w-6 -translate-x-1/2 -translate-y-1/2 items-center justify-center rounded-sm border border-strong bg-surface px-1 text-xs"
          >
            <BreakerMark breaker={breaker} readAtMs={breakers.readAtMs} />
          </button>
        );
      })}
      <CascadeTags view={view} layout={layout} breakers={breakers} viewport={viewport} />
    </div>
  );
}

/**
 * Edges of the drawn graph that a breaker which is not closed stands on, of calls too: what a called task takes up comes by
 * way of its caller. Those to tasks that have not started, which it holds; where there is none, one that it has been asked on.
 */
export function markedEdges(
  view: ViewGraph,
  abnormal: readonly ShownBreaker[],
  states: ArrayLike<number>,
): { readonly edge: number; readonly breaker: ShownBreaker }[] {
  const held: { readonly edge: number; readonly breaker: ShownBreaker }[] = [];
  const other = new Map<ShownBreaker, number>();
  if (abnormal.length === 0) return held;
  const { tasks } = view;
  for (let edge = 0; edge < view.from.length; edge += 1) {
    const node = at(view.to, edge);
    const head = at(view.head, node);
    const from = at(tasks.agent, at(view.head, at(view.from, edge)));
    const to = at(tasks.agent, head);
    const breaker = abnormal.find((one) => one.from === from && one.to === to && isOfGroup(tasks, head, one.group));
    if (breaker === undefined) continue;
    if ([...(view.members[node] ?? [head])].some((task) => hasNotStarted(states, task))) held.push({ edge, breaker });
    else other.set(breaker, edge);
  }
  for (const { breaker } of held) other.delete(breaker);
  return [...held, ...[...other].map(([breaker, edge]) => ({ edge, breaker }))];
}

/** Room that a mark takes on the screen, px. */
const MARK_WIDTH = 104;
const MARK_HEIGHT = 28;

/** Marks that would lie over one another say the same: the first of them stays. */
function apart<M extends { readonly middle: readonly [number, number] }>(marks: readonly M[], zoom: number): M[] {
  const kept: M[] = [];
  for (const mark of marks) {
    const [x, y] = mark.middle;
    const isFree = kept.every(
      ({ middle: [a, b] }) => Math.abs(a - x) * zoom >= MARK_WIDTH || Math.abs(b - y) * zoom >= MARK_HEIGHT,
    );
    if (isFree) kept.push(mark);
    if (kept.length === MAX_MARKS) break;
  }
  return kept;
}

function middleOf(points: readonly number[]): readonly [number, number] {
  const last = points.length - 2;
  const middle = 2 * Math.floor(points.length / 4);
  // Of an edge without bends the middle, else its middle bend.
  if (points.length > 4) return [at(points, middle), at(points, middle + 1)];
  return [(at(points, 0) + at(points, last)) / 2, (at(points, 1) + at(points, last + 1)) / 2];
}

/** "First out" at the task that failed first, "spreads" at the last failed task of each agent on the front. */
function CascadeTags({
  view,
  layout,
  breakers,
  viewport,
}: {
  readonly view: ViewGraph;
  readonly layout: Layout;
  readonly breakers: BreakersOnGraph;
  readonly viewport: { readonly x: number; readonly y: number; readonly zoom: number };
}) {
  const states = useStore(useDag().states, (live) => live.states);
  const tags = useMemo(() => {
    const of = new Map<number, string>();
    for (const cascade of breakers.cascades) {
      for (const agent of cascade.front) {
        const task = lastFailed(view, states, breakers.indexOf(agent));
        if (task !== null) of.set(at(view.nodeOf, task), "Spreads");
      }
      const { index } = cascade.root;
      if (index !== null && index < view.tasks.tasks) of.set(at(view.nodeOf, index), "First out, suspected");
    }
    return [...of];
  }, [view, states, breakers]);
  return tags.map(([node, words]) => (
    <span
      key={node}
      style={{
        left: (at(layout.x, node) + NODE_WIDTH / 2) * viewport.zoom + viewport.x,
        top: at(layout.y, node) * viewport.zoom + viewport.y,
      }}
      className="absolute -translate-x-1/2 -translate-y-full border border-critical bg-critical-soft px-1 text-[11px] font-semibold whitespace-nowrap text-critical"
    >
      ▲ {words}
    </span>
  ));
}

function lastFailed(view: ViewGraph, states: ArrayLike<number>, agent: number): number | null {
  for (let task = view.tasks.tasks - 1; task >= 0; task -= 1)
    if (at(view.tasks.agent, task) === agent && stateName(states[task]) === "failed") return task;
  return null;
}
