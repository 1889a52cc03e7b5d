import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { OUTCOME_WORDS } from "./names.ts";
import type { Outbox, OutboxItem } from "./outbox.ts";

/** Seconds until a kept decision is sent; 0 once it is on its way. */
export function secondsLeft(item: OutboxItem): number {
  return Math.max(0, Math.ceil((item.dueAtMs - performance.now()) / 1000));
}

export interface OutboxBarProps {
  readonly outbox: Outbox;
  readonly items: readonly OutboxItem[];
  onUndo(batch: string): void;
}

/** What was given on this page and is not sent yet, with the way back; and what could not be sent. */
export function OutboxBar({ outbox, items, onUndo }: OutboxBarProps) {
  useNow();
  const batches = [...new Set(items.map((item) => item.batch))];
  return batches.map((batch) => (
    <Batch
      key={batch}
      batch={batch}
      items={items.filter((item) => item.batch === batch)}
      outbox={outbox}
      onUndo={onUndo}
    />
  ));
}

interface BatchProps {
  readonly batch: string;
  readonly items: readonly OutboxItem[];
  readonly outbox: Outbox;
  onUndo(batch: string): void;
}

function Batch({ batch, items, outbox, onUndo }: BatchProps) {
  const first = items[0];
  if (first === undefined) return null;
  const count = (state: OutboxItem["state"]): number => items.filter((item) => item.state === state).length;
  const [waiting, sending, sent, failed] = [count("waiting"), count("sending"), count("sent"), count("failed")];
  const word = OUTCOME_WORDS[first.outcome].noun;
  const many = `${formatCount(items.length)} ${items.length === 1 ? word : `${word}s`}`;
  const isKept = waiting === items.length;
  if (!isKept && waiting + sending === 0 && failed === 0 && items.length === 1) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-notice bg-notice-soft px-3 py-1.5">
      <MarkIcon shape={failed > 0 ? "triangle" : "half"} tone={failed > 0 ? "warning" : "notice"} />
      <p role="status" className="min-w-0 flex-1">
        {isKept ? (
          <>
            {many} of <bdi className="font-mono text-xs">{visibleText(first.action)}</bdi>{" "}
            {items.length === 1 ? "is" : "are"} not sent yet. Until then nothing has happened; closing the page sends
            nothing.
          </>
        ) : waiting + sending > 0 ? (
          <>
            Sending {many}: {formatCount(sent)} recorded
          </>
        ) : (
          <>
            {many}: {formatCount(sent)} recorded
            {failed === 0
              ? ""
              : `, ${formatCount(failed)} not: ${items.find((item) => item.problem !== null)?.problem ?? ""}`}
          </>
        )}
      </p>
      {isKept ? (
        <>
          <span className="tabular-nums" aria-hidden="true">
            {secondsLeft(first)} s
          </span>
          <Button size="sm" onPress={() => outbox.sendNow(batch)}>
            Send now
          </Button>
          <Button size="sm" shortcut="u" onPress={() => onUndo(batch)}>
            Undo
          </Button>
        </>
      ) : waiting + sending === 0 ? (
        <Button size="sm" onPress={() => outbox.clear(batch)}>
          Understood
        </Button>
      ) : null}
    </div>
  );
}

/** Below a request whose decision is given and not sent: there is nothing to decide, only to take back. */
export function KeptBar({ item, outbox }: { readonly item: OutboxItem; readonly outbox: Outbox }) {
  useNow();
  return (
    <section className="shrink-0 border-t border-strong bg-panel px-4 py-3" aria-label="Decision">
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="min-w-0 flex-1">
          {item.state === "waiting"
            ? "You approved this. It is not sent yet, and the action does not run."
            : "Your approval is being sent."}
        </p>
        {item.state === "waiting" ? (
          <>
            <span className="tabular-nums" aria-hidden="true">
              {secondsLeft(item)} s
            </span>
            <Button shortcut="u" onPress={() => outbox.undo(item.batch)}>
              Undo
            </Button>
          </>
        ) : null}
      </div>
    </section>
  );
}
