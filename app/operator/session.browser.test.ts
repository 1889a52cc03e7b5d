import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../api/client/client.ts";
import { enrolmentClaimsSchema, type PublicJwk } from "../protocol/identity/claims.ts";
import { ENROLMENT_TYPE } from "../protocol/identity/wit.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { importPublicKey } from "../protocol/jose/keys.ts";
import { verifyToken } from "../protocol/jose/verify-token.ts";
import { openKeyStore } from "./key-store.ts";
import { createOperatorSession, type OperatorSession } from "./session.ts";

const DOMAIN = "console.local";
let made = 0;

/** A host that only knows who is enrolled; proofs are checked as the real one does. */
function host() {
  const enrolled: { kid: string; subject: string; name: string }[] = [];
  const position = { domain: DOMAIN, size: 0, root: "", atMs: 0 };
  const client = {
    identity: {
      describe: async () => ({
        position,
        trustDomain: DOMAIN,
        logId: `spiffe://${DOMAIN}/log`,
        pepId: `spiffe://${DOMAIN}/pep`,
        operators: enrolled,
      }),
      enrolOperator: async ({ jwk, proof }: { jwk: PublicJwk; proof: string }) => {
        const key = await importPublicKey(jwk);
        if (!key.ok) throw new Error(key.error.detail);
        const claims = enrolmentClaimsSchema.parse(
          JSON.parse(atob((proof.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))),
        );
        const verified = await verifyToken(ENROLMENT_TYPE, proof, {
          nowS: Math.floor(Date.now() / 1000),
          ownIds: [`spiffe://${DOMAIN}/log`],
          resolveKey: () => ({ ...key.value, subject: claims.iss, revokedAt: null }),
          seen: () => false,
          algorithms: ["ES256", "EdDSA"],
          sha256: await createSha256(),
        });
        if (!verified.ok) throw new Error(verified.error.code);
        enrolled.push({ kid: key.value.kid, subject: claims.iss, name: claims.name });
        return { subject: claims.iss, kid: key.value.kid, seq: enrolled.length };
      },
    },
  };
  return { enrolled, client: client as unknown as SignalboxClient };
}

function session(client: SignalboxClient, database: string): OperatorSession {
  return createOperatorSession({
    client,
    openKeyStore: () => openKeyStore(database),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
}

describe("the operator's session", () => {
  it("[COM-12] enrols a key that cannot be exported, with a proof of holding it, and finds it again after a reload", async () => {
    const database = `operator-test-${++made}-${Date.now()}`;
    const { client, enrolled } = host();
    const first = session(client, database);
    await first.load();
    expect(first.store.getState().status).toBe("none");
    await first.enrol("Ada Lovelace");
    expect(first.store.getState()).toMatchObject({
      status: "ready",
      operator: { subject: `spiffe://${DOMAIN}/human/ada-lovelace`, name: "Ada Lovelace" },
    });

    const reloaded = session(client, database);
    await reloaded.load();
    await reloaded.checkEnrolled();
    expect(reloaded.store.getState().operator?.kid).toBe(enrolled[0]?.kid);
    expect(await reloaded.sign("override+jwt", { iss: "x" })).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

    const stored = await (await openKeyStore(database)).load();
    expect(stored?.signer.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", stored?.signer.key as CryptoKey)).rejects.toThrow();
  });

  it("asks to sign in again where the log does not know the key, and keeps the key", async () => {
    const database = `operator-test-${++made}-${Date.now()}`;
    const first = session(host().client, database);
    await first.load();
    await first.enrol("Ada");
    const kid = first.store.getState().operator?.kid;

    const other = host();
    const reloaded = session(other.client, database);
    await reloaded.load();
    await reloaded.checkEnrolled();
    expect(reloaded.store.getState()).toMatchObject({ status: "none", operator: null, knownName: "Ada" });
    await reloaded.enrol("Ada");
    expect(reloaded.store.getState().operator?.kid).toBe(kid);
  });

  it("says so when the browser keeps no data", async () => {
    const broken = createOperatorSession({
      client: host().client,
      openKeyStore: async () => Promise.reject(new DOMException("denied", "SecurityError")),
      nowMs: () => Date.now(),
      announce: () => undefined,
    });
    await broken.load();
    expect(broken.store.getState()).toMatchObject({ status: "failed", detail: "denied" });
  });

  it("[OVR-S5] renews the authentication time when the person acts", async () => {
    const database = `operator-test-${++made}-${Date.now()}`;
    let nowMs = 1_772_064_000_000;
    const own = createOperatorSession({
      client: host().client,
      openKeyStore: () => openKeyStore(database),
      nowMs: () => nowMs,
      announce: () => undefined,
    });
    await own.load();
    nowMs += 90_000;
    expect(own.confirmPresence()).toBe(1_772_064_090);
    expect(own.store.getState().authTime).toBe(1_772_064_090);
  });

  it("makes no second key when somebody signs in before the first one is read", async () => {
    const database = `operator-test-${++made}-${Date.now()}`;
    const { client, enrolled } = host();
    const first = session(client, database);
    await first.load();
    await first.enrol("Ada");
    const kid = first.store.getState().operator?.kid;

    const reloaded = session(client, database);
    const loading = reloaded.load();
    expect(reloaded.store.getState().status).toBe("loading");
    await reloaded.enrol("Somebody else");
    await loading;
    expect(enrolled.map((one) => one.kid)).toEqual([kid]);
    expect(reloaded.store.getState().operator).toMatchObject({ kid, name: "Ada" });
    const early = session(client, database);
    await early.enrol("Early");
    expect(enrolled).toHaveLength(1);
    expect((await (await openKeyStore(database)).load())?.signer.kid).toBe(kid);
  });
});
