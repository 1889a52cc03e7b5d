import { expect, test } from "@playwright/test";
import { drift, signProfile } from "../journeys/behavior-steps.ts";
import { openConsole } from "../journeys/console.ts";
import { walk } from "../journeys/walk.ts";

const LOOKS = [
  { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  { colorScheme: "light", viewport: { width: 390, height: 844 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

/** Pictures of every screen, for people to look at: `npm run screens`. */
for (const { colorScheme, viewport } of LOOKS) {
  test.describe(`${colorScheme} ${viewport.width}`, () => {
    test.use({ colorScheme, viewport });

    test.setTimeout(300_000);

    test("every screen", async ({ page }) => {
      let count = 0;
      await walk(page, async (name) => {
        count += 1;
        const number = String(count).padStart(2, "0");
        await page.screenshot({ path: `.cache/screens/${colorScheme}-${viewport.width}/${number}-${name}.png` });
      });
    });

    test("an agent that drifts", async ({ page }) => {
      const look = (name: string) =>
        page.screenshot({ path: `.cache/screens/${colorScheme}-${viewport.width}/behaviour-${name}.png` });
      await openConsole(page, "/behavior");
      await signProfile(page);
      await look("profile-signed");
      await drift(page);
      await page.keyboard.press("g");
      await page.keyboard.press("b");
      await expect(page.getByRole("list", { name: "Agents" })).toBeVisible();
      await look("drift-fleet");
      await page.keyboard.press("v");
      await look("drift-table");
      await page.getByRole("link", { name: "Open its page" }).click();
      const drifts = page.getByRole("region", { name: "Drift over time" });
      await expect(drifts.locator("canvas")).toBeVisible();
      await look("agent");
      await drifts.scrollIntoViewIfNeeded();
      await look("agent-drift");
      await page.keyboard.press("q");
      await expect(page.getByRole("region", { name: "What it touches" })).toBeVisible();
      await look("quarantine");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("list", { name: "In force" })).toContainText("none is open");
      await look("quarantined");
      await page.keyboard.press("c");
      await expect(page.getByRole("table", { name: "This window and the last good one" })).toBeVisible();
      await look("compare");
      await page.getByRole("radio", { name: "Evidence" }).click();
      await look("evidence");
      await page.keyboard.press("r");
      await expect(page.getByRole("dialog", { name: "Release from quarantine" })).toBeVisible();
      await look("release");
      await page.keyboard.press("Escape");
      await page.getByRole("radio", { name: "Conduct" }).click();
      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await expect(page.getByRole("button", { name: /^Release …/ })).toBeDisabled();
      await look("past");
    });
  });
}
