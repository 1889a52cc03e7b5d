import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { useFrozen } from "../../ui/frozen.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Ago } from "../../ui/instant.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { ConfirmDialog, isConfirmable } from "./confirm-dialog.tsx";
import { type ControlSearch, type SetControlSearch, workflowOf } from "./control-search.ts";
import { EndDialog, endWords } from "./end-dialog.tsx";
import { SignalDetail } from "./signal-detail.tsx";
import { SignalFilter } from "./signal-filter.tsx";
import { SignalList } from "./signal-list.tsx";
import { ordered, passesFilter } from "./signal-words.ts";
import { touchesWorkflow } from "./stop-marks.ts";
import { useUnseen } from "./unseen.ts";
import { UnseenNote } from "./unseen-note.tsx";
import { selectionOf, usePinned } from "./use-selection.ts";

export { controlSearchSchema } from "./control-search.ts";

export const controlKeys = [
  { keys: "j", does: "next signal" },
  { keys: "k", does: "previous signal" },
  { keys: "n", does: "the stop or violation that came up since you looked; back in the browser returns" },
  { keys: "ArrowUp ArrowDown", does: "in the list that has the focus, signals or targets: previous or next row" },
  { keys: "PageUp PageDown Home End", does: "there: ten rows on, or to its ends" },
  { keys: "r", does: "end the selected signal: release a stop or a takeover, resume a pause, undo a change of limits" },
  { keys: "x", does: "next rung for the stragglers of the selected signal: stop them, or revoke their policies" },
  { keys: "c", does: "confirm the selected change of limits, so that it does not revert" },
] as const;

export interface ControlPaneProps {
  readonly search: ControlSearch;
  readonly setSearch: SetControlSearch;
}

/**
 * Every override in force and before: stops, pauses, changed limits, takeovers; who, why, until when, what is known of each
 * target, and the way to end it (S3, S4, S7, S13, S14, OVR-19).
 */
export function ControlPane(props: ControlPaneProps) {
  const { search, setSearch } = props;
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-panel px-3 py-1.5">
        <Segmented
          label="Signals, drills or rollbacks"
          selected={search.view ?? "signals"}
          onChange={(view) => setSearch({ view: view === "signals" ? undefined : view })}
          options={[
            { id: "signals", name: "Signals" },
            { id: "drills", name: "Drills" },
            { id: "rollbacks", name: "Rollbacks" },
          ]}
        />
        <Suspense fallback={null}>
          <DrillStatus />
          <RollbackStatus />
        </Suspense>
      </div>
      {search.view === "drills" ? (
        <Suspense fallback={<Loading what="the drills" />}>
          <DrillsView {...props} />
        </Suspense>
      ) : search.view === "rollbacks" ? (
        <Suspense fallback={<Loading what="the rollbacks" />}>
          <RollbacksView />
        </Suspense>
      ) : (
        <SignalsView {...props} />
      )}
    </>
  );
}

const DrillStatus = lazy(() => import("./drills/drill-status.tsx").then((loaded) => ({ default: loaded.DrillStatus })));
const DrillsView = lazy(() => import("./drills/drills-view.tsx").then((loaded) => ({ default: loaded.DrillsView })));
const RollbackStatus = lazy(() =>
  import("./rollbacks/rollback-status.tsx").then((loaded) => ({ default: loaded.RollbackStatus })),
);
const RollbacksView = lazy(() =>
  import("./rollbacks/rollbacks-view.tsx").then((loaded) => ({ default: loaded.RollbacksView })),
);

