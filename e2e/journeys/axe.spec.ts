import { expect, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { walk } from "./walk.ts";

const LOOKS = [
  { colorSchemes: ["light", "dark"], viewport: { width: 1440, height: 900 } },
  { colorSchemes: ["light"], viewport: { width: 390, height: 844 } },
] as const;

for (const { colorSchemes, viewport } of LOOKS) {
  test.describe(`${colorSchemes.join(" and ")}, ${viewport.width} px`, () => {
    test.use({ viewport });

    // A walk through every screen, each looked at for a second or two.
    test.setTimeout(300_000);

    test("no screen, drawer or dialog has a serious accessibility problem", async ({ page }) => {
      const found: string[] = [];
      await walk(page, async (name) => {
        const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (isWide) found.push(`${name}: wider than the screen`);
        for (const [at, colorScheme] of colorSchemes.entries()) {
          await page.emulateMedia({ colorScheme });
          const violations = await seriousViolations(page, at === 0 ? "all" : "colours");
          for (const violation of violations) found.push(`${name}, ${colorScheme}: ${violation}`);
        }
      });
      expect(found).toEqual([]);
    });
  });
}
