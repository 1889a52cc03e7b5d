import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../base/bytes.ts";
import type { ImportProgress } from "../../protocol/run/import-messages.ts";
import { codeOf, fileOf, importText, runOf, taskOf } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { partsInOrder } from "./parts.ts";

const run = (tasks: number): string => {
  const items = Array.from({ length: tasks }, (_, index) => ({ id: `t${index}`, name: `step_${index}`, parents: [] }));
  const execution = { makespanInSeconds: 1, tasks: [] };
  return JSON.stringify({
    name: "é made",
    schemaVersion: "1.5",
    workflow: { specification: { tasks: items }, execution },
  });
};
const event = (name: string, members: object): string => JSON.stringify({ Event: `SparkListener${name}`, ...members });
const stage = event("StageSubmitted", { "Stage Info": { "Stage ID": 1, "Submission Time": 1 } });
const taskEnd = (id: number, padding: string): string =>
  event("TaskEnd", {
    "Stage ID": 1,
    "Task Info": { "Task ID": id, Index: id, "Launch Time": 2, "Finish Time": 3, "Executor ID": "1", Padding: padding },
    "Task End Reason": { Reason: "Success" },
  });

/** A file that is made while it is read, so that only a reader that streams can hold it. */
function madeFile(lines: number, lineOf: (index: number) => string) {
  let index = 0;
  let bytes = 0;
  const stream = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (index === lines) {
          controller.close();
          return;
        }
        const batch = Array.from({ length: Math.min(100, lines - index) }, (_, at) => lineOf(index + at));
        index += batch.length;
        const piece = utf8(`${batch.join("\n")}\n`);
        bytes += piece.length;
        controller.enqueue(piece);
      },
    });
  return { file: { name: "large.jsonl", size: 1, stream }, read: () => ({ index, bytes }) };
}

describe("large files", () => {
  it("100 MB and 15,000 tasks are read line by line", { timeout: 180_000 }, async () => {
    const padding = "x".repeat(6_700);
    const { file, read } = madeFile(15_001, (index) => (index === 0 ? stage : taskEnd(index, padding)));
    const imported = runOf(await importRun([file]));
    expect(read().bytes).toBeGreaterThan(100_000_000);
    expect(imported.tasks).toHaveLength(15_001);
  });

  it("a cancelled import stops reading", async () => {
    const { file, read } = madeFile(1_000_000, (index) => (index === 0 ? stage : taskEnd(index, "")));
    const cancel = new AbortController();
    const result = await importRun([file], {
      signal: cancel.signal,
      onProgress: ({ bytes }) => {
        if (bytes > 200_000) cancel.abort();
      },
    });
    expect(codeOf(result)).toBe("import_cancelled");
    expect(read().index).toBeLessThan(10_000);
  });

  it("progress counts the bytes of the files themselves, up to all of them", async () => {
    const parts = [
      fileOf(gzipSync(`${stage}\n`), "events_1_a"),
      fileOf(`${taskEnd(1, "x".repeat(300_000))}\n`, "events_2_a"),
    ];
    const steps: ImportProgress[] = [];
    runOf(await importRun(parts, { onProgress: (step) => steps.push(step) }));
    const totalBytes = parts.reduce((sum, part) => sum + part.size, 0);
    expect(steps.length).toBeGreaterThan(4);
    expect(steps.at(-1)).toEqual({ bytes: totalBytes, totalBytes });
  });
});

