import { useContext, useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { useDag } from "../graph/dag-context.ts";
import { edgePoints, visibleBox } from "../graph/geometry.ts";
import { NODE_WIDTH } from "../graph/node-size.ts";
import type { ViewGraph } from "../graph/view-graph.ts";
import type { LookStore } from "../graph/viewport-store.ts";
import { at, type Layout } from "../layout/layout-types.ts";
import { useEvent } from "../use-event.ts";
import { BreakerMark, STATE_WORDS } from "./breaker-words.tsx";
import { hasNotStarted, isOfGroup } from "./containment.ts";
import { spreadTags } from "./spread.ts";
import { BreakersContext, type BreakersOnGraph, type ShownBreaker } from "./use-breakers.ts";

/** More marks than this at once say nothing more: the list has every breaker. */
const MAX_MARKS = 60;

export interface BreakerMarksProps {
  readonly look: LookStore;
  readonly view: ViewGraph;
  readonly layout: Layout;
}

/**
 * The breakers that are not closed, on the edges they stand on, and the closed ones on the edges of what is selected, so that
 * an edge is tripped where it is seen; and of a cascade its suspected root and where it spreads.
 */
export function BreakerMarks(props: BreakerMarksProps) {
  const breakers = useContext(BreakersContext);
  const selected = useStore(useDag().highlight, (marks) => marks.selected);
  const renew = useEvent(() => breakers?.renew());
  useEffect(() => {
    if (selected.size > 0) renew();
  }, [selected, renew]);
  const quiet = breakers === null || (breakers.abnormal.length === 0 && breakers.cascades.length === 0);
  if (breakers === null || (quiet && selected.size === 0)) return null;
  return <Marks {...props} breakers={breakers} selected={selected} />;
}

interface MarksProps extends BreakerMarksProps {
  readonly breakers: BreakersOnGraph;
  readonly selected: ReadonlySet<number>;
}

function Marks({ look, view, layout, breakers, selected }: MarksProps) {
  const { viewport, size } = useStore(look);
  const states = useStore(useDag().states, (live) => live.states);
  const { all, abnormal } = breakers;
  const edges = useMemo(
    () => [...markedEdges(view, abnormal, states), ...closedEdges(view, all, selected)],
    [view, all, abnormal, selected, states],
  );
  const box = visibleBox(viewport, size);
  const named = new Set<string>();
  const placed = edges
    .map(({ edge, breaker }) => ({ edge, breaker, middle: middleOf(edgePoints(view, layout, edge)) }))
    .filter(({ middle: [x, y] }) => x > box.left && x < box.right && y > box.top && y < box.bottom);
  const marks = apart(placed, viewport.zoom);
  if (marks.length === 0 && breakers.cascades.length === 0) return null;
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
  for (let edge = 0; edge < view.from.length; edge += 1) {
    const node = at(view.to, edge);
    const breaker = abnormal.find((one) => standsOn(view, one, at(view.from, edge), node));
    if (breaker === undefined) continue;
    if ([...(view.members[node] ?? [at(view.head, node)])].some((task) => hasNotStarted(states, task)))
      held.push({ edge, breaker });
    else other.set(breaker, edge);
  }
  for (const { breaker } of held) other.delete(breaker);
  return [...held, ...[...other].map(([breaker, edge]) => ({ edge, breaker }))];
}

/** More selected tasks than this show none of the closed ones: then it is no edge that is looked at. */
const MAX_SELECTED = 20;

/** Edges to and from what is selected that a closed breaker stands on. */
export function closedEdges(
  view: ViewGraph,
  all: readonly ShownBreaker[],
  selected: ReadonlySet<number>,
): { readonly edge: number; readonly breaker: ShownBreaker }[] {
  const closed = all.filter(({ state }) => state === "closed");
  if (closed.length === 0 || selected.size === 0 || selected.size > MAX_SELECTED) return [];
  const nodes = new Set([...selected].map((task) => at(view.nodeOf, task)));
  const found: { readonly edge: number; readonly breaker: ShownBreaker }[] = [];
  for (let edge = 0; edge < view.from.length; edge += 1) {
    const [from, to] = [at(view.from, edge), at(view.to, edge)];
    if (!nodes.has(from) && !nodes.has(to)) continue;
    const breaker = closed.find((one) => standsOn(view, one, from, to));
    if (breaker !== undefined) found.push({ edge, breaker });
  }
  return found;
}

function standsOn({ tasks, head }: ViewGraph, breaker: ShownBreaker, from: number, to: number): boolean {
  const task = at(head, to);
  return (
    breaker.from === at(tasks.agent, at(head, from)) &&
    breaker.to === at(tasks.agent, task) &&
    isOfGroup(tasks, task, breaker.group)
  );
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

/** At which task each agent of a cascade failed, in the order of joining (A6). */
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
    for (const cascade of breakers.cascades)
      for (const { task, words } of spreadTags(view, states, cascade, breakers.indexOf))
        of.set(at(view.nodeOf, task), words);
    return [...of];
  }, [view, states, breakers]);
  return tags.map(([node, words]) => (
    <span
      key={node}
      style={{
        left: (at(layout.x, node) + NODE_WIDTH / 2) * viewport.zoom + viewport.x,
        top: at(layout.y, node) * viewport.zoom + viewport.y,
      }}
      className="absolute -translate-x-1/2 -translate-y-full border border-critical bg-critical-soft px-1 text-xs font-semibold whitespace-nowrap text-critical"
    >
      ▲ {words}
    </span>
  ));
}
