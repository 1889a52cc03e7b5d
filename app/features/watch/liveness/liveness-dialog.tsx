import { type KeyboardEvent, useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../../ui/grid.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Loading, OldNote, ProblemNote } from "../../../ui/states.tsx";
import { isOwnKey } from "../own-key.ts";
import { LeaseMark } from "./liveness-tag.tsx";
import { linkMark, planWords, STAGE_WAS, STAGE_WORDS, spanWords } from "./liveness-words.ts";
import type { Liveness, ShownLiveness } from "./use-liveness.ts";

export interface LivenessDialogProps {
  readonly liveness: Liveness;
  /** False once the workflow has ended: there is nothing to give any more. */
  readonly isLive: boolean;
  onLease(agent: ShownLiveness): void;
  onClose(): void;
}

const COLUMNS =
  "grid grid-cols-[minmax(7rem,1.5fr)_minmax(9rem,1.5fr)_minmax(9rem,2fr)_minmax(8rem,1.5fr)_6rem] gap-x-3 px-2 py-1.5";

/** The agents of a workflow with their leases, links and plans: the table twin of what the nodes carry. */
export function LivenessDialog({ liveness, isLive, onLease, onClose }: LivenessDialogProps) {
  const { all, isKnown, problem, readAtMs, renew, heartbeatS, degradedAfterS, restrictedAfterS } = liveness;
  return (
    <Dialog title="Leases and links of the agents" isOpen onOpenChange={onClose} size="lg">
      {problem !== null && isKnown ? <OldNote readAtMs={readAtMs} onRetry={renew} /> : null}
      {!isKnown ? (
        problem === null ? (
          <Loading what="leases and links" />
        ) : (
          <ProblemNote problem={problem} onRetry={renew} />
        )
      ) : all.length === 0 ? (
        <p>This workflow has no agent.</p>
      ) : (
        <div className="space-y-3">
          <p className="text-muted">
            An agent under a lease begins nothing once that runs out. Each is heard of every {heartbeatS} s; after{" "}
            {degradedAfterS} s of silence it does nothing that cannot be undone, after {spanWords(restrictedAfterS)}{" "}
            nothing that has a consequence, and then its own plan is carried out. Read <Ago sinceMs={readAtMs} />.
          </p>
          <Table {...{ liveness, isLive, onLease }} />
        </div>
      )}
    </Dialog>
  );
}

function Table({ liveness, isLive, onLease }: Omit<LivenessDialogProps, "onClose">) {
  const { all } = liveness;
  const [row, setRow] = useState(0);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const next = isOwnKey(event) ? undefined : rowAfterKey(event.key, row, all.length);
    if (next === undefined) return;
    event.preventDefault();
    setRow(next);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")[next]?.focus();
  };
  return (
    <Grid aria-label="Leases and links" onKeyDown={onKeyDown} className="border border-line text-sm">
      <GridRowGroup>
        <GridRow className={`${COLUMNS} border-b border-line bg-sunken text-xs font-semibold text-muted`}>
          <GridHeaderCell>Agent</GridHeaderCell>
          <GridHeaderCell>Lease</GridHeaderCell>
          <GridHeaderCell>Link</GridHeaderCell>
          <GridHeaderCell>Plan when it is lost</GridHeaderCell>
          <GridHeaderCell>Order</GridHeaderCell>
        </GridRow>
      </GridRowGroup>
      <GridRowGroup>
        {all.map((one, at) => (
          <GridRow
            key={one.agent}
            data-row={one.agent}
            tabIndex={at === Math.min(row, all.length - 1) ? 0 : -1}
            onFocus={() => setRow(at)}
            className={`${COLUMNS} items-center border-b border-line last:border-b-0`}
          >
            <GridCell className="min-w-0 break-words">
              <bdi>{one.name}</bdi>
            </GridCell>
            <GridCell>
              {one.lease === null ? (
                <span className="text-muted">none</span>
              ) : (
                <LeaseMark lease={one.lease} readAtMs={liveness.readAtMs} />
              )}
            </GridCell>
            <GridCell className="min-w-0 text-xs break-words">
              <Link one={one} wid={liveness.wid} />
            </GridCell>
            <GridCell className="min-w-0 break-words">
              {planWords(one.plan)}
              {one.declared ? "" : " (default)"}
            </GridCell>
            <GridCell>
              {isLive ? (
                <Button
                  writes
                  size="sm"
                  aria-label={`${one.lease === null ? "Lease" : "Renew"}: ${one.name}`}
                  onPress={() => onLease(one)}
                >
                  {one.lease === null ? "Lease …" : "Renew …"}
                </Button>
              ) : null}
            </GridCell>
          </GridRow>
        ))}
      </GridRowGroup>
    </Grid>
  );
}

/** Whether its link is lost, what its silence has led to, and, once it is back, what happened while it was away (L4). */
function Link({ one, wid }: { readonly one: ShownLiveness; readonly wid: string }) {
  const { link, returned } = one;
  if (link !== null)
    return (
      <>
        <Mark {...linkMark(one)} /> Heard of <Ago sinceMs={link.heardAt * 1000} />. {STAGE_WORDS[link.stage]}{" "}
        <GoLink to="/timeline" search={{ entry: link.seq }}>
          Entry {link.seq}
        </GoLink>
        {link.stage === "planned" && one.plan.do === "roll_back" ? (
          <>
            {" "}
            <GoLink to="/watch" search={{ wid, rollback: "w" }}>
              Plan a rollback
            </GoLink>
          </>
        ) : null}
      </>
    );
  if (returned === null) return <span className="text-muted">not lost</span>;
  return (
    <>
      Heard of again <Ago sinceMs={returned.at * 1000} />, after {formatDuration(returned.awayS * 1000)}.{" "}
      {STAGE_WAS[returned.stage]}{" "}
      <GoLink to="/timeline" search={{ wid }}>
        What happened meanwhile
      </GoLink>
    </>
  );
}
