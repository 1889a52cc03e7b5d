import { expect, type Page, test } from "@playwright/test";
import { goTo, loadBundled, openConsole, startUnderPolicy, tamper, verifyLog } from "./console.ts";

async function finishedRun(page: Page): Promise<void> {
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000, irreversible: "" });
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await goTo(page, "Timeline");
}

/** The entry that the verification names as the first bad one. */
async function firstBad(page: Page): Promise<number> {
  const bad = page.getByText(/Entry [\d,]+ is the first bad one/);
  await expect(bad).toBeVisible();
  return Number(((await bad.textContent()) ?? "").replace(/[^\d]/g, ""));
}

for (const how of ["alter", "delete", "insert", "reorder", "cut"] as const) {
  test(`[XA-20] tampering behind the console's back is found and located: ${how}`, async ({ page }) => {
    await finishedRun(page);
    const seq = await tamper(page, how);
    await verifyLog(page);
    expect(await firstBad(page)).toBe(seq);
    // The same after the page was loaded anew: the console says so without being asked, and can still be read.
    await page.reload();
    await expect(page.getByRole("region", { name: "Status" })).toContainText(/broken/i);
    await verifyLog(page);
    expect(await firstBad(page)).toBe(seq);
  });
}
