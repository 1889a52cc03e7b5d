import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { walk } from "./walk.ts";

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
}

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
        for (const colorScheme of colorSchemes) {
          await page.emulateMedia({ colorScheme });
          for (const violation of await seriousViolations(page)) found.push(`${name}, ${colorScheme}: ${violation}`);
        }
      });
      expect(found).toEqual([]);
    });
  });
}
