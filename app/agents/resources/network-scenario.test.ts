import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { importText, runOf } from "../importers/import.fixture.ts";
import { effectOf, undoOf } from "./effect.ts";

const WID = "0195400c-0000-7000-8000-00000000000a";
const file = new URL("../../../public/runs/three-domain-network-change.json", import.meta.url);
const scenario = async () => runOf(await importText(await readFile(file, "utf8")));

describe("the three-domain network change", () => {
  it("is read whole, as what it says it is", async () => {
    const run = await scenario();
    expect([run.name, run.tasks.length, run.agents.length, run.makespanMs]).toEqual([
      "Three-domain network change",
      18,
      9,
      78_000,
    ]);
    // Start times are computed from durations for every run of this format; nothing else was left out.
    expect(run.warnings.map(({ code }) => code)).toEqual(["times_computed"]);
  });

  it("[CAS-10] [CAS-11] declares for each task that writes how it can be undone, one of each kind at least", async () => {
    const run = await scenario();
    const effects = run.tasks.map((task) => effectOf(WID, WID, task));
    const declared = effects.map((effect) => undoOf(effect)).filter(({ effect }) => effect);
    expect(declared.map(({ kind }) => kind)).not.toContain(undefined);
    const count = (kind: string) => declared.filter((undo) => undo.kind === kind).length;
    expect([count("automatic"), count("assisted"), count("impossible")]).toEqual([9, 2, 1]);
    expect(declared.filter(({ compensation }) => compensation !== undefined)).toMatchObject([
      { compensation: { cost: "40.00" } },
    ]);
  });

  it("commits every device of three domains and confirms each commit later", async () => {
    const run = await scenario();
    const order = new Map(run.tasks.map((task) => [task.id, task.startMs ?? 0]));
    const at = (kind: string): Map<string, number> =>
      new Map(
        run.tasks.flatMap((task) =>
          (effectOf(WID, WID, task)?.deeds ?? [])
            .filter((deed) => deed.kind === kind)
            .map((deed) => [deed.uri, must(order.get(task.id), "a start")] as const),
        ),
      );
    const commits = at("commit");
    const confirms = at("confirm");
    expect([...commits.keys()].map((uri) => uri.split("/").slice(-2).join("/")).toSorted()).toEqual([
      "access/olt1.conf",
      "core/p1.conf",
      "core/p2.conf",
      "metro/pe1.conf",
      "metro/pe2.conf",
    ]);
    for (const [uri, ms] of commits) expect(must(confirms.get(uri), uri)).toBeGreaterThan(ms);
  });

  it("has approvers see what a device is going to hold: the arguments carry the configuration that is written", async () => {
    const run = await scenario();
    for (const task of run.tasks)
      for (const deed of effectOf(WID, WID, task)?.deeds ?? [])
        if (deed.kind === "commit") expect(JSON.stringify(task.args)).toContain(JSON.stringify(deed.text).slice(1, -1));
  });
});
