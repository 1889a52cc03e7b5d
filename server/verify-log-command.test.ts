import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { must } from "../app/base/assert.ts";
import { ids, startedWorkflow } from "../app/engine/engine.fixture.ts";
import type { LedgerEntry, LogExport } from "../app/protocol/audit/claims.ts";
import { runCli } from "./cli.ts";

async function exported(): Promise<LogExport> {
  const bench = await startedWorkflow();
  await bench.submit(await bench.stop());
  const entries: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 1000)) entries.push(...chunk);
  const stored = await bench.storage.log.heads(ids.domain);
  const heads = stored.ok ? [...stored.value] : [];
  const { size, root } = await bench.engine.read((_state, head) => head);
  const manifest = {
    log_id: ids.logId,
    domain: ids.domain,
    exported_at: 1,
    from: 0,
    entries: size,
    heads: heads.length,
    keys: 0,
    objects: 0,
    root,
    tree_size: size,
  };
  return { signalbox_log: 1, manifest, keys: [], heads, entries, objects: {} };
}

async function verify(log: unknown): Promise<{ lines: string[]; exitCode: number; message: string }> {
  const file = join(await mkdtemp(join(tmpdir(), "signalbox-")), "log.json");
  await writeFile(file, JSON.stringify(log));
  const lines: string[] = [];
  const result = await runCli(["verify-log", file, "--json"], (async function* () {})(), async (line) => {
    lines.push(line);
  });
  return { lines, exitCode: result.ok ? 0 : result.error.exitCode, message: result.ok ? "" : result.error.message };
}

describe("verify-log", () => {
  it("[XA-19] [XA-20] an exported log verifies from its own bytes", async () => {
    const { lines, exitCode } = await verify(await exported());
    expect(exitCode).toBe(0);
    expect(JSON.parse(must(lines[0], "a report"))).toMatchObject({ firstBad: null, authentic: { result: "passed" } });
  });

  it("[XA-S1] the first bad entry is named, and the exit code says no", async () => {
    const log = await exported();
    log.entries.splice(4, 1);
    const { lines, exitCode, message } = await verify(log);
    expect(exitCode).toBe(1);
    expect(message).toContain("log_gap at entry 4");
    expect(JSON.parse(must(lines[0], "a report"))).toMatchObject({
      firstBad: { seq: 4, code: "log_gap" },
      entriesBefore: 4,
    });
  });

  it.each(["import", "verify-log"])("%s without a file asks for one", async (command) => {
    const result = await runCli([command], (async function* () {})(), async () => undefined);
    expect(result).toEqual({ ok: false, error: { exitCode: 2, message: `${command}: name the FILE to read` } });
  });

  it("a file that is no exported log is refused with what was expected", async () => {
    const { lines, exitCode, message } = await verify({ entries: [] });
    expect([lines, exitCode]).toEqual([[], 2]);
    expect(message).toMatch(/not an exported log: signalbox_log/);
  });
});
