import { openDB } from "idb";
import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import { generateSigner, importPublicKey } from "../protocol/jose/keys.ts";
import { tokenFits } from "../protocol/jose/signature.ts";
import { claimsOf, DOMAIN, identityHost } from "./host.fixture.ts";
import { type KeptOperator, openKeyStore, type StoredOperator } from "./key-store.ts";
import type { Secret } from "./protection.ts";
import { createOperatorSession, type OperatorSession } from "./session.ts";

const ADA: Secret = { kind: "passphrase", passphrase: "correct horse battery" };
const BOB: Secret = { kind: "passphrase", passphrase: "another long passphrase" };

let made = 0;
const newDatabase = (): string => `operator-test-${++made}-${Date.now()}`;

interface Options {
  readonly nowMs?: () => number;
  readonly announced?: string[];
}

function session(client: SignalboxClient, database: string, options: Options = {}): OperatorSession {
  return createOperatorSession({
    client,
    openKeyStore: () => openKeyStore(database),
    nowMs: options.nowMs ?? (() => Date.now()),
    announce: (what) => options.announced?.push(what),
  });
}

const stateOf = (one: OperatorSession) => one.store.getState();
const kidOf = (one: OperatorSession): string => must(stateOf(one).operator, "somebody is signed in").kid;
const STOP = { action: "stop", auth_time: 1, amr: ["mfa"] };

async function keptIn(database: string): Promise<readonly KeptOperator[]> {
  const store = await openKeyStore(database);
  const loaded = await store.load();
  store.close();
  return loaded as readonly KeptOperator[];
}

/** Whether a token was signed by this public key. */
async function signedBy(token: string, jwk: KeptOperator["jwk"]): Promise<boolean> {
  const key = await importPublicKey(jwk);
  return key.ok && tokenFits(token, key.value);
}

/** What the console kept before there were several operators: one open key. */
async function beforeThere(database: string): Promise<StoredOperator> {
  const { signer, jwk } = await generateSigner();
  const stored: StoredOperator = {
    subject: `spiffe://${DOMAIN}/human/ada`,
    name: "Ada",
    jwk,
    signer,
    domain: DOMAIN,
    logId: `spiffe://${DOMAIN}/log`,
    pepId: `spiffe://${DOMAIN}/pep`,
    authTime: 1,
  };
  const earlier = await openDB(database, 1, { upgrade: (created) => void created.createObjectStore("operator") });
  await earlier.put("operator", stored, "current");
  earlier.close();
  return stored;
}

