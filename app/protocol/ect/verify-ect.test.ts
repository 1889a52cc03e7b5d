import { beforeAll, describe, expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { jwkThumbprint } from "../jose/keys.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import {
  claimsOf,
  createVerifier,
  EXAMPLE,
  EXAMPLE_CHILD,
  EXAMPLE_IAT,
  EXAMPLE_JWK,
  EXECUTOR,
  exampleKey,
  type Identity,
  identityOf,
  NOW,
  OTHER_WID,
  PLANNER,
  sha256,
  signEct,
  taskId,
  WID,
} from "./ect.fixture.ts";
import type { EctAttempt, EctContext } from "./ect-context.ts";
import { explainEct, verifyEct } from "./verify-ect.ts";

let planner: Identity;
beforeAll(async () => {
  planner = await identityOf(PLANNER);
});

const unsigned = (claims: object): string => toBase64url(utf8(JSON.stringify(claims)));
const L1: Partial<EctContext> = { minimumLevel: () => 1, peer: PLANNER };
const DIGEST = "rwo7ap-Ea6NpItXp_VB3zN3BumM1V9-tJwc9Qn-sYCY";

describe("the example of ect.md section g", () => {
  it("[INV-5] [ECT-2] [ECT-3] [ECT-4] is accepted at level 2 as a root, with the published digest and key", async () => {
    const { accept } = createVerifier([await exampleKey()]);
    const ect = await accept(EXAMPLE);
    expect(await jwkThumbprint(EXAMPLE_JWK)).toBe("5wNJc-RNgVo0mCt8pjYTVEac3ALNznJ3IdOj2-qs65Y");
    expect([ect.state, ect.level, ect.placement.position, ect.issuer, ect.digest, ect.version]).toEqual([
      "L2_ok",
      2,
      "root",
      PLANNER,
      "EgB83pxwvXX9L-Ak62UzRgbtSMdkkyYSMyydl5OSs_4",
      "-01",
    ]);
    expect(tokenDigest('{"ticket":"INC-1042"}', sha256)).toBe(ect.claims.inp_hash);
    expect(tokenDigest('{"plan":"restart edge-7"}', sha256)).toBe(ect.claims.out_hash);
  });

  it("[INV-5] [ECT-9] [ECT-11] late, misaddressed and repeated it has the published codes", async () => {
    const { code, accept } = createVerifier([await exampleKey()]);
    expect(await code(EXAMPLE, { nowS: 1_772_064_700 })).toBe("ect_expired");
    expect(await code(EXAMPLE, { ownIds: ["spiffe://other.example/x"] })).toBe("ect_audience_mismatch");
    await accept(EXAMPLE);
    expect(await code(EXAMPLE)).toBe("ect_replayed");
  });

  it("[INV-5] [ECT-22] [ECT-29] its unsigned child is too low by default, and linked at path level 1 where 1 is enough", async () => {
    const { code, accept } = createVerifier([await exampleKey()]);
    await accept(EXAMPLE);
    const later = { nowS: EXAMPLE_IAT + 40, peer: EXECUTOR };
    expect(await code(EXAMPLE_CHILD, later)).toBe("ect_level_insufficient");
    const child = await accept(EXAMPLE_CHILD, { ...later, minimumLevel: () => 1 });
    expect([child.state, child.placement.position, child.placement.pathLevel, child.key]).toEqual([
      "L1_ok",
      "linked",
      1,
      null,
    ]);
  });

  it("[COM-2] is valid years later in historical mode, as of the time it was received", async () => {
    const { code } = createVerifier([await exampleKey()]);
    expect(await code(EXAMPLE, { nowS: EXAMPLE_IAT + 100_000_000 })).toBe("ect_expired");
    expect(await code(EXAMPLE, { nowS: EXAMPLE_IAT + 600 })).toBe("accepted");
  });
});

