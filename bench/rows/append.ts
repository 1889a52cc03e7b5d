import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { callPage } from "../browser.ts";
import { cpuDetails, processCpu } from "../cpu-clock.ts";
import { fileTarget } from "../file-target.ts";
import { fromPairs, type Measurement } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../stats.ts";
import { type AppendOptions, type AppendSample, measureAppend } from "../work/append.ts";

/** Agents that take turns with one task after another, four entries a task: intent, permission, effect, ECT. */
const SHAPE = { agents: 50, chains: 512, tasksPerChain: 4 };

/** (a) Durable appends through the engine against raw batched appends of the same entries. */
export const appendRow: Row = {
  name: "append",
  repeatable: true,
  measure: async (context) => {
    const options: AppendOptions = { ...SHAPE, warmups: context.quick ? 1 : 2, repetitions: context.quick ? 2 : 7 };
    const inChromium = await measureInPage(context, options);
    const inNode = await measureAppend(fileTarget, await createSha256(), options, processCpu);
    return [...figures("chromium", "IndexedDB", inChromium), ...figures("node", "file", inNode)];
  },
};

async function measureInPage(context: RowContext, options: AppendOptions): Promise<AppendSample[]> {
  const page = await context.openBenchPage();
  try {
    return await callPage<AppendSample[]>(page, "engine", { kind: "append", options });
  } finally {
    await page.close();
  }
}

function figures(where: string, technology: string, samples: readonly AppendSample[]): Measurement[] {
  const common = { row: "append", where, unit: "entries/s", kind: "rate" } as const;
  const details = {
    "entries a repetition": median(samples.map((sample) => sample.entries)),
    "frames a repetition": median(samples.map((sample) => sample.frames)),
    "bytes an entry": Math.round(median(samples.map((sample) => sample.bytes / sample.entries))),
    "raw with the same frames, entries/s": Math.round(median(samples.map((sample) => sample.rawSameFrames))),
  };
  return [
    fromPairs({
      ...common,
      label: "durable appends: verify, decide, append, fold",
      floorLabel: `raw ${technology} appends, 1,000 a write`,
      pairs: samples.map((sample) => ({ value: sample.engine, floor: sample.raw })),
      details,
    }),
    fromPairs({
      ...common,
      label: "the same, signatures in the floor",
      floorLabel: `raw verify, sign, SHA-256 and ${technology} appends`,
      pairs: samples.map((sample) => ({ value: sample.engine, floor: sample.rawSigned })),
      details: cpuDetails(samples),
    }),
  ];
}
