import { expect, test } from "@playwright/test";
import { goTo, loadBundled, openConsole, startUnderPolicy, tamper } from "./console.ts";

for (const how of ["alter", "delete", "insert", "reorder", "cut"] as const) {
  test(`[XA-20] tampering behind the console's back is found and located: ${how}`, async ({ page }) => {
    await openConsole(page);
    await loadBundled(page, "Two agents and three tools");
    await startUnderPolicy(page, { speed: 1000, irreversible: "" });
    await expect(page.getByText("Finished", { exact: true })).toBeVisible();
    await goTo(page, "Timeline");
    const seq = await tamper(page, how);
    await page.keyboard.press("v");
    const drawer = page.getByRole("dialog", { name: /verif/i }).or(page.getByRole("complementary", { name: /verif/i }));
    const bad = drawer.getByText(/Entry [\d,]+ is the first bad one/);
    await expect(bad).toBeVisible();
    const named = Number(((await bad.textContent()) ?? "").replace(/[^\d]/g, ""));
    if (how === "cut") expect(named).toBeGreaterThan(seq);
    else expect(Math.abs(named - seq)).toBeLessThanOrEqual(1);
  });
}
