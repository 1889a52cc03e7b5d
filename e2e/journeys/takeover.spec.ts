import { expect, test } from "@playwright/test";
import { goTo, loadFile, openConsole, PASSPHRASE, startUnderPolicy } from "./console.ts";
import { longRun } from "./long-run.ts";
import { addOperator, grantRole, switchTo } from "./people.ts";

test("[OVR-S4] [OVR-30] [OVR-22] two people take a workflow over, a step is carried out by hand, and it is released to paused", async ({
  page,
}) => {
  await openConsole(page);
  await addOperator(page, "Bea Example");
  await switchTo(page, "Ada Example");
  await grantRole(page, "Bea Example", "operator");
  // Whatever ends meanwhile, a next step is due.
  await loadFile(page, longRun("chained", 24, 10));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await page.getByRole("application").focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Take over …" }).click();
  const dialog = page.getByRole("dialog", { name: "Take over" });
  await dialog.getByRole("radio", { name: "The whole workflow" }).click();
  await dialog.getByLabel("Passphrase of Bea Example").fill("not hers");
  await dialog.getByLabel("Why is it taken over? (recorded)").fill("we do it by hand");
  const give = dialog.getByRole("button", { name: "Take over", exact: true });
  await give.click();
  await expect(dialog.getByRole("alert")).toContainText("Nothing was signed. The second signature");
  await dialog.getByLabel("Passphrase of Bea Example").fill(PASSPHRASE);
  await give.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: /^Ada Example/ })).toBeVisible();
  await expect(page.getByRole("region", { name: "Orders in force" })).toContainText(/Taken over.*the whole workflow/);
  const steps = page.getByRole("region", { name: "Steps that wait" });
  await expect(steps.getByRole("status")).toContainText(/steps? waits? for an operator/);
  const first = steps.getByRole("button", { name: /^Carry out/ }).first();
  const name = (await first.getAttribute("aria-label")) ?? "";
  await first.click();
  const step = page.getByRole("dialog", { name: "Carry out one step" });
  await step.getByLabel("Why is it carried out? (recorded)").fill("checked by hand");
  await page.keyboard.press("Enter");
  await expect(step).toBeHidden();
  await expect(steps.getByRole("button", { name, exact: true })).toHaveCount(0);

  await page.getByRole("region", { name: "Orders in force" }).getByRole("link", { name: "In Control" }).first().click();
  await expect(page.getByRole("button", { name: /^Release/ })).toBeVisible();
  await page.keyboard.press("r");
  const release = page.getByRole("dialog", { name: "Release a takeover" });
  await expect(release).toContainText("The agents are paused then, never running.");
  await release.getByLabel("Why is it released? (recorded)").fill("done by hand");
  await page.keyboard.press("Enter");
  await expect(release).toBeHidden();
  const detail = page.getByRole("region", { name: "Selected signal" });
  await expect(detail).toContainText("over, holds as a pause");
  await expect(detail.getByRole("button", { name: /^Resume/ })).toBeVisible();
  await goTo(page, "Watch");
  await expect(page.getByRole("region", { name: "Orders in force" })).toContainText(/Paus(ed|ing).*the whole workflow/);
});
