import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { FromAgent } from "../agents/messages.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { settled } from "../base/settled.fixture.ts";
import { systemClock, systemIds } from "../base/system.ts";
import type { AcpClaimsInput } from "../protocol/acp/claims.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;
type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

/** Two builds; the second one works for long, and calls the deployment that waits for a human meanwhile. */
function calling(): RecordedRun {
  const run = smallRun("Calling run", 2);
  const changes: Record<string, object> = {
    "build-0": { durationMs: 1 },
    "build-1": { startMs: 0, durationMs: 600_000 },
    deploy: { startMs: 0, caller: "build-1", parents: [] },
  };
  return { ...run, callers: "groups", tasks: run.tasks.map((task) => ({ ...task, ...changes[task.id] })) };
}

/** Builds wait for an operator, or go under a standing grant. */
const gatedBuilds = (policy: AcpClaimsInput): AcpClaimsInput => ({
  ...policy,
  hitl: {
    ...policy.hitl,
    rules: [
      ...policy.hitl.rules,
      {
        id: "builds",
        trigger: { kind: "action", patterns: ["build_*"] },
        role: "operator",
        action: "approve",
        timeout_s: 900,
      },
    ],
  },
});

const nowS = (): number => Math.floor(Date.now() / 1000);
const signed = (by: Operator, typ: string, claims: object) =>
  signToken(
    typ,
    {
      iss: by.subject,
      aud: ["spiffe://console.local/pep"],
      iat: nowS(),
      exp: nowS() + 120,
      jti: v4(),
      role: "operator",
      auth_time: nowS(),
      amr: ["pwd", "user"],
      ...claims,
    },
    by.signer,
  );

/** The newest pending request for an action, but for one that is known. */
const pendingOf = (client: TestClient, host: Opened["host"], action: string, known = "") =>
  until(client, () =>
    host.engine.read(
      (state) =>
        [...state.gates.values()].find(
          ({ status, request, claims }) => status === "pending" && request !== known && claims.task.exec_act === action,
        )?.request ?? null,
    ),
  );
const courseOf = (host: Opened["host"], request: string) =>
  host.engine.read((state) => {
    const gate = must(state.gates.get(request), "a gate");
    const task = must(state.workflows.get(gate.wid)?.tasks.get(gate.task), "its task");
    return { gate: gate.status, settled: gate.withdrawn?.settled ?? null, task: task.status, code: task.code };
  });
const policyOf = (host: Opened["host"], wid: string) =>
  host.engine.read((state) => {
    const workflow = must(state.workflows.get(wid), "the workflow");
    return structuredClone(must(state.policies.get(workflow.acp), "its policy"));
  });

/** The second build works under a standing grant, and what it called waits for a human. */
async function called(open: Opened) {
  const { client, host } = open;
  const alice = await enrolledOperator(client);
  const { wid } = await alice.start(calling(), { speed: 1, change: gatedBuilds });
  const first = await pendingOf(client, host, "build_site");
  const agent = await host.engine.read((state) => must(state.gates.get(first), "a gate").agent);
  const { jti, hash } = await policyOf(host, wid);
  const leave = { wid, acp: { jti, hash }, agent, exec_act: "build_site", rule_ids: ["builds"], max_uses: 5 };
  const given = await client.policy.grant({
    token: await signed(alice, "standing-grant+jwt", { ...leave, reason: "many builds" }),
  });
  await alice.decide(first, "approve");
  const request = await pendingOf(client, host, "deploy_site");
  const grant = await host.engine.read((state) => {
    const found = must(state.grants.get(given.jti), "the grant");
    expect(found.uses).toBe(1);
    return { jti: found.jti, hash: found.hash };
  });
  const refuseCaller = async () =>
    client.policy.revokeGrant({ token: await signed(alice, "grant-revocation+jwt", { grant, reason: "no more" }) });
  return { alice, wid, request, refuseCaller };
}

/** A pool that loses what agents are told of one kind, until it does not any more. */
function losing(kind: "withdraw" | "report") {
  const pool = createLocalPool({ clock: systemClock, ids: systemIds });
  let found = (): void => undefined;
  const lost = { on: true, first: new Promise<void>((resolve) => (found = resolve)) };
  const send: typeof pool.send = (message) => {
    if (lost.on && message.t === kind) found();
    else pool.send(message);
  };
  return { pool: { ...pool, send }, lost };
}