describe("the operators' session", { timeout: 30_000 }, () => {
  it("[COM-12] [COM-21] enrols a key that lies wrapped and is used without being exportable, and is locked after a reload", async () => {
    const database = newDatabase();
    const { client, enrolled } = identityHost();
    const first = session(client, database);
    await first.load();
    expect(stateOf(first).status).toBe("none");
    expect(await first.enrol("Ada Lovelace", ADA)).toEqual({ ok: true, value: undefined });
    expect(stateOf(first)).toMatchObject({
      status: "ready",
      isLocked: false,
      protection: "passphrase",
      amr: ["pwd", "user"],
      operator: { subject: `spiffe://${DOMAIN}/human/ada-lovelace`, name: "Ada Lovelace", roles: ["operator"] },
    });
    const [kept] = await keptIn(database);
    if (kept?.protection.kind !== "passphrase") throw new Error("it is under a passphrase");
    expect(kept.protection.iterations).toBeGreaterThanOrEqual(600_000);
    expect(JSON.stringify(Object.keys(kept.protection))).not.toContain("signer");
    expect(kept.stop.signer.key.extractable).toBe(false);

    const reloaded = session(client, database);
    await reloaded.load();
    await reloaded.checkEnrolled();
    expect(stateOf(reloaded)).toMatchObject({ status: "ready", isLocked: true });
    expect(kidOf(reloaded)).toBe(enrolled()[0]?.kid);
    expect(await reloaded.unlock(kidOf(reloaded), "not it at all")).toMatchObject({
      error: { code: "passphrase_wrong" },
    });
    expect(stateOf(reloaded).isLocked).toBe(true);
    expect((await reloaded.unlock(kidOf(reloaded), "correct horse battery")).ok).toBe(true);
    const token = await reloaded.sign("hitl-decision+jwt", { outcome: "approve" });
    expect(await signedBy(token, kept.jwk)).toBe(true);
  });

  it("[COM-22] [S15] [S1] signs a stop while it is locked, by the key for stops, and nothing else", async () => {
    const database = newDatabase();
    const { client, enrolled } = identityHost();
    const first = session(client, database);
    await first.enrol("Ada", ADA);
    const reloaded = session(client, database);
    await reloaded.load();
    const token = await reloaded.sign("override+jwt", STOP);
    expect(claimsOf(token, 0).kid).toBe(enrolled()[0]?.stopKid);
    expect(stateOf(reloaded).ask).toBeNull();

    const release = reloaded.sign("override+jwt", { ...STOP, action: "release" });
    await expect.poll(() => stateOf(reloaded).ask).toEqual({ kind: "unlock", why: "locked" });
    reloaded.dismiss();
    await expect(release).rejects.toThrow("did not authenticate");
    const again = reloaded.sign("override+jwt", { ...STOP, action: "release" });
    await reloaded.unlock(kidOf(reloaded), "correct horse battery");
    expect(claimsOf(await again, 0).kid).toBe(enrolled()[0]?.kid);
  });

  it("[OVR-S4] [D1] has a second person sign one thing, authenticated for it, while the first stays signed in", async () => {
    const one = session(identityHost().client, newDatabase());
    await one.enrol("Bob", BOB);
    const bob = kidOf(one);
    await one.enrol("Ada", ADA);
    const ada = kidOf(one);
    const make = ({ operator, authTime }: { operator: { subject: string }; authTime: number }) => ({
      iss: operator.subject,
      auth_time: authTime,
      amr: ["face"],
    });
    const wrong = await one.countersign(bob, "correct horse battery", "override-cosign+jwt", make);
    expect(wrong).toMatchObject({ ok: false, error: { code: "passphrase_wrong" } });
    const own = await one.countersign(ada, "correct horse battery", "override-cosign+jwt", make);
    expect(own).toMatchObject({ ok: false, error: { code: "key_unreadable" } });
    const given = await one.countersign(bob, "another long passphrase", "override-cosign+jwt", make);
    if (!given.ok) throw new Error(given.error.code);
    expect(claimsOf(given.value, 0)).toMatchObject({ kid: bob, typ: "override-cosign+jwt" });
    expect(claimsOf(given.value)).toMatchObject({ iss: `spiffe://${DOMAIN}/human/bob`, amr: ["pwd", "user"] });
    expect(kidOf(one)).toBe(ada);
  });

  it("[D1] [OVR-S4] takes no key that nothing protects as a second person's: one press would sign for two", async () => {
    const database = newDatabase();
    await beforeThere(database);
    const one = session(identityHost().client, database);
    await one.load();
    const ada = kidOf(one);
    await one.enrol("Bob", BOB);
    const given = await one.countersign(ada, "", "override-cosign+jwt", () => ({}));
    expect(given).toMatchObject({ ok: false, error: { code: "key_unprotected" } });
  });

  it("locks by hand in every tab, and by itself in its own", async () => {
    const announced: string[] = [];
    const one = session(identityHost().client, newDatabase(), { announced });
    await one.enrol("Ada", ADA);
    announced.length = 0;
    one.lock("here");
    expect(announced).toEqual([]);
    expect(stateOf(one).isLocked).toBe(true);
    one.lock("everywhere");
    expect(announced).toEqual(["locked"]);
  });

  it("[COM-23] asks again for who is there when a decision would rest on more than 900 s, and says how it was told", async () => {
    let nowMs = Date.now();
    const one = session(identityHost().client, newDatabase(), { nowMs: () => nowMs });
    await one.enrol("Ada", ADA);
    const claims = { iss: must(stateOf(one).operator, "Ada").subject, auth_time: 1, amr: ["face"] };
    nowMs += 800_000;
    const soon = await one.sign("hitl-decision+jwt", claims);
    expect(claimsOf(soon)).toMatchObject({ auth_time: stateOf(one).authTime, amr: ["pwd", "user"] });
    nowMs += 101_000;
    expect(one.confirmPresence()).toBe(stateOf(one).authTime);
    await expect.poll(() => stateOf(one).ask).toEqual({ kind: "unlock", why: "stale" });
    const late = one.sign("hitl-decision+jwt", claims);
    expect((await one.unlock(kidOf(one), "correct horse battery")).ok).toBe(true);
    expect(claimsOf(await late).auth_time).toBe(Math.floor(nowMs / 1000));
    expect(stateOf(one).ask).toBeNull();
  });

  it("[ACP-51] asks for the passphrase again for one decision, however short ago it was given, and says so", async () => {
    let nowMs = Date.now();
    const one = session(identityHost().client, newDatabase(), { nowMs: () => nowMs });
    await one.enrol("Ada", ADA);
    nowMs += 5_000;
    const decision = { challenge: "C".repeat(43), what: "Approve deploy_site, once." };
    const touch = one.confirm(decision);
    await expect.poll(() => stateOf(one).ask).toEqual({ kind: "unlock", why: "decision", what: decision.what });
    expect(await one.unlock(kidOf(one), "not it at all")).toMatchObject({ error: { code: "passphrase_wrong" } });
    expect(stateOf(one).ask).not.toBeNull();
    expect((await one.unlock(kidOf(one), "correct horse battery")).ok).toBe(true);
    expect(await touch).toEqual({ kind: "passphrase", challenge: decision.challenge });
    expect(stateOf(one).authTime).toBe(Math.floor(nowMs / 1000));
    const put = one.confirm(decision);
    await expect.poll(() => stateOf(one).ask).not.toBeNull();
    one.dismiss();
    await expect(put).rejects.toThrow("did not authenticate");
  });

  it("[ACP-51] an unprotected key is put under a secret before, and the dialog of that puts nothing else away", async () => {
    const database = newDatabase();
    await beforeThere(database);
    const one = session(identityHost().client, database);
    await one.load();
    const touch = one.confirm({ challenge: "C".repeat(43), what: "Approve deploy_site, once." });
    await expect.poll(() => stateOf(one).ask).toEqual({ kind: "protect" });
    const { ask } = stateOf(one);
    expect((await one.protect(ADA)).ok).toBe(true);
    await expect.poll(() => stateOf(one).ask).toMatchObject({ why: "decision" });
    one.dismiss(ask);
    expect(stateOf(one).ask).toMatchObject({ why: "decision" });
    expect((await one.unlock(kidOf(one), "correct horse battery")).ok).toBe(true);
    expect(await touch).toMatchObject({ kind: "passphrase" });
  });

  it("[OVR-S5] asks sooner for a release than for a decision, and never for a stop", async () => {
    let nowMs = Date.now();
    const one = session(identityHost().client, newDatabase(), { nowMs: () => nowMs });
    await one.enrol("Ada", ADA);
    const authTime = stateOf(one).authTime;
    nowMs += 301_000;
    expect(one.touch()).toBe(authTime);
    expect(claimsOf(await one.sign("override+jwt", STOP)).auth_time).toBe(authTime);
    const release = one.sign("override+jwt", { ...STOP, action: "release" });
    await expect.poll(() => stateOf(one).ask?.kind).toBe("unlock");
    one.dismiss();
    await expect(release).rejects.toThrow();
  });

  it("[D1] holds several operators, each with a key of their own; switching closes the other's", async () => {
    const database = newDatabase();
    const { client, enrolled } = identityHost();
    const one = session(client, database);
    await one.enrol("Ada", ADA);
    const ada = kidOf(one);
    await one.enrol("Bob", BOB);
    const bob = kidOf(one);
    expect(enrolled().map(({ kid }) => kid)).toEqual([ada, bob]);
    expect(stateOf(one).known.map(({ name }) => name)).toEqual(["Ada", "Bob"]);
    expect(await one.unlock(ada, "another long passphrase")).toMatchObject({ error: { code: "passphrase_wrong" } });
    expect(kidOf(one)).toBe(bob);
    const bobs = { iss: must(stateOf(one).operator, "Bob").subject };
    await one.unlock(ada, "correct horse battery");
    await expect(one.sign("hitl-decision+jwt", bobs)).rejects.toThrow("somebody else signed in");
    const reloaded = session(client, database);
    await reloaded.load();
    expect(kidOf(reloaded)).toBe(ada);
    expect(await one.enrol("Bob", BOB)).toMatchObject({ error: { code: "subject_taken" } });
  });

  it("[COM-17] shows nobody with the roles of whoever was signed in before, whenever the keys are read again meanwhile", async () => {
    const { client } = identityHost((name) => (name === "Ada" ? ["safety_officer"] : ["viewer"]));
    let whileAsked: (() => Promise<void>) | null = null;
    const describe: typeof client.identity.describe = async (...args) => {
      await whileAsked?.();
      return client.identity.describe(...args);
    };
    const slow = { identity: { describe, enrolOperator: client.identity.enrolOperator } };
    // The client's type is a proxy's, which a plain object never is.
    const one = session(slow as unknown as SignalboxClient, newDatabase());
    await one.enrol("Ada", ADA);
    const ada = kidOf(one);
    await one.enrol("Bob", BOB);
    const seen = new Set<string>();
    one.store.subscribe(({ operator }) => {
      if (operator !== null) seen.add(`${operator.name}: ${operator.roles.join()}`);
    });
    whileAsked = () => one.load();
    expect((await one.unlock(ada, "correct horse battery")).ok).toBe(true);
    expect(stateOf(one).operator?.roles).toEqual(["safety_officer"]);
    expect([...seen].sort()).toEqual(["Ada: ", "Ada: safety_officer", "Bob: viewer"]);
  });

  it("signs nobody in who signed out, and keeps their key", async () => {
    const database = newDatabase();
    const { client } = identityHost();
    const one = session(client, database);
    await one.enrol("Ada", ADA);
    const ada = kidOf(one);
    await one.signOut();
    await expect(one.sign("override+jwt", STOP)).rejects.toThrow("Nobody is signed in");
    const reloaded = session(client, database);
    await reloaded.load();
    expect(stateOf(reloaded)).toMatchObject({ status: "none", operator: null, known: [{ kid: ada }] });
    expect((await reloaded.unlock(ada, "correct horse battery")).ok).toBe(true);
  });

  it("asks to sign in again where the log does not know the key, and enrols the same one when it is opened", async () => {
    const database = newDatabase();
    const first = session(identityHost().client, database);
    await first.enrol("Ada", ADA);
    const kid = kidOf(first);
    const other = identityHost();
    const reloaded = session(other.client, database);
    await reloaded.load();
    await reloaded.checkEnrolled();
    expect(stateOf(reloaded)).toMatchObject({ status: "none", operator: null, knownName: "Ada" });
    expect((await reloaded.unlock(kid, "correct horse battery")).ok).toBe(true);
    expect(other.enrolled().map((one) => one.kid)).toEqual([kid]);
    expect(other.enrolled()[0]?.stopKid).not.toBeNull();
  });

  it("says so when the browser keeps no data", async () => {
    const broken = createOperatorSession({
      client: identityHost().client,
      openKeyStore: async () => Promise.reject(new DOMException("denied", "SecurityError")),
      nowMs: () => Date.now(),
      announce: () => undefined,
    });
    await broken.load();
    expect(stateOf(broken)).toMatchObject({ status: "failed", detail: "denied" });
  });

  it("loses no name to an answer that was lost: the kept key is enrolled when it is opened", async () => {
    const { client, enrolled } = identityHost();
    const database = newDatabase();
    let isDown = true;
    const failing = {
      identity: {
        ...client.identity,
        enrolOperator: async (input: Parameters<typeof client.identity.enrolOperator>[0]) => {
          if (isDown) throw new DOMException("port closed", "AbortError");
          return client.identity.enrolOperator(input);
        },
      },
    } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    const one = session(failing, database);
    expect(await one.enrol("Ada", ADA)).toMatchObject({ error: { code: "connection_lost" } });
    expect(stateOf(one).status).toBe("none");
    isDown = false;
    const reloaded = session(failing, database);
    await reloaded.load();
    expect(stateOf(reloaded).known.map(({ name }) => name)).toEqual(["Ada"]);
    expect(await reloaded.enrol("Ada", BOB)).toMatchObject({ error: { code: "subject_taken" } });
    const kid = must(stateOf(reloaded).known[0], "Ada").kid;
    expect((await reloaded.unlock(kid, "correct horse battery")).ok).toBe(true);
    expect(enrolled().map((operator) => operator.kid)).toEqual([kid]);
  });
});

