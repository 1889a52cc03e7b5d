import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { summarizeFile } from "./import-command.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../e2e/fixtures/wfinstances/${name}`, import.meta.url));

describe("import", () => {
  it("gives the counts of a recorded run", async () => {
    const summary = await summarizeFile(fixture("montage-chameleon-2mass-01d-001.json"));
    expect(summary).toMatchObject({
      ok: true,
      value: { format: "wfformat", tasks: 103, edges: 231, roots: 21, leaves: 4, levels: 8, failed: 0 },
    });
  });

  it("names the file, the place and what was expected", async () => {
    expect(await summarizeFile(fixture("LICENSE"))).toEqual({
      ok: false,
      error: expect.stringMatching(/LICENSE: import_malformed at .*: expected one JSON document/),
    });
    expect(await summarizeFile(fixture("none.json"))).toEqual({
      ok: false,
      error: expect.stringContaining("no such file"),
    });
  });
});
