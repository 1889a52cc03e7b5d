import { expect, type Locator, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { goTo, loadBundled, openConsole, PASSPHRASE, startUnderPolicy, verifyLog } from "./console.ts";
import { addOperator, grantRole, switchTo } from "./people.ts";

test("[J6] [N13] [CAS-16] [CAS-31] two people roll a network change back, a person does one step, and what is left is confirmed, in nine clicks", async ({
  page,
}) => {
  await openConsole(page);
  await addOperator(page, "Bea Example");
  await switchTo(page, "Ada Example");
  await grantRole(page, "Bea Example", "operator");
  await loadBundled(page, "Three-domain network change");
  await startUnderPolicy(page, { speed: 1000, irreversible: "" });
  await expect(page.getByRole("button", { name: /of a scenario written for this console/ })).toBeVisible();
  await expect(page.getByText("All 18 tasks have ended: 18 done.")).toBeVisible();

  let clicks = 0;
  const click = async (what: Locator): Promise<void> => {
    clicks += 1;
    await what.click();
  };
  await click(page.getByTitle("planner_1"));
  await click(page.getByRole("complementary", { name: "planner_1" }).getByRole("button", { name: "Roll back …" }));
  const plan = page.getByRole("complementary", { name: "Roll back: dry run" });
  await expect(plan).toContainText("1 task cannot be undone, and all or nothing is chosen: nothing would be done.");
  await click(plan.getByRole("radio", { name: "As much as can be" }));
  await expect(plan).toContainText("15 tasks after the cut, 3 tasks stay:");
  for (const words of [
    "6 undone",
    "1 compensated",
    "1 undone by a person",
    "1 cannot be undone",
    "6 with nothing to undo",
  ])
    await expect(plan.getByRole("status").getByText(words, { exact: true })).toBeVisible();
  await expect(plan.getByRole("region", { name: "Cannot be undone" })).toContainText(
    /notifier_1.*1,280 business customers/,
  );
  await expect(page.locator("[data-halo]").first()).toBeVisible();
  await click(plan.getByRole("button", { name: "Go on to sign …" }));
  const sign = page.getByRole("dialog", { name: "Roll back" });
  await sign.getByLabel("Why is it rolled back? (recorded)").fill("wrong uplink");
  await sign.getByLabel("Type the target to sign: planner_1").fill("planner_1");
  await sign.getByLabel("Passphrase of Bea Example").fill(PASSPHRASE);
  await click(sign.getByRole("button", { name: "Roll back", exact: true }));
  await expect(sign).toBeHidden();

  const board = page.getByRole("complementary", { name: "Rollback" });
  await click(board.getByRole("button", { name: /^Say what came of it: field_desk_1/ }));
  const result = page.getByRole("dialog", { name: "What came of a step" });
  await click(result.getByRole("radio", { name: "Undone", exact: true }));
  await page.keyboard.press("Enter");
  await expect(result).toBeHidden();
  await expect(board.getByRole("list", { name: "What is left" })).toContainText(/notifier_1: could not be undone/);
  await expect(board.getByText("digest as in its checkpoint, found by the host").first()).toBeVisible();
  await expect(board.getByRole("link", { name: "its compensation" })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await click(board.getByRole("button", { name: "Confirm as it is …" }));
  const confirm = page.getByRole("dialog", { name: "Confirm what is left" });
  await confirm.getByLabel("Why may it stay as it is? (recorded)").fill("the customers are told");
  await page.keyboard.press("Enter");
  await expect(confirm).toBeHidden();
  await expect(board.getByText("over and confirmed")).toBeVisible();
  expect(clicks).toBeLessThanOrEqual(9);

  await goTo(page, "Control");
  await page.getByRole("radio", { name: "Rollbacks" }).click();
  await page.getByRole("list", { name: "Rollbacks" }).getByRole("button", { name: "What is left" }).click();
  await expect(page.getByRole("region", { name: "What is left" })).toContainText(
    /notifier_1.*1,280 business customers/,
  );
  // What a rollback adds to the log is verified like everything else.
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
});
