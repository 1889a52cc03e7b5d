import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { type Bench, ids, startedWorkflow } from "./engine.fixture.ts";
import type { Snapshot } from "./ports.ts";
import { isSnapshotDue } from "./seal.ts";
import type { State } from "./state.ts";

/** Makes the log as long as asked for, in frames of many entries. */
async function grow(bench: Bench, entries: number): Promise<void> {
  const { jwk } = await generateSigner();
  const enrolled = Array.from({ length: entries }, (_, at) =>
    bench.engine.submit({
      kind: "enrol",
      subject: `spiffe://console.local/human/h${at}`,
      name: `H${at}`,
      jwk,
      kid: `none-${crypto.randomUUID()}`,
      lifetimeS: 60,
    }),
  );
  expect((await Promise.all(enrolled)).every((result) => result.ok)).toBe(true);
}

async function stored(bench: Bench): Promise<Snapshot> {
  const snapshot = await bench.storage.log.snapshot(ids.domain);
  return must(snapshot.ok ? snapshot.value : null, "a snapshot was taken");
}

describe("snapshots", () => {
  it("are what the state was at their size, however it goes on, and a log opens from one", async () => {
    const bench = await startedWorkflow();
    await grow(bench, 2100);
    const snapshot = await stored(bench);
    const { state } = snapshot.state as { state: State };
    expect([state.size, snapshot.size >= 2000]).toEqual([snapshot.size, true]);
    await bench.submit(await bench.intent(bench.task("later"), "build_site"));
    expect((await stored(bench)).size).toBe(snapshot.size);
    const [before, after] = await Promise.all(
      [bench.engine, await bench.reopen()].map((engine) => engine.read((now) => structuredClone(now))),
    );
    expect(after).toEqual(before);
    expect(must(after, "a state").size).toBeGreaterThan(snapshot.size);
  });

  it("become rarer as the log grows, since each stops the engine for longer", () => {
    expect([isSnapshotDue(1999, 0), isSnapshotDue(2000, 0)]).toEqual([false, true]);
    expect([isSnapshotDue(3999, 2000), isSnapshotDue(4000, 2000)]).toEqual([false, true]);
    expect([isSnapshotDue(89_999, 80_000), isSnapshotDue(90_000, 80_000)]).toEqual([false, true]);
  });
});
