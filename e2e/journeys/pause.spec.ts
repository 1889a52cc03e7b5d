import { expect, type Page, test } from "@playwright/test";
import { goTo, loadFile, openConsole, startUnderPolicy } from "./console.ts";
import { Keys } from "./keys.ts";
import { longRun } from "./long-run.ts";

const orders = (page: Page) => page.getByRole("region", { name: "Orders in force" });

/** Pauses the agents of what is selected, by the keys of an operator. */
async function pause(page: Page, keys: Keys, reason: string): Promise<void> {
  await keys.press("p");
  const dialog = page.getByRole("dialog", { name: "Pause" });
  await expect(dialog.getByRole("status")).toContainText(/It reaches \d+ agent/);
  await expect(dialog.getByLabel("Why is it paused? (recorded)")).toBeFocused();
  await keys.write(reason);
  await keys.press("Enter");
  await expect(dialog).toBeHidden();
}

test("[J4] [S13] [S14] [OVR-18] agents are paused, a limit is changed until confirmed, and exactly the set paused goes on, with 7 keys", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, longRun("parallel", 12, 600));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  const graph = page.getByRole("application");
  const selection = page.getByRole("region", { name: "Selection" });

  // Somebody has paused something before: that must not go on with what is paused and resumed later.
  await graph.focus();
  await page.keyboard.press("ArrowDown");
  await expect(selection).toBeVisible();
  await pause(page, new Keys(page), "kept for the owner");
  await expect(orders(page).getByRole("listitem")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(selection).toBeHidden();

  const keys = new Keys(page);
  await graph.focus();
  await keys.press("ArrowDown");
  await expect(selection).toBeVisible();
  await pause(page, keys, "the output looks wrong");
  await expect(orders(page).getByRole("listitem")).toHaveCount(2);
  // Who has not reached a safe point is told until nobody is left.
  await expect(orders(page).getByRole("listitem").first()).toContainText(/the output looks wrong/);
  await expect(orders(page).getByRole("listitem").first()).toContainText(/Pausing|Paused/);

  await keys.press("e");
  const change = page.getByRole("dialog", { name: "Change a limit" });
  await expect(change.getByLabel(/^New value/)).toBeFocused();
  await keys.write("900");
  await expect(change.getByRole("table")).toContainText("900");
  await expect(change.getByRole("button", { name: "Change" })).toBeEnabled();
  await keys.press("Enter");
  await expect(change).toBeHidden();
  const changed = orders(page).getByRole("listitem").filter({ hasText: "Limit changed" });
  await expect(changed).toContainText(/= 900.*reverts in (1[0-5]) min \d\d s unless confirmed/);

  await keys.press("r");
  const resume = page.getByRole("dialog", { name: "Resume what is paused" });
  await expect(resume).toContainText("the output looks wrong");
  await expect(resume).toContainText("Another signal holds on");
  await expect(resume.getByLabel("Why may it go on? (recorded)")).toBeFocused();
  await keys.write("it was the viewer");
  await keys.press("Enter");
  await expect(resume).toBeHidden();
  await expect(orders(page).getByText("the output looks wrong")).toHaveCount(1);
  await expect(orders(page).getByText("kept for the owner")).toBeVisible();
  process.stdout.write(`J4: paused, changed and resumed with ${keys.count} keys, values and reasons not counted\n`);
  expect(keys.count).toBeLessThanOrEqual(7);

  await changed.getByRole("link", { name: "Confirm in Control" }).click();
  const detail = page.getByRole("region", { name: "Selected signal" });
  await expect(detail).toContainText("Reverts in");
  await page.keyboard.press("c");
  const confirm = page.getByRole("dialog", { name: "Confirm a change of limits" });
  await confirm.getByLabel("Why is it kept? (recorded)").fill("it is right");
  await page.keyboard.press("Enter");
  await expect(confirm).toBeHidden();
  await page.getByRole("radio", { name: /^In force/ }).click();
  const signals = page.getByRole("grid", { name: "Signals" }).getByRole("row");
  await expect(signals.filter({ hasText: "change of limits" })).toHaveCount(1);
  await expect(signals.filter({ hasText: "kept for the owner" })).toHaveCount(1);
  await expect(signals.filter({ hasText: "the output looks wrong" })).toHaveCount(0);
});

test("[N2] [S9] the halo counts before a press exactly whom the stop reaches afterwards", async ({ page }) => {
  await openConsole(page);
  await loadFile(page, longRun("parallel", 12, 600));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await page.getByRole("application").focus();
  await page.keyboard.press("ArrowDown");
  const stop = page.getByRole("button", { name: /^Stop (agent|these)/ });
  await stop.hover();
  const halo = page.getByRole("region", { name: "What it would touch" });
  /** How many agents, once it is known of all; 0 before. */
  const counted = async (): Promise<number> => {
    const words = (await halo.getByRole("status").textContent()) ?? "";
    const [, agents = "0"] = /^It reaches ([\d,]+) agents?: .* cannot be undone\.$/.exec(words) ?? [];
    return Number(agents.replaceAll(",", ""));
  };
  await expect.poll(counted).toBeGreaterThan(0);
  const reached = await counted();
  await expect(page.locator("[data-halo]").first()).toBeVisible();
  await stop.click();
  await page.mouse.move(0, 0);
  await goTo(page, "Control");
  await page.getByRole("radio", { name: /^Stops/ }).click();
  const rows = page.getByRole("grid", { name: "Signals" }).getByRole("row").filter({ hasText: "in force" });
  await expect(rows.first()).toBeVisible();
  let targets = 0;
  for (const row of await rows.all())
    targets += Number(/\/([\d,]+) · verified/.exec((await row.textContent()) ?? "")?.[1]?.replaceAll(",", "") ?? "0");
  expect(targets).toBe(reached);
});
