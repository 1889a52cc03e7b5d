import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";

test("[XDA-14] [XDA-15] [XDA-47] a tariff is set, a recorded run is metered under it, and its charges are shown, compared and exported", async ({
  page,
}) => {
  await openConsole(page);
  await goTo(page, "Accounting");
  await expect(page.getByText("Nothing was metered yet")).toBeVisible();
  await page.getByRole("radio", { name: "Tariffs" }).click();
  await page.getByRole("button", { name: "Set a tariff …" }).click();
  const tariff = page.getByRole("dialog", { name: "Set a tariff" });
  await tariff.getByLabel("Name").fill("t-2026");
  await tariff
    .getByLabel(/^Price/)
    .first()
    .fill("0.000003");
  await tariff
    .getByLabel(/^Price/)
    .last()
    .fill("0.000015");
  await tariff.getByLabel("Why (recorded)").fill("what the model costs");
  await tariff.getByRole("button", { name: "Sign the tariff" }).click();
  await expect(page.getByRole("table", { name: "Prices of t-2026, version 1" })).toBeVisible();

  await goTo(page, "Watch");
  await loadBundled(page, "Ten model calls");
  await startUnderPolicy(page, { speed: 1000, irreversible: "" });
  await goTo(page, "Accounting");
  await page.getByRole("radio", { name: "Usage", exact: true }).click();
  const records = page.getByRole("table", { name: "Usage records" });
  await expect(records.getByRole("row").filter({ hasText: "Input tokens" })).toHaveCount(10);
  await expect(page.getByText(/ EUR for [\d,]+ tokens/)).toBeVisible();
  // The same numbers as a table, for whoever does not see the chart.
  await page.getByRole("radio", { name: "Table" }).click();
  await expect(page.getByRole("table", { name: "Usage over time" })).toContainText("EUR");
  expect(await seriousViolations(page)).toEqual([]);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export FOCUS 1.2 as CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const [head = "", ...rows] = text.split("\n");
  expect(head).toMatch(/^BilledCost,BillingAccountId,/);
  // Input and output of each call, where the recording tells it.
  expect(rows.length).toBeGreaterThan(10);
  await expect(page.getByText(new RegExp(`^${rows.length} charges, valid`))).toBeVisible();
});
