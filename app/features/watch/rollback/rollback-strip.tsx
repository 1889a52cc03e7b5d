import { PHASES, stepsWords } from "../../../api/client/rollback-words.ts";
import type { RollbackSummary } from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { StaleNote } from "../../../ui/states.tsx";

export interface RollbackStripProps {
  /** Those that are not over. */
  readonly rollbacks: readonly RollbackSummary[];
  /** When they were read, where they could not be read again; epoch ms. */
  readonly oldSinceMs: number | null;
  onOpen(rbId: string): void;
}

/** Above the graph while a rollback goes on or waits for a person: how far it is, and the way to it. */
export function RollbackStrip({ rollbacks, oldSinceMs, onOpen }: RollbackStripProps) {
  return (
    <section aria-label="Rollbacks that are not over" className="shrink-0 border-b border-line bg-panel">
      {oldSinceMs === null ? null : <OldNote readAtMs={oldSinceMs} />}
      <ul>
        {rollbacks.map((one) => (
          <li key={one.rbId} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
            <Mark {...PHASES[one.phase]} label={`Rollback ${PHASES[one.phase].label}`} />
            <span className="tabular-nums">
              {formatCount(one.steps.over)} of {stepsWords(one.steps.total)} have an outcome
            </span>
            {one.steps.failed === 0 ? null : (
              <span className="font-medium text-critical">{stepsWords(one.steps.failed)} failed or not known</span>
            )}
            {one.asked.length === 0 ? null : (
              <span className="font-medium text-notice">{stepsWords(one.asked.length)} for a person</span>
            )}
            {one.needsPerson ? <span className="font-medium text-warning">waits for a confirmation</span> : null}
            <div className="flex-1" />
            <Button size="sm" onPress={() => onOpen(one.rbId)}>
              Open the rollback
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}
