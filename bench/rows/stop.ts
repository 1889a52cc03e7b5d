import { callPage } from "../browser.ts";
import { fromDistributions, type Measurement } from "../measurement.ts";
import type { Beside, StopOptions, StopSample } from "../page/stop.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../stats.ts";
import { formatNumber } from "../table.ts";
import { frozenFigures } from "./stop-frozen.ts";

const PRESSES = 200;
/** The log of a host is left behind after so many presses, so that all presses meet about the same one. */
const PRESSES_A_HOST = 20;
/** What a stop must not wait for (S5). */
const BESIDE: readonly { readonly beside: NonNullable<Beside>; readonly words: string }[] = [
  { beside: { kind: "queue", count: 10_000 }, words: "10,000 operations queued" },
  { beside: { kind: "layout", count: 15_000 }, words: "layout of 15,000 tasks under way" },
];
const FLEETS = [50, 500] as const;
/** Each costs the browser two seconds. */
const RUNAWAY_PRESSES = 20;

/** (c) From the press to the refusal of every effect, and to the end of every agent, against empty messages the same way. */
export const stopRow: Row = {
  name: "stop",
  repeatable: false,
  measure: async (context) => {
    const measured: Measurement[] = [];
    for (const agents of FLEETS) {
      const samples = await press(context, {
        agents,
        presses: context.quick ? 10 : PRESSES,
        runaway: false,
        beside: null,
      });
      measured.push(...fleetFigures(agents, samples));
    }
    for (const { beside, words } of BESIDE) {
      const presses = context.quick ? 20 : PRESSES;
      measured.push(...besideFigures(words, await press(context, { agents: 50, presses, runaway: false, beside })));
    }
    measured.push(...(await frozenFigures(context)));
    const runaway = await press(context, {
      agents: 50,
      presses: context.quick ? 2 : RUNAWAY_PRESSES,
      runaway: true,
      beside: null,
    });
    return [...measured, ...runawayFigures(runaway)];
  },
};

async function press(context: RowContext, options: StopOptions): Promise<StopSample[]> {
  const samples: StopSample[] = [];
  while (samples.length < options.presses) {
    const page = await context.openBenchPage();
    const presses = Math.min(PRESSES_A_HOST, options.presses - samples.length);
    samples.push(...(await callPage<StopSample[]>(page, "stop", { ...options, presses })));
    await page.close();
  }
  const late = samples.reduce((sum, sample) => sum + sample.effectsAfterLatch, 0);
  // Not a figure but a fault: the enforcement point must hold from the instant of the latch (OVR-11).
  if (late > 0) throw new Error(`${late} effects were let through after the stop was latched`);
  return samples;
}

const SHARES = [
  { share: 0.5, name: "p50" },
  { share: 0.99, name: "p99" },
] as const;

function fleetFigures(agents: number, samples: readonly StopSample[]): Measurement[] {
  const common = { row: "stop", where: "chromium", unit: "ms" };
  const echo = samples.flatMap((sample) => sample.echoMs);
  const relay = samples.flatMap((sample) => sample.relayMs);
  const passed = samples.filter((sample) => sample.effectsAfterPress > 0);
  const details = {
    presses: samples.length,
    "last effect let through after the press, longest": `${formatNumber(Math.max(0, ...samples.map((sample) => sample.lastEffectMs)))} ms (in ${passed.length} presses one or more)`,
    "effects let through after it was raised on the line": `${samples.reduce((sum, sample) => sum + sample.effectsAfterBar, 0)}, the last ${formatNumber(Math.max(0, ...samples.map((sample) => sample.lastAfterBarMs)))} ms after`,
    "effects let through after the latch": 0,
    "answer at the page, median of the ratio to an empty round trip": medianRatio(samples),
    "agents' workers ended": samples.reduce((sum, sample) => sum + sample.terminated, 0),
  };
  return SHARES.flatMap(({ share, name }) => [
    fromDistributions({
      ...common,
      label: `${agents} agents: press to the signed command sent, ${name}`,
      floorLabel: "empty round trip to the engine's worker",
      share,
      value: samples.map((sample) => sample.sentMs),
      floor: echo,
    }),
    fromDistributions({
      ...common,
      label: `${agents} agents: press to nothing more let through (raised on the line), ${name}`,
      floorLabel: "empty round trip to the engine's worker",
      share,
      value: samples.map((sample) => sample.barredMs),
      floor: echo,
    }),
    fromDistributions({
      ...common,
      label: `${agents} agents: press to the last effect refused (signed stop latched), ${name}`,
      floorLabel: "empty round trip to the engine's worker",
      share,
      value: samples.map((sample) => sample.latchedMs),
      floor: echo,
      ...(share === 0.5 ? { details } : {}),
    }),
    fromDistributions({
      ...common,
      label: `${agents} agents: press to the last agent ended, ${name}`,
      floorLabel: "empty round trip to the agents' workers",
      share,
      value: samples.map((sample) => sample.settledMs),
      floor: relay,
    }),
  ]);
}

/** Presses beside something else, against the presses between them beside nothing. */
function besideFigures(words: string, samples: readonly StopSample[]): Measurement[] {
  const disturbed = samples.filter(({ beside }) => beside);
  const alone = samples.filter(({ beside }) => !beside);
  const details = {
    "operations that waited when it was answered, median": median(disturbed.map((one) => one.waiting)),
    "effects let through after it was raised on the line": `${disturbed.reduce((sum, one) => sum + one.effectsAfterBar, 0)}, the last ${formatNumber(Math.max(0, ...disturbed.map((one) => one.lastAfterBarMs)))} ms after`,
  };
  const common = { row: "stop", where: "chromium", unit: "ms", floorLabel: "the same without" };
  const until = (label: string, of: (sample: StopSample) => number, share: number): Measurement =>
    fromDistributions({
      ...common,
      label: `${words}: ${label}`,
      share,
      value: disturbed.map(of),
      floor: alone.map(of),
      ...(share === 0.5 ? { details } : {}),
    });
  return SHARES.flatMap(({ share, name }) => [
    until(`press to nothing more let through (raised on the line), ${name}`, ({ barredMs }) => barredMs, share),
    until(`press to the signed command sent, ${name}`, ({ sentMs }) => sentMs, share),
    until(`press to the last effect refused (signed stop latched), ${name}`, ({ latchedMs }) => latchedMs, share),
  ]);
}

function medianRatio(samples: readonly StopSample[]): number {
  return median(samples.map(({ answeredMs, echoMs }) => answeredMs / median(echoMs)));
}

function runawayFigures(samples: readonly StopSample[]): Measurement[] {
  const raw = samples.flatMap((sample) => sample.rawTerminationMs ?? []);
  return SHARES.map(({ share, name }) =>
    fromDistributions({
      row: "stop",
      where: "chromium",
      unit: "ms",
      label: `agents that do not yield: press to their worker gone, ${name}`,
      floorLabel: "the browser ending a spinning worker",
      share,
      value: samples.map((sample) => sample.settledMs),
      floor: raw,
    }),
  );
}
