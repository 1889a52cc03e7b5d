import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { DrillNowView, DrillView } from "../../../api/contract/drill.ts";
import { scriptWords } from "../../../operator/drill-scripts.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark, MarkIcon, type MarkShape, type MarkTone } from "../../../ui/mark.tsx";
import { Loading, OldNote, ProblemNote } from "../../../ui/states.tsx";
import { TestSignals } from "./test-signals.tsx";
import { useAbort, useDrill } from "./use-drills.ts";

/** A drill that runs: what is asked of the operator, and what is known so far (S7). */
export function RunningDrill({ drill, isChosen }: { readonly drill: DrillView; readonly isChosen: boolean }) {
  const live = useDrill(drill.wid);
  const abort = useAbort(drill.wid);
  const words = scriptWords(drill.script);
  const now = live.data?.now ?? null;
  const section = useRef<HTMLElement>(null);
  // It stands above what it was started from, which on a narrow screen is out of view.
  useEffect(() => {
    if (isChosen) section.current?.focus();
  }, [isChosen]);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Running drill"
      className="my-3 space-y-2 border-2 border-dashed border-notice bg-notice-soft px-3 py-2"
    >
      <h2 className="flex flex-wrap items-center gap-2 text-base font-semibold">
        <MarkIcon shape="diamond" tone="notice" />
        Drill: {words.name}, {formatCount(drill.size)} agents
      </h2>
      <p className="max-w-prose">{words.about}</p>
      {live.isError && live.data !== undefined ? <OldNote readAtMs={live.dataUpdatedAt} /> : null}
      {live.data === undefined && live.isError ? (
        <ProblemNote problem={problemOf(live.error)} onRetry={() => void live.refetch()} />
      ) : now === null ? (
        <Loading what="how the drill stands" />
      ) : (
        <Standing drill={drill} now={now} readAtMs={live.dataUpdatedAt} />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <GoLink to="/watch" search={{ wid: drill.wid }}>
          Watch its agents
        </GoLink>
        <Button writes onPress={() => abort.mutate()} isDisabled={abort.isPending || !abort.isSignedIn}>
          {abort.isPending ? "Aborting …" : "Abort the drill"}
        </Button>
        <span className="text-xs text-muted">Aborting ends its agents and no others, and proves nothing.</span>
      </div>
      {abort.isError ? <ProblemNote problem={problemOf(abort.error)} /> : null}
    </section>
  );
}

interface StandingProps {
  readonly drill: DrillView;
  readonly now: DrillNowView;
  readonly readAtMs: number;
}

function Standing({ drill, now, readAtMs }: StandingProps) {
  const elapsedMs = now.elapsedMs + Math.max(0, useNow() - readAtMs);
  if (now.commandMs === null) {
    return (
      <>
        <p className="font-semibold" role="status">
          Your part: stop all {formatCount(now.agents)} agents of it, as you would in earnest.
        </p>
        <p>
          {formatDuration(Math.max(0, Math.floor((now.limitMs - elapsedMs) / 1000) * 1000))} left. Without a stop by
          then the drill is failed.
        </p>
        <OthersNote wid={drill.wid} />
        <TestSignals wid={drill.wid} />
      </>
    );
  }
  return (
    <>
      <p className="font-semibold" role="status">
        Stop given after {formatDuration(now.commandMs)}. It names {formatCount(now.named)} of {formatCount(now.agents)}{" "}
        agents.
        {now.named < now.agents ? " Stop the others, too." : ""}
      </p>
      <ul aria-label="Agents by what is known" className="flex flex-wrap gap-x-4 gap-y-1">
        {STATES.map(({ state, ...mark }) =>
          now.states[state] === 0 ? null : (
            <li key={state}>
              <Mark {...mark} label={`${formatCount(now.states[state])} ${mark.label}`} />
            </li>
          ),
        )}
      </ul>
      {now.acted === 0 ? null : (
        <p className="flex items-center gap-2 font-semibold">
          <MarkIcon shape="cross" tone="critical" />
          {formatCount(now.acted)} {now.acted === 1 ? "agent that was" : "agents that were"} not named went on acting.
        </p>
      )}
    </>
  );
}

const STATES: readonly {
  readonly state: keyof DrillNowView["states"];
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}[] = [
  { state: "violated", shape: "cross", tone: "critical", label: "VIOLATED" },
  { state: "unconfirmed", shape: "triangle", tone: "warning", label: "unconfirmed" },
  { state: "commanded", shape: "ring", tone: "notice", label: "commanded" },
  { state: "acknowledged", shape: "half", tone: "notice", label: "acknowledged" },
  { state: "verified", shape: "dot", tone: "good", label: "verified" },
];

/** The stop of everything stops real work as well: said before it is pressed. */
function OthersNote({ wid }: { readonly wid: string }) {
  const { orpc } = useApi();
  const { data, isError, dataUpdatedAt, refetch } = useQuery(orpc.workflow.list.queryOptions());
  const again = (
    <Button size="sm" onPress={() => void refetch()}>
      Try again
    </Button>
  );
  if (data === undefined)
    return (
      <p>
        Whether anything else runs, which the stop control would stop as well, is not known{isError ? ". " : " yet."}
        {isError ? again : null}
      </p>
    );
  const others = data.workflows.filter(
    (workflow) => workflow.wid !== wid && (workflow.status === "running" || workflow.status === "paused"),
  ).length;
  if (isError && others === 0)
    return (
      <p>
        Whether anything else runs, which the stop control would stop as well, is not known: nothing did, read{" "}
        <Ago sinceMs={dataUpdatedAt} />. {again}
      </p>
    );
  if (others === 0) return <p>Nothing else runs: the stop control at the edge of the view reaches the drill alone.</p>;
  return (
    <p className="flex gap-2 font-semibold">
      <span className="mt-1">
        <MarkIcon shape="triangle" tone="warning" />
      </span>
      <span>
        {formatCount(others)} {others === 1 ? "workflow that is no drill runs" : "workflows that are no drill run"},
        too. The stop control would stop {others === 1 ? "it" : "them"} as well: select the drill's agents in Watch and
        stop those.
        {isError ? (
          <>
            {" "}
            This was read <Ago sinceMs={dataUpdatedAt} /> and could not be read again. {again}
          </>
        ) : null}
      </span>
    </p>
  );
}
