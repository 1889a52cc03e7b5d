import { expect, test } from "@playwright/test";
import { loadFile, openConsole } from "./console.ts";

const FILES: readonly (readonly [string, string])[] = [
  ["empty.json", ""],
  ["cut.json", '{"name":"x","schemaVersion":"1.5","workflow":{"specification":{"tasks":['],
  ["other.json", '{"hello":"world"}'],
  ["page.html", "<script>alert(1)</script>"],
  ["deep.json", "[".repeat(5000)],
];

test("a file that is no run is refused, naming the file, the place and what was expected", async ({ page }) => {
  await openConsole(page);
  for (const [name, text] of FILES) {
    await loadFile(page, { name, mimeType: "application/json", buffer: Buffer.from(text) });
    const note = page.getByRole("alert").filter({ hasText: name });
    await expect(note).toBeVisible();
    await expect(note).toContainText(/expected/i);
    await page.getByRole("button", { name: "Choose another" }).click();
  }
  await expect(page.getByText("Nothing runs yet")).toBeVisible();
});
