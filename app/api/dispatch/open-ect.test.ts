import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { enrolledOperator, smallRun, until } from "./operator.fixture.ts";

/** A finished re-enactment over a storage whose entries can be changed behind the log's back. */
async function finishedRun(run = smallRun()) {
  const storage = createMemoryStorage();
  let change = (entry: LedgerEntry): LedgerEntry => entry;
  const log: typeof storage.log = {
    ...storage.log,
    read: async function* (domain, from, to) {
      for await (const chunk of storage.log.read(domain, from, to)) yield chunk.map(change);
    },
  };
  const { host, client } = await openedHost({ storage: { ...storage, log } });
  const alice = await enrolledOperator(client);
  const { wid } = await alice.start(run);
  const row = await until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
  await alice.decide(row.request, "approve");
  await until(client, async () => ((await client.workflow.get({ wid })).workflow.status === "finished" ? true : null));
  const ectOf = async (index: number) => must((await client.workflow.task({ wid, index })).ect, "an ECT");
  const tamper = (how: typeof change): void => {
    change = how;
  };
  return { host, ectOf, tamper };
}

const rowsOf = (ect: { steps: readonly { check: string; result: string; code?: string | undefined }[] }): string[] =>
  ect.steps.map(({ check, result, code }) => `${check.split(" ")[0]} ${code ?? result}`);
const D4 = [1, 2, 3, 4, 5, 6].map((step) => `D4.${step}`);
const D2 = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => `D2.${from + at}`);

describe("a task's ECT, opened", () => {
  it("[INV-4] [ECT-26] [COM-2] shows the steps of D1, D2 and D4 against what the log held, and the level it has reached", async () => {
    const { host, ectOf } = await finishedRun();
    const before = await ectOf(2);
    const steps = ["D1.1", "D1.4", ...D2(1, 15), ...D4];
    expect(rowsOf(before)).toEqual(steps.map((step) => `${step} passed`));
    expect(before.steps.map(({ step }) => step)).toEqual(before.steps.map((_, at) => at + 1));
    expect([before.level, before.position]).toEqual([2, `entry ${before.seq}, no signed head covers it yet`]);

    await host.engine.issueHead();
    const size = await host.engine.read((_state, head) => head.size);
    const after = await ectOf(2);
    expect(rowsOf(after)).toEqual([...steps, "D2.17"].map((step) => `${step} passed`));
    expect([after.level, after.position]).toEqual([3, `entry ${after.seq}, under the signed head of ${size} entries`]);
    host.close();
  });

  it("[INV-4] [ECT-S1] [XA-13] shows what does not hold any more, and no level", async () => {
    const { host, ectOf, tamper } = await finishedRun();
    await host.engine.issueHead();
    const { seq, token } = await ectOf(2);
    const other = await ectOf(1);
    const at = (change: Partial<LedgerEntry>) =>
      tamper((entry) => (entry.seq === seq ? { ...entry, ...change } : entry));
    const opened = async () => {
      const ect = await ectOf(2);
      return [ect.level, ect.steps.find((step) => step.result === "failed")?.code];
    };
    const swapped = `${token.slice(0, token.lastIndexOf("."))}.${other.token.split(".")[2] ?? ""}`;
    at({ token: swapped });
    expect(await opened()).toEqual([0, "ect_signature_invalid"]);
    const rows = rowsOf(await ectOf(2));
    expect(rows.slice(rows.indexOf("D2.7 ect_signature_invalid") + 1)).toEqual(
      [...D2(8, 15), ...D4, "D2.17"].map((step) => `${step} not_reached`),
    );
    at({ token: other.token });
    expect(await opened()).toEqual([0, "ect_replayed"]);
    at({ received_at: 1 });
    expect(await opened()).toEqual([0, "ect_iat_out_of_window"]);
    at({ submitter: "spiffe://console.local/agent/other" });
    expect(await opened()).toEqual([0, "ect_receipt_invalid"]);
    at({ token: "not a token" });
    expect(await opened()).toEqual([0, "ect_malformed"]);
    at({});
    expect(await opened()).toEqual([3, undefined]);
    host.close();
  });

  it("[ECT-53] [ECT-16] of a task that follows 130 others names the joins that went before its intent", async () => {
    const run = smallRun("Wide run", 130);
    const builds = run.tasks.slice(0, -1).map((task) => ({ ...task, parents: [], startMs: 0 }));
    const sink = must(run.tasks.at(-1), "a deployment");
    const parents = builds.map(({ id }) => ({ id, inferred: false }));
    const { host, ectOf } = await finishedRun({ ...run, tasks: [...builds, { ...sink, parents }] });
    const ect = await ectOf(130);
    // Two joins, and the decision that approved it (ACP-35).
    expect(ect.claims.pred).toHaveLength(3);
    expect(ect.steps.every((step) => step.result === "passed")).toBe(true);
    const joins = await host.engine.read((state) =>
      [...state.workflows.values()].flatMap(({ ects }) => [...ects.values()].filter((held) => held.execAct === "join")),
    );
    expect(joins.map((join) => join.pred.length)).toEqual([100, 30]);
    host.close();
  });
});
