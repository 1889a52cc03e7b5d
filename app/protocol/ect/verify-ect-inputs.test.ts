import { beforeAll, describe, expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import {
  claimsOf,
  createVerifier,
  EXECUTOR,
  type Identity,
  identityOf,
  NOW,
  PLANNER,
  sha256,
  signEct,
  taskId,
} from "./ect.fixture.ts";
import type { EctContext } from "./ect-context.ts";

let planner: Identity;
beforeAll(async () => {
  planner = await identityOf(PLANNER);
});

const unsigned = (claims: object): string => toBase64url(utf8(JSON.stringify(claims)));
const L1: Partial<EctContext> = { minimumLevel: () => 1, peer: PLANNER };
const DIGEST = "rwo7ap-Ea6NpItXp_VB3zN3BumM1V9-tJwc9Qn-sYCY";

describe("both versions", () => {
  const older = (change: object): object => ({ pred: undefined, par: [], ...change });

  it("[ECT-21] -00 under its own type gives the same record as -01", async () => {
    const { accept } = createVerifier([planner.key]);
    const root = await accept(await signEct(planner, 1, older({ ext: { "com.example.x": 1 } }), "wimse-exec+jwt"));
    expect([root.version, root.claims.pred, root.claims.ect_ext]).toEqual(["-00", [], { "com.example.x": 1 }]);
    const child = await accept(await signEct(planner, 2, older({ par: [taskId(1)] }), "wimse-exec+jwt"));
    expect([child.claims.pred, child.placement.position]).toEqual([[taskId(1)], "linked"]);
    const grandchild = await accept(await signEct(planner, 3, { pred: [taskId(2)] }));
    expect([grandchild.version, grandchild.placement.position]).toEqual(["-01", "linked"]);
    const newNames = await accept(await signEct(planner, 4, { pred: [taskId(3)] }, "wimse-exec+jwt"));
    expect([newNames.version, newNames.placement.position]).toEqual(["-01", "linked"]);
  });

  it("[ECT-21] old names mean nothing under the new type, and a member under both names is refused everywhere", async () => {
    const { code, accept } = createVerifier([planner.key]);
    expect(await code(await signEct(planner, 1, older({})))).toBe("ect_claim_invalid");
    for (const typ of ["exec+jwt", "wimse-exec+jwt"])
      expect(await code(await signEct(planner, 1, { par: [] }, typ))).toBe("ect_claim_invalid");
    expect(await code(await signEct(planner, 1, { ext: {}, ect_ext: {} }, "wimse-exec+jwt"))).toBe("ect_claim_invalid");
    const ignored = await accept(await signEct(planner, 1, { ext: "x".repeat(5000) }));
    expect(ignored.claims.ect_ext).toBeUndefined();
  });

  it("[ECT-18] [ECT-40] the limits and the policy pair hold for the old names, too", async () => {
    const { code, accept } = createVerifier([planner.key]);
    const legacy = (change: object): Promise<string> => signEct(planner, 1, older(change), "wimse-exec+jwt");
    expect(await code(await legacy({ ext: { a: "x".repeat(4096) } }))).toBe("ect_ext_too_large");
    expect(await code(await legacy({ ext: { a: [[[[1], {}], [[]]]] } }))).toBe("accepted");
    expect(await code(await legacy({ ext: { a: [[[[[]]]]] } }))).toBe("ect_ext_too_deep");
    expect(await code(await legacy({ pol: "p" }))).toBe("ect_pol_pair");
    expect(await code(await legacy({ pol: "p", pol_decision: "approved", ext: { pol: "q" } }))).toBe(
      "ect_claim_invalid",
    );
    const rejected = await accept(await legacy({ pol: "p", pol_decision: "rejected", ext: { a: 1 } }));
    expect(rejected.claims.ect_ext).toEqual({ a: 1, pol: "p", pol_decision: "rejected" });
  });
});

describe("D3, an unsigned record", () => {
  it("[ECT-8] needs no issuer, and is then unattributed", async () => {
    const { accept } = createVerifier([], L1);
    const named = await accept(unsigned(claimsOf(1)));
    const nobody = await accept(unsigned(claimsOf(2, { iss: undefined, aud: undefined })));
    expect([named.issuer, nobody.issuer, nobody.level]).toEqual([PLANNER, null, 1]);
  });

  it("[ECT-25] is taken from an authenticated peer of the same organization only", async () => {
    const { code } = createVerifier([], { minimumLevel: () => 1 });
    const record = unsigned(claimsOf(1));
    expect(await code(record)).toBe("ect_level_insufficient");
    expect(await code(record, { peer: "spiffe://OPS.example/gateway" })).toBe("accepted");
    expect(await code(record, { peer: "spiffe://other.example/agent/planner" })).toBe("ect_level_insufficient");
    const foreign = unsigned(claimsOf(1, { iss: "spiffe://other.example/agent/planner" }));
    expect(await code(foreign, { peer: PLANNER })).toBe("ect_level_insufficient");
  });

  it("[ECT-11] [ECT-17] [ECT-18] is held to the same claims, extensions, times and replay check", async () => {
    const { code, accept } = createVerifier([], L1);
    const record = (change: object): Promise<string> => code(unsigned(claimsOf(1, change)));
    expect(await record({ exp: NOW - 30, iat: NOW - 60 })).toBe("ect_expired");
    expect(await record({ iat: NOW - 901 })).toBe("ect_iat_out_of_window");
    expect(await record({ inp_hash: `sha-256:${DIGEST}` })).toBe("ect_claim_invalid");
    expect(await record({ pred: undefined, par: [] })).toBe("ect_claim_invalid");
    expect(await record({ par: [] })).toBe("ect_claim_invalid");
    expect(await record({ ect_ext: { a: "x".repeat(4096) } })).toBe("ect_ext_too_large");
    expect(await record({ ect_ext: { pol: "p" } })).toBe("ect_pol_pair");
    await accept(unsigned(claimsOf(1)));
    expect(await record({})).toBe("ect_replayed");
  });

  it("[ECT-31] without a store it is partial and lists what is open, never linked", async () => {
    const { accept } = createVerifier([], { ...L1, known: null });
    const child = await accept(unsigned(claimsOf(2, { pred: [taskId(1)] })));
    expect([child.placement.position, child.placement.missing]).toEqual(["partial", [taskId(1)]]);
    const root = await accept(unsigned(claimsOf(1)));
    expect(root.placement.position).toBe("root");
  });
});

describe("identity that comes along", () => {
  const TARGET = "https://executor.ops.example/tasks";
  const ISSUER = "spiffe://ops.example/wit-issuer";
  const wit = async (issuer: Identity, change: object = {}): Promise<string> => {
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", planner.key.key);
    const cnf = { jwk: { kty, crv, x, y, alg: "ES256", kid: planner.signer.kid } };
    const claims = { iss: ISSUER, sub: PLANNER, iat: NOW - 60, exp: NOW + 3600, jti: taskId(0x71), cnf, ...change };
    return signToken("wit+jwt", claims, issuer.signer);
  };

  it("[ECT-3] [ECT-4] [ECT-32] the identity token's key verifies the ECT; without one a known key does", async () => {
    const issuer = await identityOf(ISSUER);
    const { code } = createVerifier([issuer.key]);
    const token = await signEct(planner, 1);
    expect(await code(token)).toBe("ect_key_unknown");
    expect(await code(token, { accompanying: { wit: await wit(issuer) } })).toBe("accepted");
    expect(await code(token, { accompanying: { wit: await wit(issuer, { sub: EXECUTOR }) } })).toBe(
      "ect_issuer_mismatch",
    );
    expect(await code(token, { accompanying: { wit: await wit(issuer, { exp: NOW - 30 }) } })).toBe("wit_invalid");
    expect(await code(token, { accompanying: { wit: await wit(planner) } })).toBe("wit_invalid");
    const revoked = { ...planner.key, revokedAt: NOW };
    const resolveKey = (kid: string) => [issuer.key, revoked].find((key) => key.kid === kid);
    expect(await code(token, { resolveKey, accompanying: { wit: await wit(issuer) } })).toBe("ect_key_revoked");
  });

  it("[ECT-32] a proof of possession, where one comes along, is for this target, identity and execution context", async () => {
    const issuer = await identityOf(ISSUER);
    const { code } = createVerifier([issuer.key]);
    const token = await signEct(planner, 1);
    const identity = await wit(issuer);
    const proven = async (
      change: object,
      by = planner,
      typ = "wpt+jwt",
      more: Partial<EctContext> = {},
    ): Promise<string> => {
      const oth = { "execution-context": tokenDigest(token, sha256) };
      const claims = { aud: TARGET, exp: NOW + 60, jti: "p1", wth: tokenDigest(identity, sha256), oth, ...change };
      const wpt = await signToken(typ, claims, by.signer);
      return code(token, { accompanying: { wit: identity, proof: { wpt, target: TARGET } }, ...more });
    };
    expect(await proven({})).toBe("accepted");
    expect(await proven({ oth: undefined })).toBe("accepted");
    for (const change of [
      { aud: "https://other.example/tasks" },
      { exp: NOW - 30 },
      { exp: NOW + 3600 },
      { wth: DIGEST },
      { jti: undefined },
      { oth: { "execution-context": DIGEST } },
      { oth: { "txn-token": DIGEST } },
    ])
      expect([change, await proven(change)]).toEqual([change, "wpt_invalid"]);
    expect(await proven({}, issuer)).toBe("wpt_invalid");
    expect(await proven({}, planner, "wit+jwt")).toBe("wpt_invalid");
    expect(await proven({}, planner, "wpt+jwt", { seen: (scope) => scope.startsWith("wpt ") })).toBe("wpt_invalid");
  });
});
