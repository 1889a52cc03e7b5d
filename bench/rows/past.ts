import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { callPage } from "../browser.ts";
import { fileTarget } from "../file-target.ts";
import { fromDistributions, fromPairs, type Measurement } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { percentile } from "../stats.ts";
import { measurePast, type PastOptions, type PastSample } from "../work/past.ts";

/** Any instant of a log of 100,000 entries is due within this time, ms. */
const GOAL_MS = 200;

/** (j) Opening the state as of any entry, beside reading the same entries and beside a message. */
export const pastRow: Row = {
  name: "past",
  repeatable: false,
  measure: async (context) => {
    const chains = context.quick ? 1250 : 6250;
    const options: PastOptions = { agents: 50, chains, tasksPerChain: 4, instants: context.quick ? 50 : 300 };
    const inChromium = await measureInPage(context, options);
    const inNode = await measurePast(fileTarget, await createSha256(), options, collectedHeap);
    return [...figures("chromium", inChromium), ...figures("node", inNode)];
  },
};

async function measureInPage(context: RowContext, options: PastOptions): Promise<PastSample> {
  const page = await context.openBenchPage();
  try {
    const [sample] = await callPage<PastSample[]>(page, "engine", { kind: "past", options });
    if (sample === undefined) throw new Error("the past was not measured");
    const slow = percentile(sample.cold, 0.95);
    if (slow > GOAL_MS) context.note(`past: an instant takes ${Math.round(slow)} ms at p95; ${GOAL_MS} ms are due`);
    return sample;
  } finally {
    await page.close();
  }
}

function collectedHeap(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)(); // what the flag gives
  return process.memoryUsage().heapUsed;
}

function figures(where: string, sample: PastSample): Measurement[] {
  const common = { row: "past", where, unit: "ms" } as const;
  const cold = { value: sample.cold, floor: sample.tail, floorLabel: "reading and parsing the same entries" };
  const warm = { value: sample.warm, floor: sample.message, floorLabel: "a message to the own thread" };
  return [
    fromDistributions({
      ...common,
      ...cold,
      share: 0.5,
      label: "opening an entry nobody asked for, p50",
      details: {
        entries: sample.entries,
        "ladder, MB": sample.ladderBytes === null ? "not told" : Math.round(sample.ladderBytes / 1e6),
        "others waited, p99 while opening, ms": percentile(sample.waited.open, 0.99),
        "others waited, longest while opening, ms": percentile(sample.waited.open, 1),
        "others waited, p99 while the ladder was made, ms": percentile(sample.waited.ladder, 0.99),
      },
    }),
    fromDistributions({ ...common, ...cold, share: 0.95, label: "opening an entry nobody asked for, p95" }),
    fromDistributions({ ...common, ...warm, share: 0.5, label: "opening it again, p50" }),
    fromDistributions({ ...common, ...warm, share: 0.95, label: "opening it again, p95" }),
    fromPairs({
      ...common,
      kind: "time",
      label: "the newest entry asked for first, from a snapshot",
      floorLabel: "decoding the snapshot and reading the entries since",
      pairs: [{ value: sample.newest, floor: sample.newestFloor }],
      details: {
        "others waited, p99, ms": percentile(sample.waited.newest, 0.99),
        "others waited, longest, ms": percentile(sample.waited.newest, 1),
      },
    }),
    fromPairs({
      ...common,
      kind: "time",
      label: "making the ladder, once after a start",
      floorLabel: "reading and parsing the whole log",
      pairs: [{ value: sample.ladder, floor: sample.whole }],
      details: { "the first entry asked for meanwhile, in the middle, ms": sample.first },
    }),
  ];
}
