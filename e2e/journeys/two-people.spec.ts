import { expect, type Page, test } from "@playwright/test";
import { goTo, loadBundled, nameToType, openConsole, startUnderPolicy, unlock, verifyLog } from "./console.ts";
import { Keys } from "./keys.ts";
import { claimsInLog } from "./log-tokens.ts";
import { namedAddress, type Passkeys, plugInPasskeys, signInByPasskey, unlockByPasskey } from "./passkeys.ts";
import { addOperator, grantRole, switchTo } from "./people.ts";

/** What cannot be undone takes two people; nobody has to say why (journeys.md has no reason in J2). */
async function askTwo(page: Page, change: object = {}): Promise<void> {
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByRole("tab", { name: "JSON" }).click();
  const field = policy.getByLabel("Claims of the acp+jwt");
  const claims = JSON.parse(await field.inputValue());
  for (const rule of claims.hitl.rules) Object.assign(rule, { approvals: 2, reason_required: false, ...change });
  await field.fill(JSON.stringify(claims, null, 2));
}

/** Approves the request that a link has opened, and tells with how many keys and touches, the name not counted. */
async function approveByKeys(page: Page, passkeys: Passkeys): Promise<{ keys: number; touches: number }> {
  const before = passkeys.touches();
  const keys = new Keys(page);
  await expect(page.getByRole("button", { name: "Approve …" })).toBeEnabled();
  await keys.press("a");
  await expect(page.getByLabel(/^Type the .* to approve: /)).toBeFocused();
  await keys.write(await nameToType(page));
  await expect(page.getByRole("button", { name: "Sign approval" })).toBeEnabled();
  expect(passkeys.touches()).toBe(before);
  await keys.press("Control+Enter");
  await expect(page.getByText(/^Approved: .* recorded as entry/)).toBeVisible();
  return { keys: keys.count, touches: passkeys.touches() - before };
}

interface Decision {
  readonly iss: string;
  readonly touch?: { readonly kind: string; readonly challenge: string };
  readonly break_glass?: boolean;
}

test("[J2] [D1] [D3] [F2] [ACP-51] two people approve one irreversible action, each blind to the other, with 3 keys, the name and a touch", async ({
  page,
  context,
  baseURL,
}) => {
  const passkeys = await plugInPasskeys(context, page);
  await page.goto(namedAddress(baseURL));
  // Whoever starts it is the requester's principal and cannot be one of the two.
  await signInByPasskey(page, "Olga Example");
  await addOperator(page, "Ann Example", signInByPasskey);
  await addOperator(page, "Ben Example", signInByPasskey);
  await switchTo(page, "Olga Example", unlockByPasskey);
  await grantRole(page, "Ann Example", "operator");
  await grantRole(page, "Ben Example", "operator");
  await loadBundled(page, "Two agents and three tools");
  await askTwo(page);
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  const waiting = page.getByRole("listbox", { name: "Requests" }).getByRole("option");
  await expect(waiting).toHaveCount(1);
  await waiting.click();
  const request = page.getByRole("article", { name: "Request" });
  await expect(request).toContainText("It takes 2 approvals by different people.");
  // What a message about it would link to.
  await expect(page).toHaveURL(/[?&]request=/);
  const shown = new URL(page.url()).search;

  await switchTo(page, "Ann Example", unlockByPasskey);
  await page.goto(namedAddress(baseURL, `/approvals${shown}`));
  const ann = await approveByKeys(page, passkeys);

  await switchTo(page, "Ben Example", unlockByPasskey);
  await page.goto(namedAddress(baseURL, `/approvals${shown}`));
  await expect(page.getByRole("button", { name: "Approve …" })).toBeEnabled();
  await expect(request).toContainText("stays hidden until you have decided yourself");
  await expect(page.getByRole("main")).not.toContainText(/Approved by|ann-example|\d of 2|are given/i);
  const ben = await approveByKeys(page, passkeys);

  await page.goto(namedAddress(baseURL, `/approvals${shown}&state=all`));
  await expect(page.getByText("The approval was used for its one execution.")).toBeVisible();
  const outcome = page.getByRole("region", { name: "Outcome" });
  await expect(outcome).toContainText("ann-example");
  await expect(outcome).toContainText("ben-example");
  await expect(outcome.getByText("verified: their passkey signed exactly this")).toHaveCount(2);
  const decisions = await claimsInLog<Decision>(page, "hitl-decision+jwt");
  expect(decisions.map(({ iss }) => iss.split("/").at(-1))).toEqual(["ann-example", "ben-example"]);
  for (const { touch } of decisions) expect(touch).toMatchObject({ kind: "passkey" });
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();

  for (const one of [ann, ben]) {
    expect(one.keys).toBeLessThanOrEqual(3);
    expect(one.touches).toBe(1);
  }
  process.stdout.write(
    `J2: ${ann.keys} and ${ben.keys} keys, the name and ${ann.touches} and ${ben.touches} touches\n`,
  );
});

test("[D6] [ACP-42] [ACP-43] one person approves alone in an emergency, every view says so, and another one reviews it", async ({
  page,
}) => {
  await openConsole(page);
  await addOperator(page, "Ann Example");
  await switchTo(page, "Ada Example");
  await grantRole(page, "Ann Example", "operator");
  await loadBundled(page, "Two agents and three tools");
  await askTwo(page, { break_glass: true });
  await startUnderPolicy(page, { speed: 1000 });
  await goTo(page, "Approvals");
  const waiting = page.getByRole("listbox", { name: "Requests" }).getByRole("option");
  await expect(waiting).toHaveCount(1);
  await waiting.click();
  await expect(page).toHaveURL(/[?&]request=/);

  await switchTo(page, "Ann Example");
  await expect(page.getByRole("button", { name: "Approve …" })).toBeEnabled();
  await page.getByRole("button", { name: "More …" }).click();
  await page.getByRole("button", { name: "Approve alone (emergency) …" }).click();
  await expect(page.getByRole("list", { name: "What approving alone means" })).toContainText("It takes 2 people");
  await page.getByLabel(/^Type the .* to approve: /).fill(await nameToType(page));
  await page.getByLabel(/^Reason/).fill("The site is down and nobody answers.");
  await page.getByRole("button", { name: "Sign approval" }).click();
  await unlock(page);
  const banner = page.getByRole("alert").filter({ hasText: "Approved by one person: ann-example approved" });
  for (const pane of ["Watch", "Timeline", "Policies"] as const) {
    await goTo(page, pane);
    await expect(banner).toBeVisible();
    await expect(page.getByText("review due in 23 h")).toBeVisible();
  }

  await page.getByRole("link", { name: "Open the request" }).click();
  const outcome = page.getByRole("region", { name: "Outcome" });
  await expect(outcome).toContainText("You approved it: another duty manager or safety officer reviews it.");
  await switchTo(page, "Ada Example");
  const review = page.getByRole("form", { name: "Review" });
  await review.getByRole("radio", { name: "Justified", exact: true }).click();
  await review.getByLabel(/^Reason/).fill("I could not be reached.");
  await review.getByRole("button", { name: "Sign review" }).click();
  await expect(outcome).toContainText("approved alone, justified");
  await expect(banner).toBeHidden();
  const decisions = await claimsInLog<Decision>(page, "hitl-decision+jwt");
  expect(decisions.map(({ break_glass }) => break_glass)).toEqual([true]);
  expect(await claimsInLog(page, "hitl-review+jwt")).toHaveLength(1);
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
});
