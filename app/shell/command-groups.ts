import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useApi } from "../api/client/api-context.tsx";
import type { WorkflowSummary } from "../api/contract/workflow.ts";
import { isAbnormal, STATE_LOOKS } from "../features/behavior/state-looks.ts";
import { scopeWords } from "../features/control/stop-facts.ts";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import type { OperatorSession, OperatorState } from "../operator/session.ts";
import { shortenMiddle, visibleText } from "../ui/visible-text.ts";
import { type Command, countHint, type Group, plainName, unreadLine } from "./commands.ts";
import { useExportAnywhere } from "./export-anywhere.ts";
import { openOverlay } from "./overlays.ts";
import { PANES } from "./panes.ts";
import { AS_OF, useAsOf } from "./past/past-search.ts";
import { useTravel } from "./past/use-travel.ts";
import { setTheme } from "./theme.ts";
import { usePlay } from "./use-play.ts";

type Go = (to: string, search: Record<string, unknown>) => void;

/** Everything the palette offers, and the names of the lists that are not read. */
export function useCommandGroups(): { readonly groups: readonly Group[]; readonly unread: readonly string[] } {
  const { orpc } = useApi();
  const navigate = useNavigate();
  const { wid } = useSearch({ strict: false }) as { wid?: string };
  const { status, isLocked, protection } = useOperator();
  const session = useOperatorSession();
  const workflows = useQuery(orpc.workflow.list.queryOptions());
  const runs = useQuery(orpc.workflow.listRuns.queryOptions());
  const waiting = useQuery(orpc.gate.queue.queryOptions({ input: { state: "pending" } }));
  const stops = useQuery(orpc.override.list.queryOptions());
  const conduct = useQuery(orpc.behavior.alarms.queryOptions());
  const play = usePlay();
  const exportLog = useExportAnywhere();
  // Which parameters a path takes is each pane's to say: the router's types do not know.
  const go: Go = (to, search) => void navigate({ to, search: search as never });
  const kept = wid === undefined ? {} : { wid };
  const asOf = useAsOf();
  const travel = useTravel();

  const all = workflows.data?.workflows ?? [];
  const current = wid === undefined && all.length === 1 ? all[0] : all.find((workflow) => workflow.wid === wid);
  const latched = stops.data?.signals.filter((signal) => signal.latched);
  const lists = [
    { query: workflows, what: "the workflows" },
    { query: runs, what: "the stored runs" },
    { query: waiting, what: "the waiting requests" },
    { query: stops, what: "the stops" },
    { query: conduct, what: "the conduct of agents" },
  ];
  const groups: Group[] = [
    {
      title: "Views",
      commands: [...viewCommands(go, asOf === null ? kept : { ...kept, [AS_OF]: asOf }), travelCommand(asOf, travel)],
    },
    {
      title: "Waiting requests",
      commands: [
        ...unreadLine(waiting, "the waiting requests"),
        ...(waiting.data?.rows ?? []).map(
          (row): Command => ({
            id: `request ${row.request}`,
            name: `Decide: ${plainName(row.action)} · ${plainName(row.taskName)}`,
            hint: plainName(row.runName),
            words: "waiting request approve reject",
            run: () => go("/approvals", { request: row.request }),
          }),
        ),
        ...(waiting.data?.rows.length === 0 ? [{ id: "no request", name: "No request waits", run: null }] : []),
      ],
    },
    {
      title: "Re-enactment",
      commands: [...unreadLine(workflows, "the workflows"), ...playCommands(asOf === null ? current : undefined, play)],
    },
    {
      title: "Stops",
      commands: [
        {
          id: "stop info",
          name: "Stop everything: hold the stop control, or Alt+Shift+X, for 0.8 s",
          hint: latched === undefined ? "in force: not known" : `in force: ${latched.length}`,
          words: "emergency halt kill",
          run: () => go("/control", kept),
        },
        {
          id: "drills",
          name: "Drills: what is proven, and one to start",
          words: "drill rehearse test proven overdue",
          run: () => go("/control", { view: "drills" }),
        },
        ...unreadLine(stops, "the stops"),
        ...(latched ?? []).map(
          (signal): Command => ({
            id: `stop ${signal.jti}`,
            name: `In force: ${visibleText(scopeWords(signal.scope))}`,
            hint: "look at it, release it",
            words: "stop release",
            run: () => go("/control", { signal: signal.jti }),
          }),
        ),
      ],
    },
    {
      title: "Behaviour",
      commands: [
        ...unreadLine(conduct, "the conduct of agents"),
        ...(conduct.data?.agents ?? [])
          .filter(({ state }) => isAbnormal(state))
          .map(
            ({ agent, name, state }): Command => ({
              id: `agent ${agent}`,
              name: `Agent ${plainName(name)}: ${STATE_LOOKS[state].label}`,
              hint: "why, quarantine, release",
              words: "behaviour behavior conduct drift verdict evidence quarantine",
              run: () => go("/behavior", { agent }),
            }),
          ),
        {
          id: "profiles",
          name: "Profiles: what agents are expected to do",
          words: "behaviour behavior baseline rule sequence learn",
          run: () => go("/behavior", { view: "profiles" }),
        },
        {
          id: "benchmarks",
          name: "Benchmarks: run one, compare results",
          words: "behaviour behavior measure score regression",
          run: () => go("/behavior", { view: "benchmarks" }),
        },
      ],
    },
    {
      title: "Log",
      commands: [
        { id: "verify", name: "Verify the log", run: () => go("/timeline", { ...kept, verify: true }) },
        { id: "export", name: "Export the log to a file", run: exportLog },
      ],
    },
    {
      title: "Actions",
      commands: [...operatorCommands({ status, isLocked, protection }, session), ...actionCommands()],
    },
    {
      title: "Workflows",
      commands: [
        ...unreadLine(workflows, "the workflows").map((line) => ({ ...line, id: `list ${line.id}` })),
        ...all.map((workflow) => ({
          id: `workflow ${workflow.wid}`,
          name: `${plainName(workflow.run.name)} ${shortenMiddle(workflow.wid)}`,
          hint: workflow.status,
          run: () => go("/watch", { wid: workflow.wid }),
        })),
      ],
    },
    {
      title: "Stored runs",
      commands: [
        ...unreadLine(runs, "the stored runs"),
        ...(runs.data?.runs ?? []).map((run) => ({
          id: `run ${run.digest}`,
          name: plainName(run.name),
          hint: `${run.format} · ${countHint(run.tasks, "task")}`,
          run: () => go("/watch", { run: run.digest }),
        })),
      ],
    },
  ];
  return {
    groups: groups.filter((group) => group.commands.length > 0),
    unread: lists.filter(({ query }) => query.data === undefined).map(({ what }) => what),
  };
}

