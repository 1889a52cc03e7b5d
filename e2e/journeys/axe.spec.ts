import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
}

for (const scheme of ["light", "dark"] as const) {
  test(`no screen has a serious accessibility problem, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto("/");
    await expect(page.getByRole("dialog", { name: "Sign in" })).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
    await openConsole(page);
    await expect(page.getByText("Nothing runs yet")).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
    await loadBundled(page, "Two agents and three tools");
    await expect(page.getByRole("dialog", { name: "Policy and start" })).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
    await startUnderPolicy(page, { speed: 1000 });
    for (const pane of ["Watch", "Approvals", "Control", "Timeline"] as const) {
      await goTo(page, pane);
      await expect(page.getByRole("heading", { level: 1, name: pane })).toHaveCount(1);
      expect(await seriousViolations(page)).toEqual([]);
    }
  });
}