/** A pool in which the next thing an agent says of one kind about a task is under way until it is let in. */
function slow() {
  const pool = createLocalPool({ clock: systemClock, ids: systemIds });
  let awaited: { kind: FromAgent["t"]; found: (letIn: () => void) => void } | null = null;
  const onMessage: typeof pool.onMessage = (listener) =>
    pool.onMessage((message) => {
      if (message.t !== awaited?.kind) return listener(message);
      const { found } = awaited;
      awaited = null;
      found(() => listener(message));
    });
  const next = (kind: FromAgent["t"]): Promise<() => void> =>
    new Promise((found) => {
      awaited = { kind, found };
    });
  return { pool: { ...pool, onMessage }, next };
}

const WITHDRAWN = { gate: "withdrawn", settled: "cancelled", task: "refused", code: "hitl_withdrawn" };
const isWithdrawn = (client: TestClient, host: Opened["host"], request: string) =>
  until(client, async () => {
    const course = await courseOf(host, request);
    return course.gate === "withdrawn" ? course : null;
  });

describe("a request whose caller was refused", () => {
  it("[ACP-39] [ACP-41] is withdrawn by its agent, and the re-enactment ends", async () => {
    const open = await openedHost();
    const { wid, request, refuseCaller } = await called(open);
    expect(await courseOf(open.host, request)).toMatchObject({ gate: "pending", task: "waiting" });
    await refuseCaller();
    expect(await isWithdrawn(open.client, open.host, request)).toEqual(WITHDRAWN);
    const { counts } = await until(open.client, async () => {
      const { workflow } = await open.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 1, refused: 2 });
    open.host.close();
  });

  it("[ACP-39] is withdrawn when the host opens again, where it closed before", async () => {
    const storage = createMemoryStorage();
    const { pool, lost } = losing("withdraw");
    const open = await openedHost({ storage, pool });
    const { request, refuseCaller } = await called(open);
    await refuseCaller();
    await lost.first;
    expect(await courseOf(open.host, request)).toMatchObject({ gate: "pending", task: "waiting" });
    open.host.close();
    const again = await openedHost({ storage });
    expect(await isWithdrawn(again.client, again.host, request)).toEqual(WITHDRAWN);
    again.host.close();
  });
});

/** Puts another policy in force, the same but for its rules. */
async function replace(open: Opened, by: Operator, wid: string, rename: string): Promise<string> {
  const earlier = await policyOf(open.host, wid);
  const jti = v4();
  const { rules } = earlier.claims.hitl;
  const claims = {
    ...earlier.claims,
    jti,
    exp: nowS() + 7200,
    replaces: { jti: earlier.jti, hash: earlier.hash },
    hitl: { ...earlier.claims.hitl, rules: rules.map((rule) => ({ ...rule, id: `${rename}-${rule.id}` })) },
  };
  await open.client.policy.replace({ token: await signed(by, "acp+jwt", claims) });
  return jti;
}

const verified = async (client: TestClient): Promise<unknown> => {
  let bad: unknown = "no report";
  for await (const event of await client.audit.verify()) if (event.type === "report") bad = event.report.firstBad;
  return bad;
};

describe("a workflow that is started again after a stop", () => {
  it("[ACP-19] [S13] comes to its end when the policy is revoked before anything was asked for anew", async () => {
    const { pool, next } = slow();
    const { client, host } = await openedHost({ pool });
    const alice = await enrolledOperator(client);
    const run = smallRun("Started again", 1);
    const { wid } = await alice.start(run, { speed: 1000 });
    await pendingOf(client, host, "deploy_site");
    const scope = { kind: "workflow", id: wid };
    const statusOf = async () => (await client.workflow.get({ wid })).workflow.status;
    const stop = await client.override.signal({ token: await alice.signal("stop", scope) });
    await until(client, async () => {
      const { signals } = await client.override.list();
      const own = must(
        signals.find(({ jti }) => jti === stop.jti),
        "the stop",
      );
      return own.targets.every(({ status }) => status !== "commanded") ? own : null;
    });
    await client.override.signal({ token: await alice.signal("release", scope, { params: { of: stop.jti } }) });
    expect(await statusOf()).toBe("stopped");
    const asked = next("intent");
    await alice.start(run, { wid, speed: 1000 });
    const letIn = await asked;
    const { jti, hash } = await policyOf(host, wid);
    await client.policy.revoke({
      token: await signed(alice, "acp-revocation+jwt", { acp: { jti, hash }, reason: "withdrawn" }),
    });
    letIn();
    await until(client, async () => ((await statusOf()) === "finished" ? true : null));
    expect((await client.workflow.get({ wid })).workflow.counts).toMatchObject({ done: 1, refused: 1, stopped: 0 });
    host.close();
  });
});

