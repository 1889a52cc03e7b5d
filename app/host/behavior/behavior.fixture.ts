import { v4 } from "uuid";
import type { enrolledOperator, TestClient } from "../../api/dispatch/operator.fixture.ts";
import { smallRun, until } from "../../api/dispatch/operator.fixture.ts";
import { type ProfileBody, profileHash } from "../../protocol/behavior/profile.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";

type FleetAgent = Awaited<ReturnType<TestClient["behavior"]["fleet"]>>["agents"][number];
export type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

export const BUILDER = "spiffe://console.local/agent/builder";

/** What a builder may be expected to do: builds, and never a leak. */
const builderProfile: ProfileBody = {
  profile_id: "builder",
  version: 1,
  owner: "spiffe://console.local/owner",
  applies_to: [BUILDER],
  allowed_actions: ["build_site"],
  forbidden_actions: ["leak_data"],
  baseline: { action_freq: { build_site: 1 } },
  window_s: 3600,
  min_samples: 2,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.5 },
  assurance: "standard",
};

const nowS = (): number => Math.floor(Date.now() / 1000);

async function signed(client: TestClient, operator: Operator, typ: string, claims: object): Promise<string> {
  const { pepId } = await client.identity.describe();
  const said = {
    ...{ iss: operator.subject, aud: [pepId], iat: nowS(), exp: nowS() + 120, jti: v4(), reason: "test" },
    ...{ auth_time: nowS(), amr: ["swk", "user"] },
  };
  return signToken(typ, { ...said, ...claims }, operator.signer);
}

/** Puts a version of a profile in force. */
export async function putProfile(client: TestClient, operator: Operator, change: Partial<ProfileBody> = {}) {
  const profile = { ...builderProfile, ...change };
  const hash = profileHash(profile, await createSha256());
  const token = await signed(client, operator, "behavior-profile+jwt", { profile, hash, role: "safety_officer" });
  return client.behavior.putProfile({ token });
}

export async function orderAgent(client: TestClient, operator: Operator, change: object) {
  const order = { agent: BUILDER, role: "operator", ...change };
  return client.behavior.order({ token: await signed(client, operator, "behavior-order+jwt", order) });
}

/** A run of a builder alone, or of one who is called otherwise, whose tasks are these. */
export function builderRun(actions: readonly string[], name = "Builder alone", called = "builder"): RecordedRun {
  const run = smallRun(name, actions.length);
  return {
    ...run,
    agents: run.agents.filter(({ id }) => id === "builder").map((agent) => ({ ...agent, id: called })),
    tasks: run.tasks
      .filter(({ action }) => action !== "deploy_site")
      .map((task, at) => ({ ...task, agent: called, action: actions[at] ?? task.action })),
  };
}

/** The agent once it is as it is waited for. */
export const agentOnce = (client: TestClient, isSo: (agent: FleetAgent) => boolean, id = BUILDER) =>
  until(client, async () => {
    const found = (await client.behavior.fleet({})).agents.find(({ agent }) => agent === id);
    return found !== undefined && isSo(found) ? found : null;
  });

/** The time of day, whose timers run when they are told to and are due, and which may jump ahead. */
export function jumpClock() {
  let aheadMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const nowMs = (): number => Date.now() + aheadMs;
  return {
    nowMs,
    monotonicMs: nowMs,
    after: (ms: number, run: () => void) => {
      const timer = { atMs: nowMs() + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    tick: (jumpMs = 0) => {
      aheadMs += jumpMs;
      const due = timers.filter(({ atMs }) => atMs <= nowMs());
      timers = timers.filter((timer) => !due.includes(timer));
      for (const { run } of due) run();
    },
  };
}
