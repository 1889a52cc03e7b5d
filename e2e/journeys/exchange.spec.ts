import { expect, type Page, test } from "@playwright/test";
import { decide, goTo, loadFile, openConsole, startUnderPolicy } from "./console.ts";
import { addActionRule, tryForGrant } from "./policy-draft.ts";

/** Ten tasks of one action: one, then eight at once, then one. */
const FORK_JOIN = "e2e/fixtures/wfinstances/helloworld-forkjoin-10-chameleon.json";
const tasksByState = (page: Page) => page.getByRole("group", { name: "Tasks by state" });

test("[ACP-40] [ACP-44] [ACP-61] [ACP-62] a draft takes the place of a running workflow's policy, a standing grant answers for the next ones, and another run begins with it", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, FORK_JOIN);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  // Nothing waits at first, and the first task lasts long enough to be under way when the policy is replaced.
  await startUnderPolicy(page, { speed: 1, irreversible: "" });
  await goTo(page, "Policies");
  const asked = await addActionRule(page);
  await page.getByRole("button", { name: "Put in force …" }).click();
  const review = page.getByRole("dialog", { name: "Put the draft in force" });
  await expect(review.getByText(/1 task under way now/)).toBeVisible();
  await expect(review.getByText("1 of 1 actions would be decided differently.")).toBeVisible();
  await review.getByRole("button", { name: "Sign and put in force" }).click();
  const done = page.getByRole("dialog", { name: "The draft is in force" });
  await expect(done.getByText("1 task was interrupted, and asked for anew under it.")).toBeVisible();
  await done.getByRole("button", { name: "Show the new policy" }).click();
  await expect(page.getByRole("link", { name: "the policy before" })).toBeVisible();

  await tryForGrant(page, asked);
  await page.getByRole("button", { name: "Sign and give it" }).click();
  await expect(page.getByText("0 of 10 uses, 10 left, 0 %")).toBeVisible();

  // What waits already is decided by a human; the nine after it are not asked about.
  await goTo(page, "Approvals");
  await decide(page, "approve", "Looked at.");
  await goTo(page, "Watch");
  await page.getByLabel(/^Speed/).selectOption("1000");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expect(tasksByState(page).getByText(/refused|blocked|waiting/i)).toHaveCount(0);
  await goTo(page, "Policies");
  await page.keyboard.press("s");
  await page.getByRole("button", { name: /^Show 1 ended/ }).click();
  await expect(page.getByText("9 of 10 uses", { exact: true })).toBeVisible();

  // The same recording again, under the policy that asks: its agents are other ones of the same names.
  await goTo(page, "Watch");
  await page.getByRole("button", { name: "Load a run" }).click();
  await loadFile(page, FORK_JOIN);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  const start = page.getByRole("dialog", { name: "Policy and start" });
  await start.getByLabel("Use a policy from").selectOption({ index: 1 });
  await expect(start.getByText("10 tasks of")).toBeVisible();
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "approve", "Looked at, in the second run.");
});
