import { lazy, Suspense, useMemo } from "react";
import type { BehaviorWindow, ProfileVersion } from "../../../api/contract/behavior.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Loading } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { VERDICT_LOOKS } from "../state-looks.ts";
import { driftWords, percent, score } from "../words.ts";
import { chanceWords, TEST_ASSUMES } from "./chance-words.ts";

const SeriesChart = lazy(() => import("./series-chart.tsx").then((loaded) => ({ default: loaded.SeriesChart })));

export interface DriftPartProps {
  /** Oldest first. */
  readonly windows: readonly BehaviorWindow[];
  readonly selected: BehaviorWindow;
  /** In force; null where none is. */
  readonly profile: ProfileVersion | null;
  readonly isTable: boolean;
  onSelect(window: BehaviorWindow): void;
}

/** Drift window by window with both thresholds, the interval in which it truly lies, and the alarms of the sequential test. */
export function DriftPart(props: DriftPartProps) {
  const { windows, selected, profile, isTable, onSelect } = props;
  const thresholds = profile?.profile.thresholds ?? null;
  const points = useMemo(
    () =>
      windows.map(({ to, drift, driftInterval, alarm }) => ({
        at: to,
        value: drift,
        low: driftInterval?.low ?? null,
        high: driftInterval?.high ?? null,
        isAlarm: alarm?.raised ?? false,
      })),
    [windows],
  );
  const lines = useMemo(
    () =>
      thresholds === null
        ? []
        : [
            { value: thresholds.drift_warn, tone: "warning" as const },
            { value: thresholds.drift_fail, tone: "critical" as const },
          ],
    [thresholds],
  );
  if (isTable) return <DriftTable {...props} />;
  return (
    <>
      <Suspense fallback={<Loading what="the chart" />}>
        <SeriesChart
          points={points}
          lines={lines}
          chosen={windows.indexOf(selected)}
          onChoose={(place) => {
            const window = windows[place];
            if (window !== undefined) onSelect(window);
          }}
        />
      </Suspense>
      <p className="text-xs text-muted">
        {thresholds === null
          ? "No profile applies, so that there is no threshold. "
          : `Dashed: drifting from ${score(thresholds.drift_warn)}; dotted: nonconformant from ${score(thresholds.drift_fail)}. `}
        {intervalWords(selected)} {chanceWords(selected, profile)} A ring marks an alarm of the sequential test. Times
        are UTC; press a window to look at it, or take the table.
      </p>
    </>
  );
}

function intervalWords({ driftInterval, alarm }: BehaviorWindow): string {
  const band =
    driftInterval === null
      ? "How sure the score is, is not known."
      : `Shaded: where the true drift lies, ${percent(driftInterval.confidence)} sure.`;
  return alarm === null
    ? band
    : `${band} The test alarms wrongly in ${percent(alarm.falseAlarmRate)} at most. ${TEST_ASSUMES}`;
}

/** What the chart shows, as numbers; the newest first. */
function DriftTable({ windows, selected, profile, onSelect }: DriftPartProps) {
  const thresholds = profile?.profile.thresholds ?? null;
  return (
    <>
      <Table
        label="Windows"
        columns={[
          "Window until",
          "Verdict",
          { name: "Drift", isNumber: true },
          "Sequential test",
          { name: "Compliance", isNumber: true },
          { name: "Trust after", isNumber: true },
          { name: "Tasks", isNumber: true },
          "Look",
        ]}
        isBounded
      >
        {windows.toReversed().map((window) => (
          <Row key={window.seq} isSelected={window === selected}>
            <HeadCell>
              <Instant epochMs={window.to * 1000} full />
            </HeadCell>
            <Cell>
              <Mark {...VERDICT_LOOKS[window.verdict]} />
            </Cell>
            <NumberCell>{driftWords(window)}</NumberCell>
            <Cell>
              <TestWords alarm={window.alarm} />
            </Cell>
            <NumberCell>{score(window.compliance)}</NumberCell>
            <NumberCell>{score(window.trust)}</NumberCell>
            <NumberCell>{formatCount(window.samples)}</NumberCell>
            <Cell>
              {window === selected ? (
                "in view"
              ) : (
                <Button
                  size="sm"
                  variant="quiet"
                  aria-label={`Look at the window of entry ${window.seq}`}
                  onPress={() => onSelect(window)}
                >
                  Look at it
                </Button>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      {thresholds === null ? null : (
        <p className="text-xs text-muted">
          Drifting from {score(thresholds.drift_warn)}, nonconformant from {score(thresholds.drift_fail)}.{" "}
          {chanceWords(selected, profile)}
        </p>
      )}
    </>
  );
}

/** Its statistic beside what it alarms from, and how often it does so wrongly. */
export function TestWords({ alarm }: Pick<BehaviorWindow, "alarm">) {
  if (alarm === null) return "not run";
  const words = `${score(alarm.statistic)} of ${score(alarm.threshold)}`;
  return alarm.raised ? <Mark shape="triangle" tone="warning" label={`alarm: ${words}`} /> : `no alarm: ${words}`;
}