function viewCommands(go: Go, kept: Record<string, unknown>): Command[] {
  return PANES.map((pane) => ({
    id: `view ${pane.id}`,
    name: `Go to ${pane.title}`,
    keys: `g ${pane.key}`,
    run: () => go(pane.path, kept),
  }));
}

function travelCommand(asOf: number | null, travel: ReturnType<typeof useTravel>): Command {
  return asOf === null
    ? {
        id: "past",
        name: "Show the console as of an earlier entry",
        words: "time travel past history slider replay",
        keys: "g h",
        run: () => travel("newest"),
      }
    : { id: "now", name: "Return to now", words: "time travel past", keys: "g h", run: () => travel(null) };
}

/** Playing the workflow in view; none of it is a stop. */
function playCommands(workflow: WorkflowSummary | undefined, play: ReturnType<typeof usePlay>): Command[] {
  if (workflow === undefined) return [];
  const { wid, status } = workflow;
  if (status !== "running" && status !== "paused") return [];
  const of = plainName(workflow.run.name);
  return [
    status === "running"
      ? { id: "pause", name: `Pause the re-enactment of ${of}`, run: () => play(wid, { paused: true }, "Paused") }
      : { id: "resume", name: `Resume the re-enactment of ${of}`, run: () => play(wid, { paused: false }, "Resumed") },
    {
      id: "step",
      name: `One step of the re-enactment of ${of}`,
      run: () => play(wid, { step: true }, "One step played"),
    },
  ];
}

/** Who signs, and whether their key is open. */
function operatorCommands(
  { status, isLocked, protection }: Pick<OperatorState, "status" | "isLocked" | "protection">,
  session: OperatorSession,
): Command[] {
  const people = {
    id: "people",
    name: "Show people and roles",
    words: "grant safety officer keys trust anchor certificate",
  };
  const canLock = status === "ready" && !isLocked && protection !== "none";
  return [
    ...(status === "none" ? [{ id: "sign-in", name: "Sign in", run: () => openOverlay("sign-in") }] : []),
    ...(canLock ? [{ id: "lock", name: "Lock the key", run: () => session.lock("everywhere") }] : []),
    ...(status === "ready" && isLocked
      ? [{ id: "unlock", name: "Unlock the key", run: () => void session.request(UNLOCK).catch(() => undefined) }]
      : []),
    ...(status === "ready"
      ? [{ id: "switch", name: "Switch operator", words: "sign in add", run: () => openOverlay("sign-in") }]
      : []),
    { ...people, run: () => openOverlay("people") },
  ];
}

/** Whoever puts the question away has decided: nothing waits for it. */
const UNLOCK = { kind: "unlock", why: "locked" } as const;

function actionCommands(): Command[] {
  return [
    { id: "load run", name: "Load a run", words: "import open file", run: () => openOverlay("load-run") },
    {
      id: "notifications",
      name: "Show what waits, and notifications",
      keys: "w",
      words: "bell sound mute",
      run: () => openOverlay("notifications"),
    },
    { id: "help", name: "Show keys and help", keys: "?", run: () => openOverlay("help") },
    { id: "light", name: "Appearance: light", run: () => setTheme("light") },
    { id: "dark", name: "Appearance: dark", run: () => setTheme("dark") },
    { id: "system", name: "Appearance: as the system", run: () => setTheme("system") },
  ];
}
