import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Age, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { STATE_LOOKS } from "../state-looks.ts";
import { driftWords, score, word } from "../words.ts";
import type { Proofs } from "./fleet-order.ts";
import { knownSince } from "./known-since.ts";
import { TILE_PROOFS, type TileProof } from "./tile-proof.ts";

export interface FleetTableProps {
  readonly agents: readonly FleetAgent[];
  readonly proofs: Proofs;
  onOpen(agent: string): void;
  onQuarantine(agent: FleetAgent): void;
}

/** The same agents as the tiles show, in the same order, with every figure, and everything that the tiles can do. */
export function FleetTable({ agents, proofs, onOpen, onQuarantine }: FleetTableProps) {
  return (
    <Table
      label="Agents"
      columns={[
        "Agent",
        "State",
        { name: "Known for", isNumber: true },
        { name: "Compliance", isNumber: true },
        { name: "Drift", isNumber: true },
        "Sequential test",
        "Self-test",
        { name: "Trust", isNumber: true },
        { name: "Reasons", isNumber: true },
        "Profile",
        { name: "Instances", isNumber: true },
        "Order",
      ]}
    >
      {agents.map((agent) => (
        <AgentRow
          key={agent.agent}
          agent={agent}
          proof={proofs.get(agent.agent) ?? null}
          onOpen={onOpen}
          onQuarantine={onQuarantine}
        />
      ))}
    </Table>
  );
}

function AgentRow({
  agent,
  proof,
  onOpen,
  onQuarantine,
}: Pick<FleetTableProps, "onOpen" | "onQuarantine"> & {
  readonly agent: FleetAgent;
  readonly proof: TileProof | null;
}) {
  const since = knownSince(agent);
  const { profile, alarm } = agent;
  return (
    <Row>
      <HeadCell>
        <button
          type="button"
          onClick={() => onOpen(agent.agent)}
          className="min-h-6 text-left text-accent underline underline-offset-2 hover:decoration-2"
        >
          <bdi>{word(agent.name)}</bdi>
        </button>
      </HeadCell>
      <Cell>
        <Mark {...STATE_LOOKS[agent.state]} />
      </Cell>
      <NumberCell>{since === null ? "never" : <Age sinceMs={since} />}</NumberCell>
      <NumberCell>{score(agent.compliance)}</NumberCell>
      <NumberCell>{driftWords(agent)}</NumberCell>
      <Cell>
        {alarm === null ? (
          "not run"
        ) : alarm.raised ? (
          <Mark shape="triangle" tone="warning" label="alarm" />
        ) : (
          "no alarm"
        )}
      </Cell>
      <Cell>
        {proof === null ? (
          "not known"
        ) : (
          <>
            <Mark {...TILE_PROOFS[proof.state]} />{" "}
            {proof.atMs === null || proof.state === "testing" ? null : <Instant epochMs={proof.atMs} full />}
          </>
        )}
      </Cell>
      <NumberCell>{score(agent.trust)}</NumberCell>
      <NumberCell>{formatCount(agent.reasons)}</NumberCell>
      <Cell>{profile === null ? "none applies" : `${word(profile.profile_id)} v${profile.version}`}</Cell>
      <NumberCell>{formatCount(agent.instanceCount)}</NumberCell>
      <Cell>
        {agent.state === "quarantined" ? null : (
          <Button size="sm" writes aria-label={`Quarantine ${word(agent.name)} …`} onPress={() => onQuarantine(agent)}>
            Quarantine …
          </Button>
        )}
      </Cell>
    </Row>
  );
}
