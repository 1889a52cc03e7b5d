import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import { type ExportSink, exportLog, exportName } from "./export-log.ts";

function sink(fails = false): ExportSink & { readonly text: string[]; state: string } {
  const made = {
    text: [] as string[],
    state: "open",
    write: async (text: string) => {
      if (fails) throw new Error("disk full");
      made.text.push(text);
    },
    finish: async () => {
      made.state = "finished";
    },
    discard: async () => {
      made.state = "discarded";
    },
  };
  return made;
}

/** A host whose export ends after `chunks`, or breaks there. */
function host(chunks: readonly string[], broken = false): SignalboxClient {
  const run = async () =>
    (async function* pieces() {
      for (const [at, text] of chunks.entries()) yield { text, done: at + 1, total: chunks.length };
      if (broken) throw new Error("connection lost");
    })();
  return { audit: { export: run } } as unknown as SignalboxClient; // a proxy's type, which no plain object has
}

const never = new AbortController().signal;

describe("export to a file", () => {
  it("[XA-19] writes every piece in order and tells how far it is", async () => {
    const file = sink();
    const seen: number[] = [];
    const entries = await exportLog(host(["{", "1", "}"]), file, never, (done) => seen.push(done));
    expect([file.text.join(""), file.state, entries]).toEqual(["{1}", "finished", 3]);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("[XA-19] leaves nothing half-written when the host, the disk or the operator ends it", async () => {
    const cut = sink();
    await expect(exportLog(host(["{"], true), cut, never, () => undefined)).rejects.toThrow("connection lost");
    const full = sink(true);
    await expect(exportLog(host(["{"]), full, never, () => undefined)).rejects.toThrow("disk full");
    const stopped = sink();
    const control = new AbortController();
    const ended = exportLog(host(["{", "}"]), stopped, control.signal, () => control.abort());
    await expect(ended).rejects.toThrow();
    expect([cut.state, full.state, stopped.state]).toEqual(["discarded", "discarded", "discarded"]);
  });

  it("names the file after the log, without characters a file system minds", () => {
    expect(exportName("console.local/a b", 12, 1_772_064_000_000)).toBe(
      "signalbox-log-console.local_a_b-12-20260226-000000Z.json",
    );
  });
});
