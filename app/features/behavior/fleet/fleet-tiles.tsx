import { type KeyboardEvent, useRef, useState } from "react";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { useKeys } from "../../../ui/use-keys.ts";
import { AgentTile } from "./agent-tile.tsx";
import { asksForSomebody, nextWhere, type Proofs } from "./fleet-order.ts";
import { type Place, placeAfterKey } from "./tile-places.ts";

export interface FleetTilesProps {
  readonly agents: readonly FleetAgent[];
  readonly proofs: Proofs;
  onOpen(agent: string): void;
  onQuarantine(agent: FleetAgent): void;
}

/** Every agent as a small tile; arrow keys move, `n` leads to the next that is not as it should be (A9). */
export function FleetTiles({ agents, proofs, onOpen, onQuarantine }: FleetTilesProps) {
  const list = useRef<HTMLUListElement>(null);
  // By its id: the order changes while somebody looks, and the agent that has the focus keeps it.
  const [at, setAt] = useState<string | null>(null);
  const current = Math.max(
    0,
    agents.findIndex(({ agent }) => agent === at),
  );
  const focus = (place: number | null | undefined): void => {
    if (place !== null && place !== undefined) tileAt(list.current, place)?.focus();
  };
  /** From the tile that has the focus; before any has, from the beginning. */
  const toAbnormal = (step: 1 | -1): void => {
    const hasFocus = list.current?.contains(document.activeElement) ?? false;
    focus(nextWhere(agents, hasFocus ? current : step === 1 ? -1 : 0, step, (one) => asksForSomebody(one, proofs)));
  };
  useKeys({
    n: () => toAbnormal(1),
    "Shift+N": () => toAbnormal(-1),
    q: (event) => {
      const agent = agents[current];
      if (agent === undefined || !(list.current?.contains(document.activeElement) ?? false)) return;
      event.preventDefault();
      onQuarantine(agent);
    },
  });
  const move = (event: KeyboardEvent): void => {
    const to = placeAfterKey(event.key, current, agents.length, () => placesOf(list.current));
    if (to === undefined) return;
    event.preventDefault();
    focus(to);
  };
  return (
    <ul
      ref={list}
      aria-label="Agents"
      onKeyDown={move}
      className="grid grid-cols-[repeat(auto-fill,minmax(7.25rem,1fr))] gap-1 py-2"
    >
      {agents.map((agent, place) => (
        <AgentTile
          key={agent.agent}
          agent={agent}
          place={place}
          asks={asksForSomebody(agent, proofs)}
          proof={proofs.get(agent.agent) ?? null}
          takesTab={place === current}
          onOpen={onOpen}
          onFocus={setAt}
        />
      ))}
    </ul>
  );
}

const tileAt = (list: HTMLUListElement | null, place: number): HTMLElement | null =>
  list?.querySelector<HTMLElement>(`[data-tile="${place}"]`) ?? null;

/** Where the tiles lie now. */
const placesOf = (list: HTMLUListElement | null): Place[] =>
  [...(list?.children ?? [])].map((tile) => {
    const { top, left, width } = tile.getBoundingClientRect();
    return { top, middle: left + width / 2 };
  });
