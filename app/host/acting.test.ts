import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { importText, runOf } from "../agents/importers/import.fixture.ts";
import { smallRun } from "../api/dispatch/operator.fixture.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { CHECKPOINT_ACT, readCheckpoint } from "../protocol/cascade/checkpoint.ts";
import { acted } from "./acting.fixture.ts";
import { openedHost } from "./host.fixture.ts";

const FILE = new URL("../../public/runs/three-domain-network-change.json", import.meta.url);
const networkChange = async () => runOf(await importText(await readFile(FILE, "utf8")));

async function watched() {
  const opened = await openedHost();
  const logged: LoggedFact[] = [];
  opened.host.engine.onAppend((facts) => logged.push(...facts));
  const ects = () => logged.flatMap(({ fact, seq }) => (fact.typ === "exec+jwt" ? [{ claims: fact.claims, seq }] : []));
  const checkpoints = () => ects().filter(({ claims }) => claims.exec_act === CHECKPOINT_ACT);
  const effects = () =>
    new Map(
      logged.flatMap(({ fact, seq }) =>
        fact.typ === "record+jwt" && fact.claims.kind === "effect_started"
          ? [[String(fact.claims.data.task), seq] as const]
          : [],
      ),
    );
  return { ...opened, logged, ects, checkpoints, effects };
}

describe("agents that act", { timeout: 30_000 }, () => {
  it("[CAS-10] [CAS-11] save the state of what a task writes, and say whether it can be undone, before its effect", async () => {
    const { host, client, checkpoints, effects, ects } = await watched();
    const { wid, counts } = await acted(client, await networkChange());
    expect(counts).toMatchObject({ done: 18 });
    const made = checkpoints();
    expect(made).toHaveLength(12);
    for (const { claims, seq } of made) {
      const read = readCheckpoint(claims);
      expect(read.ok && read.value.agent).toBe(claims.iss);
      expect(effects().get(String(claims.ect_ext?.target_jti))).toBeGreaterThan(seq);
    }
    const undo = made.map(({ claims }) => claims.ect_ext?.undo);
    expect(["automatic", "assisted", "impossible"].map((kind) => undo.filter((is) => is === kind).length)).toEqual([
      9, 2, 1,
    ]);
    const intents = await host.engine.read((state) =>
      [...(state.workflows.get(wid)?.tasks.values() ?? [])].map(({ intent }) => intent?.undo?.effect),
    );
    expect(intents.filter((effect) => effect === true)).toHaveLength(12);
    expect(intents.filter((effect) => effect === false)).toHaveLength(6);
    // What was written is what the ECTs say was.
    const [last] = ects().filter(({ claims }) => claims.exec_act === "notifier");
    expect(last?.claims.ect_ext?.["org.signalbox.written"]).toMatch(/^[\w-]{43}$/);
    host.close();
  });

  it("leave every device as the change says, all commits confirmed", async () => {
    const { host, client } = await watched();
    const { wid } = await acted(client, await networkChange());
    const listed = await host.resources.list(`store://${wid}/`);
    const resources = listed.ok ? listed.value : [];
    expect(resources.map(({ uri }) => uri.slice(`store://${wid}/`.length))).toEqual([
      "cabling/olt1.txt",
      "devices/access/olt1.conf",
      "devices/core/p1.conf",
      "devices/core/p2.conf",
      "devices/metro/pe1.conf",
      "devices/metro/pe2.conf",
      "outbox/customers.log",
      "peering/route-server.log",
      "plans/change-4711.txt",
    ]);
    expect(resources.every(({ confirmByMs }) => confirmByMs === null)).toBe(true);
    expect(resources.find(({ uri }) => uri.endsWith("olt1.conf"))?.text).toContain("uplink pe1 port 1/2");
    host.close();
  });

  it("write the files of a recording, with content that says what it is, and nothing where nobody asked them to act", async () => {
    const { host, client, checkpoints, logged } = await watched();
    const run = smallRun("Acting", 2);
    const builds = { ...run, tasks: run.tasks.slice(0, 2) };
    const { wid } = await acted(client, builds);
    const listed = await host.resources.list(`store://${wid}/`);
    expect(listed.ok && listed.value.map(({ text }) => text.split("\n")[0])).toEqual([
      "re-enacted content of build-0.out",
      "re-enacted content of build-1.out",
    ]);
    expect(checkpoints()).toHaveLength(2);
    const before = logged.length;
    const { wid: still } = await acted(client, builds, false);
    expect(checkpoints()).toHaveLength(2);
    const quiet = await host.resources.list(`store://${still}/`);
    expect(quiet).toEqual({ ok: true, value: [] });
    const tasks = logged.slice(before).filter(({ fact }) => "wid" in fact.claims && fact.claims.wid === still);
    expect(tasks.some(({ fact }) => fact.typ === "intent+jwt" && fact.claims.undo !== undefined)).toBe(false);
    host.close();
  });
});
