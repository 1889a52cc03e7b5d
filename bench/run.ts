import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BenchBrowser, type BrowserOptions, launchBrowser } from "./browser.ts";
import { currentLoad, type Facts, machineFacts } from "./facts.ts";
import type { Measurement } from "./measurement.ts";
import type { Row, RowContext } from "./row.ts";
import { appendRow } from "./rows/append.ts";
import { appraisalRow } from "./rows/appraisal.ts";
import { drillRow } from "./rows/drill.ts";
import { gateRow } from "./rows/gate.ts";
import { lanesRow } from "./rows/lanes.ts";
import { panRow } from "./rows/pan.ts";
import { pastRow } from "./rows/past.ts";
import { policyRow } from "./rows/policy.ts";
import { queryRow } from "./rows/query.ts";
import { sizeRow } from "./rows/size.ts";
import { stopRow } from "./rows/stop.ts";
import { verifyRow } from "./rows/verify.ts";
import { formatDetails, formatTable } from "./table.ts";

export interface BenchOptions {
  readonly only: string | null;
  readonly quick: boolean;
  /** Where the bench's own page is served. */
  readonly benchAddress: string;
  /** Serves the built console once more; resolves to its address, on a port of its own. */
  serveConsole(): Promise<string>;
  /** Where results are written. */
  readonly folder: string;
  readonly browser: BrowserOptions;
  say(text: string): void;
}

/** What is written as JSON: enough to compare two runs without asking how they were made. */
export interface BenchReport {
  readonly version: 1;
  readonly at: string;
  readonly quick: boolean;
  readonly facts: Facts;
  readonly notes: readonly string[];
  readonly measurements: readonly Measurement[];
}

const ROWS: readonly Row[] = [
  appendRow,
  verifyRow,
  policyRow,
  appraisalRow,
  gateRow,
  pastRow,
  queryRow,
  stopRow,
  drillRow,
  panRow,
  lanesRow,
  sizeRow,
];

/** Names for `--only`. */
export const rowNames: readonly string[] = ROWS.map((row) => row.name);

/** Quartiles of the ratio further apart than this say that something else was running: the row is measured again. */
const DISTURBED = 0.25;
const MAX_TRIES = 3;

/**
 * Runs the rows, prints the table and writes the report, which is there after every row. A row that fails is said and
 * left out; the others go on. `failed` counts them.
 */
export async function runBench(options: BenchOptions): Promise<{ readonly path: string; readonly failed: number }> {
  const { say } = options;
  const browser = await launchBrowser(options.browser);
  const notes: string[] = [];
  const measurements: Measurement[] = [];
  const facts = machineFacts(browser.version);
  const at = new Date().toISOString();
  const path = join(options.folder, `${at.replaceAll(":", "-").replace(/\.\d+Z$/, "Z")}.json`);
  say(`${facts.cpu}, ${facts.cores} cores, ${facts.memoryGb} GB; Chromium ${facts.chromium}, Node ${facts.node}`);
  say(
    `load average at the start: ${facts.load}${facts.load > facts.cores ? " (others are at work: read ratios)" : ""}`,
  );
  const context = contextOf(browser, options, notes);
  let failed = 0;
  try {
    for (const row of ROWS) {
      if (options.only !== null && options.only !== row.name) continue;
      say(`measuring: ${row.name} …`);
      try {
        measurements.push(...(await calmest(row, context)));
      } catch (error) {
        failed += 1;
        notes.push(`${row.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
      write(path, { version: 1, at, quick: options.quick, facts, notes, measurements });
    }
  } finally {
    await browser.close();
  }
  say(`\n${formatTable(measurements)}\n`);
  say(formatDetails(measurements));
  for (const note of notes) say(`note: ${note}`);
  return { path, failed };
}

function contextOf(browser: BenchBrowser, options: BenchOptions, notes: string[]): RowContext {
  return {
    quick: options.quick,
    openBenchPage: () => browser.open(options.benchAddress),
    openConsole: async () => browser.open(await options.serveConsole()),
    note: (text) => void notes.push(text),
  };
}

/** Measures a row again while its ratios are far apart, and keeps the calmest try. */
async function calmest(row: Row, context: RowContext): Promise<readonly Measurement[]> {
  let best: readonly Measurement[] | null = null;
  const tries = context.quick || !row.repeatable ? 1 : MAX_TRIES;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const measured = (await row.measure(context)).map((one, at) =>
      at === 0 ? { ...one, details: { ...one.details, "load average after the row": currentLoad() } } : one,
    );
    if (best === null || unrest(measured) < unrest(best)) best = measured;
    if (unrest(best) <= DISTURBED) return best;
  }
  const found = best ?? [];
  if (row.repeatable && unrest(found) > DISTURBED)
    context.note(
      `${row.name}: the ratios vary by ${(unrest(found) * 100).toFixed(0)} %; measure again on a calm machine`,
    );
  return found;
}

function unrest(measured: readonly Measurement[]): number {
  return Math.max(0, ...measured.map((one) => one.spread));
}

function write(path: string, report: BenchReport): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}
