import type { AcpClaimsInput } from "../../app/protocol/acp/claims.ts";
import type { RecordedRun, RunTask } from "../../app/protocol/run/recorded-run.ts";

/** Agents of one workflow of the fleet. */
export const AGENTS_PER_WORKFLOW = 50;

const ACTION = "build_site";
const HOURS_10_MS = 36_000_000;
/** How long a task of the traffic works, ms: with this many chains ten times as many effects a second, at most. */
const BEAT_MS = 100;

/**
 * A run in which every agent works on one task for hours, and the first `chains` agents besides do one short task after
 * another: a fleet that is busy, with a steady traffic of effects.
 */
export function fleetRun(chains: number, tasksPerChain: number): RecordedRun {
  const agents = Array.from({ length: AGENTS_PER_WORKFLOW }, (_, at) => `a${at}`);
  const long = agents.map((agent) => taskOf(`long-${agent}`, agent, null, 0, HOURS_10_MS));
  const short = agents
    .slice(0, chains)
    .flatMap((agent) =>
      Array.from({ length: tasksPerChain }, (_, at) =>
        taskOf(`${agent}-${at}`, agent, at === 0 ? null : `${agent}-${at - 1}`, at * BEAT_MS, BEAT_MS),
      ),
    );
  return {
    version: 1,
    format: "wfformat",
    formatVersion: "1.5",
    name: "Fleet of the bench",
    source: { file: "fleet.json", origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: HOURS_10_MS,
    agents: agents.map((id) => ({ id, name: id, kind: "program" })),
    tasks: [...long, ...short],
    counts: {},
    warnings: [],
  };
}

function taskOf(id: string, agent: string, parent: string | null, startMs: number, durationMs: number): RunTask {
  return {
    id,
    name: id,
    action: ACTION,
    agent,
    parents: parent === null ? [] : [{ id: parent, inferred: false }],
    caller: null,
    startMs,
    durationMs,
    outcome: "success",
    error: null,
    attempt: 0,
    inputs: [],
    outputs: [`${id}.out`],
    args: { step: id },
    narrative: null,
    usage: null,
    attributes: {},
  };
}

/** A policy that lets every agent of the workflow do what the fleet does, without asking a human. */
export function fleetPolicy(
  operator: string,
  domain: string,
  wid: string,
): Pick<AcpClaimsInput, "acp_ver" | "dag" | "hitl"> {
  return {
    acp_ver: 1,
    dag: {
      root: "op",
      self: "op",
      max_depth: 1,
      nodes: [
        { id: "op", agent: operator, actions: [ACTION], delegable: true },
        { id: "all", agent: `spiffe://${domain}/agent/${wid}/*`, actions: [ACTION] },
      ],
      edges: [{ from: "op", to: "all", kind: "delegates", actions: [ACTION] }],
    },
    hitl: { default_on_timeout: "deny", rules: [] },
  };
}
