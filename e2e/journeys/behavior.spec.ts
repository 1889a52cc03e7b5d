import { expect, type Page, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { drift, signProfile } from "./behavior-steps.ts";
import { openConsole } from "./console.ts";

test("[J5] [BEH-14] [BEH-20] a drift alarm leads to the evidence, a quarantine that cuts the lease, the last good window, and a restore with a new baseline", async ({
  page,
}) => {
  await openConsole(page, "/behavior");
  await signProfile(page);
  await drift(page);

  // Clicks of the operator from the alarm on; keys besides.
  let clicks = 0;
  const click = async (target: ReturnType<Page["getByRole"]>): Promise<void> => {
    clicks += 1;
    await target.click();
  };
  const beganMs = Date.now();
  await click(page.getByRole("link", { name: "Open its page" }));
  const verdict = page.getByRole("region", { name: "Verdict of the newest window" });
  await expect(verdict.getByText("nonconformant", { exact: true })).toBeVisible();
  // Uncertainty, and what says the most of it.
  await expect(verdict.getByText(/^\d\.\d\d \(\d\.\d\d to \d\.\d\d, \d+%\)/)).toBeVisible();
  await expect(page.getByRole("table", { name: "Actions seen and expected" }).getByRole("row").nth(1)).toContainText(
    "read_state",
  );

  await page.keyboard.press("q");
  const dialog = page.getByRole("dialog", { name: "Quarantine an agent" });
  await expect(dialog.getByRole("region", { name: "What it touches" })).toContainText(
    /1 instance in 1 workflow.*1 lease/,
  );
  await page.keyboard.press("Enter");
  const inForce = page.getByRole("list", { name: "In force" });
  await expect(inForce).toContainText("1 lease cut, none is open");
  // The machine's share of the first containment.
  expect((Date.now() - beganMs) / 1000).toBeLessThan(15);

  expect(await seriousViolations(page)).toEqual([]);

  await page.keyboard.press("c");
  const both = page.getByRole("table", { name: "This window and the last good one" });
  await expect(both.getByRole("row", { name: /^Verdict/ })).toContainText(/nonconformant.*conformant/);
  await click(page.getByRole("link", { name: "make a new version of its profile from its last good windows" }));
  await expect(page.getByRole("article", { name: "Draft of version 2 of builder" })).toBeVisible();
  await page.getByLabel("Why (recorded)").fill("the baseline of what it did well");
  await click(page.getByRole("button", { name: "Sign and put in force" }));
  await expect(page.getByRole("article", { name: /^Draft/ })).toBeHidden();
  await click(page.getByRole("link", { name: "Open its page" }));
  await page.keyboard.press("r");
  const release = page.getByRole("dialog", { name: "Release from quarantine" });
  await expect(release).toContainText("builder, version 2");
  await release.getByLabel("Why is it released? (recorded)").fill("the run was a one-off");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "builder" }).locator("..")).toContainText("unverified");
  expect(clicks).toBeLessThanOrEqual(6);
});
