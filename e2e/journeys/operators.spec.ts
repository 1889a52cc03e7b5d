import { expect, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import {
  goTo,
  holdStop,
  loadBundled,
  openConsole,
  PASSPHRASE,
  signalsInForce,
  startUnderPolicy,
  stopControl,
  unlock,
  verifyLog,
} from "./console.ts";
import { namedAddress, plugInPasskeys, signInByPasskey } from "./passkeys.ts";
import { addOperator, fromMenu, menuButton, switchTo } from "./people.ts";

const TWO_AGENTS = "Two agents and three tools";

test("[COM-15] [COM-17] [COM-18] a second operator starts nothing, is told why, and may after a safety officer has said so", async ({
  page,
}) => {
  await openConsole(page);
  await addOperator(page, "Bob Example");
  await loadBundled(page, TWO_AGENTS);
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByRole("button", { name: "Sign the policy and start" }).click();
  await expect(
    policy.getByText(/starting a workflow needs the role operator; .*bob-example holds viewer/),
  ).toBeVisible();
  await policy.getByRole("button", { name: "Close", exact: true }).click();
  await expect(policy).toBeHidden();
  await fromMenu(page, "People and roles …");
  const people = page.getByRole("dialog", { name: "People and roles" });
  await expect(people.getByText("Roles are given by a safety officer; you are: viewer.")).toBeVisible();
  await expect(people.getByRole("button", { name: /^Change the roles/ })).toHaveCount(0);
  await people.getByRole("button", { name: "Close" }).click();

  await switchTo(page, "Ada Example");
  await fromMenu(page, "People and roles …");
  await people.getByRole("button", { name: "Change the roles of Bob Example" }).click();
  const form = people.getByRole("form", { name: "Roles of Bob Example" });
  await form.getByRole("checkbox", { name: /^operator/ }).check();
  await form.getByLabel("Why (recorded)").fill("Takes the second shift.");
  await expect(form.getByText("Now: viewer. From then on: viewer, operator.")).toBeVisible();
  await form.getByRole("button", { name: "Sign the statement" }).click();
  await expect(form).toBeHidden();
  await expect(people.getByText(/stated by .*ada-example in entry \d+: Takes the second shift/)).toBeVisible();
  await people.getByRole("button", { name: "Close" }).click();

  await switchTo(page, "Bob Example");
  await page.reload();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await policy.getByLabel("Speed of the re-enactment").selectOption("1000");
  await policy.getByRole("button", { name: "Sign the policy and start" }).click();
  // The reload has locked the key; what is to be signed waits for its person.
  await unlock(page);
  await expect(policy).toBeHidden();
  await expect(page.getByText("RE-ENACTMENT").first()).toBeVisible();
  await goTo(page, "Timeline");
  await verifyLog(page);
  await expect(page.getByText(/All five questions are answered yes/)).toBeVisible();
});

test("[COM-22] [S1] [S15] a locked console stops at once, also after a reload, and asks for its person before a release", async ({
  page,
}) => {
  await openConsole(page);
  await loadBundled(page, TWO_AGENTS);
  await startUnderPolicy(page, { speed: 1 });
  await fromMenu(page, "Lock now");
  await expect(page.getByText("Locked.", { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText("Locked.", { exact: true })).toBeVisible();
  await expect(stopControl(page)).toHaveText(/Stop.*hold 0.8 s/i);
  await holdStop(page);
  await goTo(page, "Control");
  await expect(signalsInForce(page).first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Release/ })
    .first()
    .click();
  const release = page.getByRole("dialog", { name: "Release a stop" });
  await release.getByLabel(/Why may it be released/).fill("Checked with the owner.");
  await release
    .getByRole("button", { name: /release/i })
    .last()
    .click();
  const question = page.getByRole("dialog", { name: "Unlock" });
  await question.getByLabel("Passphrase", { exact: true }).fill("not this one at all");
  await question.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(question.getByText("this is not the passphrase of this key")).toBeVisible();
  await unlock(page);
  await expect(release).toBeHidden();
  await expect(signalsInForce(page)).toHaveCount(0);
  await expect(page.getByText("Locked.", { exact: true })).toHaveCount(0);
});

test("[COM-21] a passkey opens the key, and nothing else does", async ({ page, context, baseURL }) => {
  const passkeys = await plugInPasskeys(context, page);
  await page.goto(namedAddress(baseURL));
  await signInByPasskey(page, "Ada Example");
  await menuButton(page).click();
  await expect(page.getByText("Without the passkey nobody can use the key.")).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Unlock …" }).click();
  const question = page.getByRole("dialog", { name: "Unlock" });
  await question.getByRole("button", { name: "Use the passkey" }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText("Locked.", { exact: true })).toHaveCount(0);
  await fromMenu(page, "Lock now");
  await passkeys.forget();
  await page.getByRole("button", { name: "Unlock …" }).click();
  await question.getByRole("button", { name: "Use the passkey" }).click();
  await expect(question.getByText(/the passkey was not given/)).toBeVisible();
  await question.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText("Locked.", { exact: true })).toBeVisible();
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test.describe(`${viewport.width} px`, () => {
    test.use({ viewport });

    test("signing in, the operator menu and the people have no serious accessibility problem, and are reached by keys", async ({
      page,
    }) => {
      const found: string[] = [];
      const look = async (name: string): Promise<void> => {
        for (const violation of await seriousViolations(page)) found.push(`${name}: ${violation}`);
        const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (isWider) found.push(`${name}: wider than the screen`);
      };
      await page.goto("/");
      const dialog = page.getByRole("dialog", { name: "Sign in" });
      await expect(dialog.getByLabel(/Your name/)).toBeFocused();
      await page.keyboard.type("Ada Example");
      await look("new operator");
      await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await dialog.getByLabel("The same again").fill(PASSPHRASE);
      await page.keyboard.press("Enter");
      await expect(dialog).toBeHidden();
      await menuButton(page).focus();
      await page.keyboard.press("Enter");
      const menu = page.getByRole("dialog", { name: "Operator" });
      await expect(menu.getByText(/^viewer, operator/)).toBeVisible();
      await look("operator menu");
      await menu.getByRole("button", { name: "Lock now" }).press("Enter");
      await expect(menu).toBeHidden();
      await look("locked");
      await page.getByRole("button", { name: "Unlock …" }).press("Enter");
      await expect(page.getByLabel("Passphrase", { exact: true })).toBeFocused();
      await look("unlock");
      await page.keyboard.type(PASSPHRASE);
      await page.keyboard.press("Enter");
      await expect(page.getByText("Locked.", { exact: true })).toHaveCount(0);
      await page.keyboard.press("Control+k");
      await expect(page.getByRole("searchbox", { name: "Find or do" })).toBeFocused();
      await page.keyboard.type("people");
      await expect(page.getByRole("option", { name: "Show people and roles" })).toBeVisible();
      await page.keyboard.press("Enter");
      const people = page.getByRole("dialog", { name: "People and roles" });
      await people.getByRole("button", { name: /^Change the roles/ }).press("Enter");
      await expect(people.getByRole("form")).toBeVisible();
      await look("people");
      await page.keyboard.press("Escape");
      await menuButton(page).click();
      await menu.getByRole("button", { name: "Switch operator …" }).click();
      await expect(page.getByRole("button", { name: "Add another operator" })).toBeVisible();
      await look("who");
      expect(found).toEqual([]);
    });
  });
}
