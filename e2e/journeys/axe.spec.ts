import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { walk } from "./walk.ts";

/** All that axe finds, or, in another colour scheme of the same screen, what depends on colours. */
async function seriousViolations(page: Page, what: "all" | "colours"): Promise<string[]> {
  // What fades in or out is judged when it has: a half-seen colour is nobody's.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished),
    ),
  );
  const axe = new AxeBuilder({ page });
  const asked =
    what === "all" ? axe.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]) : axe.withRules(["color-contrast"]);
  const { violations } = await asked.analyze();
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
