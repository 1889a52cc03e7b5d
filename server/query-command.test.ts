import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../app/api/dispatch/operator.fixture.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { must } from "../app/base/assert.ts";
import { runCli } from "./cli.ts";
import { openHttpHost } from "./http-host.ts";

let folder: string;
let file: string;
/** Ids for the words in capitals. */
const ids = { INTENT: "", REQUEST: "" };
const withIds = (expression: string): string =>
  expression.replace("INTENT", ids.INTENT).replace("REQUEST", ids.REQUEST);
/** What the host itself answers to the same expressions, while it has the log. */
const answered = new Map<string, readonly number[]>();
const EXPRESSIONS = [
  "",
  "typ:hitl-request or severity>=warning",
  "name:*",
  "last:1h not outcome:*",
  "before:REQUEST",
  "after:INTENT",
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-query-"));
  file = join(folder, "log.json");
  const opened = await openHttpHost({ trustDomain: "console.local", port: 0 });
  const host = must(opened.ok ? opened.value : null, "the host opens");
  try {
    const client = connectRemote(`${host.url}/api`);
    const alice = await enrolledOperator(client);
    const { wid } = await alice.start(smallRun());
    const first = async (expression: string): Promise<string | null> =>
      (await client.audit.query({ expression, limit: 1 })).rows[0]?.jti ?? null;
    ids.REQUEST = await until(client, () => first("typ:hitl-request"));
    ids.INTENT = must(await first("typ:intent"), "an intent");
    await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: wid }) });
    let text = "";
    for await (const chunk of await client.audit.export()) text += chunk.text;
    await writeFile(file, text);
    const { manifest } = JSON.parse(text) as { manifest: { tree_size: number } };
    for (const expression of EXPRESSIONS) {
      // Nothing that came in after the export.
      const whole = expression === "" ? "" : `(${withIds(expression)}) and `;
      const input = { expression: `${whole}seq<${manifest.tree_size}`, order: "oldest", limit: 1000 } as const;
      let answer = await client.audit.query(input);
      while (!answer.complete) answer = await client.audit.query(input);
      const { rows } = answer;
      answered.set(
        expression,
        rows.map(({ seq }) => seq),
      );
    }
  } finally {
    await host.close();
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function query(...words: string[]) {
  const lines: string[] = [];
  const result = await runCli(["query", ...words], (async function* () {})(), async (line) => {
    lines.push(line);
  });
  return {
    lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    exitCode: result.ok ? 0 : result.error.exitCode,
    message: result.ok ? "" : result.error.message,
  };
}

describe("query", () => {
  it.each(EXPRESSIONS)(
    "[XA-21] [XA-19] finds in the exported log what the host finds in its own: %j",
    async (expression) => {
      const { lines, exitCode } = await query(file, withIds(expression), "--json");
      expect(exitCode).toBe(0);
      const rows = lines.slice(0, -1);
      expect(rows.map(({ seq }) => seq)).toEqual(answered.get(expression));
      expect(rows.length).toBeGreaterThan(0);
      expect(lines.at(-1)).toMatchObject({ matching: rows.length, complete: true });
    },
  );

  it("[XA-22] says where an expression is wrong, and that no log is a log", async () => {
    const wrong = await query(file, "typ:exec severty:x");
    expect(wrong.exitCode).toBe(1);
    expect(wrong.message).toContain("query_field_unknown at 9");
    expect(wrong.lines).toEqual([
      { problems: [expect.objectContaining({ code: "query_field_unknown", offset: 9, suggestion: "severity" })] },
    ]);
    expect((await query(join(folder, "none.json"), "x")).exitCode).toBe(2);
    expect((await query()).message).toBe("query: name the LOG to read");
  });
});
