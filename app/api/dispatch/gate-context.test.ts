import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { shapeOf } from "./gate-previous.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";

/** Two deployments at the end of the chain, the second after the first. */
function twoDeployments(name: string) {
  const run = smallRun(name);
  const first = must(run.tasks.at(-1), "a deployment");
  const second = {
    ...first,
    id: "deploy-eu",
    name: "deploy-eu",
    parents: [{ id: first.id, inferred: false }],
    args: { step: "eu" },
  };
  return { ...run, tasks: [...run.tasks, second] };
}

describe("what a decision is shown with", () => {
  let client: TestClient;
  let close: () => void;
  beforeAll(async () => {
    const opened = await openedHost();
    client = opened.client;
    close = () => opened.host.close();
  });
  afterAll(() => close());

  const pending = (wid: string, after?: string) =>
    until(client, async () => {
      const { rows } = await client.gate.queue({ wid, state: "pending" });
      return rows.find((row) => row.request !== after) ?? null;
    });

  it("[ACP-13] [ACP-1] names what follows, who delegated what, what it rests on and the last similar action", async () => {
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(twoDeployments("Two deployments"));
    const row = await pending(wid);
    expect(row.ruleIds).toEqual(["approve-irreversible"]);
    expect(row.blast).toEqual({ tasks: 1, irreversible: 1, agents: 1 });
    const first = await client.gate.request({ request: row.request });
    expect(first.previous).toBeNull();
    expect(first.reach).toMatchObject({
      agents: [{ agent: row.agent, tasks: 1, irreversible: 1 }],
      irreversible: ["deploy-eu"],
    });
    expect(first.reach.limits.every((limit) => limit.values === null)).toBe(true);
    expect(first.lineage?.policy).toMatchObject({ issuer: alice.subject, holder: alice.subject, parent: null });
    expect(first.lineage?.steps.map(({ node, from, consequence }) => [node, from, consequence])).toEqual([
      ["op", [], "reversible"],
      ["a1", ["op"], "irreversible"],
    ]);
    expect(first.evidence.map(({ source, level }) => [source, level])).toEqual([["predecessor", expect.any(Number)]]);
    expect(first.evidence[0]?.level).toBeGreaterThanOrEqual(2);

    await alice.decide(row.request, "approve");
    const next = await pending(wid, row.request);
    expect(next.likeness).toBe(row.likeness);
    const second = await client.gate.request({ request: next.request });
    expect(second.previous).toMatchObject({
      request: row.request,
      sameAgent: true,
      state: "consumed",
      taskName: "deploy",
      canonicalArgs: '{"step":"deploy"}',
      argsHash: first.argsHash,
    });
    expect(second.canonicalArgs).toBe('{"step":"eu"}');
    await alice.decide(next.request, "reject");
    const settled = await client.gate.queue({ wid, state: "rejected" });
    expect((await client.gate.queue({ wid })).rows.map((one) => one.state)).toEqual(["rejected", "consumed"]);
    expect(settled.rows[0]?.blast).toBeNull();
  });

  it("[ACP-13] finds the namesake of another workflow where the agent itself has done nothing like it", async () => {
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(smallRun("Later run"));
    const row = await pending(wid);
    const { previous } = await client.gate.request({ request: row.request });
    expect(previous).toMatchObject({ sameAgent: false, state: "rejected", canonicalArgs: '{"step":"eu"}' });
    await alice.decide(row.request, "reject");
  });
});

it("arguments have one shape whatever their values are, and another one with other names or kinds", () => {
  const shape = shapeOf({ a: 1, b: ["x", "y"] });
  expect(shapeOf({ b: ["z"], a: 2 })).toBe(shape);
  for (const other of [{ a: "1", b: ["x"] }, { a: 1, c: ["x"] }, { a: 1 }, { a: 1, b: [1] }, [], null])
    expect(shapeOf(other)).not.toBe(shape);
});
