import { expect, test } from "@playwright/test";
import { decide, goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";

test("[J7] [XA-21] from a question to what allowed an action, by keyboard, and again by its link", async ({ page }) => {
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "reject", "not now");
  await goTo(page, "Timeline");
  const list = page.getByRole("listbox", { name: "Log entries" });
  await expect(list).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("typ:hitl-dec");
  const offers = page.getByRole("listbox", { name: "What may come next" });
  await expect(offers.getByRole("option", { name: /hitl-decision/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("outcome:rejected");
  await page.keyboard.press("Enter");
  await expect(list.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: /^Entry \d+$/ })).toBeVisible();
  const decision = new URL(page.url()).searchParams.get("entry");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(`before:${decision} (typ:hitl-request or typ:intent)`);
  await page.keyboard.press("Enter");
  await expect(list.getByRole("option", { name: /hitl-request/ })).toBeVisible();
  await expect(list.getByRole("option", { name: /intent/ }).first()).toBeVisible();
  const found = await list.getByRole("option").count();
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Query" })).toHaveValue(
    `before:${decision} (typ:hitl-request or typ:intent)`,
  );
  await expect(list.getByRole("option")).toHaveCount(found);
});
