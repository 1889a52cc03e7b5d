import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { userEvent as user } from "vitest/browser";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import type { Person } from "../api/contract/identity.ts";
import { OperatorProvider } from "../operator/operator-context.tsx";
import { createOperatorSession } from "../operator/session.ts";
import { ROLES } from "../protocol/identity/roles.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { LockBar } from "./lock-bar.tsx";
import { PeopleDialog } from "./people-dialog.tsx";
import { SignIn } from "./sign-in.tsx";

const ADA = "spiffe://console.local/human/ada";
const BOB = "spiffe://console.local/human/bob";
const YEAR_S = 31_536_000;
const nowS = Math.floor(Date.now() / 1000);

const person = (subject: string, name: string, roles: readonly string[], change: Partial<Person> = {}): Person => ({
  subject,
  name,
  roles: [...roles],
  statement: { by: ADA, at: nowS, until: nowS + YEAR_S, reason: "because", seq: 3 },
  keys: [{ kid: `kid-of-${name}`, use: "all", seq: 2, enrolledAt: nowS, until: nowS + YEAR_S }],
  ...change,
});

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));

afterEach(cleanup);

/** These people, before Ada, who is signed in with a key of an earlier version. */
async function show(people: readonly Person[], options: { readonly stated?: boolean } = {}) {
  const { signer, jwk } = await generateSigner();
  const tokens: string[] = [];
  const client = {
    identity: {
      describe: async () => ({
        trustDomain: "console.local",
        logId: "l:og",
        pepId: "p:ep",
        operators: [{ kid: signer.kid }],
      }),
      people: async () => ({ position: {}, stated: options.stated ?? true, people }),
      stateRoles: async ({ token }: { token: string }) => {
        tokens.push(token);
        return { subject: BOB, roles: [], seq: 9 };
      },
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const stored = {
    subject: ADA,
    name: "Ada",
    jwk,
    signer,
    domain: "console.local",
    logId: "l:og",
    pepId: "p:ep",
    authTime: nowS,
  };
  const session = createOperatorSession({
    client,
    openKeyStore: async () => ({
      load: async () => stored,
      save: async () => undefined,
      close: () => undefined,
    }),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
  await session.load();
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ApiProvider client={client} control={client} connection={connection}>
        <OperatorProvider session={session}>
          <LockBar />
          <PeopleDialog />
          <SignIn />
        </OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { tokens, session };
}

describe("people and roles", { timeout: 30_000 }, () => {
  it("[COM-17] shows who may do what, and says why whoever is no safety officer can change none of it", async () => {
    await show([person(ADA, "Ada", ["auditor"]), person(BOB, "Bob", ROLES)]);
    expect(
      await screen.findByText("You can look. Roles are given by a safety officer; you are: auditor."),
    ).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Change the roles/ })).toBeNull();
    expect(
      screen.getByText(/viewer, operator, approver, finance, duty manager, auditor, safety officer/),
    ).toBeVisible();
  });

  it("[COM-16] [INV-2] signs all that somebody may do from then on, with the reason and the authentication", async () => {
    const { tokens } = await show([person(ADA, "Ada", ROLES), person(BOB, "Bob", ["viewer", "surgeon"])]);
    await user.click(await screen.findByRole("button", { name: "Change the roles of Bob" }));
    const form = within(screen.getByRole("form", { name: "Roles of Bob" }));
    expect(form.getByRole("button", { name: "Sign the statement" })).toBeDisabled();
    await user.click(form.getByRole("checkbox", { name: /^approver/ }));
    await user.click(form.getByRole("checkbox", { name: /^viewer/ }));
    expect(form.getByText("Now: viewer, surgeon. From then on: approver, surgeon.")).toBeVisible();
    await user.fill(form.getByLabelText("Why (recorded)"), "Second shift");
    await user.click(form.getByRole("button", { name: "Sign the statement" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(claimsOf(tokens[0] ?? "")).toMatchObject({
      iss: ADA,
      aud: ["l:og"],
      sub: BOB,
      roles: ["approver", "surgeon"],
      reason: "Second shift",
      amr: ["swk", "user"],
    });
    await waitFor(() => expect(screen.queryByRole("form")).toBeNull());
  });

  it("[COM-15] says that a log from before has no roles, and never that nobody has any", async () => {
    await show([person(ADA, "Ada", ROLES, { statement: null })], { stated: false });
    expect(await screen.findByText(/from before there were roles: everybody enrolled may do everything/)).toBeVisible();
    expect(screen.getByText("no statement about them")).toBeVisible();
  });
});

describe("the bar of a key", { timeout: 30_000 }, () => {
  it("[COM-21] says that a key from before is not protected, and asks for what would protect it", async () => {
    const { session } = await show([person(ADA, "Ada", ROLES)]);
    expect(await screen.findByText("Your key is not protected:")).toBeVisible();
    void session.request({ kind: "protect" }).catch(() => undefined);
    const dialog = within(await screen.findByRole("dialog", { name: "Protect your key" }));
    expect(dialog.getByRole("button", { name: "Protect it" })).toBeEnabled();
    await user.click(dialog.getByRole("radio", { name: "Passphrase" }));
    expect(dialog.getByRole("button", { name: "Protect it" })).toBeDisabled();
    await user.fill(dialog.getByLabelText("Passphrase", { exact: true }), "long enough for this");
    await user.fill(dialog.getByLabelText("The same again"), "long other");
    expect(dialog.getByText("This is not the same.")).toBeVisible();
    await user.fill(dialog.getByLabelText("The same again"), "long enough for this");
    expect(dialog.getByRole("button", { name: "Protect it" })).toBeEnabled();
  });
});