function SignalsView({ search, setSearch }: ControlPaneProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.override.list.queryOptions());
  if (list.data === undefined) {
    return list.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
      </div>
    ) : (
      <Loading what="the signals" />
    );
  }
  return (
    <>
      {list.isError ? <OldNote readAtMs={list.dataUpdatedAt} /> : null}
      <Signals
        signals={ordered(list.data.signals)}
        readAtMs={list.dataUpdatedAt}
        search={search}
        setSearch={setSearch}
      />
      <p className="shrink-0 border-t border-line px-3 py-1 text-xs text-muted">
        Read from the log of {list.data.position.domain} at {formatCount(list.data.position.size)} entries,{" "}
        <Ago sinceMs={list.data.position.atMs} />
      </p>
    </>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

interface SignalsProps extends ControlPaneProps {
  readonly signals: readonly OverrideSignal[];
  /** Wall clock, epoch ms. */
  readonly readAtMs: number;
}

function Signals({ signals, readAtMs, search, setSearch }: SignalsProps) {
  const rows = useRef<HTMLDivElement>(null);
  const frozen = useFrozen();
  const [open, setOpen] = useState<{ readonly what: "end" | "confirm"; readonly jti: string } | null>(null);
  const wid = workflowOf(search);
  const touching = wid === undefined ? signals : signals.filter((signal) => touchesWorkflow(signal, wid));
  const shown = touching.filter((signal) => passesFilter(signal, search.only));
  const selection = selectionOf(search.signal, shown, signals);
  usePinned(selection, search, setSearch);
  const selected = selection.kind === "signal" ? selection.signal : undefined;
  const select = (signal: OverrideSignal | undefined): void => {
    if (signal !== undefined) setSearch({ signal: signal.jti }, { replace: true });
  };
  const unseen = useUnseen(signals, selected);
  const openUnseen = (): void => {
    const next = unseen[0]?.signal;
    if (next === undefined) return;
    setSearch({
      signal: next.jti,
      ...(passesFilter(next, search.only) ? {} : { only: undefined }),
      ...(touching.includes(next) ? {} : { wid: undefined }),
    });
  };
  const at = selected === undefined ? -1 : shown.indexOf(selected);
  const end = (): void => {
    if (frozen === null && selected !== undefined && isEndable(selected)) setOpen({ what: "end", jti: selected.jti });
  };
  const confirm = (): void => {
    if (frozen === null && selected !== undefined && isConfirmable(selected))
      setOpen({ what: "confirm", jti: selected.jti });
  };
  useKeys({
    j: () => select(shown[at + 1]),
    k: () => select(shown[at - 1]),
    n: openUnseen,
    r: (event) => {
      event.preventDefault();
      end();
    },
    c: (event) => {
      event.preventDefault();
      confirm();
    },
  });
  const all = (): void => setSearch({ wid: undefined, only: undefined });
  if (signals.length === 0 && selection.kind === "none") return <NothingStopped />;
  const inDialog = signals.find((signal) => signal.jti === open?.jti);
  const close = (): void => setOpen(null);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto md:overflow-hidden">
      <WorkflowFilter
        search={search}
        shown={touching.length}
        all={signals.length}
        onAll={() => setSearch({ wid: undefined })}
      />
      <SignalFilter
        signals={touching}
        only={search.only}
        // Another kind begins with the first of its own.
        onOnly={(only) => setSearch({ only, signal: undefined }, { replace: true })}
      >
        <UnseenNote unseen={unseen} onOpen={openUnseen} />
      </SignalFilter>
      {shown.length === 0 ? null : (
        <SignalList
          ref={rows}
          signals={shown}
          selected={selected?.jti ?? null}
          unseen={unseen}
          readAtMs={readAtMs}
          onSelect={(jti) => select(shown.find((signal) => signal.jti === jti))}
        />
      )}
      {selection.kind === "signal" ? (
        <SignalDetail
          signal={selection.signal}
          targets={search.targets}
          readAtMs={readAtMs}
          onTargets={(targets) => setSearch({ targets }, { replace: true })}
          onEnd={end}
          onConfirm={confirm}
        />
      ) : selection.kind === "absent" ? (
        <NoSuchSignal
          {...selection}
          filtered={touching.some(({ jti }) => jti === selection.jti)}
          onAll={all}
          onFirst={() => setSearch({ signal: undefined })}
        />
      ) : (
        <Empty title={search.only === undefined ? "No signal touches this workflow" : EMPTY[search.only]}>
          <Button onPress={all}>Show all {formatCount(signals.length)} signals</Button>
        </Empty>
      )}
      {inDialog === undefined ? null : open?.what === "confirm" && isConfirmable(inDialog) ? (
        <ConfirmDialog signal={inDialog} readAtMs={readAtMs} onClose={close} />
      ) : open?.what === "end" && isEndable(inDialog) ? (
        <EndDialog signal={inDialog} signals={signals} onClose={close} />
      ) : null}
    </div>
  );
}

const EMPTY = {
  force: "Nothing is in force here",
  stop: "No stop here",
  pause: "No pause here",
  modify: "No change of limits here",
  takeover: "No takeover here",
} as const;

const isEndable = (signal: OverrideSignal): boolean =>
  (signal.inForce || signal.latched) && !signal.drill && !signal.stopping && endWords(signal) !== null;

interface WorkflowFilterProps {
  readonly search: ControlSearch;
  readonly shown: number;
  readonly all: number;
  onAll(): void;
}

/** Says that only a part is shown, and leads back to everything. */
function WorkflowFilter({ search, shown, all, onAll }: WorkflowFilterProps) {
  if (search.wid === undefined) return null;
  const name = visibleText(search.wid.slice(0, 8));
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1.5">
      {workflowOf(search) === undefined ? (
        <p>“{name}” is no workflow: all signals are shown.</p>
      ) : (
        <p>
          Only what touches workflow {name}: {formatCount(shown)} of {formatCount(all)} signals
        </p>
      )}
      <Button size="sm" onPress={onAll}>
        Show all
      </Button>
    </div>
  );
}

interface NoSuchSignalProps {
  readonly jti: string;
  readonly elsewhere: boolean;
  /** It touches the workflow; the choice of signals leaves it out. */
  readonly filtered: boolean;
  onAll(): void;
  onFirst(): void;
}

/** A link to a signal that is not here shows that, never another signal. */
function NoSuchSignal({ jti, elsewhere, filtered, onAll, onFirst }: NoSuchSignalProps) {
  return (
    <section aria-label="Selected signal">
      <Empty
        title={
          filtered
            ? "This signal is not among those shown"
            : elsewhere
              ? "This signal does not touch the workflow"
              : "No such signal in this log"
        }
      >
        <p>
          <Identifier value={jti} label="signal id" />{" "}
          {filtered
            ? "is of another kind, or is over."
            : elsewhere
              ? "is of another scope."
              : "may belong to another console or to a log that was started anew."}
        </p>
        <div className="mt-2">
          <Button onPress={elsewhere ? onAll : onFirst}>
            {elsewhere ? "Show all signals" : "Go to the first signal"}
          </Button>
        </div>
      </Empty>
    </section>
  );
}

function NothingStopped() {
  return (
    <div className="flex flex-1 items-center justify-center">
      <Empty title="Nothing is stopped, and nothing was">
        <p>
          The stop control at the edge of every view stops everything: hold it for 0.8 s, or hold Alt+Shift+X. Single
          agents are stopped, paused or put under other limits where they are selected, in Watch. What was commanded,
          acknowledged, verified or violated then stands here.
        </p>
      </Empty>
    </div>
  );
}
