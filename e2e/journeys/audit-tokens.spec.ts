import { expect, test } from "@playwright/test";
import { decide, goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";

test("[XA-17] [XA-18] [XA-7] a decision has its audit token, verified step by step, and reading the request is on record", async ({
  page,
}) => {
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "approve", "The arguments are what was asked for.");
  await expect(page.getByText("nothing waits", { exact: true })).toBeVisible();
  await goTo(page, "Timeline");
  const entries = page.getByRole("listbox", { name: "Log entries" });
  await expect(entries.getByRole("option").first()).toBeVisible();
  await page.goto("/timeline?typ=exec-audit%2Bjwt");
  await expect(entries.getByRole("option", { name: /an operator has read protected data/ }).first()).toBeVisible();
  await entries
    .getByRole("option", { name: /record of a human decision/ })
    .first()
    .click();
  const record = page.getByRole("region", { name: "Audit record" });
  await expect(record).toContainText(/level [23]: signed/);
  await expect(record).toContainText("verified: by their own signature");
  await record.getByText("Every step of its verification").click();
  await expect(record.getByRole("list", { name: "V1 steps" }).getByRole("listitem")).toHaveCount(10);
  await page.getByRole("link", { name: "inspect it" }).click();
  await expect(page.getByRole("article", { name: "Inspected token" })).toContainText("Execution audit token");
  await expect(page.getByRole("list", { name: "V1 steps" }).getByRole("listitem").first()).toContainText("passed");
});
