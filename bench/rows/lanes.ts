import { callPage } from "../browser.ts";
import { fromDistributions, fromPairs, type Measurement } from "../measurement.ts";
import type { LanesOptions, LanesSample } from "../page/lanes.ts";
import type { Row } from "../row.ts";
import { percentile } from "../stats.ts";

const ENTRIES = [100_000, 1_000_000] as const;

/** (h) The timeline's lanes: frames while they are moved and zoomed, beside frames in which nothing is drawn; and loading them. */
export const lanesRow: Row = {
  name: "lanes",
  repeatable: false,
  measure: async (context) => {
    const measured: Measurement[] = [];
    for (const entries of ENTRIES) {
      const page = await context.openBenchPage();
      try {
        const options: LanesOptions = { entries, repetitions: context.quick ? 1 : 4, frames: context.quick ? 90 : 300 };
        measured.push(...figures(entries, await callPage<LanesSample>(page, "lanes", options)));
      } finally {
        await page.close();
      }
    }
    return measured;
  },
};

function figures(entries: number, sample: LanesSample): Measurement[] {
  const common = { row: "lanes", where: "chromium", unit: "ms" } as const;
  const count = entries.toLocaleString("en-GB");
  return [
    fromDistributions({
      ...common,
      label: `${count} entries, moved and zoomed: frame p95`,
      floorLabel: "frames in which nothing is drawn, p95",
      share: 0.95,
      value: sample.moving,
      floor: sample.empty,
      details: {
        "frame p50, ms": percentile(sample.moving, 0.5),
        "drawing p50, ms": percentile(sample.paintMs, 0.5),
        "drawing p95, ms": percentile(sample.paintMs, 0.95),
      },
    }),
    fromPairs({
      ...common,
      label: `${count} entries loaded, up to the first picture`,
      floorLabel: "reading the same answers as JSON",
      kind: "time",
      pairs: sample.loadMs.map((value, at) => ({ value, floor: sample.parseMs[at] ?? Number.NaN })),
      details: {
        "memory of the columns, bytes an entry": sample.bytes / entries,
        "text of the answers, bytes an entry": sample.textBytes / entries,
      },
    }),
  ];
}
