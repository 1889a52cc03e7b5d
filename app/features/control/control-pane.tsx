import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { Ago } from "../../ui/instant.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import type { ControlSearch } from "./control-search.ts";
import { ReleaseDialog } from "./release-dialog.tsx";
import { SignalDetail } from "./signal-detail.tsx";
import { SignalList } from "./signal-list.tsx";

export { controlSearchSchema } from "./control-search.ts";

export const controlKeys = [
  { keys: "j", does: "next signal" },
  { keys: "k", does: "previous signal" },
  { keys: "r", does: "release the selected stop" },
] as const;

export interface ControlPaneProps {
  readonly search: ControlSearch;
  setSearch(patch: Partial<ControlSearch>, options?: { readonly replace?: boolean }): void;
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
  const selected = signals.find((signal) => signal.jti === search.signal) ?? signals[0];
  const select = (signal: OverrideSignal | undefined): void => {
    if (signal !== undefined) setSearch({ signal: signal.jti }, { replace: true });
  };
  const at = selected === undefined ? -1 : signals.indexOf(selected);
  useKeys({
    j: () => select(signals[at + 1]),
    k: () => select(signals[at - 1]),
    r: (event) => {
      event.preventDefault();
      if (selected?.latched === true) setReleasing(selected.jti);
    },
  });
  if (selected === undefined) return <NothingStopped />;
  const open = signals.find((signal) => signal.jti === releasing && signal.latched);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto md:overflow-hidden">
      <SignalList
        ref={rows}
        signals={signals}
        selected={selected.jti}
        onSelect={(jti) => select(signals.find((signal) => signal.jti === jti))}
      />
      <SignalDetail signal={selected} onRelease={() => setReleasing(selected.jti)} />
      {open === undefined ? null : <ReleaseDialog signal={open} onClose={() => setReleasing(null)} />}
    </div>
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
