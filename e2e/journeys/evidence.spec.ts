import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { decide, goTo, loadBundled, openConsole, startUnderPolicy } from "./console.ts";

const PURPOSE = "Audit of November <b>2026</b>";

test("[J7] [XA-33] [XA-36] from an event to one file that opens without a network, verifies itself and says who allowed what", async ({
  page,
  browser,
}, info) => {
  // Where a browser lets a page write files it asks in a window of its own; here the file is a download.
  await page.addInitScript(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
  await openConsole(page);
  await loadBundled(page, "Two agents and three tools");
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  await decide(page, "approve", "Looked at it.");

  await goTo(page, "Timeline");
  const query = page.getByRole("combobox", { name: "Query" });
  await query.fill("typ:hitl-decision");
  await query.press("Enter");
  await page.getByRole("listbox", { name: "Log entries" }).getByRole("option").first().click();
  await expect(page.getByText("Submitted by", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Evidence pack" }).click();
  const dialog = page.getByRole("dialog", { name: "Evidence pack" });
  await dialog.getByLabel("Evidence of").selectOption("all");
  await dialog.getByLabel(/^What for/).fill(PURPOSE);
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Sign and export" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^signalbox-evidence-console\.local-all-.*\.html$/);
  const path = info.outputPath("pack.html");
  await file.saveAs(path);
  const html = await readFile(path, "utf8");
  // One file: it loads no part of itself from anywhere.
  expect(html).not.toMatch(/import\(["'`]\.|from["'`]\.\//);

  const auditor = await browser.newContext({
    offline: true,
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
  });
  const opened = await auditor.newPage();
  const asked: string[] = [];
  opened.on("request", (request) => asked.push(request.url()));
  await opened.goto(pathToFileURL(path).href);
  await expect(opened.getByText(/All five questions are answered yes/)).toBeVisible();
  await expect(opened.getByRole("list", { name: "Answers" }).getByText("✓ yes")).toHaveCount(5);
  await expect(opened.getByText(PURPOSE)).toBeVisible();
  const who = opened.getByRole("region", { name: "Who allowed what" });
  await who.getByRole("searchbox").fill("Looked at it");
  await expect(who.getByRole("row").filter({ hasText: "approve by ada-example" })).toHaveCount(1);
  const shown = opened.getByRole("region", { name: "What people were shown" });
  await shown.getByText("What was shown", { exact: true }).click();
  await expect(shown).toContainText("args_text");
  expect(await seriousViolations(opened)).toEqual([]);
  expect(await opened.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(asked).toHaveLength(1);

  // The same file with one letter changed, opened by the auditor and dropped on the console's own verifier.
  const changed = info.outputPath("changed.html");
  await writeFile(changed, html.replace("Audit of November", "Audit of December"));
  await opened.goto(pathToFileURL(changed).href);
  await expect(opened.getByText(/^✕ This pack does not hold/)).toContainText("manifest.purpose");
  await auditor.close();
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  const verifier = page.getByLabel("Exported log");
  await verifier.setInputFiles(changed);
  await expect(page.getByText(/^First bad place: manifest.purpose/)).toBeVisible();
  await verifier.setInputFiles(path);
  await expect(page.getByText("the log here", { exact: true })).toBeVisible();
});
