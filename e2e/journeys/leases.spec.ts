import { expect, test } from "@playwright/test";
import { loadFile, openConsole, startUnderPolicy } from "./console.ts";
import { longRun } from "./long-run.ts";

test("[L3] [L5] [N8] [N9] a run is started with a plan for lost links and leases, both stand on its nodes, and one more agent is put under a lease", async ({
  page,
}) => {
  await openConsole(page);
  await loadFile(page, longRun("parallel", 12, 600));
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByLabel("When an agent is not heard of").selectOption({ label: "hold it after 45 s" });
  await expect(policy.getByLabel(/^Agents that may do what cannot be undone \([1-9]/)).toHaveValue("1800");
  await startUnderPolicy(page, { speed: 1 });

  // Drawn on the node before it is needed.
  const tag = page.locator(".react-flow__node [data-liveness]").first();
  await expect(tag).toContainText("hold after 45 s");
  await page.getByRole("application").focus();
  await page.keyboard.press("v");
  const table = page.getByRole("grid", { name: "Leases and links" });
  const rows = table.getByRole("row").filter({ hasText: "hold after 45 s" });
  await expect(rows.filter({ hasText: /lease (29|30) min/ }).first()).toBeVisible();
  await expect(rows.filter({ hasText: "not lost" }).first()).toBeVisible();

  const free = rows.filter({ hasText: "none" });
  const before = await free.count();
  expect(before).toBeGreaterThan(0);
  await free
    .first()
    .getByRole("button", { name: /^Lease: / })
    .click();
  const dialog = page.getByRole("dialog", { name: "Put an agent under a lease" });
  await dialog.getByLabel("For how long at a time").selectOption({ label: "5 min" });
  await dialog.getByRole("button", { name: "Let it go on for 5 min" }).click();
  await expect(dialog).toBeHidden();
  await expect(free).toHaveCount(before - 1);
  await expect(rows.filter({ hasText: /lease [45] min/ })).toHaveCount(1);
});
