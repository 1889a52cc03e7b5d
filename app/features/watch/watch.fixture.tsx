import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import type { BreakerView, CascadeView, DomainView } from "../../api/contract/cascade.ts";
import type { AgentLivenessView } from "../../api/contract/liveness.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import type { PolicyRow } from "../../api/contract/policy.ts";
import { TASK_STATES, type TaskState } from "../../api/contract/task-state.ts";
import type { RunGraph, WorkflowSummary } from "../../api/contract/workflow.ts";
import { type KeptOperator, keptOf } from "../../operator/key-store.ts";
import { OperatorProvider } from "../../operator/operator-context.tsx";
import { makeProtectedKey } from "../../operator/protection.ts";
import { createOperatorSession } from "../../operator/session.ts";
import type { Signer } from "../../protocol/jose/keys.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { runGraphOf } from "./graph/graph.fixture.ts";
import type { LiveAnswer, TaskAnswer } from "./queries.ts";
import { fakeRollbacks } from "./rollback/rollback.fixture.ts";
import type { WatchSearch } from "./watch-search.ts";

export const ALICE = "spiffe://console.local/human/alice";
export const WID = "0195400c-0000-4000-8000-0000000000a1";
export const DIGEST = "A".repeat(43);
const POSITION = { domain: "console.local", size: 9, root: DIGEST, atMs: 1_772_064_000_000 };

/** split -> 3 sift -> merge: merge waits for a human, one sift failed. */
export function smallRun(): RunGraph {
  return runGraphOf(
    [
      { name: "split", action: "split", agent: 0 },
      ...[1, 2, 3].map((index) => ({ name: `sift ${index}`, action: "sift", agent: 1 })),
      { name: "merge \u202egnp.exe", action: "merge", agent: 0 },
    ],
    [
      ...[1, 2, 3].map((to): [number, number, number] => [0, to, 0]),
      ...[1, 2, 3].map((from): [number, number, number] => [from, 4, from === 3 ? 1 : 0]),
    ],
  );
}

export const SMALL_STATES: readonly TaskState[] = ["done", "done", "failed", "running", "waiting"];

function workflowOf(run: RunGraph, states: readonly TaskState[], change: object = {}): WorkflowSummary {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return {
    wid: WID,
    run: {
      digest: DIGEST,
      name: "A small run",
      format: "wfformat",
      source: { file: "small.json", origin: null },
      observedOnly: false,
      agents: run.agents.length,
      tasks: run.ids.length,
      edges: run.edges.length,
      failed: 1,
      warnings: [],
    },
    status: "running",
    startedAt: 1_772_064_000,
    startedBy: ALICE,
    counts,
    waiting: counts.waiting ?? 0,
    playback: { speed: 10, paused: false, positionMs: 2000, endMs: 10_000 },
    ...change,
  };
}

export function agentId(index: number): string {
  return `spiffe://console.local/agent/${WID}/agent-${index}`;
}

/** What the host says of one task. */
function taskAnswer(run: RunGraph, states: readonly TaskState[], index: number): TaskAnswer {
  const state = states[index] ?? "planned";
  const ended = state === "done" || state === "failed";
  return {
    position: POSITION,
    jti: `0195400c-0000-4000-8000-00000000010${index}`,
    state: TASK_STATES.indexOf(state),
    agent: agentId(run.agent[index] ?? 0),
    recorded: {
      id: run.ids[index] ?? "",
      name: run.names[index] ?? "",
      action: run.actions[index] ?? "",
      agent: `agent-${run.agent[index]}`,
      parents: [],
      caller: null,
      startMs: 1000 * index,
      durationMs: 1000,
      outcome: "success",
      error: null,
      attempt: 0,
      inputs: ["in.dat"],
      outputs: ["out.dat"],
      args: { level: index },
      narrative: null,
      usage: null,
      attributes: { machine: "m1" },
    },
    why: state === "waiting" ? "waits for a human: rule approve-irreversible" : "its ECT is in the log",
    entries: [
      {
        domain: "console.local",
        seq: 40 + index,
        receivedAt: 1_772_064_000,
        typ: "record+jwt",
        jti: null,
        iss: null,
        wid: WID,
        action: state === "waiting" ? "gate_required" : "permitted",
        outcome: null,
        task: null,
        taskName: null,
        severity: "info",
        submitter: "pep",
      },
    ],
    predecessors: run.edges.filter(([, to]) => to === index).map(([from]) => from),
    successors: run.edges.filter(([from]) => from === index).map(([, to]) => to),
    request: state === "waiting" ? "0195400c-0000-4000-8000-0000000000c3" : null,
    ect: ended
      ? {
          seq: 50 + index,
          token: "aaa.bbb.ccc",
          header: { typ: "exec+jwt", alg: "ES256" },
          claims: { exec_act: run.actions[index] ?? "", note: "<img src=x onerror=alert(1)>" },
          digest: DIGEST,
          level: 3,
          position: "entry 50, under the signed head",
          steps:
            state === "failed"
              ? [
                  { step: 1, check: "three segments", result: "passed" },
                  { step: 2, check: "signature", result: "failed", code: "token_signature_invalid" },
                  { step: 3, check: "audience", result: "not_reached" },
                ]
              : [{ step: 1, check: "three segments", result: "passed" }],
        }
      : null,
  };
}

