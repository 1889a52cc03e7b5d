import { expect, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { goTo, loadBundled, openConsole, startUnderPolicy, verifyLog } from "./console.ts";

test("[J7] [XDA-2] [XDA-3] [XDA-7] [XDA-10] [XDA-12] [L7] a change in three domains leaves three logs, every crossing proved by both, and each log verifies by itself", async ({
  page,
}) => {
  await openConsole(page);
  await loadBundled(page, "Three-domain network change");
  await startUnderPolicy(page, { speed: 1000, irreversible: "" });
  await expect(page.getByText("All 18 tasks have ended: 18 done.")).toBeVisible();

  await goTo(page, "Domains");
  const crossings = page.getByRole("table", { name: "Border crossings" });
  await expect(page.getByRole("radio", { name: "Verified 8" })).toBeVisible();
  await expect(crossings.getByRole("row")).toHaveCount(9);
  await expect(page.getByRole("table", { name: "Offset of the domains' clocks" })).toContainText(
    /between .* ms and .* ms/,
  );
  await page.keyboard.press("j");
  const selected = page.getByRole("region", { name: "Selected crossing" });
  await expect(selected).toContainText("both logs prove it");
  await expect(selected.getByRole("table")).not.toContainText("not there");
  await expect(page.getByRole("table", { name: "Entries in causal order" })).toContainText("trail_hand_off");
  expect(await seriousViolations(page)).toEqual([]);

  await selected.getByText("the countersignature in the receiver's log").click();
  const receiver = await selected
    .getByRole("link", { name: /^entry / })
    .nth(4)
    .getAttribute("href");
  const domain = new URLSearchParams(receiver?.split("?")[1]).get("domain") ?? "";
  await selected
    .getByRole("link", { name: /^entry / })
    .nth(4)
    .click();
  await expect(page.getByRole("region", { name: "Domain in view" })).toContainText(`Log of ${domain}`);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox", { name: "Log entries" })).toContainText("countersign");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
  await page.getByRole("button", { name: "Back to console.local" }).click();
  await expect(page.getByRole("region", { name: "Domain in view" })).toBeHidden();

  // Another domain is asked for its trail, and its answer is read on a phone.
  await goTo(page, "Domains");
  await page.getByRole("button", { name: "Ask …" }).click();
  const asking = page.getByRole("dialog", { name: "Ask other domains" });
  await asking.getByRole("combobox", { name: "Purpose" }).selectOption({ index: 1 });
  await asking.getByLabel("What do you need it for? (recorded)").fill("who changed the uplink");
  await page.keyboard.press("Enter");
  await expect(asking).toBeHidden();
  await expect(page.getByRole("region", { name: "Records of core.example" })).toContainText("inventory");
  await expect(page.getByText(/claims? not shown to you by its rules/).first()).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.getByRole("region", { name: "Records of core.example" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(await seriousViolations(page)).toEqual([]);
});
