import { type BrowserContext, expect, type Page } from "@playwright/test";

/** Passkeys by Chromium's virtual authenticator, which touches and verifies at once whatever it is asked. */
export interface Passkeys {
  /** How often a passkey was touched so far. */
  touches(): number;
  /** As if the device was lost. */
  forget(): Promise<void>;
}

export async function plugInPasskeys(context: BrowserContext, page: Page): Promise<Passkeys> {
  const devtools = await context.newCDPSession(page);
  let touches = 0;
  devtools.on("WebAuthn.credentialAsserted", () => {
    touches += 1;
  });
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    touches: () => touches,
    forget: async () => {
      await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    },
  };
}

/** The console by a host name: a bare address has no passkeys. */
export function namedAddress(baseURL: string | undefined, path = "/"): string {
  const address = new URL(path, baseURL);
  address.hostname = "localhost";
  return address.href;
}

export async function signInByPasskey(page: Page, name = "Ada Example"): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Sign in" });
  await dialog.getByLabel(/Your name/).fill(name);
  await expect(dialog.getByRole("radio", { name: "Passkey" })).toBeChecked();
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
}

export async function unlockByPasskey(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Unlock" });
  await dialog.getByRole("button", { name: "Use the passkey" }).click();
  await expect(dialog).toBeHidden();
}
