import { must } from "../../base/assert.ts";
import { isCanonicalResource } from "../acp/canonical-resource.ts";
import { placeOf, placesOf } from "./checkpoint.ts";
import type { UndoTask } from "./rollback-input.ts";

/** Who touched which place and until when, so that each question costs as much as the name is long. */
export interface Touches {
  /** The staying task that touched the place, something below or something above it last, if that was after `position`. */
  stayingSince(resource: string, position: number): string | null;
  /** The first of the tasks to undo, by rank, that touched it after `position`; infinity when none did. */
  firstUndoneSince(resource: string, position: number): number;
  /** Staying tasks that touched the place itself. */
  stayingAgents(resource: string): readonly string[];
}

interface Latest {
  readonly jti: string;
  readonly to: number;
}

/** Ranks ascending, and for each the latest end among it and those before: the first with an end after a position is found by halving. */
interface Row {
  readonly ranks: number[];
  readonly latest: number[];
}

/** Resources that can be compared at all; of a task that names others it is not known what it touches. */
export function knownResources(task: UndoTask): readonly string[] | null {
  return task.resources.length > 0 && task.resources.every(isCanonicalResource) ? task.resources : null;
}

/** `tasks` in topological order; `undone[rank]` tells which of them are to be undone. */
export function indexTouches(tasks: readonly UndoTask[], undone: readonly boolean[]): Touches {
  const staying = { under: new Map<string, Latest>(), at: new Map<string, Latest>() };
  const going = { under: new Map<string, Row>(), at: new Map<string, Row>() };
  const agents = new Map<string, Set<string>>();
  tasks.forEach((task, rank) => {
    if (!task.effect || task.state === "undone") return;
    const to = task.span.to ?? Number.POSITIVE_INFINITY;
    for (const resource of task.resources) {
      const place = placeOf(resource);
      if (undone[rank]) {
        addRow(going.at, place, rank, to);
        for (const above of placesOf(resource)) addRow(going.under, above, rank, to);
        continue;
      }
      addLatest(staying.at, place, task.jti, to);
      for (const above of placesOf(resource)) addLatest(staying.under, above, task.jti, to);
      const known = agents.get(place);
      if (known === undefined) agents.set(place, new Set([task.agent]));
      else known.add(task.agent);
    }
  });
  return {
    stayingSince: (resource, position) => {
      const found = [
        staying.under.get(placeOf(resource)),
        ...placesOf(resource).map((place) => staying.at.get(place)),
      ].find((latest) => latest !== undefined && latest.to > position);
      return found?.jti ?? null;
    },
    firstUndoneSince: (resource, position) =>
      Math.min(
        firstSince(going.under.get(placeOf(resource)), position),
        ...placesOf(resource).map((place) => firstSince(going.at.get(place), position)),
      ),
    stayingAgents: (resource) => [...(agents.get(placeOf(resource)) ?? [])],
  };
}

function addLatest(index: Map<string, Latest>, place: string, jti: string, to: number): void {
  const held = index.get(place);
  if (held === undefined || held.to < to) index.set(place, { jti, to });
}

function addRow(index: Map<string, Row>, place: string, rank: number, to: number): void {
  const row = index.get(place) ?? { ranks: [], latest: [] };
  if (row.ranks.length === 0) index.set(place, row);
  row.ranks.push(rank);
  row.latest.push(Math.max(row.latest.at(-1) ?? Number.NEGATIVE_INFINITY, to));
}

function firstSince(row: Row | undefined, position: number): number {
  if (row === undefined) return Number.POSITIVE_INFINITY;
  let from = 0;
  let until = row.latest.length;
  while (from < until) {
    const middle = (from + until) >> 1;
    if (must(row.latest[middle], "an index inside the row") > position) until = middle;
    else from = middle + 1;
  }
  return row.ranks[from] ?? Number.POSITIVE_INFINITY;
}
