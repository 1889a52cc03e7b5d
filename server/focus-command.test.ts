import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator } from "../app/api/dispatch/operator.fixture.ts";
import { openedHost } from "../app/host/host.fixture.ts";
import { metered, modelRun, setTariff } from "../app/host/metering.fixture.ts";
import { runCli } from "./cli.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-focus-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function* nothing(): AsyncGenerator<Uint8Array> {
  // These commands read a file.
}

/** The exit code, and what was written. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  let out = "";
  const ended = await runCli(args, nothing(), async (text) => {
    out += text;
  });
  return { code: ended.ok ? 0 : ended.error.exitCode, out: ended.ok ? out : `${out}${ended.error.message}` };
}

describe("focus on the command line", () => {
  it("[XDA-47] exports what a log charges, and validates it and its faults", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    await setTariff(client, alice, "console.local");
    await alice.start(modelRun([[12_000, 1500]]));
    await metered(client, 1);
    let text = "";
    for await (const chunk of await client.audit.export()) text += chunk.text;
    host.close();
    const [log, csv, bad] = ["log.json", "charges.csv", "bad.csv"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]; // three names, three paths
    await writeFile(log, text);
    const exported = await run("focus", "export", log);
    expect(exported.code).toBe(0);
    await writeFile(csv, exported.out);
    expect(await run("focus", "validate", csv)).toEqual({ code: 0, out: '{"rows":2,"problems":[]}\n' });
    const json = await run("focus", "export", log, "--json");
    expect(JSON.parse(json.out).map((row: { BilledCost: string }) => row.BilledCost)).toEqual(["0.036", "0.0225"]);
    await writeFile(bad, (await readFile(csv, "utf8")).replace("EUR", "euro"));
    const found = await run("focus", "validate", bad);
    expect(found.code).toBe(1);
    expect(found.out).toContain("charge 1, BillingCurrency: an ISO 4217 code is expected");
    // A log that does not hold charges nobody.
    await writeFile(
      log,
      text.replace(
        /"received_at":(\d+)(\d)/,
        (_all, first, last) => `"received_at":${first}${(Number(last) + 1) % 10}`,
      ),
    );
    expect((await run("focus", "export", log)).code).toBe(1);
    expect((await run("focus", "export", join(folder, "none"))).code).toBe(2);
    expect((await run("focus", "mend", log)).code).toBe(2);
  });
});
