import { expect, type Page, test } from "@playwright/test";
import type {} from "../harness/harness.ts";

/** The embedded host alone, in several tabs of one profile. */
const HARNESS = "http://127.0.0.1:4198/";
const ROUNDS = 50;
const TABS = 3;

/** The longest of the journeys: its file's name makes it the first to begin. */
test("one writer a profile: 50 leaders killed at random points, nothing acknowledged is lost, doubled or forked", async ({
  context,
}) => {
  test.setTimeout(300_000);
  const promised = new Map<string, number>();
  const handOvers: number[] = [];
  const open = async (label: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(HARNESS);
    await page.waitForFunction(() => ["leader", "follower"].includes(window.harness.role()));
    // Not awaited: it writes until the tab dies.
    void page.evaluate((name) => window.harness.write(name), label).catch(() => undefined);
    return page;
  };
  const collect = async (page: Page): Promise<void> => {
    for (const { subject, seq } of await page.evaluate(() => window.harness.acknowledged)) promised.set(subject, seq);
  };
  // The others are closed while they are asked, or ask on until they are.
  const leaderOf = (pages: readonly Page[]): Promise<Page> =>
    Promise.any(pages.map((page) => page.evaluate(() => window.harness.leads()).then(() => page)));

  let pages: Page[] = [];
  for (let tab = 0; tab < TABS; tab += 1) pages.push(await open(`tab-${tab}`));
  for (let round = 0; round < ROUNDS; round += 1) {
    const leader = await leaderOf(pages);
    const others = pages.filter((page) => page !== leader);
    // A random point: after so many more acknowledgements of its own.
    const more = Math.floor(Math.random() * 12);
    const before = await leader.evaluate(() => window.harness.acknowledged.length);
    await leader.waitForFunction((count) => window.harness.acknowledged.length >= count, before + more);
    await collect(leader);
    const killedMs = Date.now();
    await leader.close({ runBeforeUnload: false });
    const next = await leaderOf(others);
    const tookMs = await next.evaluate(
      (sinceMs) =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            const first = window.harness.acknowledged.find((entry) => entry.atMs > sinceMs);
            if (first === undefined) requestAnimationFrame(look);
            else resolve(first.atMs - sinceMs);
          };
          look();
        }),
      killedMs,
    );
    handOvers.push(tookMs);
    pages = [...others, await open(`round-${round}`)];
  }
  for (const page of pages) {
    await page.evaluate(() => window.harness.stop());
    await collect(page);
  }
  const last = await leaderOf(pages);
  const audit = await last.evaluate(() => window.harness.audit());
  const counted = new Map(audit.subjects);
  expect(audit.firstBad).toBeNull();
  expect(promised.size).toBeGreaterThan(ROUNDS);
  expect([...promised.keys()].filter((subject) => counted.get(subject) !== 1)).toEqual([]);
  expect(new Set(promised.values()).size).toBe(promised.size);
  handOvers.sort((a, b) => a - b);
  expect(handOvers[ROUNDS / 2]).toBeLessThan(1000);
  const detail = `hand-over to the next acknowledged write, ms: median ${handOvers[ROUNDS / 2]}, longest ${handOvers.at(-1)}`;
  test.info().annotations.push({ type: "measured", description: detail });
  process.stdout.write(`${detail}; ${promised.size} acknowledged writes, ${audit.size} entries\n`);
});