describe("D1, level detection", () => {
  it("[ECT-23] [ECT-24] what has two dots is signed or malformed, never an unsigned record", async () => {
    const { code } = createVerifier([planner.key], L1);
    const record = unsigned(claimsOf(1));
    expect(await code(record)).toBe("accepted");
    for (const broken of [
      `${record}..`,
      `.${record}.`,
      `${record}.${record}.${record}`,
      `${record}.AA`,
      `${record}.AA.`,
    ])
      expect(await code(broken)).toBe("ect_malformed");
    const token = await signEct(planner, 1);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const wrong = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    expect(await code(wrong)).toBe("ect_signature_invalid");
    expect(await code(`${header}.${payload}.`)).toBe("ect_malformed");
  });

  it.each([
    ["nothing", ""],
    ["text that is no base64url", "{}"],
    ["no JSON", unsigned({}).slice(1)],
    ["an array", toBase64url(utf8("[]"))],
    ["a record without jti", unsigned({ exec_act: "x" })],
    ["a record without exec_act", unsigned({ jti: "x" })],
    ["a member twice", toBase64url(utf8('{"jti":"a","jti":"b","exec_act":"x"}'))],
    ["a number that reading would change", toBase64url(utf8('{"jti":"a","exec_act":"x","n":9007199254740993}'))],
    ["more than 16,384 bytes", unsigned({ jti: "x", exec_act: "x".repeat(16_384) })],
  ])("[ECT-33] %s is malformed: 400", async (_what, input) => {
    const { context } = createVerifier([planner.key], L1);
    const verified = await verifyEct(input, context);
    expect(verified.ok ? "accepted" : [verified.error.code, verified.error.status]).toEqual(["ect_malformed", 400]);
  });

  it("[ECT-22] the minimum is the verifier's, by workflow, and nothing a sender says lowers it", async () => {
    const { code } = createVerifier([planner.key], { peer: PLANNER, minimumLevel: (wid) => (wid === WID ? 1 : 2) });
    expect(await code(unsigned(claimsOf(1)))).toBe("accepted");
    expect(await code(unsigned(claimsOf(1, { wid: OTHER_WID })))).toBe("ect_level_insufficient");
    expect(await code(unsigned(claimsOf(1, { wid: undefined, level: 3 })))).toBe("ect_level_insufficient");
  });
});

