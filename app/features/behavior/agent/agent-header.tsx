import { ArrowLeft } from "lucide-react";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Age } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { STATE_LOOKS, STATE_WORDS } from "../state-looks.ts";
import { countOf, score, word } from "../words.ts";

export interface AgentHeaderProps {
  readonly agent: FleetAgent;
  onBack(): void;
  onQuarantine(): void;
  onRelease(): void;
}

/** Who it is, where it stands and for how long, and what can be ordered about it. */
export function AgentHeader({ agent, onBack, onQuarantine, onRelease }: AgentHeaderProps) {
  const { state, since, trust, floor, staleAt, instances, instanceCount } = agent;
  const running = instances.filter(({ status }) => status === "running");
  const [first] = running;
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
      <Button size="sm" variant="quiet" shortcut="u" onPress={onBack}>
        <ArrowLeft aria-hidden="true" size={14} /> Fleet
      </Button>
      <h2 className="text-base font-semibold">
        <bdi>{word(agent.name)}</bdi>
      </h2>
      <Mark {...STATE_LOOKS[state]} size={14} />
      {since === null ? null : (
        <span className="text-muted">
          for <Age sinceMs={since * 1000} />
        </span>
      )}
      <span>
        trust {score(trust)} <span className="text-muted">(quarantine below {score(floor)})</span>
      </span>
      <Identifier value={agent.agent} label="agent id" />
      <span className="flex-1" />
      {state === "quarantined" ? (
        <Button variant="primary" shortcut="r" onPress={onRelease}>
          Release …
        </Button>
      ) : (
        <Button variant="danger" shortcut="q" onPress={onQuarantine}>
          Quarantine …
        </Button>
      )}
      <p className="basis-full text-muted">
        {STATE_WORDS[state]}{" "}
        {staleAt === null || state === "stale" || state === "quarantined" ? null : <StaleIn atMs={staleAt * 1000} />}{" "}
        {countOf(instanceCount, "instance")}, {running.length} running
        {first === undefined ? (
          "."
        ) : (
          <>
            :{" "}
            <GoLink to="/watch" search={{ wid: first.wid }}>
              watch it
            </GoLink>
            ,{" "}
            <GoLink to="/policies" search={{ wid: first.wid }}>
              its policy, to revoke it
            </GoLink>
            .
          </>
        )}
      </p>
    </header>
  );
}

/** Without evidence it is not known any more (BEH-10). */
function StaleIn({ atMs }: { readonly atMs: number }) {
  const leftMs = atMs - useNow();
  return leftMs <= 0 ? "It is due to be stale now." : `Without new evidence it is stale in ${formatDuration(leftMs)}.`;
}
