import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** What axe finds serious, or, in another colour scheme of a screen already judged, only what depends on colours. */
export async function seriousViolations(page: Page, what: "all" | "colours" = "all"): Promise<string[]> {
  // What fades in or out is judged when it has: a half-seen colour is nobody's.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished),
    ),
  );
  // There are no frames: otherwise each look would open a page of its own to gather their results.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const asked =
    what === "all" ? axe.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]) : axe.withRules(["color-contrast"]);
  const { violations } = await asked.analyze();
  return violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
}
