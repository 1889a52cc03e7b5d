import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { TaskDifference, TaskRun } from "./compare.ts";

export interface DifferencesProps {
  readonly differences: readonly TaskDifference[];
  onOpen(seq: number): void;
}

/** Lines shown; tasks that are alike are only counted. */
const MOST = 300;

/** The tasks in which two runs differ. */
export function Differences({ differences, onOpen }: DifferencesProps) {
  const differing = differences.filter(({ kind }) => kind !== "same");
  const alike = differences.length - differing.length;
  if (differences.length === 0)
    return <p className="px-2 py-1 text-muted">No task of either run is in the log with its recorded run at hand.</p>;
  return (
    <>
      <p className="px-2 py-1 text-muted">
        {formatCount(differing.length)} of {formatCount(differences.length)} tasks differ, {formatCount(alike)} are
        alike. Durations run from the request to the outcome; the log counts whole seconds, so less than 2 s is no
        difference.
      </p>
      {differing.length === 0 ? null : (
        <Table label="Tasks that differ" columns={["Task", "Difference", "In A", "In B"]}>
          {differing.slice(0, MOST).map((one) => (
            <Row key={one.key}>
              <HeadCell isWide>
                <bdi>{visibleText(one.name)}</bdi>
              </HeadCell>
              <Cell>
                <Kind difference={one} />
              </Cell>
              <Cell>
                <Run run={one.a} onOpen={onOpen} />
              </Cell>
              <Cell>
                <Run run={one.b} onOpen={onOpen} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {differing.length > MOST ? (
        <p className="px-2 py-1 text-muted">And {formatCount(differing.length - MOST)} more.</p>
      ) : null}
    </>
  );
}

function Kind({ difference: { kind, byS } }: { readonly difference: TaskDifference }) {
  if (kind === "only_a" || kind === "only_b")
    return <Mark shape="ring" tone="notice" label={kind === "only_a" ? "only in A" : "only in B"} />;
  if (kind === "outcome") return <Mark shape="triangle" tone="warning" label="other outcome" />;
  const longer = (byS ?? 0) > 0;
  return (
    <Mark
      shape="bar"
      tone="neutral"
      label={`${formatDuration(Math.abs(byS ?? 0) * 1000)} ${longer ? "longer" : "shorter"} in B`}
    />
  );
}

function Run({ run, onOpen }: { readonly run: TaskRun | null; onOpen(seq: number): void }) {
  if (run === null) return <span className="text-muted">not there</span>;
  return (
    <button
      type="button"
      onClick={() => onOpen(run.seq)}
      className="min-h-6 text-left text-accent underline underline-offset-2 hover:decoration-2"
    >
      {visibleText(run.outcome.replaceAll("_", " "))}
      {run.tookS === null ? "" : `, ${formatDuration(run.tookS * 1000)}`}
      <span className="sr-only">, entry {formatCount(run.seq)}</span>
    </button>
  );
}
