import type { Page } from "@playwright/test";
import { must } from "../../app/base/assert.ts";
import { recordFrames, watchMainThread } from "../frames.ts";
import { fromPairs, type Measurement, type Pair } from "../measurement.ts";
import type { Row, RowContext } from "../row.ts";
import { median, percentile } from "../stats.ts";
import { wfDocument } from "../wf-document.ts";

const NODES = [1000, 5000] as const;
/** A frame of a screen that shows 60 a second, ms. */
const FRAME_MS = 16.7;
const PAN_MS = 3000;
/** A step of the hand, px, and how far it goes to each side. */
const REACH_PX = 260;
const SETTLE_MS = 3000;
const SECONDS_60 = 60_000;

interface Pans {
  readonly p95: readonly number[];
  /** Frames while nothing moves: what the machine gives anybody just then. */
  readonly still: readonly number[];
  /** CPU time of the page's main thread in each frame. */
  readonly cpuMs: readonly number[];
}

/** (d) Time of a frame while the graph is moved with the mouse and its run goes on, against a frame of the screen. */
export const panRow: Row = {
  name: "pan",
  repeatable: false,
  measure: async (context) => {
    const measured: Measurement[] = [];
    for (const nodes of NODES) {
      const page = await context.openConsole();
      try {
        await startRun(page, wfDocument(nodes));
        const whole = await pans(page, context);
        await zoomToNodes(page, nodes);
        const near = await pans(page, context);
        measured.push(figure(nodes, "all in view", whole), figure(nodes, "at reading size", near));
      } finally {
        await page.close();
      }
    }
    return measured;
  },
};

function figure(nodes: number, view: string, { p95, still, cpuMs }: Pans): Measurement {
  const pairs = p95.map((value): Pair => ({ value, floor: FRAME_MS }));
  return fromPairs({
    row: "pan",
    where: "chromium",
    label: `${nodes.toLocaleString("en-GB")} nodes, ${view}: frame p95 while panning`,
    unit: "ms",
    floorLabel: "one frame at 60 a second",
    kind: "time",
    pairs,
    details: {
      "frame p95 while nothing moves, ms": median(still),
      "CPU time of the page's thread a frame, ms": median(cpuMs),
    },
  });
}

/** What an operator does to see the graph of a run: sign in, load its file, sign a policy, start. */
async function startRun(page: Page, document: string): Promise<void> {
  page.setDefaultTimeout(SECONDS_60);
  const signIn = page.getByRole("dialog", { name: "Sign in" });
  await signIn.getByLabel(/Your name/).fill("Bench");
  for (const field of ["Passphrase", "The same again"])
    await signIn.getByLabel(field, { exact: true }).fill("only for this measurement");
  await signIn.getByRole("button", { name: "Sign in", exact: true }).click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  const file = { name: "bench.json", mimeType: "application/json", buffer: Buffer.from(document) };
  await (await chooser).setFiles(file);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByLabel("Actions that cannot be undone and need approval").fill("");
  await policy.getByLabel("Speed of the re-enactment").selectOption("10");
  await policy.getByRole("button", { name: "Sign the policy and start" }).click();
  await policy.waitFor({ state: "hidden" });
  // Every task by itself: what is folded is not drawn.
  const address = new URL(page.url());
  address.searchParams.set("fold", "off");
  await page.goto(address.href);
  await page.locator(".react-flow__pane").waitFor();
  await page.waitForTimeout(SETTLE_MS);
}

/** Goes to a task in the middle of the graph by a link, which shows it at a size at which names can be read. */
async function zoomToNodes(page: Page, nodes: number): Promise<void> {
  const address = new URL(page.url());
  address.searchParams.delete("vp");
  address.searchParams.set("sel", `t${Math.floor(nodes / 2)}`);
  await page.goto(address.href);
  await page.locator(".react-flow__node").first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
}

async function pans(page: Page, context: RowContext): Promise<Pans> {
  const p95: number[] = [];
  const still: number[] = [];
  const cpuMs: number[] = [];
  const repetitions = context.quick ? 2 : 5;
  // The first one warms up.
  for (let turn = 0; turn <= repetitions; turn += 1) {
    const ended = await recordFrames(page);
    await page.waitForTimeout(PAN_MS / 3);
    const quiet = await ended();
    const spentMs = await watchMainThread(page);
    const moved = await panOnce(page);
    const spent = await spentMs();
    if (turn === 0) continue;
    cpuMs.push(spent / moved.length);
    still.push(percentile(quiet, 0.95));
    p95.push(percentile(moved, 0.95));
  }
  return { p95, still, cpuMs };
}

/** Holds the mouse down and moves it to and fro, as fast as the page takes it. */
async function panOnce(page: Page): Promise<number[]> {
  const box = must(await page.locator(".react-flow__pane").boundingBox(), "the graph is on screen");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const before = await viewportOf(page);
  await page.mouse.move(x, y);
  await page.mouse.down();
  const ended = await recordFrames(page);
  const until = Date.now() + PAN_MS;
  for (let step = 1; Date.now() < until; step += 1)
    await page.mouse.move(x + REACH_PX * Math.sin(step / 12), y + REACH_PX * Math.sin(step / 19));
  const frames = await ended();
  const after = await viewportOf(page);
  await page.mouse.up();
  if (after === before) throw new Error("the graph did not move with the mouse");
  return frames;
}

function viewportOf(page: Page): Promise<string> {
  return page.locator(".react-flow__viewport").evaluate((element) => (element as HTMLElement).style.transform);
}
