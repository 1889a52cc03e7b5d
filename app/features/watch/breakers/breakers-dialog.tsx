import { type KeyboardEvent, useEffect, useState } from "react";
import { WhyButton } from "../../../operator/why/why-button.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../../ui/grid.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Loading, OldNote, ProblemNote } from "../../../ui/states.tsx";
import { DomainsTable } from "../domains/domains-table.tsx";
import type { ShownDomain } from "../domains/shown-domains.ts";
import { isOwnKey } from "../own-key.ts";
import { type LiveAnswer, useLive } from "../queries.ts";
import { useEvent } from "../use-event.ts";
import { BreakerMark, reasonWords } from "./breaker-words.tsx";
import type { BreakerOrder } from "./order-breaker.tsx";
import type { Breakers, ShownBreaker } from "./use-breakers.ts";

export interface BreakersDialogProps {
  readonly breakers: Breakers;
  onOrder(order: BreakerOrder): void;
  onOrderDomain(domain: ShownDomain): void;
  onClose(): void;
}

const COLUMNS =
  "grid grid-cols-[minmax(9rem,2fr)_minmax(4rem,1fr)_minmax(9rem,1.5fr)_minmax(9rem,2fr)_10rem] gap-x-3 px-2 py-1.5";

const sizeOf = (live: LiveAnswer): number => live.position.size;

/** Every breaker between the agents of a workflow, with the powers that its mark on the graph has. */
export function BreakersDialog({ breakers, onOrder, onOrderDomain, onClose }: BreakersDialogProps) {
  const size = useLive(breakers.wid, sizeOf).data;
  const renew = useEvent(breakers.renew);
  // As long as the list is open it follows the log.
  useEffect(() => {
    if (size !== undefined) renew();
  }, [size, renew]);
  const { all, domains, waiting, isKnown, problem, readAtMs } = breakers;
  return (
    <Dialog title="Circuit breakers between the agents" isOpen onOpenChange={onClose} size="lg">
      {problem !== null && isKnown ? <OldNote readAtMs={readAtMs} onRetry={renew} /> : null}
      {!isKnown ? (
        problem === null ? (
          <Loading what="the breakers" />
        ) : (
          <ProblemNote problem={problem} onRetry={renew} />
        )
      ) : (
        <div className="space-y-3">
          {domains.length === 0 ? null : (
            <>
              <p className="text-muted">
                What fails in a failure domain is kept in it: isolated, nothing is handed in or out.
              </p>
              <DomainsTable breakers={breakers} onOrder={onOrderDomain} />
            </>
          )}
          {all.length === 0 ? (
            <p>No agent has handed a result on to another one yet, or the workflow has finished.</p>
          ) : (
            <>
              <p className="text-muted">
                A breaker stands between an agent that hands on a result and the one that takes it up, for one kind of
                action.
                {waiting.length === 0
                  ? " No task waits for one."
                  : ` ${formatCount(waiting.length)} ${waiting.length === 1 ? "task waits" : "tasks wait"} for one.`}{" "}
                Read <Ago sinceMs={readAtMs} />; the counts are of that moment.
              </p>
              <Table breakers={breakers} onOrder={onOrder} />
            </>
          )}
        </div>
      )}
    </Dialog>
  );
}

function Table({ breakers, onOrder }: Pick<BreakersDialogProps, "breakers" | "onOrder">) {
  const [row, setRow] = useState(0);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const next = isOwnKey(event) ? undefined : rowAfterKey(event.key, row, breakers.all.length);
    if (next === undefined) return;
    event.preventDefault();
    setRow(next);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")[next]?.focus();
  };
  return (
    <Grid aria-label="Breakers" onKeyDown={onKeyDown} className="border border-line text-sm">
      <GridRowGroup>
        <GridRow className={`${COLUMNS} border-b border-line bg-sunken text-xs font-semibold text-muted`}>
          <GridHeaderCell>Hands on to</GridHeaderCell>
          <GridHeaderCell>Action</GridHeaderCell>
          <GridHeaderCell>State</GridHeaderCell>
          <GridHeaderCell>Why</GridHeaderCell>
          <GridHeaderCell>Orders</GridHeaderCell>
        </GridRow>
      </GridRowGroup>
      <GridRowGroup>
        {breakers.all.map((breaker, at) => (
          <Row
            key={breaker.id}
            breaker={breaker}
            breakers={breakers}
            hasFocus={at === Math.min(row, breakers.all.length - 1)}
            onFocus={() => setRow(at)}
            onOrder={onOrder}
          />
        ))}
      </GridRowGroup>
    </Grid>
  );
}

interface RowProps extends Pick<BreakersDialogProps, "breakers" | "onOrder"> {
  readonly breaker: ShownBreaker;
  readonly hasFocus: boolean;
  onFocus(): void;
}

function Row({ breaker, breakers, hasFocus, onFocus, onOrder }: RowProps) {
  const [from, to] = [breakers.nameOf(breaker.from), breakers.nameOf(breaker.to)];
  const about = `${from} to ${to}, ${breaker.group}`;
  const isHeld = breaker.forced || breaker.isolated;
  return (
    <GridRow
      data-row={breaker.id}
      tabIndex={hasFocus ? 0 : -1}
      onFocus={onFocus}
      className={`${COLUMNS} items-center border-b border-line last:border-b-0`}
    >
      <GridCell className="min-w-0 break-words">
        <bdi>{from}</bdi> <span aria-hidden="true">→</span>
        <span className="sr-only">to</span> <bdi>{to}</bdi>
      </GridCell>
      <GridCell className="min-w-0 font-mono text-xs break-words">{breaker.group}</GridCell>
      <GridCell>
        <BreakerMark breaker={breaker} readAtMs={breakers.readAtMs} />
        {breaker.forced && breaker.isolated ? <span className="block text-xs">and isolated: two releases</span> : null}
      </GridCell>
      <GridCell className="min-w-0 text-xs break-words">
        {reasonWords(breaker)}
        {breaker.state === "closed"
          ? `. Now ${formatCount(breaker.window.failures)} of ${formatCount(breaker.window.calls)} calls failed.`
          : ". "}
        {breaker.entry === null ? null : (
          <>
            <GoLink to="/timeline" search={{ entry: breaker.entry }}>
              Entry {breaker.entry}
            </GoLink>
            <WhyButton asked={{ seq: breaker.entry }} what={`breaker ${about}`} />
          </>
        )}
      </GridCell>
      <GridCell className="flex gap-1">
        {breaker.forced ? null : (
          <Button writes size="sm" aria-label={`Trip: ${about}`} onPress={() => onOrder({ breaker, order: "trip" })}>
            Trip
          </Button>
        )}
        {isHeld ? (
          <Button
            writes
            size="sm"
            aria-label={`Release: ${about}`}
            onPress={() => onOrder({ breaker, order: "release" })}
          >
            Release
          </Button>
        ) : null}
      </GridCell>
    </GridRow>
  );
}
