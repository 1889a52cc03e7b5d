import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fileOf, runOf } from "../agents/importers/import.fixture.ts";
import { importRun } from "../agents/importers/import-run.ts";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { openedHost } from "./host.fixture.ts";

const bundled = "tau-retail-task-12.jsonl.gz";

it("[BEH-60] [BEH-61] a run without times plays in the order of its steps, and its views tell what is annotated", async () => {
  const file = fileOf(readFileSync(new URL(`../../public/runs/${bundled}`, import.meta.url)), bundled);
  const run = runOf(await importRun([file]));
  const { host, client } = await openedHost();
  const { wid, digest } = await (await enrolledOperator(client)).start(run);
  await until(client, async () => {
    const { workflow } = await client.workflow.get({ wid });
    return workflow.status === "finished" ? workflow : null;
  });
  const { workflow } = await client.workflow.get({ wid });
  expect(workflow.run.annotated).toBe(1);
  expect(workflow.counts).toMatchObject({ done: run.tasks.length });
  const graph = await client.workflow.graph({ digest });
  expect(graph.blame).toEqual(run.blame);
  const { rows } = await client.audit.entries({ wid, typ: "intent+jwt", order: "oldest" });
  expect(rows.map((row) => row.taskName)).toEqual(run.tasks.map((task) => task.name));
  // The log's own export, read as a recording, still has what the recording noted.
  const parts: string[] = [];
  for await (const { text } of await client.audit.export()) parts.push(text);
  const again = runOf(await importRun([fileOf(parts.join(""), "log.json")]));
  expect(again.blame).toMatchObject([{ step: 19, agent: "assistant", cause: true }]);
  expect(again.tasks.find((task) => task.id === again.blame?.[0]?.task)?.name).toBe(
    run.tasks.find((task) => task.id === run.blame?.[0]?.task)?.name,
  );
  host.close();
});
