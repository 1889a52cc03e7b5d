import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { callPage } from "../browser.ts";
import { cpuDetails, processCpu } from "../cpu-clock.ts";
import { fromPairs, type Measurement } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../stats.ts";
import { measureVerify, type VerifyOptions, type VerifySample } from "../work/verify.ts";

const SHAPE = { agents: 50, tasksPerChain: 4 };

/** (b) Verification of a whole log against the raw signatures and hashes of the same bytes. */
export const verifyRow: Row = {
  name: "verify",
  repeatable: true,
  measure: async (context) => {
    const options: VerifyOptions = context.quick
      ? { ...SHAPE, chains: 256, warmups: 1, repetitions: 3 }
      : { ...SHAPE, chains: 1024, warmups: 1, repetitions: 7 };
    const inChromium = await measureInPage(context, options);
    const inNode = await measureVerify(await createSha256(), options, processCpu);
    return [...figures("chromium", inChromium), ...figures("node", inNode)];
  },
};

async function measureInPage(context: RowContext, options: VerifyOptions): Promise<VerifySample[]> {
  const page = await context.openBenchPage();
  try {
    return await callPage<VerifySample[]>(page, "engine", { kind: "verify", options });
  } finally {
    await page.close();
  }
}

function figures(where: string, samples: readonly VerifySample[]): Measurement[] {
  const common = { row: "verify", where, unit: "entries/s", kind: "rate" } as const;
  return [
    fromPairs({
      ...common,
      label: "log verification",
      floorLabel: "crypto.subtle verify and SHA-256",
      pairs: samples.map((sample) => ({ value: sample.log, floor: sample.subtle })),
      details: {
        entries: median(samples.map((sample) => sample.entries)),
        "100,000 entries at this rate, s": Math.round(1_000_000 / median(samples.map((sample) => sample.log))) / 10,
        ...cpuDetails(samples),
      },
    }),
    ...crewFigures(where, samples),
    fromPairs({
      ...common,
      label: "log verification",
      floorLabel: "crypto.subtle verify, SHA-256 in WebAssembly",
      pairs: samples.map((sample) => ({ value: sample.log, floor: sample.hasher })),
    }),
  ];
}

/** The same by workers beside the engine's thread: one, as many as there are cores; the floor by as many of its own. */
function crewFigures(where: string, samples: readonly VerifySample[]): Measurement[] {
  const sizes = samples[0]?.crews.map(({ workers }) => workers) ?? [];
  return sizes.map((workers, at) =>
    fromPairs({
      ...{ row: "verify", where, unit: "entries/s", kind: "rate" },
      label: `log verification by ${workers === 1 ? "one worker" : `${workers} workers`}`,
      floorLabel: `crypto.subtle verify and SHA-256 in ${workers === 1 ? "one worker" : `${workers} workers`}`,
      pairs: samples.flatMap(({ crews }) => {
        const crew = crews[at];
        return crew === undefined ? [] : [{ value: crew.log, floor: crew.floor }];
      }),
    }),
  );
}
