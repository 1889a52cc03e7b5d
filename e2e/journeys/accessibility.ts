import type { Page } from "@playwright/test";
import axe from "axe-core";

/** Asked of a screen: everything, or in another colour scheme of it only what depends on colours. */
const RUN_ONLY = {
  all: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] },
  colours: { type: "rule", values: ["color-contrast"] },
} satisfies Record<string, axe.RunOnly>;

/** What axe finds serious, or, in another colour scheme of a screen already judged, only what depends on colours. */
export async function seriousViolations(page: Page, what: keyof typeof RUN_ONLY = "all"): Promise<string[]> {
  // What fades in or out is judged when it has: a half-seen colour is nobody's.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished),
    ),
  );
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async (runOnly) => {
    const { axe: inPage } = window as unknown as { axe: typeof axe }; // put there above
    return (await inPage.run(document, { runOnly, resultTypes: ["violations"] })).violations;
  }, RUN_ONLY[what]);
  return violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
}
