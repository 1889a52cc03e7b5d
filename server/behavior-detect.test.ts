import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { must } from "../app/base/assert.ts";
import { detectFamily, type FamilyRun } from "../app/protocol/behavior/detect.ts";
import { familyAt } from "./behavior-detect.ts";
import { runCli } from "./cli.ts";
import { detectionTables, type JudgedFamily } from "./detection-document.fixture.ts";
import { FAMILIES, type Family } from "./detection-families.ts";

const DOCUMENT = "../docs/behavior-detection.md";
const pathOf = (file: string): string => join(import.meta.dirname, "../e2e/fixtures", file);

const read = new Map<Family, ReturnType<typeof familyAt>>();

/** Each file is read once for all tests. */
async function runsOf(family: Family): Promise<readonly FamilyRun[]> {
  const reading = read.get(family) ?? familyAt(family.files.map(pathOf));
  read.set(family, reading);
  const runs = await reading;
  if (!runs.ok) throw new Error(runs.error);
  return runs.value;
}

async function judge(family: Family): Promise<JudgedFamily> {
  const runs = await runsOf(family);
  const rules = family.stated.map(({ rule }) => rule);
  return { family, before: detectFamily(runs, "before", rules), rest: detectFamily(runs, "rest", rules) };
}

test("[BEH-39] the table of docs/behavior-detection.md is what the recordings give now: `vitest -u` writes it anew", async () => {
  const judged = [];
  for (const family of FAMILIES) judged.push(await judge(family));
  // Every annotated run is there, and none is judged by itself.
  expect(judged.map(({ before }) => before.length)).toEqual([14, 3, 3, 4, 2]);
  for (const { before } of judged) for (const run of before) expect(run.learned.runs).toBe(before.length - 1);
  const document = readFileSync(join(import.meta.dirname, DOCUMENT), "utf8");
  const [head, , tail] = document.split(/<!-- tables: (?:begin|end)[^>]*-->\n/);
  const begin = "<!-- tables: begin, written by server/behavior-detect.test.ts -->\n";
  const fresh = `${head}${begin}\n${detectionTables(judged)}\n\n<!-- tables: end -->\n${tail}`;
  await expect(fresh).toMatchFileSnapshot(DOCUMENT);
});

test("[BEH-39] a run that does what no other did is flagged by the profile that the others teach", async () => {
  const [first, ...others] = await runsOf(must(FAMILIES[0], "there are families"));
  if (first === undefined) throw new Error("there is no run");
  const changed = {
    ...first,
    run: {
      ...first.run,
      tasks: first.run.tasks.map((task) =>
        task.agent === "assistant" && task.id === "step-31" ? { ...task, action: "wipe_all" } : task,
      ),
    },
  };
  expect(changed.run).not.toEqual(first.run);
  const [found] = detectFamily([changed, ...others], "rest");
  expect(found?.flags).toContainEqual({ method: "action", rule: "action-not-allowed", step: 31, action: "wipe_all" });
});

test("[BEH-39] `behavior detect` answers with a line for each run; files that are no runs, or one run alone, are refused", async () => {
  const who = (number: number): string => pathOf(`who-and-when/algorithm-generated-${number}.json`);
  const lines: string[] = [];
  const run = (files: readonly string[]) =>
    runCli(["behavior", "detect", ...files], Readable.from([]), async (line) => void lines.push(line));
  expect(await run([who(107), who(111), who(117)])).toEqual({ ok: true, value: undefined });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { run: "algorithm-generated-107", annotated: [{ step: 6, cause: true }], taughtRest: { learned: { runs: 2 } } },
    { run: "algorithm-generated-111", annotated: [{ step: 8, cause: true }], taughtBefore: { falseAlarms: [] } },
    { run: "algorithm-generated-117", annotated: [{ step: 0, cause: true }] },
  ]);
  expect(await run([who(107)])).toEqual({
    ok: false,
    error: { exitCode: 2, message: "behavior: a run is judged by what the others teach: give at least two" },
  });
  expect(await run([pathOf("who-and-when/LICENSE"), who(107)])).toMatchObject({
    error: { exitCode: 2, message: expect.stringContaining("LICENSE") },
  });
});
