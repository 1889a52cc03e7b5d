import { expect, test } from "@playwright/test";
import { decide, goTo, loadBundled, loadFile, openConsole, startUnderPolicy } from "./console.ts";

const THOUSAND = "e2e/fixtures/wfinstances/seismology-chameleon-1000p-001.json";

test("a real run of 1,001 tasks goes from file to finished, with an approval", async ({ page }) => {
  test.setTimeout(240_000);
  await openConsole(page);
  await loadFile(page, THOUSAND);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "approve", "The last step of the run.");
  await goTo(page, "Watch");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("group", { name: "Tasks by state" })).toContainText("1,001");
});

test("a Spark log of 12,987 task attempts opens, and the console stays usable with it", async ({ page }) => {
  test.setTimeout(240_000);
  await openConsole(page);
  await loadBundled(page, "A large Spark query");
  await startUnderPolicy(page, { speed: 100, irreversible: "" });
  await expect(page.getByText("RE-ENACTMENT").first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("group", { name: "Tasks by state" })).toContainText(/done/i, { timeout: 60_000 });
  await page.getByRole("radio", { name: "Table" }).click();
  await expect(page.getByRole("grid").getByRole("row").nth(3)).toBeVisible();
  await page.getByRole("radio", { name: "Graph" }).click();
  await goTo(page, "Timeline");
  await expect(page.getByRole("listbox", { name: "Log entries" }).getByRole("option").first()).toBeVisible();
  // Usable: while thousands of tasks run, the page answers a key press.
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
});
