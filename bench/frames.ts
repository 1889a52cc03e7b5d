import type { Page } from "@playwright/test";

/** Starts noting the time between animation frames; the answer stops it and gives the times, ms. */
export async function recordFrames(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const deltas: number[] = [];
    let last = performance.now();
    let going = true;
    const next = (): void => {
      const now = performance.now();
      deltas.push(now - last);
      last = now;
      if (going) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Object.assign(window, {
      endFrames: () => {
        going = false;
        // The first one began before anything was asked of the page.
        return deltas.slice(1);
      },
    });
  });
  return () => page.evaluate(() => (window as unknown as { endFrames(): number[] }).endFrames());
}

/** CPU time of the page's main thread from now on, ms: unlike the time of a frame, it does not grow when others are at work. */
export async function watchMainThread(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const spentMs = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find((metric) => metric.name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
  const before = await spentMs();
  return async () => {
    const spent = (await spentMs()) - before;
    await session.detach();
    return spent;
  };
}