export interface FakeHost {
  readonly client: SignalboxClient;
  readonly started: { acp: string; start: string; speed: number }[];
  readonly played: object[];
  readonly signals: string[];
  readonly runs: RecordedRun[];
  /** Runs loaded before, and the digests of those that were to be forgotten. */
  stored: WorkflowSummary["run"][];
  readonly forgotten: string[];
  /** Answers no question any more. */
  down: boolean;
  states: readonly TaskState[];
  workflows: WorkflowSummary[];
  /** Overrides in the log. */
  overrides: OverrideSignal[];
  /** What limits its agents are under. */
  limits: object[];
  /** Steps that wait for an operator who has taken over. */
  due: object[];
  /** Policies in the log, with their claims. */
  policies: { readonly row: PolicyRow; readonly claims: object }[];
  /** Circuit breakers between its agents, what waits for them, and cascades. */
  breakers: BreakerView[];
  /** Leases and links of its agents. */
  liveness: AgentLivenessView[];
  leases: string[];
  waitingForBreaker: number[];
  heldEdges: { caller: string; callee: string; by: string }[];
  cascades: CascadeView[];
  domains: DomainView[];
  readonly breakerOrders: string[];
  /** What it says of rollbacks, and what it was given about them. */
  readonly rollback: ReturnType<typeof fakeRollbacks>;
}

const OWN_POLICY: PolicyRow = {
  ...{ jti: WID, hash: "H".repeat(43), wid: WID, seq: 1, iss: "spiffe://console.local/human/ada", sub: agentId(0) },
  ...{ iat: 1000, exp: 8200, parent: null, inForce: true, revoked: null, replacedBy: null, replaces: null },
  ...{ workflow: null, nodes: 0, rules: 0 },
};

/** A host that answers from memory and keeps what it was given, without judging it. */
export function fakeHost(
  options: { readonly run?: RunGraph; readonly states?: readonly TaskState[]; readonly workflow?: object } = {},
): FakeHost {
  const run = options.run ?? smallRun();
  const states = options.states ?? SMALL_STATES;
  const missing = (): never => {
    const data = { type: "about:blank", title: "Not found", status: 404, detail: "no such thing", code: "not_found" };
    throw new ORPCError("NOT_FOUND", { defined: true, data });
  };
  const host = {
    started: [] as FakeHost["started"],
    played: [] as object[],
    signals: [] as string[],
    runs: [] as RecordedRun[],
    stored: [] as WorkflowSummary["run"][],
    forgotten: [] as string[],
    down: false,
    states,
    workflows: [workflowOf(run, states, options.workflow)],
    overrides: [] as FakeHost["overrides"],
    limits: [] as FakeHost["limits"],
    due: [] as FakeHost["due"],
    // Nothing runs without one.
    policies: [{ row: OWN_POLICY, claims: { dag: { nodes: [], edges: [] } } }] as FakeHost["policies"],
    breakers: [] as FakeHost["breakers"],
    liveness: [] as FakeHost["liveness"],
    leases: [] as string[],
    waitingForBreaker: [] as number[],
    heldEdges: [] as FakeHost["heldEdges"],
    cascades: [] as FakeHost["cascades"],
    domains: [] as FakeHost["domains"],
    breakerOrders: [] as string[],
    rollback: fakeRollbacks(),
  };
  /** An answer, unless the host is down. */
  const answer = <T,>(made: T): Promise<T> =>
    host.down ? Promise.reject(new TypeError("the host does not answer")) : Promise.resolve(made);
  const live = (): LiveAnswer => ({
    position: POSITION,
    states: host.states.map((state) => TASK_STATES.indexOf(state)),
    counts: host.workflows[0]?.counts ?? {},
    agents: run.agents.map((_, index) => ({ agent: agentId(index), index, state: "working", seenAtMs: null })),
    playback: host.workflows[0]?.playback ?? { speed: 1, paused: false, positionMs: 0, endMs: 0 },
    status: host.workflows[0]?.status ?? "running",
  });
  const client = {
    workflow: {
      list: () => answer({ position: POSITION, workflows: host.workflows }),
      listRuns: () => answer({ position: POSITION, runs: host.stored }),
      removeRun: async ({ digest }: { digest: string }) => {
        host.forgotten.push(digest);
        host.stored = host.stored.filter((run) => run.digest !== digest);
        return { removed: true };
      },
      addRun: async (added: RecordedRun) => {
        host.runs.push(added);
        return { digest: DIGEST, alreadyStored: false };
      },
      graph: async () => run,
      runTask: async () => missing(),
      prepare: async ({ wid }: { wid: string }) => ({
        wid,
        pepId: "spiffe://console.local/pep",
        logId: "spiffe://console.local/log",
        agents: run.agents.map((agent) => ({ id: agent.id, agent: `spiffe://console.local/agent/${wid}/${agent.id}` })),
      }),
      start: async (tokens: FakeHost["started"][number]) => {
        host.started.push(tokens);
        return { wid: WID, seq: 3 };
      },
      states: () => answer(live()),
      get: async () => missing(),
      task: ({ index }: { index: number }) => answer(taskAnswer(run, host.states, index)),
      playback: async (change: object) => {
        host.played.push(change);
        return live().playback;
      },
    },
    policy: {
      list: () => answer({ position: POSITION, policies: host.policies.map(({ row }) => row) }),
      get: ({ jti }: { jti: string }) =>
        answer({ claims: host.policies.find(({ row }) => row.jti === jti)?.claims ?? missing() }),
    },
    cascade: {
      breakers: () =>
        answer({
          position: POSITION,
          breakers: host.breakers,
          heldEdges: host.heldEdges,
          waiting: host.waitingForBreaker,
          domains: host.domains,
        }),
      alerts: () => answer({ position: POSITION, alerts: host.cascades }),
      order: async ({ token }: { token: string }) => {
        host.breakerOrders.push(token);
        return { seq: 60, moved: 1 };
      },
    },
    liveness: {
      agents: () =>
        answer({
          position: POSITION,
          heartbeatS: 10,
          degradedAfterS: 30,
          restrictedAfterS: 60,
          agents: host.liveness,
        }),
      lease: async ({ token }: { token: string }) => {
        host.leases.push(token);
        return { seq: 61 };
      },
    },
    override: {
      list: () => answer({ position: POSITION, signals: host.overrides, latched: 0 }),
      due: () => answer({ position: POSITION, tasks: host.due }),
      limits: () => answer({ position: POSITION, agents: host.limits }),
      agents: () =>
        answer({
          position: POSITION,
          agents: [WID, "0195400c-0000-4000-8000-0000000000b2"].flatMap((wid) =>
            run.agents.map((_, index) => ({ agent: agentId(index), wid })),
          ),
        }),
      signal: async ({ token }: { token: string }) => {
        host.signals.push(token);
        return { jti: WID, latchedAtMs: 1, targets: 1, recorded: true };
      },
    },
    rollback: host.rollback.clientOf(answer),
    identity: { describe: async () => ({ operators: [{ kid: "alice-key" }] }) },
  };
  return Object.assign(host, { client: client as unknown as SignalboxClient }); // a proxy's type, which no plain object has
}

