import { useCallback, useState } from "react";
import type { SignalboxClient } from "../../api/client/client.ts";
import type {
  BehaviorReason,
  BehaviorWindow,
  FleetAgent,
  MixRow,
  ProfileVersion,
  QuarantineReach,
} from "../../api/contract/behavior.ts";
import type { AgentProof } from "../../operator/self-test/use-self-test.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import type { BehaviorStateName } from "../../protocol/behavior/result.ts";
import { type Frozen, FrozenProvider } from "../../ui/frozen.ts";
import { BehaviorPane } from "./behavior-pane.tsx";
import type { BehaviorSearch } from "./behavior-search.ts";

export const WID = "0195400c-0000-7000-8000-00000000000a";
export const NOW_S = Math.floor(Date.now() / 1000);
export const POSITION = { domain: "console.local", size: 120, root: "R".repeat(43), atMs: Date.now() };
const ALICE = "spiffe://console.local/human/alice";
export const uuid = (n: number): string => `0195400c-0000-7000-8000-${String(n).padStart(12, "0")}`;
export const idOf = (name: string): string => `spiffe://console.local/agent/${name}`;
const PROFILE = { profile_id: "builder", version: 3, hash: "H".repeat(43) };

export const agent = (name: string, state: BehaviorStateName, change: Partial<FleetAgent> = {}): FleetAgent => ({
  ...{ agent: idOf(name), name, state, since: NOW_S - 600, seq: 90 },
  ...{ verdict: "conformant", compliance: 1, drift: 0.05, samples: 40, reasons: 0, worst: null },
  driftInterval: { low: 0.02, high: 0.09, confidence: 0.95 },
  alarm: { raised: false, statistic: 1.2, threshold: 20, falseAlarmRate: 0.05, at: null },
  window: { from: NOW_S - 3900, to: NOW_S - 300 },
  ...{ trust: 0.62, floor: 0.2, profile: PROFILE, instanceCount: 1, quarantine: null, staleAt: NOW_S + 3600 },
  instances: [{ wid: WID, agent: idOf(`${WID}/${name}`), status: "running", window: null }],
  ...change,
});

/** A self-test of an agent that was over a day ago, or none. */
export const proof = (
  name: string,
  result: "passed" | "failed" | "inconclusive" | null,
  dueAt: number | null = null,
) => {
  const step = { result: result ?? "passed", finding: "refused", tried: 0 } as const;
  const steps = { blocks: step, times_out: step, restarts: step, stops: step };
  const at = NOW_S - 86_400;
  const last = result === null ? null : ({ at, seq: 70, wid: uuid(12), place: "workers", result, steps } as const);
  const passedAt = result === "passed" ? at : null;
  const overdue = dueAt === null || dueAt <= NOW_S;
  return { agent: idOf(name), last, passedAt, againDays: 7, dueAt, overdue, running: null };
};

/** Two hundred agents, of which exactly one is not as it should be, in the middle of the alphabet. */
export const fleet = (): FleetAgent[] =>
  Array.from({ length: 200 }, (_, at) =>
    at === 117
      ? agent("agent-117", "nonconformant", { verdict: "nonconformant", drift: 0.61, worst: 5, reasons: 1 })
      : agent(`agent-${String(at).padStart(3, "0")}`, at % 40 === 7 ? "unverified" : "conformant"),
  );

export const windowView = (n: number, change: Partial<BehaviorWindow> = {}): BehaviorWindow => ({
  ...{ wid: WID, agent: idOf(`${WID}/builder`), from: NOW_S - 7200 + n * 600, to: NOW_S - 6600 + n * 600 },
  ...{
    counts: { read_state: 24, write_state: 16 },
    closed: "time",
    samples: 40,
    verdict: "conformant",
    compliance: 1,
    drift: 0.05 + n * 0.01,
  },
  driftInterval: { low: 0.02, high: 0.15, confidence: 0.95 },
  alarm: { raised: false, statistic: 1 + n, threshold: 20, falseAlarmRate: 0.05, at: null },
  ...{ trust: 0.5 + n * 0.02, state: "conformant", observers: ["gateway", "sidecar"], conflict: false },
  ...{ reasons: 0, worst: null, profile: PROFILE, ear: uuid(700 + n), seq: 60 + n, at: NOW_S - 6600 + n * 600 },
  ...change,
});

export const BAD = windowView(9, {
  ...{ verdict: "nonconformant", compliance: 0, drift: 0.61, reasons: 4, worst: 5, trust: 0.1 },
  ...{ state: "quarantined", closed: "severity", conflict: true, counts: { read_state: 24, delete_all: 16 } },
  driftInterval: { low: 0.52, high: 0.69, confidence: 0.95 },
  alarm: { raised: true, statistic: 31, threshold: 20, falseAlarmRate: 0.05, at: NOW_S - 1200 },
});

export const reason = (n: number, change: Partial<BehaviorReason> = {}): BehaviorReason => ({
  ...{ rule: `rule-${n}`, kind: "never_after", severity: 3, task: uuid(n), taskName: `Task ${n}` },
  ...{ action: "send", wid: WID, at: NOW_S - 1300 + n, detail: null, hidden: false, seq: BAD.seq },
  ...change,
});

export const mixRow = (key: string, seen: number, expected: number, part: number): MixRow => ({
  ...{ key, observed: Math.round(seen * 40), observedShare: seen, expectedShare: expected },
  ...{ lastGoodShare: expected, contribution: part },
});