describe("a profile from before", { timeout: 30_000 }, () => {
  it("[COM-21] keeps working, with the press as presence, and is locked by nothing", async () => {
    const database = newDatabase();
    const stored = await beforeThere(database);
    const { client } = identityHost();
    const one = session(client, database);
    await one.load();
    expect(stateOf(one)).toMatchObject({
      status: "ready",
      isLocked: false,
      protection: "none",
      operator: { name: "Ada" },
    });
    const before = Math.floor(Date.now() / 1000);
    expect(one.confirmPresence()).toBeGreaterThanOrEqual(before);
    one.lock("here");
    const token = await one.sign("hitl-decision+jwt", { auth_time: 1, amr: ["x"] });
    expect(await signedBy(token, stored.jwk)).toBe(true);
    expect(claimsOf(token).amr).toEqual(["swk", "user"]);
  });

  it("[COM-20] [COM-21] is protected by a new key that the old one vouches for; the old one is gone afterwards", async () => {
    const database = newDatabase();
    const stored = await beforeThere(database);
    const { client, enrolled } = identityHost();
    const before = session(client, newDatabase());
    await before.load();
    const legacy = session(client, database);
    await legacy.load();
    // The log knows the old key.
    await client.identity.enrolOperator({
      jwk: stored.jwk,
      proof: await legacy.sign("operator-enrolment+jwt", {
        iss: stored.subject,
        aud: stored.logId,
        iat: Math.floor(Date.now() / 1000),
        exp: Math.floor(Date.now() / 1000) + 60,
        jti: crypto.randomUUID(),
        name: "Ada",
      }),
    });
    expect(await legacy.protect(ADA)).toEqual({ ok: true, value: undefined });
    expect(stateOf(legacy)).toMatchObject({ protection: "passphrase", isLocked: false });
    expect(enrolled().map(({ subject }) => subject)).toEqual([stored.subject]);
    expect(enrolled()[0]?.kid).toBe(kidOf(legacy));
    const kept = await keptIn(database);
    expect(kept.map(({ kid }) => kid)).toEqual([kidOf(legacy)]);
    expect(kept[0]?.kid).not.toBe(stored.signer.kid);
    const reloaded = session(client, database);
    await reloaded.load();
    expect(stateOf(reloaded).isLocked).toBe(true);
  });
});
