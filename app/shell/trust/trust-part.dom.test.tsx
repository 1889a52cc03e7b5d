import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { CertificateView, ExaminedTrust, TrustedItemView } from "../../api/contract/trust.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { TrustPart } from "./trust-part.tsx";

const ADA = "spiffe://console.local/human/ada";
const DAY_S = 86_400;
const nowS = Math.floor(Date.now() / 1000);
const [ANCHOR, CLIENT, ENDED, VERIFIER] = [1, 2, 3, 4].map((n) => `0195400c-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
  string,
]; // four of four

const root: CertificateView = {
  ...{ fingerprint: "F".repeat(43), subject: "CN=Root", issuer: "CN=Root", isAuthority: true, isRoot: true },
  ...{ from: nowS - DAY_S, until: nowS + 10 * DAY_S + 60, uris: [], problem: null },
};
const leaf: CertificateView = {
  ...{ fingerprint: "L".repeat(43), subject: "CN=Workload", issuer: "CN=Root", isAuthority: false, isRoot: false },
  ...{ from: nowS - DAY_S, until: nowS - 60, uris: ["spiffe://ops.example/gateway"], problem: null },
};
const stated = { by: ADA, at: nowS, seq: 7, reason: "Agreed with ops" };
const items: TrustedItemView[] = [
  { jti: ANCHOR, stated, ended: null, about: { kind: "x509_anchor", domain: "ops.example", certificate: root } },
  {
    jti: CLIENT,
    stated,
    ended: null,
    about: {
      ...{
        kind: "oauth_client",
        issuer: "https://login.example",
        clientId: "gateway",
        subject: "https://ops.example/g",
      },
      keys: [{ kid: "k1", thumbprint: "K".repeat(43), alg: "ES256" }],
    },
  },
  {
    jti: VERIFIER,
    stated,
    ended: null,
    about: {
      ...{ kind: "verifier", subject: "spiffe://ops.example/verifier", about: ["ops.example"], until: nowS - 60 },
      keys: [{ kid: "k2", thumbprint: "V".repeat(43), alg: "EdDSA" }],
    },
  },
  {
    jti: ENDED,
    stated,
    ended: { ...stated, seq: 31, reason: "Rotated" },
    about: { kind: "x509_certificate", certificate: leaf, between: [] },
  },
];
const examined: ExaminedTrust = {
  certificates: [
    { der: "bGVhZg", facts: leaf },
    { der: "bWlkZGxl", facts: { ...root, fingerprint: "M".repeat(43), subject: "CN=Middle", isRoot: false } },
    { der: "cm9vdA", facts: root },
  ],
  keys: [],
  leftOut: [{ what: "CN=Odd", why: "its key does not sign certificates" }],
};
/** What was sent to be looked at. */
const looked: string[] = [];
/** Without a pause between its events. */
const user = userEvent.setup({ delay: null });
afterEach(cleanup);

async function show(mayState: boolean) {
  const signed: Record<string, unknown>[] = [];
  looked.length = 0;
  const client = {
    identity: {
      describe: async () => ({ operators: [{ kid: "k" }] }),
      trust: async () => ({ position: {}, items }),
      trustReach: async () => ({ identities: ["spiffe://ops.example/gateway"] }),
      examineTrust: async ({ text }: { readonly text: string }) => {
        looked.push(text);
        return examined;
      },
      stateTrust: async () => ({ jti: ANCHOR, seq: 9 }),
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  const sign = async (_typ: string, claims: object): Promise<string> => {
    signed.push({ ...claims });
    return "signed";
  };
  renderSignedIn(client, { ...session, sign }, <TrustPart mayState={mayState} />);
  await screen.findByRole("list", { name: "In force" });
  return signed;
}

async function fill(label: string, text: string): Promise<void> {
  await user.click(await screen.findByLabelText(label));
  await user.paste(text);
}

describe("trusted identities", { timeout: 60_000 }, () => {
  it("[XA-63] [BEH-67] shows who is believed about what, until when, and warns before the end, in words", async () => {
    await show(false);
    const list = within(screen.getByRole("list", { name: "In force" }));
    expect(list.getByRole("heading", { name: "Authority for ops.example: CN=Root" })).toBeVisible();
    expect(list.getByRole("heading", { name: "Client gateway of https://login.example" })).toBeVisible();
    expect(list.getByText("ends in 10 days")).toBeVisible();
    const pinned = list.getByRole("heading", { name: /^Verifier spiffe:.*, about agents of ops\.example$/ });
    expect(pinned.closest("li")).toHaveTextContent("over: nothing new verifies by it");
    expect(screen.getByRole("note")).toHaveTextContent("You can look");
    expect(screen.queryByRole("button", { name: /^(End|Trust)/ })).toBeNull();
    await user.click(screen.getByText("Ended: 1"));
    const ended = within(screen.getByRole("list", { name: "Ended" }));
    expect(ended.getByText("over: nothing new verifies by it")).toBeVisible();
    expect(screen.getByText("What was logged before entry 31 goes on verifying by it.")).toBeVisible();
  });

  it("[XA-63] signs each chosen certificate as a statement, the authority for one domain, with the reason", async () => {
    const signed = await show(true);
    await user.click(screen.getByRole("button", { name: "Trust something …" }));
    const form = within(screen.getByRole("form", { name: "Trust something" }));
    await fill("Certificates (PEM) or a JWK Set", "-----BEGIN CERTIFICATE-----");
    await user.click(form.getByRole("button", { name: "Look at it" }));
    expect(await form.findByText(/CN=Odd: its key does not sign certificates/)).toBeVisible();
    expect(form.getByLabelText("Trust domain of CN=Root")).toHaveValue("ops.example");
    await fill("Why (recorded)", "New partner");
    await user.click(form.getByRole("button", { name: "Sign 2 statements" }));
    await waitFor(() => expect(signed).toHaveLength(2));
    expect(signed).toMatchObject([
      { trust: { kind: "x509_certificate", certificate: "bGVhZg", between: ["bWlkZGxl"] }, reason: "New partner" },
      { trust: { kind: "x509_anchor", domain: "ops.example", certificate: "cm9vdA" }, role: "safety_officer" },
    ]);
    await waitFor(() => expect(screen.queryByRole("form")).toBeNull());
  });

  it.each(["-----BEGIN EC PRIVATE KEY-----", '{"keys": [{"kty": "OKP", "d": "AAAA"}]}'])(
    "[XA-63] sends nothing that looks like a private key anywhere, and says so: %s",
    async (text) => {
      await show(true);
      await user.click(screen.getByRole("button", { name: "Trust something …" }));
      const form = within(screen.getByRole("form", { name: "Trust something" }));
      await fill("Certificates (PEM) or a JWK Set", text);
      await user.click(form.getByRole("button", { name: "Look at it" }));
      expect(await form.findByText(/It holds a private key/)).toBeVisible();
      await user.clear(form.getByLabelText("Certificates (PEM) or a JWK Set"));
      await fill("Certificates (PEM) or a JWK Set", "-----BEGIN CERTIFICATE-----");
      await user.click(form.getByRole("button", { name: "Look at it" }));
      expect(await form.findByText(/CN=Odd/)).toBeVisible();
      expect(form.queryByText(/It holds a private key/)).toBeNull();
      expect(looked).toEqual(["-----BEGIN CERTIFICATE-----"]);
    },
  );

  it("[XA-63] [XA-64] says which identities stop verifying before an end is signed", async () => {
    const signed = await show(true);
    await user.click(screen.getByRole("button", { name: "End: Authority for ops.example: CN=Root" }));
    const form = within(screen.getByRole("form", { name: "End: Authority for ops.example: CN=Root" }));
    expect(await form.findByText("spiffe://ops.example/gateway")).toBeVisible();
    expect(form.getByText("What is in the log already goes on verifying.")).toBeVisible();
    await fill("Why (recorded)", "Their key leaked");
    await user.click(form.getByRole("button", { name: "Sign the end" }));
    await waitFor(() => expect(signed).toMatchObject([{ ends: ANCHOR, reason: "Their key leaked" }]));
  });
});