export const PROFILE_VERSION: ProfileVersion = {
  profile: {
    ...{ profile_id: "builder", version: 3, owner: "spiffe://console.local/human/dee" },
    ...{ applies_to: [idOf("builder")], allowed_actions: ["read*", "write*"], forbidden_actions: ["delete_all"] },
    ...{ window_s: 600, min_samples: 5, assurance: "standard" },
    thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  },
  ...{
    hash: PROFILE.hash,
    jti: uuid(600),
    by: "spiffe://console.local/human/dee",
    role: "duty_manager",
    at: NOW_S - 86_400,
  },
  ...{ seq: 4, reason: "as it was built", inForce: true },
};

/** A page of an agent that did what is forbidden, after good windows. */
export const page = (change: object = {}) => ({
  position: POSITION,
  agent: agent("builder", "nonconformant", {
    ...{ verdict: "nonconformant", compliance: 0, drift: 0.61, driftInterval: BAD.driftInterval, reasons: 4, worst: 5 },
    ...{ trust: 0.1 },
  }),
  windows: [...Array.from({ length: 8 }, (_, n) => windowView(n)), BAD],
  reasons: [
    reason(3, { rule: "ship-after-test", kind: "must_precede", taskName: "Ship it" }),
    reason(1, { rule: "secret-then-send", taskName: "Send <b>it</b>\u202e" }),
    reason(2, { rule: "forbidden:delete_all", kind: "forbidden", severity: 5, action: "delete_all", hidden: true }),
    { ...reason(4, { rule: "drift", kind: "drift", severity: null, taskName: null }), task: null },
  ],
  mix: [
    mixRow("read_state", 0.2, 0.4, 0.05),
    mixRow("delete_all", 0.4, 0, 0.25),
    mixRow("write_state", 0.1, 0.4, 0.15),
    mixRow("plan", 0.3, 0.2, 0.05),
  ],
  lastGood: windowView(7),
  changes: [
    {
      ...{ at: NOW_S - 1200, seq: BAD.seq + 1, from: "conformant", to: "nonconformant", trust: 0.1, delta: -0.54 },
      ...{ cause: "severity_5", by: null, reason: null },
    },
  ],
  profile: PROFILE_VERSION,
  ...change,
});

/** Two instances, of which one runs and is under way. */
export const reach = (held: boolean): QuarantineReach[] => [
  {
    ...{ wid: WID, agent: idOf(`${WID}/builder`), runName: "nightly build", status: "running" },
    tasks: held ? [] : [{ task: uuid(5), taskName: "Build", action: "build", status: "running" }],
    lease: { jti: uuid(81), until: NOW_S + 600, open: !held, cut: held },
    breakers: [1, 2].map((n) => ({
      ...{ id: `b${n}`, caller: idOf(`${WID}/planner-${n}`), group: "build", seq: 40 },
      ...{ state: held ? "isolated" : "closed", held },
    })),
  },
  {
    ...{ wid: uuid(11), agent: idOf(`${uuid(11)}/builder`), runName: null, status: "finished" },
    ...{ tasks: [], lease: null, breakers: [] },
  },
];

export const url: { now: BehaviorSearch } = { now: {} };

function Bench({ first, frozen }: { readonly first: BehaviorSearch; readonly frozen: Frozen | null }) {
  const [search, setSearch] = useState<BehaviorSearch>(first);
  const change = useCallback((patch: Partial<BehaviorSearch>) => setSearch((now) => ({ ...now, ...patch })), []);
  url.now = search;
  return (
    <FrozenProvider value={frozen}>
      <main style={{ display: "flex", flexDirection: "column", height: "100vh" }}>
        <BehaviorPane search={search} setSearch={change} />
      </main>
    </FrozenProvider>
  );
}

const never = async (): Promise<never> => {
  throw new Error("not asked here");
};

export interface ShowOptions {
  readonly search?: BehaviorSearch;
  readonly roles?: readonly string[];
  readonly frozen?: Frozen | null;
  /** What is known of agents' self-tests. */
  readonly proofs?: readonly AgentProof[];
}

/** The pane over a host that answers so; `roles` of whoever is signed in. */
export async function show(answers: object, options: ShowOptions = {}) {
  const { search = {}, roles = ["operator"], frozen = null, proofs = [] } = options;
  const behavior = {
    fleet: async () => ({ position: POSITION, agents: fleet() }),
    agent: async () => page(),
    reach: async () => ({ position: POSITION, instances: reach(false) }),
    ...{ evidence: never, profiles: never, profile: never, putProfile: never, order: never },
    ...answers,
  };
  const identity = { describe: async () => ({ operators: [{ kid: "k", roles: [...roles] }] }) };
  const workflow = {
    list: async () => ({ position: POSITION, workflows: [{ wid: WID, run: { digest: "d".repeat(43) } }] }),
    graph: async () => ({ ids: [], names: [] }),
  };
  const drill = { selfTests: async () => ({ position: POSITION, place: "workers", agents: proofs, workflows: [] }) };
  const client = { behavior, drill, identity, workflow } as unknown as SignalboxClient; // The client's type is a proxy's, which a plain object never is.
  const session = await signedIn(client, {
    ...{ subject: ALICE, name: "Alice" },
    ...{ logId: "spiffe://console.local/log", pepId: "spiffe://console.local/pep" },
  });
  return renderSignedIn(client, session, <Bench first={search} frozen={frozen} />);
}
