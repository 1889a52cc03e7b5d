import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Ago } from "../../ui/instant.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { type ControlSearch, type SetControlSearch, workflowOf } from "./control-search.ts";
import { ReleaseDialog } from "./release-dialog.tsx";
import { SignalDetail } from "./signal-detail.tsx";
import { SignalList } from "./signal-list.tsx";
import { touchesWorkflow } from "./stop-facts.ts";
import { selectionOf, usePinned } from "./use-selection.ts";

export { controlSearchSchema } from "./control-search.ts";

export const controlKeys = [
  { keys: "j", does: "next signal" },
  { keys: "k", does: "previous signal" },
  { keys: "ArrowUp ArrowDown", does: "in the list that has the focus, signals or targets: previous or next row" },
  { keys: "PageUp PageDown Home End", does: "there: ten rows on, or to its ends" },
  { keys: "r", does: "release the selected stop" },
] as const;

export interface ControlPaneProps {
  readonly search: ControlSearch;
  readonly setSearch: SetControlSearch;
}

/** Stops in force and before: who, why, what is known of each target, and the way to release (S3, S4, S7, OVR-19). */
export function ControlPane({ search, setSearch }: ControlPaneProps) {
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
      <Signals signals={ordered(list.data.signals)} search={search} setSearch={setSearch} />
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

/** In force first, then newest first. */
function ordered(signals: readonly OverrideSignal[]): OverrideSignal[] {
  return signals.toSorted((a, b) => Number(b.latched) - Number(a.latched) || b.at - a.at);
}

function Signals({ signals, search, setSearch }: ControlPaneProps & { readonly signals: readonly OverrideSignal[] }) {
  const rows = useRef<HTMLDivElement>(null);
  const [releasing, setReleasing] = useState<string | null>(null);
  const wid = workflowOf(search);
  const shown = wid === undefined ? signals : signals.filter((signal) => touchesWorkflow(signal, wid));
  const selection = selectionOf(search.signal, shown, signals);
  usePinned(selection, search, setSearch);
  const selected = selection.kind === "signal" ? selection.signal : undefined;
  const select = (signal: OverrideSignal | undefined): void => {
    if (signal !== undefined) setSearch({ signal: signal.jti }, { replace: true });
  };
  const at = selected === undefined ? -1 : shown.indexOf(selected);
  useKeys({
    j: () => select(shown[at + 1]),
    k: () => select(shown[at - 1]),
    r: (event) => {
      event.preventDefault();
      if (selected?.latched === true) setReleasing(selected.jti);
    },
  });
  const all = (): void => setSearch({ wid: undefined });
  if (signals.length === 0 && selection.kind === "none") return <NothingStopped />;
  const open = signals.find((signal) => signal.jti === releasing && signal.latched);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto md:overflow-hidden">
      <WorkflowFilter search={search} shown={shown.length} all={signals.length} onAll={all} />
      {shown.length === 0 ? null : (
        <SignalList
          ref={rows}
          signals={shown}
          selected={selected?.jti ?? null}
          onSelect={(jti) => select(shown.find((signal) => signal.jti === jti))}
        />
      )}
      {selection.kind === "signal" ? (
        <SignalDetail
          signal={selection.signal}
          targets={search.targets}
          onTargets={(targets) => setSearch({ targets }, { replace: true })}
          onRelease={() => setReleasing(selection.signal.jti)}
        />
      ) : selection.kind === "absent" ? (
        <NoSuchSignal {...selection} onAll={all} onFirst={() => setSearch({ signal: undefined })} />
      ) : (
        <Empty title="No stop touches this workflow">
          <Button onPress={all}>Show all {formatCount(signals.length)} signals</Button>
        </Empty>
      )}
      {open === undefined ? null : <ReleaseDialog signal={open} onClose={() => setReleasing(null)} />}
    </div>
  );
}

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
  onAll(): void;
  onFirst(): void;
}

/** A link to a signal that is not here shows that, never another signal. */
function NoSuchSignal({ jti, elsewhere, onAll, onFirst }: NoSuchSignalProps) {
  return (
    <section aria-label="Selected signal">
      <Empty title={elsewhere ? "This signal does not touch the workflow" : "No such signal in this log"}>
        <p>
          <Identifier value={jti} label="signal id" />{" "}
          {elsewhere ? "is of another scope." : "may belong to another console or to a log that was started anew."}
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
          agents are stopped where they are selected. What was commanded, acknowledged, verified or violated then stands
          here.
        </p>
      </Empty>
    </div>
  );
}
