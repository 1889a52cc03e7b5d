import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cdp } from "vitest/browser";
import { must } from "../base/assert.ts";
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
