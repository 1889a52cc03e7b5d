import { expect, type Page } from "@playwright/test";
import { goTo, holdStop, loadBundled, openConsole, startUnderPolicy, verifyLog } from "./console.ts";
import { addActionRule, tryForGrant } from "./policy-draft.ts";

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
  for (const pane of ["Approvals", "Control", "Timeline", "Domains", "Behaviour", "Accounting", "Inspector"] as const) {
    await goTo(page, pane);
    await expect(page.getByRole("heading", { level: 1, name: pane })).toHaveCount(1);
    await look(`${pane.toLowerCase()}-empty`);
  }
  await goTo(page, "Control");
  await page.getByRole("radio", { name: "Drills" }).click();
  await expect(page.getByRole("region", { name: "Proven on", exact: true })).toBeVisible();
  await look("control-drills");
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
  await policyChanges(page, look);
  await goTo(page, "Approvals");
  await page.getByRole("listbox", { name: "Requests" }).getByRole("option").first().click();
  const reject = page.getByRole("button", { name: /^Reject/ });
  await expect(reject).toBeEnabled();
  await look("approvals-request");
  await reject.click();
  await expect(page.getByLabel(/^Reason/)).toBeVisible();
  await look("approvals-reject");
  await page.keyboard.press("Escape");
  await expect(page.getByLabel(/^Reason/)).toBeHidden();
  await page.keyboard.press("t");
  await expect(page.getByRole("heading", { name: "Demands on each operator" })).toBeVisible();
  await expect(page.locator("main canvas").first()).toBeVisible();
  await look("approvals-attention");
  await page.keyboard.press("t");
  await past(page, look);
  await behaviour(page, look);
  await orders(page, look);
  await holdStop(page);
  await goTo(page, "Control");
  // The pause that was looked at before may be open still.
  await page.getByRole("grid", { name: "Signals" }).getByRole("row").filter({ hasText: "everything" }).click();
  await expect(page.getByRole("button", { name: /^Release/ }).first()).toBeVisible();
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
  await page.keyboard.press("p");
  await expect(page.getByRole("dialog", { name: "Evidence pack" })).toBeVisible();
  await look("timeline-evidence");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByRole("radio", { name: "Lanes" }).click();
  await expect(page.getByRole("application", { name: /^Lanes/ })).toBeVisible();
  await page.keyboard.press("f");
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { name: /^Leads to/ })).toBeVisible();
  await look("timeline-lanes");
}

/** Agents are paused after a look at what it touches, a limit is about to be changed, and Control shows what is in force. */
async function orders(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await goTo(page, "Watch");
  await page.getByRole("radio", { name: "Graph" }).click();
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await page.getByRole("application").focus();
  // The root, which calls the others and waits for a human.
  for (const key of ["ArrowDown", "ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
  const pause = page.getByRole("region", { name: "Selection" }).getByRole("button", { name: /^Pause/ });
  await pause.focus();
  await expect(page.getByRole("region", { name: "What it would touch" }).getByRole("table")).toBeVisible();
  await look("watch-halo");
  await page.keyboard.press("p");
  const dialog = page.getByRole("dialog", { name: "Pause" });
  await dialog.getByLabel("Why is it paused? (recorded)").fill("The figures look wrong.");
  await look("watch-pause");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Orders in force" })).toBeVisible();
  await look("watch-orders");
  await page.keyboard.press("e");
  await expect(page.getByLabel(/^New value/)).toBeFocused();
  await look("watch-limit");
  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  await expect(page.getByRole("dialog", { name: "Resume what is paused" })).toBeVisible();
  await look("watch-resume");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Take over …" }).click();
  await expect(page.getByRole("dialog", { name: "Take over" })).toBeVisible();
  await look("watch-takeover");
  await page.keyboard.press("Escape");
  await goTo(page, "Control");
  await expect(page.getByRole("grid", { name: "Targets" }).getByRole("row").nth(1)).toBeVisible();
  await look("control-pause");
}

/** A draft is put in force, leave is given in advance under it, and is about to be ended. */
async function policyChanges(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const asked = await addActionRule(page);
  await look("policies-draft");
  await page.getByRole("button", { name: "Put in force …" }).click();
  await expect(page.getByRole("region", { name: "Replay" })).toBeVisible();
  await expect(page.getByText(/under way now/)).toBeVisible();
  await look("policies-exchange");
  await page.getByRole("button", { name: "Sign and put in force" }).click();
  await expect(page.getByRole("dialog", { name: "The draft is in force" })).toBeVisible();
  await look("policies-exchanged");
  await page.getByRole("button", { name: "Show the new policy" }).click();
  await expect(page.getByRole("link", { name: "the policy before" })).toBeVisible();
  await look("policies-replaced");
  await tryForGrant(page, asked);
  await look("policies-grant");
  await page.getByRole("button", { name: "Sign and give it" }).click();
  await expect(page.getByRole("grid", { name: "In force" })).toBeVisible();
  await look("policies-grants");
  await page.getByRole("button", { name: /^End the grant/ }).click();
  await expect(page.getByRole("dialog", { name: "End a standing grant" })).toBeVisible();
  await look("policies-grant-end");
  await page.keyboard.press("Escape");
}

/** Agents that nothing is known of yet, a profile for them, and what they could be measured by. */
async function behaviour(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await goTo(page, "Behaviour");
  await expect(page.getByRole("list", { name: "Agents" }).getByRole("button").first()).toBeVisible();
  await look("behaviour-fleet");
  await page.keyboard.press("2");
  await page.getByRole("button", { name: "New profile" }).click();
  await expect(page.getByRole("article", { name: "Draft of a new profile" })).toBeVisible();
  await look("behaviour-profile");
  await page.keyboard.press("3");
  await expect(page.getByRole("heading", { name: "Order a benchmark" })).toBeVisible();
  await look("behaviour-benchmarks");
}

/** The request as of an earlier entry, why it is as it is, and back. */
async function past(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await page.getByRole("button", { name: "Why: the state of this request" }).click();
  await expect(page.getByRole("list", { name: "Entries that made it so" }).getByRole("listitem").first()).toBeVisible();
  await look("why");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  const bar = page.getByRole("region", { name: "The past" });
  await expect(bar.getByText(/^As of entry/)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Reject/ })).toBeDisabled();
  await look("past");
  await bar.getByRole("button", { name: "Back to now" }).click();
  await expect(page.getByRole("button", { name: /^Reject/ })).toBeEnabled();
}
