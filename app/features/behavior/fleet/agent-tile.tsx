import { memo } from "react";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { Age } from "../../../ui/instant.tsx";
import { Mark, MarkIcon, type MarkTone } from "../../../ui/mark.tsx";
import { STATE_LOOKS } from "../state-looks.ts";
import { countOf, driftWords, score, word } from "../words.ts";
import { knownSince } from "./known-since.ts";
import { TILE_PROOFS, type TileProof } from "./tile-proof.ts";

/** Calm unless somebody has to look. */
const BOXES: Readonly<Record<MarkTone, string>> = {
  neutral: "border-line bg-panel text-muted",
  good: "border-line bg-panel text-muted",
  notice: "border-notice bg-notice-soft text-notice",
  warning: "border-warning bg-warning-soft text-warning",
  critical: "border-2 border-critical bg-critical-soft text-critical",
};

export interface AgentTileProps {
  readonly agent: FleetAgent;
  readonly place: number;
  /** Somebody has to look at it. */
  readonly asks: boolean;
  /** Null where it is not known. */
  readonly proof: TileProof | null;
  /** The one tile in the order of Tab. */
  readonly takesTab: boolean;
  onOpen(agent: string): void;
  onFocus(agent: string): void;
}

/**
 * One agent of the fleet: its state by shape, word and place, its name, and how old that is (A9, L1). Where somebody has to
 * look it is twice as wide and says more.
 */
export const AgentTile = memo(function AgentTile(props: AgentTileProps) {
  const { agent, place, asks, proof, takesTab, onOpen, onFocus } = props;
  const look = STATE_LOOKS[agent.state];
  const since = knownSince(agent);
  return (
    <li className={`min-w-0 ${asks ? "col-span-2" : ""}`}>
      <button
        type="button"
        data-tile={place}
        tabIndex={takesTab ? 0 : -1}
        title={tellAll(agent, proof)}
        onClick={() => onOpen(agent.agent)}
        onFocus={() => onFocus(agent.agent)}
        className={`block h-14 w-full min-w-0 border px-1.5 text-left text-xs leading-4 -outline-offset-2 ${BOXES[look.tone]} ${asks ? "font-semibold" : ""}`}
      >
        <span className="flex items-center gap-1.5">
          <MarkIcon {...look} size={10} />
          <bdi className="min-w-0 truncate text-ink">{word(agent.name)}</bdi>
        </span>
        <span className="flex gap-1.5">
          <span className="shrink-0">{look.label}</span>
          {asks ? (
            <span className="min-w-0 flex-1 truncate">
              <More agent={agent} />
            </span>
          ) : (
            <span className="flex-1" />
          )}
          {since === null ? null : (
            <span className="shrink-0 font-normal">
              <Age sinceMs={since} />
            </span>
          )}
        </span>
        {proof === null ? null : <Proof proof={proof} />}
      </button>
    </li>
  );
});

/** Whether it is proven that it obeys (N21), and since when; in colour only where that is not so any more. */
function Proof({ proof: { state, atMs } }: { readonly proof: TileProof }) {
  const { shape, tone, label } = TILE_PROOFS[state];
  const isCalm = tone === "neutral";
  return (
    <span className={`flex items-center gap-1.5 ${isCalm ? "font-normal text-muted" : "text-ink"}`}>
      <MarkIcon shape={shape} tone={tone} size={10} />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {atMs === null || state === "testing" ? null : (
        <span className="shrink-0 font-normal">
          <Age sinceMs={atMs} />
        </span>
      )}
    </span>
  );
}

/** Why somebody has to look, as far as there is room. */
function More({ agent: { alarm, drift, worst } }: { readonly agent: FleetAgent }) {
  if (alarm?.raised === true) return <Mark shape="triangle" tone="warning" label="test alarm" size={10} />;
  if (worst !== null) return `severity ${worst}`;
  return drift === null ? null : `drift ${score(drift)}`;
}

/** The whole of it, for whoever points at it. */
function tellAll(agent: FleetAgent, proof: TileProof | null): string {
  const { state, compliance, trust, floor, reasons, profile, instanceCount } = agent;
  return [
    `${word(agent.agent, 200)}: ${STATE_LOOKS[state].label}`,
    profile === null ? "no profile applies to it" : `profile ${profile.profile_id}, version ${profile.version}`,
    `compliance ${score(compliance)}, drift ${driftWords(agent)}`,
    `trust ${score(trust)}, quarantine below ${score(floor)}`,
    `self-test: ${proof === null ? "not known" : TILE_PROOFS[proof.state].label}`,
    `${countOf(reasons, "reason")}, ${countOf(instanceCount, "instance")}`,
  ].join("\n");
}
