import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { callPage } from "../browser.ts";
import { fromPairs, type Measurement } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../stats.ts";
import { type AppraisalOptions, type AppraisalSample, measureAppraisal } from "../work/appraisal.ts";

/** Tasks a second against a profile of 64 rules that the console's worker must reach. */
const GOAL = 50_000;

/** (l) Conduct run through the rules of a profile, and a whole window observed, beside the least of the same. */
export const appraisalRow: Row = {
  name: "appraisal",
  repeatable: true,
  measure: async (context) => {
    const options: AppraisalOptions = {
      warmups: context.quick ? 1 : 3,
      repetitions: context.quick ? 3 : 9,
      tasks: context.quick ? 20_000 : 100_000,
    };
    const inChromium = await measureInPage(context, options);
    const inNode = measureAppraisal(await createSha256(), options);
    return [...figures("chromium", inChromium), ...figures("node", inNode)];
  },
};

async function measureInPage(context: RowContext, options: AppraisalOptions): Promise<AppraisalSample[]> {
  const page = await context.openBenchPage();
  try {
    const samples = await callPage<AppraisalSample[]>(page, "engine", { kind: "appraisal", options });
    const reached = median(samples.map(({ observed }) => observed));
    if (reached < GOAL) context.note(`appraisal: ${Math.round(reached)} tasks a second in the worker; ${GOAL} are due`);
    return samples;
  } finally {
    await page.close();
  }
}

function figures(where: string, samples: readonly AppraisalSample[]): Measurement[] {
  const common = { row: "appraisal", where, unit: "tasks/s", kind: "rate" } as const;
  const counting = "counting the same tasks by their action";
  return [
    fromPairs({
      ...common,
      label: "replay of conduct against 64 rules",
      floorLabel: counting,
      pairs: samples.map(({ replayed, counted }) => ({ value: replayed, floor: counted })),
      details: { rules: samples[0]?.rules ?? 0, "findings a 1,000 tasks": samples[0]?.findings ?? 0 },
    }),
    fromPairs({
      ...common,
      label: "the same, every rule about every action",
      floorLabel: counting,
      pairs: samples.map(({ replayedWorst, counted }) => ({ value: replayedWorst, floor: counted })),
    }),
    fromPairs({
      ...common,
      label: "a whole window: replay, metrics, drift, Merkle root",
      floorLabel: "hashing each task's id once",
      pairs: samples.map(({ observed, hashed }) => ({ value: observed, floor: hashed })),
    }),
  ];
}
