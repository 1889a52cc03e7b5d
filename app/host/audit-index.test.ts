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
