import { expect, type Page, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { goTo, openConsole } from "./console.ts";

const field = (page: Page, name: string | RegExp) => page.getByRole("textbox", { name, exact: true });
const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();

async function openAnchors(page: Page): Promise<void> {
  await goTo(page, "Timeline");
  await press(page, /^Anchors/);
  await expect(field(page, "Checkpoint")).toHaveValue(/\n\u2014 /);
}

test("[XA-52] [XA-53] [XA-54] a head is witnessed by another profile, kept over a reload, and seen for what it proves", async ({
  page,
  browser,
}) => {
  await openConsole(page);
  await openAnchors(page);
  const verifierKey = (await page.getByRole("button", { name: /^verifier key/ }).getAttribute("title")) ?? "";
  await press(page, "Make a request for a witness");
  const request = await field(page, /^Request over/).inputValue();

  // Somebody else's console, with nothing in common but what is pasted.
  const elsewhere = await browser.newContext();
  const witness = await elsewhere.newPage();
  await openConsole(witness);
  await openAnchors(witness);
  await witness.getByRole("tab", { name: "Witness others" }).click();
  await field(witness, "Request of the log").fill(request);
  await field(witness, "Verifier key of the log").fill(verifierKey.replace(/ \(click to copy\)$/, ""));
  await press(witness, "Check it and sign");
  const witnessed = await field(witness, "Witnessed checkpoint").inputValue();
  const witnessKey = (await witness.getByRole("button", { name: /^witness key/ }).getAttribute("title")) ?? "";
  await elsewhere.close();

  await press(page, "Show QR code");
  await expect(page.getByRole("img", { name: /^QR code of the checkpoint/ })).toBeVisible();
  const download = page.waitForEvent("download");
  await press(page, "Save as tiles");
  expect((await download).suggestedFilename()).toMatch(/^signalbox-tiles-.*\.zip$/);
  await page.getByRole("tab", { name: "Its anchors" }).click();
  await field(page, "Checkpoint that came back").fill(witnessed);
  await field(page, "Keys of its witnesses").fill(witnessKey.replace(/ \(click to copy\)$/, ""));
  await press(page, "Keep as an anchor");
  await expect(page.getByText("Kept. The log agrees with it, as one witness has seen it.")).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await page.reload();
  await page.getByRole("tab", { name: "Its anchors" }).click();
  await expect(page.getByText(/^Witnessed by/)).toBeVisible();
  await page.keyboard.press("v");
  await expect(page.getByText(/and so does the anchor/)).toBeVisible();

  await goTo(page, "Inspector");
  // Signed by a witness whose key came with the anchor, and by one that nobody here has heard of.
  await field(page, "Token").fill(`${witnessed}\u2014 stranger.example AAAAAAAAAAA=`);
  const proofs = page.getByRole("region", { name: "Proofs" }).getByRole("listitem");
  await expect(proofs.filter({ hasText: "/log" }).first()).toContainText("verified");
  await expect(proofs.filter({ hasText: "/witness/" })).toContainText("a witness saw this head");
  await expect(proofs.filter({ hasText: "stranger.example" })).toContainText("unknown here");
});
