import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { ROLES } from "../../protocol/identity/roles.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { enrolledOperator, smallRun, stateRoles, type TestClient, until } from "./operator.fixture.ts";

/** Code and sentence of the refusal that a call ends in. */
async function refusalOf(call: Promise<unknown>): Promise<{ readonly code: string; readonly detail: string }> {
  try {
    await call;
  } catch (error) {
    return (error as { readonly data: { readonly code: string; readonly detail: string } }).data;
  }
  throw new Error("it was not refused");
}

/** A key with what it proves about itself. */
async function newKey(client: TestClient, iss: string) {
  const { logId } = await client.identity.describe();
  const key = await generateSigner();
  const nowS = Math.floor(Date.now() / 1000);
  const prove = (more: object = {}, by = key.signer): Promise<string> =>
    signToken(
      "operator-enrolment+jwt",
      { iss, aud: logId, iat: nowS, exp: nowS + 120, jti: v4(), name: "Zoe", ...more },
      by,
    );
  return { ...key, prove };
}

const ZOE = "spiffe://console.local/human/zoe";

describe("who may do what, through the contract", () => {
  it("[COM-15] [COM-18] lets a later operator start nothing, and says which role it takes and which they have", async () => {
    const { client } = await openedHost();
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob", null);
    const refused = await refusalOf(bob.start(smallRun()));
    expect(refused.code).toBe("start_unauthorized");
    expect(refused.detail).toBe(`starting a workflow needs the role operator; ${bob.subject} holds viewer`);
    await stateRoles(client, alice, bob.subject, ["auditor"]);
    expect((await refusalOf(bob.start(smallRun()))).detail).toContain("holds auditor");
    await stateRoles(client, alice, bob.subject, ["operator"]);
    expect((await bob.start(smallRun())).seq).toBeGreaterThan(0);
  });

  it("[COM-18] [OVR-S1] takes a stop of an auditor, and reports that it was not theirs to give", async () => {
    const { client } = await openedHost();
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob", ["auditor"]);
    const { wid } = await alice.start(smallRun(), { speed: 1 });
    const token = await bob.signal("stop", { kind: "domain", id: "console.local" });
    const { jti, latchedAtMs } = await client.override.signal({ token });
    expect(latchedAtMs).not.toBeNull();
    const listed = await until(client, async () => {
      const { signals } = await client.override.list();
      return signals.find((signal) => signal.jti === jti && signal.seq !== null) ?? null;
    });
    expect(listed).toMatchObject({ latched: true, code: "override_unauthorized" });
    expect((await client.workflow.get({ wid })).workflow.status).toBe("stopped");
    const release = await bob.signal("release", { kind: "domain", id: "console.local" }, { params: { of: jti } });
    expect((await refusalOf(client.override.signal({ token: release }))).code).toBe("override_unauthorized");
  });

  it("[COM-16] lists people with their roles, the statement they come from, and all their keys", async () => {
    const { client } = await openedHost();
    const alice = await enrolledOperator(client);
    const bob = await enrolledOperator(client, "Bob", null);
    await stateRoles(client, alice, bob.subject, ["approver"], { reason: "second shift" });
    const { stated, people } = await client.identity.people();
    expect(stated).toBe(true);
    expect(people.map((person) => person.roles)).toEqual([[...ROLES], ["approver"]]);
    expect(people[1]?.statement).toMatchObject({ by: alice.subject, reason: "second shift" });
    expect((await refusalOf(stateRoles(client, bob, bob.subject, ["operator"]))).detail).toBe(
      `granting roles needs the role safety officer; ${bob.subject} holds approver`,
    );
  });
});

describe("keys through the contract", () => {
  it("[COM-19] enrols a key for stops only with the proof of it, named by the person's own key", async () => {
    const { client } = await openedHost();
    const [own, stop] = [await newKey(client, ZOE), await newKey(client, ZOE)];
    const other = await newKey(client, "spiffe://console.local/human/mallory");
    const enrol = async (proof: object, stopProof: Promise<string>, jwk = stop.jwk) =>
      client.identity.enrolOperator({
        jwk: own.jwk,
        proof: await own.prove(proof),
        stop: { jwk, proof: await stopProof },
      });
    const named = { stop_jkt: stop.signer.kid };
    expect((await refusalOf(enrol({}, stop.prove()))).code).toBe("token_claim_invalid");
    expect((await refusalOf(enrol(named, own.prove()))).code).toBe("token_key_unknown");
    expect((await refusalOf(enrol({ stop_jkt: other.signer.kid }, other.prove(), other.jwk))).code).toBe(
      "token_claim_invalid",
    );
    expect((await enrol(named, stop.prove())).kid).toBe(own.signer.kid);
    expect((await client.identity.describe()).operators.map(({ kid }) => kid)).toEqual([own.signer.kid]);
    expect((await client.identity.people()).people[0]?.keys.map(({ use }) => use)).toEqual(["all", "stop"]);
  });

  it("[COM-20] lets a key take the place of another only where the other vouches for it", async () => {
    const { client } = await openedHost();
    const first = await newKey(client, ZOE);
    await client.identity.enrolOperator({ jwk: first.jwk, proof: await first.prove() });
    const next = await newKey(client, ZOE);
    const replace = async (replaces?: string) =>
      client.identity.enrolOperator({
        jwk: next.jwk,
        proof: await next.prove(),
        ...(replaces === undefined ? {} : { replaces }),
      });
    expect((await refusalOf(replace())).code).toBe("subject_taken");
    expect((await refusalOf(replace(await next.prove({ jkt: next.signer.kid })))).code).toBe("token_key_unknown");
    expect((await refusalOf(replace(await first.prove({ jkt: first.signer.kid })))).code).toBe("token_claim_invalid");
    await replace(await first.prove({ jkt: next.signer.kid }));
    const [zoe] = (await client.identity.people()).people;
    expect(must(zoe, "Zoe is listed").roles).toEqual(ROLES);
    // The earlier one is good for the second it ended in.
    await expect
      .poll(async () => (await client.identity.describe()).operators.map(({ kid }) => kid))
      .toEqual([next.signer.kid]);
  });
});
