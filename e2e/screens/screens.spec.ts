import { test } from "@playwright/test";
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
  });
}