/** Claims of a compact token, unverified. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
}

/** Somebody of this profile, whose key lies open. */
const person = (name: string, signer: Signer) => {
  const kid = `${name.toLowerCase()}-key`;
  return {
    subject: `spiffe://console.local/human/${name.toLowerCase()}`,
    name,
    jwk: { kty: "OKP" as const, crv: "Ed25519" as const, x: DIGEST, kid },
    signer: { ...signer, kid },
    domain: "console.local",
    logId: "spiffe://console.local/log",
    pepId: "spiffe://console.local/pep",
    authTime: 1,
  };
};

/** The second person: Bea, whose key is under a passphrase, or lies open as one of before. */
export type SecondKey = "protected" | "open";
export const BEA_PASSPHRASE = "correct horse battery";

async function bea(kept: SecondKey): Promise<KeptOperator> {
  const made = await makeProtectedKey("Bea", { kind: "passphrase", passphrase: BEA_PASSPHRASE });
  if (!made.ok) throw new Error(made.error.code);
  const { signer, jwk, protection } = made.value;
  const open = keptOf(person("Bea", signer));
  return { ...open, jwk, active: false, ...(kept === "open" ? {} : { kid: signer.kid, protection }) };
}

/** What stands around the pane in the console; without a signer nobody is signed in. */
export function renderWith(host: FakeHost, signer: Signer | null, children: ReactNode, second?: SecondKey) {
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = createOperatorSession({
    client: host.client,
    nowMs: () => Date.now(),
    announce: () => undefined,
    openKeyStore: async () => ({
      load: async () => {
        if (signer === null) return null;
        const alice = person("Alice", signer);
        return second === undefined ? alice : [keptOf(alice), await bea(second)];
      },
      save: async () => undefined,
      close: () => undefined,
    }),
  });
  const shown = render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={host.client} control={host.client} connection={connection}>
        <OperatorProvider session={session}>{children}</OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  /** Asks the host again for everything, as its change notices make the console do. */
  const refetch = (): Promise<void> => act(() => queries.invalidateQueries());
  return { ...shown, refetch };
}

/** Holds the pane's URL parameters as the router would. */
export interface Url {
  search: WatchSearch;
  /** Changes the link as something outside the pane would. */
  change?(patch: Partial<WatchSearch>): void;
}

export function InMemory({
  url,
  children,
}: {
  readonly url: Url;
  children(search: WatchSearch, setSearch: (patch: Partial<WatchSearch>) => void): ReactNode;
}) {
  const [search, setSearch] = useState(url.search);
  const change = useCallback(
    (patch: Partial<WatchSearch>): void => {
      url.search = { ...url.search, ...patch };
      setSearch(url.search);
    },
    [url],
  );
  useEffect(() => {
    url.change = change;
  }, [url, change]);
  return children(search, change);
}
