import { expect, type Page } from "@playwright/test";
import { signIn, unlock } from "./console.ts";

/** Several operators in one browser profile, in words of the screen. */

export const menuButton = (page: Page) => page.getByRole("button", { name: /operator and appearance$/ });

/** Opens the operator menu and presses one of its buttons. */
export async function fromMenu(page: Page, button: string): Promise<void> {
  await menuButton(page).click();
  await page.getByRole("dialog", { name: "Operator" }).getByRole("button", { name: button }).click();
}

/** How somebody signs in or unlocks: with a passphrase unless told. */
export async function addOperator(page: Page, name: string, enter = signIn): Promise<void> {
  await fromMenu(page, "Switch operator …");
  await page.getByRole("dialog", { name: "Sign in" }).getByRole("button", { name: "Add another operator" }).click();
  await enter(page, name);
  await expect(menuButton(page)).toHaveAccessibleName(new RegExp(`^${name}`));
}

export async function switchTo(page: Page, name: string, open = unlock): Promise<void> {
  await fromMenu(page, "Switch operator …");
  await page
    .getByRole("dialog", { name: "Sign in" })
    .getByRole("button", { name: new RegExp(`^${name}`) })
    .click();
  await open(page);
  await expect(menuButton(page)).toHaveAccessibleName(new RegExp(`^${name}`));
}

/** The safety officer who is signed in gives somebody a role. */
export async function grantRole(page: Page, name: string, role: string): Promise<void> {
  await fromMenu(page, "People and roles …");
  const people = page.getByRole("dialog", { name: "People and roles" });
  await people.getByRole("button", { name: `Change the roles of ${name}` }).click();
  const form = people.getByRole("form", { name: `Roles of ${name}` });
  await form.getByRole("checkbox", { name: new RegExp(`^${role}`) }).check();
  await form.getByLabel("Why (recorded)").fill("On the shift.");
  await form.getByRole("button", { name: "Sign the statement" }).click();
  await expect(form).toBeHidden();
  await people.getByRole("button", { name: "Close" }).click();
}
