import { expect, type Page, test } from "@playwright/test";
import { decide, goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";
import { Keys } from "./keys.ts";

const shownAt = (page: Page): Promise<number> =>
  page
    .getByRole("region", { name: "The past" })
    .getByText(/^As of entry [\d,]+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: past$/)
    .textContent()
    .then((text) => Number(/entry ([\d,]+)/.exec(text ?? "")?.[1]?.replaceAll(",", "")));

test("[XA-43] [XA-44] a decision is looked back at: it waits, nothing can be done, and now is one press away", async ({
  page,
}) => {
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "reject", "not this one");
  const past = page.getByRole("region", { name: "The past" });
  await page.keyboard.press("Escape");
  const keys = new Keys(page);
  await keys.press("g", "h");
  await expect(past).toBeVisible();

  // Back, entry by entry, to where the request waits and its decision is still to come.
  const approve = page.getByRole("button", { name: /^Approve/ });
  const request = page.getByRole("listbox", { name: "Requests" }).getByRole("option").first();
  const back = past.getByRole("button", { name: "One entry back" });
  for (let at = await shownAt(page); !(await request.isVisible()); at -= 1) {
    await back.click();
    await expect.poll(() => shownAt(page)).toBe(at - 1);
    expect(at).toBeGreaterThan(1);
  }
  await request.click();
  await expect(approve).toBeDisabled();
  await expect(approve).toHaveAccessibleName(/This is the past/);
  await expect(page.getByRole("button", { name: /^Reject/ })).toBeDisabled();
  await expect(past.getByText(/[\d,]+ entr(y|ies) since/)).toBeVisible();
  const here = await shownAt(page);
  await keys.press("g", "c");
  await expect(page.getByText("Nothing is stopped, and nothing was")).toBeVisible();
  expect(await shownAt(page)).toBe(here);
  await expect(page.getByRole("button", { name: /^Stop everything/ })).toBeEnabled();

  await past.getByRole("button", { name: "Back to now" }).click();
  await expect(past).toBeHidden();
  await keys.press("g", "a");
  await expect(page.getByText("Nothing waits for a human")).toBeVisible();
});