describe("D2, a signed ECT", () => {
  const at = (change: Partial<EctContext>): Partial<EctContext> => change;

  it("[COM-1] [ECT-33] [COM-9] every step has its code, in the order of the table, with 400 for malformed and 403 else", async () => {
    const { context, code } = createVerifier([planner.key]);
    const sign = (change: object, typ?: string): Promise<string> => signEct(planner, 1, change, typ);
    const header = (change: object): Promise<string> =>
      sign({}).then((token) => {
        const head = { alg: "ES256", typ: "exec+jwt", kid: planner.signer.kid, ...change };
        return [unsigned(head), ...token.split(".").slice(1)].join(".");
      });
    // Everything wrong from a step on: the first failing step decides.
    const rest = { ect_ext: { pol: "p" }, jti: "no uuid" };
    const old = { ...rest, iat: NOW - 901 };
    const late = { ...old, exp: NOW - 30 };
    const misaddressed = { ...late, aud: ["spiffe://other.example/x"] };
    const cases: [string, string, Partial<EctContext>?][] = [
      [await sign({}), "wit_invalid", at({ accompanying: { wit: "x" } })],
      [`${await sign({})}=`, "ect_malformed"],
      [await header({ crit: ["b64"] }), "ect_malformed"],
      [await header({ typ: "act+jwt", alg: "none" }), "ect_wrong_type"],
      [await header({ alg: "none", kid: "nobody" }), "ect_alg_forbidden"],
      [await header({ alg: "HS256", kid: "nobody" }), "ect_alg_forbidden"],
      [await header({ kid: "nobody" }), "ect_key_unknown"],
      [await header({ kid: undefined }), "ect_key_unknown"],
      [await sign({}), "ect_key_revoked", at({ resolveKey: () => ({ ...planner.key, revokedAt: NOW }) })],
      [await header({ alg: "EdDSA" }), "ect_alg_forbidden", at({ algorithms: ["ES256", "EdDSA"] })],
      [await header({ note: "changed" }), "ect_signature_invalid"],
      [await sign({ ...misaddressed, iss: EXECUTOR }), "ect_issuer_mismatch"],
      [await sign(misaddressed), "ect_audience_mismatch"],
      [await sign(late), "ect_expired"],
      [await sign(old), "ect_iat_out_of_window"],
      [await sign({ ...rest, iat: NOW + 31 }), "ect_iat_out_of_window"],
      [await sign({ nbf: NOW + 31 }), "ect_iat_out_of_window"],
      [await sign(rest), "ect_claim_invalid"],
      [await sign({ ect_ext: { pol: "p".repeat(4097) } }), "ect_ext_too_large"],
      [await sign({ ect_ext: { pol: [[[[[]]]]] } }), "ect_ext_too_deep"],
      [await sign({ ect_ext: { pol: "p" } }), "ect_pol_pair", at({ seen: () => true })],
      [await sign({ ect_ext: { pol: "p", pol_decision: "maybe" } }), "ect_pol_value"],
      [await sign({ pred: [taskId(9)] }), "ect_replayed", at({ seen: () => true })],
      [await sign({ pred: [taskId(9)] }), "dag_pred_missing"],
      [await sign({}), "accepted"],
    ];
    for (const [token, expected, change] of cases)
      expect([expected, await code(token, change)]).toEqual([expected, expected]);
    for (const [token, expected, change] of cases) {
      const verified = await verifyEct(token, { ...context, ...change });
      if (!verified.ok) expect(verified.error.status).toBe(expected === "ect_malformed" ? 400 : 403);
    }
  });

  it("[COM-4] [ECT-6] Ed25519 is refused unless it is enabled", async () => {
    const other = await identityOf(PLANNER, "EdDSA");
    const { code } = createVerifier([other.key]);
    const token = await signEct(other, 1);
    expect(await code(token)).toBe("ect_alg_forbidden");
    expect(await code(token, { algorithms: ["ES256", "EdDSA"] })).toBe("accepted");
  });

  it("[COM-5] an ACT, an audit token and a WIT are no ECT, whatever their claims", async () => {
    const { code } = createVerifier([planner.key]);
    for (const typ of ["act+jwt", "exec-audit+jwt", "wit+jwt", "JWT", "wpt+jwt", ""])
      expect(await code(await signEct(planner, 1, {}, typ))).toBe("ect_wrong_type");
    expect(await code(await signEct(planner, 1, {}, "application/exec+jwt"))).toBe("accepted");
  });

  it("[ECT-3] [ECT-S6] a key speaks for its owner, and up to the moment it is revoked", async () => {
    const { code } = createVerifier([]);
    const token = await signEct(planner, 1);
    const revoked = (revokedAt: number) => ({ resolveKey: () => ({ ...planner.key, revokedAt }) });
    expect(await code(token, revoked(NOW + 1))).toBe("accepted");
    expect(await code(token, revoked(NOW))).toBe("ect_key_revoked");
    expect(await code(token, { resolveKey: () => ({ ...planner.key, subject: EXECUTOR }) })).toBe(
      "ect_issuer_mismatch",
    );
  });

  it("[COM-3] times count with half a minute of skew, and a record is at most a quarter of an hour old", async () => {
    const { code } = createVerifier([planner.key]);
    const signed = (change: object) => signEct(planner, 1, change);
    expect(await code(await signed({ exp: NOW - 29, iat: NOW - 60 }))).toBe("accepted");
    expect(await code(await signed({ exp: NOW - 30, iat: NOW - 60 }))).toBe("ect_expired");
    expect(await code(await signed({ iat: NOW + 30, exp: NOW + 60 }))).toBe("accepted");
    expect(await code(await signed({ iat: NOW - 890, exp: NOW + 5 }))).toBe("accepted");
    expect(await code(await signed({ iat: NOW - 890, exp: NOW + 5 }), { maxAgeS: 600 })).toBe("ect_iat_out_of_window");
    expect(await code(await signed({}), { maxLifetimeS: 300 })).toBe("ect_claim_invalid");
    expect(await code(await signed({ exp: EXAMPLE_IAT + 901 }))).toBe("ect_claim_invalid");
    expect(await code(await signed({ iat: NOW + 20, exp: NOW + 20 }))).toBe("ect_claim_invalid");
  });

  it.each<[string, object, string]>([
    ["[ECT-7] an issuer that is no URI", { iss: 7 }, "iss"],
    ["[ECT-9] no audience", { aud: undefined }, "aud"],
    ["[ECT-9] an audience that is no text", { aud: [1] }, "aud"],
    ["[ECT-9] an empty audience", { aud: [] }, "aud"],
    ["a time that is text", { exp: "1772064600" }, "exp"],
    ["no time", { iat: undefined }, "iat"],
    ["[ECT-10] a jti that is no UUID", { jti: "1" }, "jti"],
    ["[ECT-10] a jti in upper case", { jti: taskId(0xabc).toUpperCase() }, "jti"],
    ["[ECT-13] a wid that is no UUID", { wid: "1" }, "wid"],
    ["[ECT-14] an empty exec_act", { exec_act: "" }, "exec_act"],
    ["[ECT-15] a missing pred", { pred: undefined }, "pred"],
    ["[ECT-15] a pred that is no array", { pred: taskId(2) }, "pred"],
    ["a predecessor twice", { pred: [taskId(2), taskId(2)] }, "pred"],
    ["the task as its own predecessor", { pred: [taskId(1)] }, "pred"],
    ["101 predecessors", { pred: Array.from({ length: 101 }, (_, index) => taskId(index + 2)) }, "pred"],
    ["[ECT-17] a prefixed digest", { inp_hash: `sha-256:${DIGEST}` }, "inp_hash"],
    ["[ECT-17] a padded digest", { out_hash: `${DIGEST}=` }, "out_hash"],
    ["an extension that is no object", { ect_ext: "x" }, "ect_ext"],
    [
      "[ECT-42] an output of a rejected task",
      { ect_ext: { pol: "p", pol_decision: "rejected" }, out_hash: DIGEST },
      "out_hash",
    ],
    ["a policy evaluated after the record", { ect_ext: { pol_timestamp: EXAMPLE_IAT + 1 } }, "ect_ext.pol_timestamp"],
    ["a specified key of another type", { ect_ext: { exec_time_ms: "5" } }, "ect_ext.exec_time_ms"],
    [
      "[ECT-44] a compensation without reason",
      { exec_act: "compensate", ect_ext: { compensation_required: true } },
      "ect_ext",
    ],
  ])("%s is refused, naming the claim", async (_what, change, claim) => {
    const { context } = createVerifier([planner.key]);
    const verified = await verifyEct(await signEct(planner, 1, change), context);
    expect(verified.ok ? "accepted" : [verified.error.code, verified.error.claim]).toEqual([
      "ect_claim_invalid",
      claim,
    ]);
  });

  it("[COM-6] [ECT-19] claims and extension keys that are not known are ignored, kept and change nothing", async () => {
    const { accept } = createVerifier([planner.key]);
    const ect = await accept(
      await signEct(planner, 1, { target: "x", sub: PLANNER, ect_ext: { unheard_of: [1], "com.example.x": {} } }),
    );
    expect(ect.claims.ect_ext).toEqual({ unheard_of: [1], "com.example.x": {} });
    expect("target" in ect.claims).toBe(false);
  });

  it("[ECT-18] extensions may have 4,096 bytes and depth 5, counted on the text that was sent", async () => {
    const { code } = createVerifier([planner.key]);
    const token = async (text: string): Promise<string> => {
      const payload = JSON.stringify(claimsOf(1)).replace(/\}$/, `,"ect_ext":${text}}`);
      const input = `${unsigned({ alg: "ES256", typ: "exec+jwt", kid: planner.signer.kid })}.${toBase64url(utf8(payload))}`;
      const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, planner.signer.key, utf8(input));
      return `${input}.${toBase64url(new Uint8Array(signature))}`;
    };
    const padded = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;
    expect(await code(await token(padded(4096)))).toBe("accepted");
    expect(await code(await token(padded(4097)))).toBe("ect_ext_too_large");
    expect(await code(await token(`{"a":"${"é".repeat(2044)}"}`))).toBe("accepted");
    expect(await code(await token(`{"a":"${"é".repeat(2045)}"}`))).toBe("ect_ext_too_large");
    expect(await code(await token(`{${" ".repeat(4094)}}`))).toBe("accepted");
    expect(await code(await token(`{${" ".repeat(4095)}}`))).toBe("ect_ext_too_large");
    expect(await code(await token('{"a":[[{"b":{}}]]}'))).toBe("accepted");
    expect(await code(await token('{"a":[[{"b":{"c":{}}}]]}'))).toBe("ect_ext_too_deep");
    expect(await code(await token('{"a\\"]}":"}]\\\\","b":[[[[1]]]]}'))).toBe("accepted");
  });

  it("[ECT-40] policy and decision come together", async () => {
    const { code } = createVerifier([planner.key]);
    const ext = async (ect_ext: object): Promise<string> => code(await signEct(planner, 1, { ect_ext }));
    expect(await ext({ pol: "p" })).toBe("ect_pol_pair");
    expect(await ext({ pol_decision: "approved" })).toBe("ect_pol_pair");
    for (const pol_decision of ["approved", "rejected", "pending_human_review"])
      expect(await ext({ pol: "p", pol_decision })).toBe("accepted");
    for (const pol_decision of ["Approved", "", 1, null])
      expect(await ext({ pol: "p", pol_decision })).toBe("ect_pol_value");
  });

  it("[ECT-34] tells of every attempt, with the task it names and the outcome", async () => {
    const attempts: EctAttempt[] = [];
    const { code } = createVerifier([planner.key], { observe: (attempt) => attempts.push(attempt) });
    const token = await signEct(planner, 1);
    await code(token);
    await code(`${token.slice(0, -4)}AAAA`);
    await code("not a token");
    expect(attempts).toEqual([
      { atS: NOW, jti: taskId(1), outcome: "accepted" },
      { atS: NOW, jti: taskId(1), outcome: "ect_signature_invalid" },
      { atS: NOW, jti: null, outcome: "ect_malformed" },
    ]);
  });

  it("[INV-4] is told step by step under the procedures that have them", async () => {
    const { context } = createVerifier([planner.key]);
    const { steps: told, ect } = await explainEct(await signEct(planner, 1, { pred: [taskId(2)] }), context);
    expect(ect).toBeNull();
    const rows = told.map(({ procedure, step, result }) => `${procedure}.${step} ${result}`);
    expect(rows).toEqual([
      "D1.1 passed",
      "D1.4 passed",
      ...Array.from({ length: 15 }, (_, index) => `D2.${index + 1} passed`),
      "D4.1 passed",
      "D4.2 failed",
      ...[3, 4, 5, 6].map((step) => `D4.${step} not_reached`),
    ]);
    expect(told.find(({ result }) => result === "failed")?.code).toBe("dag_pred_missing");
    expect((await explainEct("x", context)).steps.map(({ result }) => result)).toEqual(["failed"]);
    const root = await explainEct(await signEct(planner, 1), context);
    expect([root.steps.length, root.ect?.state, root.ect?.placement.position]).toEqual([23, "L2_ok", "root"]);
  });
});
