import { expect, type Page, test } from "@playwright/test";
import {
  decide,
  entryCount,
  goTo,
  holdStop,
  loadBundled,
  loadFile,
  openConsole,
  signalsInForce,
  startUnderPolicy,
  stopControl,
  unlock,
  verifyLog,
} from "./console.ts";
import { longRun } from "./long-run.ts";

const SMALL = "e2e/fixtures/wfinstances/helloworld-forkjoin-10-chameleon.json";
const tasksByState = (page: Page) => page.getByRole("group", { name: "Tasks by state" });

test("a bundled run is loaded and watched, and [ACP-11] one gated action is approved with a signed decision", async ({
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
  await expect(tasksByState(page).getByText(/refused|blocked|stopped/i)).toHaveCount(0);
});

test("[ACP-17] a rejected action is never carried out", async ({ page }) => {
  await openConsole(page);
  await loadFile(page, SMALL);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  // Thought better of it, and again: nothing is lost by closing the policy.
  await page.getByRole("dialog", { name: "Policy and start" }).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "reject", "Not now.");
  await goTo(page, "Watch");
  await expect(tasksByState(page).getByText(/refused/i)).toBeVisible();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await goTo(page, "Timeline");
  const entries = page.getByRole("listbox", { name: "Log entries" });
  await expect(entries.getByRole("option", { name: /reject/i }).first()).toBeVisible();
});

test("[J3] [S3] [S4] stop everything by holding, see every agent verified, release with a reason, which starts nothing", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, longRun("parallel", 12, 600));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  // Slow enough that tasks are under way whenever the stop comes.
  await startUnderPolicy(page, { speed: 1 });
  await expect(tasksByState(page).getByText(/running/i)).toBeVisible();
  await holdStop(page);
  await goTo(page, "Control");
  await expect(signalsInForce(page).first()).toBeVisible();
  const targets = page.getByRole("grid", { name: "Targets" });
  const rows = targets.getByRole("row").filter({ has: page.getByRole("gridcell") });
  await expect(rows.first()).toBeVisible();
  await expect(rows.filter({ hasNot: page.getByText("verified", { exact: true }) })).toHaveCount(0);
  await page.reload();
  await expect(signalsInForce(page).first()).toBeVisible();
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
  // The reload has locked the key: a release asks for its person, a stop would not.
  await unlock(page);
  await expect(dialog).toBeHidden();
  await expect(signalsInForce(page)).toHaveCount(0);
  await goTo(page, "Watch");
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  await expect(tasksByState(page).getByText(/running|waiting/i)).toHaveCount(0);
  await expect(stopControl(page)).toBeEnabled();
  // While the whole log is verified, nothing is added to it.
  await goTo(page, "Timeline");
  // The records of what has just happened come a moment after it (XA-29): until none has come for a while.
  let entries = -1;
  const isSettled = async (): Promise<boolean> => {
    const before = entries;
    entries = await entryCount(page);
    return entries === before;
  };
  await expect.poll(isSettled, { intervals: [4000] }).toBe(true);
  await page.getByRole("button", { name: /^Verify/ }).click();
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
  expect(await entryCount(page)).toBe(entries);
});

test("a run goes on after the page is reloaded in the middle of it, and nothing acknowledged is lost", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, SMALL);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 10, irreversible: "" });
  await expect(tasksByState(page).getByText(/done/i)).toBeVisible();
  await goTo(page, "Timeline");
  const before = await entryCount(page);
  await page.reload();
  await expect.poll(() => entryCount(page)).toBeGreaterThanOrEqual(before);
  await goTo(page, "Watch");
  await page.getByLabel("Speed", { exact: true }).selectOption("1000");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
});
