import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { importText, runOf } from "../agents/importers/import.fixture.ts";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { byHand, orderOfTwo } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import { acted } from "./acting.fixture.ts";
import { openedHost } from "./host.fixture.ts";

const FILE = new URL("../../public/runs/three-domain-network-change.json", import.meta.url);

describe("the network change taken back", { timeout: 30_000 }, () => {
  it("[CAS-16] [CAS-17] [CAS-18] [ECT-44] restores the devices byte for byte, makes good, asks a person, and names what stays", async () => {
    const open = await openedHost({ domains: {} });
    const { host, client } = open;
    const { alice, wid } = await acted(client, runOf(await importText(await readFile(FILE, "utf8"))));
    const bob = await enrolledOperator(client, "Bob");
    const task = async (action: string): Promise<string> =>
      host.engine.read((state) => {
        const tasks = [...(state.workflows.get(wid)?.tasks.values() ?? [])];
        return must(tasks.find(({ execAct }) => execAct === action)?.jti, action);
      });
    // Everything after the plan: what the inventory found is what the devices held before.
    const aim = { wid, target: { kind: "task" as const, id: await task("planner") }, keepTarget: false };
    const strict = await client.rollback.rehearse({ ...aim, bestEffort: false });
    expect(strict.problem).toMatchObject({ code: "rollback_irreversible" });
    expect(strict.plan.counts).toEqual({ undone: 6, compensated: 1, manual: 1, skipped: 6, impossible: 1 });

    // Each device's domain has its own gateway take part, by hand and by compensation as well (CAS-36).
    const gateways = new Set(strict.plan.steps.flatMap(({ gateway }) => gateway ?? []));
    expect([...gateways].toSorted()).toEqual(["access", "core", "metro"].map((name) => `spiffe://${name}.example/pep`));
    const { token } = await orderOfTwo(client, alice, bob, { ...aim, bestEffort: true });
    const { rbId } = await client.rollback.request({ token });
    const show = () => client.rollback.show({ rbId });
    const asked = await until(client, async () => {
      const view = await show();
      return view.steps.find(({ method, status }) => method === "manual" && status === "open") === undefined
        ? null
        : view;
    });
    const technician = must(
      asked.steps.find(({ method }) => method === "manual"),
      "the technician's step",
    );
    expect(technician.task).toBe(await task("field_desk"));
    await client.rollback.result({ token: await byHand(client, alice, rbId, technician.n, {}) });
    const partial = await until(client, async () => {
      const view = await show();
      return view.rollback.phase === "partial" ? view : null;
    });
    // The notice was sent, and that is all that stays.
    expect(partial.residues.map(({ task: jti, why }) => [jti, why])).toEqual([[await task("notifier"), "impossible"]]);
    expect(partial.residues[0]?.tell).toContain("1,280 business customers behind olt1");

    const texts = async () => {
      const listed = await host.resources.list(`store://${wid}/`);
      return new Map(
        (listed.ok ? listed.value : []).map(({ uri, text }) => [uri.slice(`store://${wid}/`.length), text]),
      );
    };
    const after = await texts();
    const { client: second, host: other } = await openedHost();
    const { wid: fresh } = await acted(second, await inventoryOnly());
    const untouched = await other.resources.list(`store://${fresh}/devices`);
    for (const { uri, text } of untouched.ok ? untouched.value : [])
      expect(after.get(uri.slice(`store://${fresh}/`.length))).toBe(text);
    expect(untouched.ok && untouched.value).toHaveLength(5);
    expect(after.get("peering/route-server.log")).toBe(
      "announce 203.0.113.0/24 from pe1 and pe2\nwithdraw 203.0.113.0/24 from pe1 and pe2\n",
    );
    expect(after.has("plans/change-4711.txt")).toBe(false);
    expect(after.get("outbox/customers.log")).toContain("1,280 business customers");
    const compensations = await host.engine.read((state) =>
      [...(state.workflows.get(wid)?.ects.values() ?? [])].filter(({ execAct }) => execAct === "compensate"),
    );
    expect(compensations).toHaveLength(1);
    expect(compensations[0]?.pred).toContain(await task("peering"));
    const ended = await show();
    for (const { list, gateway, resultEct } of ended.steps)
      if (gateway !== null) expect([list, resultEct === null]).toEqual([list, false]);
    expect(ended.steps.find(({ n }) => n === technician.n)?.operator).toBe(alice.subject);
    expect(await host.integrity.verify()).toMatchObject({ firstBad: null });
    other.close();
    host.close();
  });
});

async function inventoryOnly() {
  const run = runOf(await importText(await readFile(FILE, "utf8")));
  const tasks = run.tasks.filter(({ action }) => action === "inventory");
  return { ...run, tasks, agents: run.agents.filter(({ id }) => id === "inventory"), makespanMs: 5000 };
}
