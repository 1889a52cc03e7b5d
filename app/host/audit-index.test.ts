import { describe, expect, it } from "vitest";
import { sha256, startedWorkflow } from "../engine/engine.fixture.ts";
import { createAuditIndex } from "./audit-index.ts";

describe("the index of a damaged log", () => {
  it("[XA-20] lists a missing entry as missing, and everything after it", async () => {
    const bench = await startedWorkflow();
    for (const name of ["a", "b"]) await bench.submit(await bench.intent(bench.task(name), "build_site"));
    const size = await bench.engine.read((state) => state.size);
    const { log } = bench.storage;
    const read = log.read;
    log.read = async function* (domain, from, to) {
      for await (const chunk of read(domain, from, to)) yield chunk.filter((entry) => entry.seq !== 4);
    };
    const index = createAuditIndex(log, bench.engine.ids.domain, sha256);
    await index.catchUp();
    expect(index.rows()).toHaveLength(size);
    expect(index.rows().map((row) => row.seq)).toEqual(Array.from({ length: size }, (_, seq) => seq));
    expect(index.row(4)).toMatchObject({ typ: "missing", severity: "critical" });
    expect(index.row(5)?.typ).not.toBe("missing");
  });
});

describe("the index of a log that grows while it is read", () => {
  it("[XA-20] a caught-up index has what came during the reading that was under way", async () => {
    const bench = await startedWorkflow();
    const { log } = bench.storage;
    const read = log.read;
    let begin = (): void => undefined;
    let goOn = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    log.read = async function* (...range) {
      begin();
      await held;
      yield* read(...range);
    };
    const index = createAuditIndex(log, bench.engine.ids.domain, sha256);
    const first = index.catchUp();
    await begun;
    await bench.submit(await bench.intent(bench.task("a"), "build_site"));
    const size = await bench.engine.read((state) => state.size);
    const second = index.catchUp();
    goOn();
    await Promise.all([first, second]);
    expect(index.rows()).toHaveLength(size);
  });

  it("[XA-20] waits for nothing where the storage gives less than it counts", async () => {
    const bench = await startedWorkflow();
    const { log } = bench.storage;
    const read = log.read;
    log.read = async function* (domain, from, to) {
      for await (const chunk of read(domain, from, to)) yield chunk.filter(({ seq }) => seq < 2);
    };
    const index = createAuditIndex(log, bench.engine.ids.domain, sha256);
    await index.catchUp();
    expect(index.rows()).toHaveLength(2);
  });
});
