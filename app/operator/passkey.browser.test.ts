import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cdp } from "vitest/browser";
import { must } from "../base/assert.ts";
import { touchSchema } from "../protocol/acp/touch.ts";
import { assertionProblem, readPasskey } from "../protocol/identity/assertion.ts";
import { enrolmentClaimsSchema } from "../protocol/identity/claims.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { claimsOf, identityHost } from "./host.fixture.ts";
import { type KeptOperator, openKeyStore } from "./key-store.ts";
import { createOperatorSession, type OperatorSession } from "./session.ts";

/** What is asked of Chromium's virtual authenticators; the test runner leaves the protocol to whoever speaks it. */
interface Authenticators {
  send(method: "WebAuthn.enable" | "WebAuthn.disable"): Promise<unknown>;
  send(method: "WebAuthn.addVirtualAuthenticator", params: object): Promise<{ readonly authenticatorId: string }>;
  send(method: "WebAuthn.removeVirtualAuthenticator" | "WebAuthn.setUserVerified", params: object): Promise<unknown>;
}

const authenticators = (): Authenticators => cdp() as unknown as Authenticators;
let authenticatorId = "";
let made = 0;

async function plugIn(hasPrf: boolean): Promise<void> {
  const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasPrf };
  const added = await authenticators().send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...options,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  authenticatorId = added.authenticatorId;
}

const unplug = (): Promise<unknown> =>
  authenticators().send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });

function session(database: string, client = identityHost().client): OperatorSession {
  return createOperatorSession({
    client,
    openKeyStore: () => openKeyStore(database),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
}

async function keptIn(database: string): Promise<KeptOperator> {
  const store = await openKeyStore(database);
  const loaded = (await store.load()) as readonly KeptOperator[];
  store.close();
  return must(loaded[0], "one operator is kept");
}

const kidOf = (one: OperatorSession): string => must(one.store.getState().operator, "somebody is signed in").kid;

beforeEach(() => authenticators().send("WebAuthn.enable"));
afterEach(() => authenticators().send("WebAuthn.disable"));

describe("a key behind a passkey", { timeout: 30_000 }, () => {
  it("[COM-21] is wrapped with what the passkey's PRF gives, and opened by the passkey alone", async () => {
    await plugIn(true);
    const database = `passkey-test-${++made}-${Date.now()}`;
    const { client } = identityHost();
    const first = session(database, client);
    expect(await first.enrol("Ada", { kind: "passkey" })).toEqual({ ok: true, value: undefined });
    expect(first.store.getState()).toMatchObject({ protection: "passkey", amr: ["hwk", "user"], isLocked: false });
    const { protection } = await keptIn(database);
    expect(Object.keys(protection).toSorted()).toEqual(["kind", "passkey", "wrapped"]);

    const reloaded = session(database, client);
    await reloaded.load();
    expect(reloaded.store.getState().isLocked).toBe(true);
    expect((await reloaded.unlock(kidOf(reloaded), "")).ok).toBe(true);
    const token = await reloaded.sign("hitl-decision+jwt", { auth_time: 1, amr: [] });
    expect(claimsOf(token, 0).kid).toBe(kidOf(reloaded));
    expect(claimsOf(token).amr).toEqual(["hwk", "user"]);
  });

  it("[COM-21] lies open where the passkey has no PRF, which is said, and is opened only after the passkey was given", async () => {
    await plugIn(false);
    const database = `passkey-test-${++made}-${Date.now()}`;
    const { client } = identityHost();
    const first = session(database, client);
    expect((await first.enrol("Ada", { kind: "passkey" })).ok).toBe(true);
    expect(first.store.getState()).toMatchObject({ protection: "passkey_asked", amr: ["hwk", "user"] });
    const { protection } = await keptIn(database);
    if (protection.kind !== "passkey_asked") throw new Error("it is asked for");
    expect(protection.signer.key.extractable).toBe(false);
    first.lock("here");
    await authenticators().send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    expect(await first.unlock(kidOf(first), "")).toMatchObject({ ok: false, error: { code: "passkey_refused" } });
    expect(first.store.getState().isLocked).toBe(true);
    await authenticators().send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    expect((await first.unlock(kidOf(first), "")).ok).toBe(true);
  });

  it.each([true, false])(
    "[ACP-51] [F2] [COM-24] signs the challenge of one decision, which the log can verify by what was enrolled (PRF: %s)",
    async (hasPrf) => {
      await plugIn(hasPrf);
      const database = `passkey-test-${++made}-${Date.now()}`;
      const { client, proofs } = identityHost();
      await session(database, client).enrol("Ada", { kind: "passkey" });
      const { passkey: shown } = enrolmentClaimsSchema.parse(claimsOf(must(proofs()[0], "a proof")));
      const enrolled = await readPasskey(must(shown, "the proof shows the passkey"), await createSha256());
      const passkey = must(enrolled.ok ? enrolled.value : null, JSON.stringify(enrolled));

      const reloaded = session(database, client);
      await reloaded.load();
      expect(reloaded.store.getState().isLocked).toBe(true);
      const challenge = "Q".repeat(43);
      const touch = await reloaded.confirm({ challenge, what: "Approve deploy_site, once." });
      if (touch.kind !== "passkey") throw new Error("a passkey was touched");
      expect(touchSchema.parse(touch)).toEqual(touch);
      expect(touch.challenge).toBe(challenge);
      expect(await assertionProblem(touch, passkey)).toBeNull();
      expect(await assertionProblem({ ...touch, challenge: "R".repeat(43) }, passkey)).toMatch(/challenge/);
      expect(reloaded.store.getState()).toMatchObject({ isLocked: false, amr: ["hwk", "user"], ask: null });

      await unplug();
      await plugIn(hasPrf);
      await expect(reloaded.confirm({ challenge, what: "Approve deploy_site, once." })).rejects.toThrow(
        "Nothing was signed: the passkey was not given",
      );
    },
  );

  it("[COM-22] [S15] stays closed without the passkey, and stops all the same", async () => {
    await plugIn(true);
    const database = `passkey-test-${++made}-${Date.now()}`;
    const { client, enrolled } = identityHost();
    await session(database, client).enrol("Ada", { kind: "passkey" });
    await unplug();
    await plugIn(true);
    const reloaded = session(database, client);
    await reloaded.load();
    expect(await reloaded.unlock(kidOf(reloaded), "")).toMatchObject({ ok: false, error: { code: "passkey_refused" } });
    const stop = await reloaded.sign("override+jwt", { action: "stop" });
    expect(claimsOf(stop, 0).kid).toBe(enrolled()[0]?.stopKid);
  });
});
