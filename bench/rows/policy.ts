import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { callPage } from "../browser.ts";
import { fromPairs, type Measurement } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../stats.ts";
import { openCedar } from "../work/cedar-policy.ts";
import { measurePolicy, type PolicyOptions, type PolicySample } from "../work/policy.ts";

/** Decisions a second that the console's worker must reach. */
const GOAL = 20_000;

/** (f) Decisions under a policy of 256 nodes and 64 rules, beside an empty function and Cedar with an equivalent policy. */
export const policyRow: Row = {
  name: "policy",
  repeatable: true,
  measure: async (context) => {
    const options: PolicyOptions = {
      warmups: context.quick ? 1 : 3,
      repetitions: context.quick ? 3 : 9,
      decisions: context.quick ? 10_000 : 50_000,
      otherDecisions: context.quick ? 500 : 2000,
    };
    const inChromium = await measureInPage(context, options);
    const inNode = measurePolicy(openCedar(cedar), options);
    return [...figures("chromium", inChromium), ...figures("node", inNode)];
  },
};

async function measureInPage(context: RowContext, options: PolicyOptions): Promise<PolicySample[]> {
  const page = await context.openBenchPage();
  try {
    const samples = await callPage<PolicySample[]>(page, "engine", { kind: "policy", options });
    const reached = median(samples.map((sample) => sample.ours));
    if (reached < GOAL)
      context.note(`policy: ${Math.round(reached)} decisions a second in the worker; ${GOAL} are due`);
    return samples;
  } finally {
    await page.close();
  }
}

function figures(where: string, samples: readonly PolicySample[]): Measurement[] {
  const common = {
    row: "policy",
    where,
    unit: "decisions/s",
    kind: "rate",
    label: "decisions with every reason",
  } as const;
  const [sample] = samples;
  return [
    fromPairs({
      ...common,
      floorLabel: "an empty function, called in the same loop",
      pairs: samples.map(({ ours, empty }) => ({ value: ours, floor: empty })),
      details: {
        nodes: sample?.nodes ?? 0,
        rules: sample?.rules ?? 0,
        "allowed, %": 100 * (sample?.allowed ?? 0),
        "gated, %": 100 * (sample?.gated ?? 0),
        "refused, %": 100 * (sample?.refused ?? 0),
        "reasons a decision": sample?.reasons ?? 0,
      },
    }),
    fromPairs({
      ...common,
      floorLabel: `${sample?.otherName ?? "Cedar"}, the same policy and questions`,
      pairs: samples.map(({ ours, other }) => ({ value: ours, floor: other })),
    }),
  ];
}