describe("a policy that takes another's place while a workflow runs", () => {
  it("[ACP-44] [D4] has what waits asked for anew, and the run finishes under it", async () => {
    const open = await openedHost();
    const { client, host } = open;
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(smallRun("Replaced run", 2), { speed: 1000 });
    const first = await pendingOf(client, host, "deploy_site");
    const jti = await replace(open, alice, wid, "second");
    const anew = await pendingOf(client, host, "deploy_site", first);
    expect((await courseOf(host, first)).gate).toBe("aborted");
    expect(await host.engine.read((state) => state.gates.get(anew)?.claims)).toMatchObject({
      acp: { jti },
      rule_ids: ["second-approve-irreversible"],
    });
    await expect(alice.decide(first, "approve")).rejects.toMatchObject({ data: { code: "hitl_not_pending" } });
    await alice.decide(anew, "approve");
    const { counts } = await until(client, async () => {
      const { workflow } = await client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 3, refused: 0, failed: 0 });
    expect(await verified(client)).toBeNull();
    host.close();
  });

  it("[ACP-44] loses no task to a request under the old one that comes when it was asked for anew already", async () => {
    const { pool, next } = slow();
    const open = await openedHost({ pool });
    const { client, host } = open;
    const alice = await enrolledOperator(client);
    const requested = next("request");
    const { wid } = await alice.start(smallRun("Crossed run", 1), { speed: 1000 });
    const letRequestIn = await requested;
    const askedAnew = next("intent");
    await replace(open, alice, wid, "crossed");
    const letIntentIn = await askedAnew;
    letRequestIn();
    // The same agent's word counts in the order it was sent: the request is refused when the intent is looked at.
    letIntentIn();
    await alice.decide(await pendingOf(client, host, "deploy_site"), "approve");
    const { counts } = await until(client, async () => {
      const { workflow } = await client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 2, refused: 0, failed: 0 });
    host.close();
  });

  it("[ACP-35] [ACP-44] lets what had begun end under the policy it was let through under", async () => {
    const { pool, lost } = losing("report");
    const open = await openedHost({ pool });
    const alice = await enrolledOperator(open.client);
    const { wid } = await alice.start(smallRun("Begun run", 1), { speed: 1000 });
    await lost.first;
    await until(open.client, async () =>
      (await open.host.engine.read((state) => [...(state.workflows.get(wid)?.tasks.values() ?? [])])).some(
        ({ status }) => status === "effect",
      )
        ? true
        : null,
    );
    lost.on = false;
    await replace(open, alice, wid, "later");
    await alice.decide(await pendingOf(open.client, open.host, "deploy_site"), "approve");
    const { counts } = await until(open.client, async () => {
      const { workflow } = await open.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 2, refused: 0, failed: 0 });
    open.host.close();
  });

  it("[ACP-44] [ACP-35] in the midst of work loses none of it, however often, also over a host that opens again", async () => {
    const storage = createMemoryStorage();
    let open = await openedHost({ storage });
    const alice = await enrolledOperator(open.client);
    const { wid } = await alice.start(smallRun("Often replaced", 6), { speed: 100 });
    for (let round = 1; round <= 3; round += 1) {
      await until(open.client, async () => {
        const { counts } = (await open.client.workflow.get({ wid })).workflow;
        return (counts.done ?? 0) >= round ? true : null;
      });
      await replace(open, alice, wid, `r${round}`);
      open.host.close();
      // Two hosts at once would write the same log: a profile has one.
      await settled();
      open = await openedHost({ storage });
      alice.rebound(open.client);
    }
    const request = await pendingOf(open.client, open.host, "deploy_site");
    await alice.decide(request, "approve");
    const { counts } = await until(open.client, async () => {
      const { workflow } = await open.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 7, refused: 0, failed: 0 });
    expect(await verified(open.client)).toBeNull();
    open.host.close();
  });

  it("[S4] [ACP-44] a stop of one agent and a new start cost no other agent its work", async () => {
    const open = await openedHost();
    const { client } = open;
    const alice = await enrolledOperator(client);
    const run = smallRun("Partly stopped", 4);
    const { wid } = await alice.start(run, { speed: 20 });
    await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.running === 1 ? true : null));
    const deployer = `spiffe://console.local/agent/${wid}/deployer`;
    const stop = await client.override.signal({ token: await alice.signal("stop", { kind: "agent", id: deployer }) });
    const release = await alice.signal("release", { kind: "agent", id: deployer }, { params: { of: stop.jti } });
    await client.override.signal({ token: release });
    await alice.start(run, { wid, speed: 1000 });
    await alice.decide(await pendingOf(client, open.host, "deploy_site"), "approve");
    const { counts } = await until(client, async () => {
      const { workflow } = await client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 5, refused: 0, failed: 0 });
    open.host.close();
  });
});
