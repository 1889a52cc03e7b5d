import type { ReactNode } from "react";
import type { BehaviorWindow } from "../../../api/contract/behavior.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { VERDICT_LOOKS } from "../state-looks.ts";
import { driftWords, score } from "../words.ts";
import { CountsTable } from "./counts-table.tsx";

export interface CompareViewProps {
  readonly window: BehaviorWindow;
  readonly lastGood: BehaviorWindow | null;
}

/** The window in view beside the last one that was conformant (J5). */
export function CompareView({ window, lastGood }: CompareViewProps) {
  if (lastGood === null)
    return (
      <Empty title="There is no good window to compare with">
        <p>
          No window of this agent was conformant yet. What it is expected to do is its profile's baseline, under
          Conduct.
        </p>
      </Empty>
    );
  const rows: readonly (readonly [string, (of: BehaviorWindow) => ReactNode])[] = [
    ["Verdict", ({ verdict }) => <Mark {...VERDICT_LOOKS[verdict]} />],
    ["Until", ({ to }) => <Instant epochMs={to * 1000} />],
    ["Length", ({ from, to }) => formatDuration((to - from) * 1000)],
    ["Tasks", ({ samples }) => formatCount(samples)],
    ["Compliance", ({ compliance }) => score(compliance)],
    ["Drift", (of) => driftWords(of)],
    ["Reasons", ({ reasons }) => formatCount(reasons)],
    ["Trust after", ({ trust }) => score(trust)],
    ["Profile", ({ profile }) => `${profile.profile_id}, version ${profile.version}`],
    [
      "Stated by",
      ({ seq }) => (
        <GoLink to="/timeline" search={{ entry: seq }}>
          entry {formatCount(seq)}
        </GoLink>
      ),
    ],
  ];
  return (
    <div className="grid gap-x-6 lg:grid-cols-2">
      <Section title="This window and the last good one" level={2}>
        <Table label="This window and the last good one" columns={["Figure", "This window", "Last good window"]}>
          {rows.map(([name, of]) => (
            <Row key={name}>
              <HeadCell>{name}</HeadCell>
              <Cell>{of(window)}</Cell>
              <Cell>{of(lastGood)}</Cell>
            </Row>
          ))}
        </Table>
      </Section>
      <div className="min-w-0">
        <Section title="What it did" level={2}>
          <CountsTable window={window} other={lastGood} />
        </Section>
      </div>
    </div>
  );
}
