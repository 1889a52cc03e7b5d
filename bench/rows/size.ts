import { spawnSync } from "node:child_process";
import { fromPairs } from "../measurement.ts";
import type { Row } from "../row.ts";

interface FirstScreen {
  readonly totalBytes: number;
  readonly budgetBytes: number;
  readonly files: readonly { readonly file: string; readonly gzip: number }[];
}

/** (e) What the first screen loads, gzip, against the budget that `npm test` enforces with the same script. */
export const sizeRow: Row = {
  name: "size",
  repeatable: false,
  measure: async () => {
    const run = spawnSync(process.execPath, ["scripts/size.mjs", "--json"], { encoding: "utf8" });
    // A build that was stale says so on the lines before.
    const line = run.stdout.trim().split("\n").at(-1) ?? "";
    if (run.status !== 0) throw new Error(`the build was not measured: ${run.stderr}`);
    const { totalBytes, budgetBytes, files } = JSON.parse(line) as FirstScreen;
    return [
      fromPairs({
        row: "size",
        where: "build",
        label: "first screen: page, JavaScript and CSS, gzip",
        unit: "kB",
        floorLabel: "the budget",
        kind: "time",
        pairs: [{ value: totalBytes / 1000, floor: budgetBytes / 1000 }],
        details: Object.fromEntries(files.slice(0, 5).map(({ file, gzip }) => [`${file}, kB`, gzip / 1000])),
      }),
    ];
  },
};
