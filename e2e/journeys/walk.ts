import { expect, type Page } from "@playwright/test";
import { goTo, holdStop, loadBundled, openConsole, startUnderPolicy, verifyLog } from "./console.ts";

/**
 * Goes through every screen and every drawer and dialog an operator can open, and tells its name at each. Whoever walks
 * looks at the page there: for accessibility, for how it looks.
 */
export async function walk(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await page.goto("/");
  await expect(page.getByRole("dialog", { name: "Sign in" })).toBeVisible();
  await look("sign-in");
  await openConsole(page);
  await expect(page.getByText("Nothing runs yet")).toBeVisible();
  await look("watch-empty");
  for (const pane of ["Approvals", "Control", "Timeline", "Inspector"] as const) {
    await goTo(page, pane);
    await expect(page.getByRole("heading", { level: 1, name: pane })).toHaveCount(1);
    await look(`${pane.toLowerCase()}-empty`);
  }
  await goTo(page, "Watch");
  await loadBundled(page, "Two agents and three tools");
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await expect(policy).toBeVisible();
  await look("policy-form");
  await policy.getByRole("tab", { name: "JSON" }).click();
  await look("policy-json");
  await policy.getByRole("tab").first().click();
  await startUnderPolicy(page, { speed: 1000 });
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/waiting/i)).toBeVisible();
  // A phone shows the table first.
  await page.getByRole("radio", { name: "Graph" }).click();
  // A narrow screen begins with the table.
  await page.getByRole("radio", { name: "Graph" }).click();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await look("watch-graph");
  await page.getByRole("radio", { name: "Table" }).click();
  const row = page.getByRole("grid").getByRole("row").nth(1);
  await expect(row).toBeVisible();
  await look("watch-table");
  await row.getByRole("gridcell").nth(1).click();
  await expect(page.getByText(/Why is it in this state|Why/).first()).toBeVisible();
  await look("watch-task");
  await page.keyboard.press("Escape");
  await page.getByRole("radio", { name: "Graph" }).click();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("palette");
  await page.keyboard.press("Escape");
  await goTo(page, "Policies");
  await expect(page.getByRole("tab", { name: /Delegation/ })).toBeVisible();
  await look("policies-delegation");
  for (const tab of ["Rules", "Try it", "Replay it", "Edit", "Token"]) {
    await page.getByRole("tab", { name: new RegExp(tab) }).click();
    await look(`policies-${tab.toLowerCase().replace(" ", "-")}`);
  }
  await goTo(page, "Approvals");
  await page.getByRole("listbox", { name: "Requests" }).getByRole("option").first().click();
  const reject = page.getByRole("button", { name: /^Reject/ });
  await expect(reject).toBeEnabled();
  await look("approvals-request");
  await reject.click();
  await expect(page.getByLabel(/^Reason/)).toBeVisible();
  await look("approvals-reject");
  await page.keyboard.press("Escape");
  await holdStop(page);
  await goTo(page, "Control");
  await expect(
    page.getByRole("grid", { name: "Targets" }).getByText("verified", { exact: true }).first(),
  ).toBeVisible();
  await look("control-stop");
  await page
    .getByRole("button", { name: /^Release/ })
    .first()
    .click();
  await expect(page.getByRole("dialog", { name: "Release a stop" })).toBeVisible();
  await look("control-release");
  await page.keyboard.press("Escape");
  await goTo(page, "Timeline");
  await page.getByRole("listbox", { name: "Log entries" }).getByRole("option").nth(2).click();
  await expect(page.getByText("Submitted by", { exact: true })).toBeVisible();
  await look("timeline-entry");
  await page.getByRole("link", { name: "inspect it" }).click();
  await expect(page.getByText(/^Verified: all \d+ steps passed$/)).toBeVisible();
  await look("inspector-entry");
  await page.getByRole("radio", { name: "another time" }).click();
  await look("inspector-time");
  await page.getByRole("textbox", { name: "Token", exact: true }).fill("no token");
  await expect(page.getByText(/^Refused at CTV step 2/)).toBeVisible();
  await look("inspector-refused");
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
  await look("timeline-verify");
}
