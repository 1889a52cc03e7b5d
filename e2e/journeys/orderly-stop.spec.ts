import { expect, test } from "@playwright/test";
import { goTo, loadFile, openConsole, startUnderPolicy } from "./console.ts";
import { longRun } from "./long-run.ts";

test("[S10] [OVR-18] [OVR-34] an orderly stop begins nothing, is shown with its time, and is immediate by itself when that is over", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, longRun("parallel", 12, 600));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  // Its tasks take longer than the time they are given.
  await startUnderPolicy(page, { speed: 1 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await page.getByRole("application").focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Stop in order …" }).click();
  const dialog = page.getByRole("dialog", { name: "Stop in order" });
  await dialog.getByRole("radio", { name: "The whole workflow" }).click();
  await expect(dialog.getByRole("status")).toContainText(/It reaches \d+ agent/);
  await dialog.getByRole("combobox", { name: "At once after" }).selectOption("10 seconds");
  await dialog.getByLabel("Why is it stopped? (recorded)").fill("maintenance of the disk");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();

  await goTo(page, "Control");
  const detail = page.getByRole("region", { name: "Selected signal" });
  await expect(detail.getByRole("heading", { name: /^stop in order/ })).toBeVisible();
  await expect(detail).toContainText(/At once in/);
  await expect(detail.getByRole("region", { name: "Not at a safe point" })).toBeVisible();
  await expect(detail.getByRole("button", { name: /^Release/ })).toHaveCount(0);

  // Nobody presses anything: the host ends it.
  await expect(detail.getByRole("button", { name: /^Release/ })).toBeVisible({ timeout: 15_000 });
  await expect(detail.getByRole("region", { name: "Not at a safe point" })).toBeHidden();
  await expect(detail.getByRole("region", { name: "Escalation" })).toHaveCount(0);
  await goTo(page, "Watch");
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeHidden();
});
