import { expect, test } from "@playwright/test";
import {
  decide,
  goTo,
  holdStop,
  loadBundled,
  loadFile,
  openConsole,
  startUnderPolicy,
  stopControl,
} from "./console.ts";

const THOUSAND = "e2e/fixtures/wfinstances/seismology-chameleon-1000p-001.json";
const SMALL = "e2e/fixtures/wfinstances/helloworld-forkjoin-10-chameleon.json";

test("[J1] a bundled run is loaded, watched, and one gated action is approved with a signed decision", async ({
  page,
}) => {
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000 });
  await expect(page.getByText("RE-ENACTMENT").first()).toBeVisible();
  await goTo(page, "Approvals");
  await decide(page, "approve", "The arguments are what was asked for.");
  await expect(page.getByText("nothing waits", { exact: true })).toBeVisible();
  await goTo(page, "Watch");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});

test("[J1] a rejected action is never carried out", async ({ page }) => {
  await openConsole(page);
  await loadFile(page, SMALL);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "reject", "Not now.");
  await goTo(page, "Watch");
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/refused/i)).toBeVisible();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});

test("[J3] stop everything by holding, see every agent verified, release with a reason, which starts nothing", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, THOUSAND);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 10 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();
  await holdStop(page);
  await goTo(page, "Control");
  await expect(page.getByText("in force").first()).toBeVisible();
  await expect(
    page
      .getByRole("grid", { name: "Targets" })
      .getByText(/verified/i)
      .first(),
  ).toBeVisible();
  await page.reload();
  await expect(page.getByText("in force").first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Release/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "Release a stop" });
  await dialog.getByLabel(/Why may it be released/).fill("Checked with the owner.");
  await dialog
    .getByRole("button", { name: /release/i })
    .last()
    .click();
  await expect(page.getByText("released").first()).toBeVisible();
  await goTo(page, "Watch");
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  await expect(stopControl(page)).toBeEnabled();
});

test("a run goes on after the page is reloaded in the middle of it", async ({ page }) => {
  await openConsole(page);
  await loadFile(page, SMALL);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 10, irreversible: "" });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/done/i)).toBeVisible();
  await page.reload();
  await page.getByLabel("Speed", { exact: true }).selectOption("1000");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});