describe("bounds and hostile files", () => {
  const oneLine = `${stage}\n${taskEnd(1, "x".repeat(5_000))}\n`;

  it.each([
    [
      "a file that unpacks to more than is allowed",
      gzipSync(Buffer.alloc(8_000_000, 32)),
      { maxBytes: 1_000_000 },
      "import_too_large",
      /^byte \d+$/,
    ],
    ["a line that is too long", utf8(oneLine), { maxLineBytes: 1_000 }, "import_too_large", /^line 2$/],
    [
      "a document that is too large",
      utf8(JSON.stringify(JSON.parse(run(500)), null, 1)),
      { maxDocumentBytes: 1_000 },
      "import_too_large",
      /^byte \d+$/,
    ],
    ["Zstandard", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4, 5), {}, "import_unknown_format", /^byte 0$/],
    [
      "bytes that are no text in the second line",
      Buffer.concat([utf8(`${stage}\n"`), Uint8Array.of(0xff, 0x22)]),
      {},
      "import_malformed",
      /^line 2$/,
    ],
    [
      "deep nesting",
      utf8(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
      {},
      "import_malformed",
      /^line 1, column 65$/,
    ],
    ["an unfinished document", utf8(run(3).slice(0, -5)), {}, "import_malformed", /^line 1, column \d+$/],
    ["text that is no JSON", utf8("hello\nworld"), {}, "import_malformed", /./],
    ["white space", utf8(" \n\r\n"), {}, "import_empty", /./],
    ["a number", utf8("5"), {}, "import_unknown_format", /^\$$/],
    ["a page", utf8("<script>alert(1)</script>"), {}, "import_malformed", /^line 1, column 1$/],
    ["a wrong word", utf8('{"name":"x",\n "a": tru, "b": 1}'), {}, "import_malformed", /^line 2, column 10$/],
  ] as const)("%s is refused with its place", async (_what, bytes, options, code, place) => {
    const result = await importRun([fileOf(bytes, "bad")], options);
    expect(result).toMatchObject({ ok: false, error: { code, file: "bad", expected: expect.stringMatching(/./) } });
    expect(result.ok ? "" : result.error.place).toMatch(place);
  });

  it("a file that cannot be read is said; nothing of the parts before it is kept", async () => {
    const broken = {
      name: "events_2_a",
      size: 10,
      stream: () => new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("disk gone")) }),
    };
    const result = await importRun([fileOf(oneLine, "events_1_a"), broken]);
    expect(result).toMatchObject({
      ok: false,
      error: { code: "import_unreadable", file: "events_2_a", detail: "disk gone" },
    });
  });

  it("a mark at the beginning, other line ends and bytes that come one at a time change nothing", async () => {
    const plain = runOf(await importText(run(3)));
    const pretty = JSON.stringify(JSON.parse(run(3)), null, 2).replaceAll("\n", "\r\n");
    const marked = runOf(await importRun([fileOf(`\uFEFF${pretty}`, "run.json", 1)]));
    expect(marked).toEqual(plain);
    const log = runOf(await importRun([fileOf(gzipSync(`\r\n${stage}\r\n\r\n${taskEnd(1, "")}`), "log", 1)]));
    expect(taskOf(log, "task-1").durationMs).toBe(1);
  });

  it("a long document on one line is read whole, a second document after it is refused", async () => {
    expect(codeOf(await importText(run(50), { maxLineBytes: 100 }))).toBe("imported");
    expect(await importText(`${run(1)}\n${run(1)}`)).toMatchObject({
      ok: false,
      error: { code: "import_malformed", place: "line 2", expected: "one document" },
    });
  });
});

describe("parts", () => {
  const order = (...names: string[]): string[] =>
    partsInOrder(names.map((name) => ({ name }))).map((part) => part.name);

  it("rolled parts come by number; others stay as they were given", () => {
    expect(order("events_10_a", ".events_1_a.crc", "events_9_a", "appstatus_a.inprogress")).toEqual([
      "events_9_a",
      "events_10_a",
    ]);
    expect(order("events_1_a", "events_2_a.compact", "events_2_a", "events_3_a")).toEqual([
      "events_2_a.compact",
      "events_3_a",
    ]);
    expect(order("b.json", "a.json")).toEqual(["b.json", "a.json"]);
  });

  it("no file at all is an empty import", async () => {
    expect(codeOf(await importRun([]))).toBe("import_empty");
  });
});
