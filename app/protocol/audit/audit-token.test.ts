import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { EXAMPLE, EXAMPLE_IAT, sha256, taskId } from "../ect/ect.fixture.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { createDomain, type Domain, EXAMPLE_AUDIT, LEDGER, MADE, NOW, partyOf } from "./audit.fixture.ts";
import { auditTokenClaimsSchema, writeAuditToken } from "./audit-token.ts";
import { explainAuditToken, verifyAuditToken } from "./verify-audit-token.ts";

let domain: Domain;
beforeAll(async () => {
  domain = await createDomain();
});

const under = async (token: string, logs = 1) => {
  const receipts = [await domain.receipt(token)];
  return {
    ledger: {
      receipts,
      needed: logs,
      receiptContext: {
        nowS: NOW,
        resolveKey: domain.resolveKey,
        pinnedHeads: (id: string) => (id === LEDGER ? [] : undefined),
      },
    },
  };
};

describe("audit token", () => {
  it("[INV-5] the example of the specification is one, and nothing in it is unknown", () => {
    const parsed = auditTokenClaimsSchema.parse(EXAMPLE_AUDIT);
    expect(parsed).toEqual(EXAMPLE_AUDIT);
    // Its evidence has the digest of the example token of ect.md.
    expect(EXAMPLE_AUDIT.evidence[0].hash).toBe(tokenDigest(EXAMPLE, sha256));
  });

  it("[XA-1] [XA-2] [XA-7] describes one task, wraps its ECT, and the verifier computes the level", async () => {
    const token = await domain.sign();
    const verified = await verifyAuditToken(token, domain.context);
    const audit = must(verified.ok ? verified.value : null, "an audit token that verifies");
    expect(audit).toMatchObject({ level: 2, identity: domain.gateway.trusted.subject, external: [] });
    expect(audit.ect?.jti).toBe(taskId(2));
    expect(audit.claims.jti).toBe(taskId(2));
  });

  it("[XA-6] [XA-13] [XA-15] is level 3 by a receipt, offline, and by as many logs as are asked for", async () => {
    const token = await domain.sign({ level: 3 });
    expect(await domain.code(token, await under(token))).toBe("level 3");
    expect(await domain.code(token)).toBe("audit_level_claim_false");
    expect(await domain.code(token, await under(token, 2))).toBe("audit_level_claim_false");
    const ledger = (await under(token)).ledger;
    const wrong = await domain.receipt(token, { sub_hash: tokenDigest("another", sha256) });
    expect(await domain.code(token, { ledger: { ...ledger, receipts: [wrong] } })).toBe("receipt_subject_mismatch");
    const early = await domain.receipt(token, { iat: NOW - 60 });
    expect(await domain.code(token, { ledger: { ...ledger, receipts: [early] } })).toBe("receipt_time_implausible");
    const split = { ...ledger.receiptContext, pinnedHeads: () => [{ size: 2, root: tokenDigest("other", sha256) }] };
    expect(await domain.code(token, { ledger: { ...ledger, receiptContext: split } })).toBe("log_split_view");
  });

  it("[XA-4] takes the level that policy asks for and never less", async () => {
    const signed = await domain.sign();
    expect(await domain.code(signed, { minimumLevel: 3 })).toBe("audit_level_insufficient");
    const unsigned = toBase64url(utf8(JSON.stringify(domain.claims({ level: 1 }))));
    const peer = domain.gateway.trusted.subject;
    expect(await domain.code(unsigned, { peer })).toBe("audit_level_insufficient");
    expect(await domain.code(unsigned, { minimumLevel: 1 })).toBe("audit_level_insufficient");
    expect(await domain.code(unsigned, { minimumLevel: 1, peer: "spiffe://other.example/x" })).toBe(
      "audit_level_insufficient",
    );
    expect(await domain.code(unsigned, { minimumLevel: 1, peer })).toBe("level 1");
    const lies = toBase64url(utf8(JSON.stringify(domain.claims({ level: 2 }))));
    expect(await domain.code(lies, { minimumLevel: 1, peer })).toBe("audit_level_claim_false");
  });

  it("[XA-5] a signature by anything but an asymmetric key is refused", async () => {
    const [, payload] = (await domain.sign()).split(".");
    for (const alg of ["none", "HS256"]) {
      const header = toBase64url(utf8(JSON.stringify({ alg, typ: "exec-audit+jwt", kid: domain.gateway.signer.kid })));
      expect(await domain.code(`${header}.${payload}.${toBase64url(utf8("x"))}`)).toBe("token_alg_forbidden");
    }
  });

  it.each<[string, object, string]>([
    ["another type of token inside", { aud_ver: 2 }, "token_claim_invalid"],
    ["itself among its predecessors", { pred: [taskId(2)] }, "token_claim_invalid"],
    ["no end", { exp: undefined }, "token_claim_invalid"],
    ["an end before now", { iat: MADE - 5000, exp: MADE - 4500 }, "token_expired"],
    ["a life of an hour", { exp: MADE + 3600 }, "token_lifetime_invalid"],
    ["an unknown profile", { idp: { kind: "passport" } }, "audit_idp_unsupported"],
    ["a profile that lacks what its kind needs", { idp: { kind: "oauth", issuer: LEDGER } }, "audit_idp_unsupported"],
    ["another domain than its issuer's", { domain: "other.example" }, "audit_domain_mismatch"],
    ["an end before its beginning", { started_at: MADE, ended_at: MADE - 1 }, "audit_claim_invalid"],
    ["an end after it was recorded", { ended_at: MADE + 31 }, "audit_claim_invalid"],
    ["an outcome of its own", { outcome: "splendid" }, "audit_claim_invalid"],
    ["_sd without its algorithm", { _sd: [tokenDigest("x", sha256)] }, "audit_claim_invalid"],
    ["an extension beyond an ECT's", { ect_ext: { "a.b": "x".repeat(4100) } }, "audit_claim_invalid"],
    ["another task's ECT", { ect: { jti: taskId(1), hash: tokenDigest("x", sha256) } }, "audit_ect_mismatch"],
    ["an ECT of another digest", { ect: { jti: taskId(2), hash: tokenDigest("x", sha256) } }, "audit_ect_mismatch"],
    ["another action than its ECT", { exec_act: "something_else" }, "audit_ect_mismatch"],
    ["other predecessors than its ECT", { pred: [] }, "audit_ect_mismatch"],
    ["another input than its ECT", { inp_hash: tokenDigest("y", sha256) }, "audit_ect_mismatch"],
    ["no output where its ECT has one", { out_hash: undefined }, "audit_ect_mismatch"],
    ["a task that is on record, and no ECT", { ect: undefined }, "dag_duplicate_task"],
    ["a level beyond what is here", { level: 3 }, "audit_level_claim_false"],
  ])("[XA-1] [XA-7] one with %s is refused by its own code", async (_what, change, code) => {
    expect(await domain.code(await domain.sign(change))).toBe(code);
  });

  it("[XA-S8] what is too large or too deep is refused before anything is hashed", async () => {
    let hashed = 0;
    const counting = {
      sha256: (bytes: Uint8Array) => {
        hashed += 1;
        return sha256(bytes);
      },
    };
    let deep: object = {};
    for (let depth = 0; depth < 20; depth += 1) deep = { deep };
    expect(await domain.code(await domain.sign({ idp: { kind: "wimse", deep } }), counting)).toBe("audit_malformed");
    expect(await domain.code(await domain.sign({ note: "x".repeat(20_000) }), counting)).toBe("audit_malformed");
    expect(await domain.code("a.b.c", counting)).toBe("audit_malformed");
    expect(hashed).toBe(0);
  });

  it("[XA-8] a predecessor elsewhere is resolved by a handoff, or reported as external, or missing", async () => {
    const pred = [taskId(1), taskId(77)];
    const token = await domain.sign({ jti: taskId(9), ect: undefined, pred });
    expect(await domain.code(token)).toBe("dag_pred_missing");
    for (const [change, of] of [
      [{ handoffOf: (jti: string) => (jti === taskId(77) ? "partner.example" : null) }, "partner.example"],
      [{ dag: { missing: "partial" as const } }, null],
    ] as const) {
      const verified = await verifyAuditToken(token, { ...domain.context, ...change });
      expect(verified.ok && verified.value.external).toEqual([{ jti: taskId(77), domain: of }]);
    }
    const late = await domain.sign({ jti: taskId(9), ect: undefined, pred: [taskId(1)], iat: EXAMPLE_IAT - 60 });
    expect(await domain.code(late, { nowS: EXAMPLE_IAT })).toBe("audit_claim_invalid");
  });

  it("[XA-S6] digests of what is disclosed selectively stand in its place", async () => {
    const hidden = { inp_hash: undefined, out_hash: undefined, _sd: [tokenDigest("d", sha256)], _sd_alg: "sha-256" };
    expect(await domain.code(await domain.sign(hidden))).toBe("level 2");
    expect(await domain.code(await domain.sign({ inp_hash: undefined }))).toBe("audit_ect_mismatch");
  });

  it("[COM-11] evidence at hand must have the digest that is named; what is not at hand stays asserted", async () => {
    const evidence = [{ typ: "intent+jwt", id: taskId(5), hash: tokenDigest("intent", sha256) }];
    const token = await domain.sign({ evidence });
    const found = async (text: string | null) => {
      const verified = await verifyAuditToken(token, { ...domain.context, evidenceOf: async () => text });
      return verified.ok ? verified.value.evidenceFound : verified.error.code;
    };
    expect(await found("intent")).toBe(1);
    expect(await found(null)).toBe(0);
    expect(await found("another intent")).toBe("object_hash_mismatch");
  });

  it("[COM-7] is taken once for a task", async () => {
    const token = await domain.sign();
    expect(await domain.code(token, { seen: (scope) => scope.startsWith("audit ") })).toBe("token_replayed");
  });

  it("[ECT-3] the identity is the profile's: another trusted key, or another issuer, is a mismatch", async () => {
    const other = await partyOf(domain.gateway.trusted.subject);
    const resolveKey = (kid: string) => (kid === other.signer.kid ? other.trusted : domain.resolveKey(kid));
    expect(await domain.code(await domain.sign({}, other), { resolveKey })).toBe("audit_idp_mismatch");
    expect(await domain.code(await domain.sign({}, other))).toBe("token_signature_invalid");
    const planner = domain.planner.trusted.subject;
    expect(await domain.code(await domain.sign({ iss: planner }, domain.planner))).toBe("audit_idp_mismatch");
    expect(await domain.code(await domain.sign(), { identities: { wit: async () => null } })).toBe(
      "audit_idp_unsupported",
    );
    expect(await domain.code(await domain.sign(), { identities: { wit: async () => EXAMPLE } })).toBe(
      "audit_idp_mismatch",
    );
  });

  it("[INV-4] tells its rows one by one, and what was not reached is not called passed", async () => {
    const token = await domain.sign({ outcome: "splendid" });
    const { steps, audit } = await explainAuditToken(token, domain.context);
    expect(audit).toBeNull();
    expect(steps.map(({ result }) => result)).toEqual([
      ...["passed", "passed", "passed", "passed", "failed"],
      ...new Array<string>(5).fill("not_reached"),
    ]);
    expect(steps[4]).toMatchObject({ procedure: "V1", step: 5, code: "audit_claim_invalid" });
  });

  it("[XA-S1] with any changed claim it is refused", async () => {
    const token = await domain.sign({ severity: "notice", jurisdictions: ["EU"], retention_until: NOW + 9999 });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(new TextDecoder().decode(Buffer.from(payload, "base64url"))) as Record<string, unknown>;
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(claims)), fc.jsonValue({ maxDepth: 2 }))
      .filter(([name, value]) => JSON.stringify(claims[name]) !== JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(changed, fc.boolean(), async ([name, value], remove) => {
        const { [name]: _gone, ...rest } = claims;
        const forged = toBase64url(utf8(JSON.stringify(remove ? rest : { ...rest, [name]: value })));
        expect(await domain.code(`${header}.${forged}.${signature}`)).not.toMatch(/^level/);
      }),
      { numRuns: 60 },
    );
  });

  it("[XA-5] its writer signs what a reader takes, and nothing else", async () => {
    const claims = auditTokenClaimsSchema.parse(domain.claims());
    const written = await writeAuditToken(claims, domain.gateway.signer);
    expect(await domain.code(must(written.ok ? written.value : null, "a token"))).toBe("level 2");
    for (const change of [{ outcome: "x" }, { started_at: MADE + 99 }, { domain: "" }]) {
      const refused = await writeAuditToken({ ...claims, ...change }, domain.gateway.signer);
      expect(refused.ok ? "written" : refused.error.code).toBe("audit_claim_invalid");
    }
  });

  it("[COM-5] is no execution context token, and none of those is an audit token", async () => {
    const asEct = await signToken("exec+jwt", domain.claims(), domain.gateway.signer);
    expect(await domain.code(asEct)).toBe("token_wrong_type");
    expect(await domain.code(domain.second)).toBe("token_wrong_type");
  });
});
