import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { loadFile, openConsole } from "./console.ts";

const bytes = (text: string): Buffer => Buffer.from(text);
const CUT = '{"name":"x","schemaVersion":"1.5","workflow":{"specification":{"tasks":[';

/** A file, and the place where it is found wanting. */
const FILES: readonly (readonly [name: string, content: Buffer, place: RegExp])[] = [
  ["empty.json", bytes(""), /At (the )?(start|byte|line|end)/i],
  ["cut.json", bytes(CUT), /At .*(line|byte|position|column|end)/i],
  ["other.json", bytes('{"hello":"world"}'), /At /],
  ["page.html", bytes("<script>alert(1)</script>"), /At .*(line|byte|position|column)/i],
  ["deep.json", bytes("[".repeat(5000)), /At .*(line|byte|position|column|depth)/i],
  ["half.jsonl.gz", gzipSync(bytes(`{"Event":"SparkListenerLogStart"}\n`.repeat(2000))).subarray(0, 60), /At /],
  ["picture.json", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0xff, 0xfe, 0x80]), /At /],
  // A small file that unpacks to far more than the console reads.
  ["bomb.json.gz", gzipSync(Buffer.alloc(300_000_000, 0x20)), /At /],
];

test("a file that is no run is refused, naming the file, the place and what was expected, and nothing of it stays", async ({
  page,
}) => {
  await openConsole(page);
  for (const [name, buffer, place] of FILES) {
    await loadFile(page, { name, mimeType: "application/json", buffer });
    const note = page.getByRole("alert").filter({ hasText: name });
    await expect(note).toBeVisible({ timeout: 60_000 });
    await expect(note).toContainText(place);
    await expect(note).toContainText(/Expected: \S+/);
    await page.getByRole("button", { name: "Choose another" }).click();
  }
  await expect(page.getByText("Nothing runs yet")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Nothing runs yet")).toBeVisible();
  await expect(page.getByText("Loaded before in this browser")).toHaveCount(0);
});
