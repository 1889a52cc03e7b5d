import { expect, test } from "@playwright/test";
import { goTo, loadFile, openConsole, startUnderPolicy, verifyLog } from "./console.ts";

const SMALL = "e2e/fixtures/wfinstances/helloworld-chain-5-chameleon.json";

test("the second tab goes on when the one that ran the engine is closed in the middle of a run", async ({
  page,
  context,
}) => {
  await openConsole(page);
  await loadFile(page, SMALL);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 5, irreversible: "" });
  const second = await context.newPage();
  await second.goto(page.url());
  await expect(second.getByText("follower").first()).toBeVisible();
  await expect(second.getByRole("group", { name: "Tasks by state" })).toContainText(/running|done/i);
  await page.close({ runBeforeUnload: false });
  await expect(second.getByText("leader", { exact: true }).first()).toBeVisible();
  await second.getByLabel("Speed", { exact: true }).selectOption("1000");
  await expect(second.getByText("Finished", { exact: true })).toBeVisible();
  await goTo(second, "Timeline");
  await verifyLog(second);
  await expect(second.getByText(/All five questions are answered yes/)).toBeVisible();
});
