import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { canonicalText } from "../jcs/canonical.ts";
import { parseCompact } from "../jose/compact.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { type EctClaims, ectClaimsSchema } from "./claims.ts";
import {
  claimsOf,
  createVerifier,
  EXAMPLE,
  EXAMPLE_CHILD,
  EXAMPLE_IAT,
  EXECUTOR,
  type Identity,
  identityOf,
  PLANNER,
  sha256,
  taskId,
  WID,
} from "./ect.fixture.ts";
import { verifyEct } from "./verify-ect.ts";
import { writeEct, writeUnsignedEct } from "./write-ect.ts";

let planner: Identity;
let plannerEd: Identity;
beforeAll(async () => {
  planner = await identityOf(PLANNER);
  plannerEd = await identityOf(PLANNER, "EdDSA");
});

const valid = (number: number, change: object = {}): EctClaims => ectClaimsSchema.parse(claimsOf(number, change));
const written = async (claims: EctClaims, by = planner): Promise<string> => {
  const token = await writeEct(claims, by.signer);
  return must(token.ok ? token.value : null, token.ok ? "" : `written, not ${token.error.code}: ${token.error.detail}`);
};

/** Extension objects under a reverse-domain key, within the limits or somewhat beyond. */
const extension = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 3 })), { maxLength: 4 })
  .map((members) => Object.fromEntries(members.map(([name, value]) => [`com.example.${name}`, value as Json])));
const uuid = fc.uuid().map((id) => id.toLowerCase());
const claims = fc
  .record(
    {
      iss: fc.constant(PLANNER),
      aud: fc.constantFrom<string | string[]>(EXECUTOR, [EXECUTOR], ["spiffe://ops.example/ledger", EXECUTOR]),
      iat: fc.integer({ min: EXAMPLE_IAT - 800, max: EXAMPLE_IAT + 30 }),
      exp: fc.integer({ min: EXAMPLE_IAT + 31, max: EXAMPLE_IAT + 90 }),
      jti: uuid,
      wid: uuid,
      exec_act: fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }),
      pred: fc.uniqueArray(uuid, { maxLength: 5 }),
      inp_hash: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      out_hash: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      ect_ext: extension,
    },
    { requiredKeys: ["iss", "aud", "iat", "exp", "jti", "exec_act", "pred"] },
  )
  .filter(({ jti, pred, exec_act }) => !pred.includes(jti) && exec_act.isWellFormed() && exec_act !== "compensate");

describe("writing", () => {
  it("[ECT-2] [ECT-38] writes alg, typ and kid, and the six claims of the family under the names of -01", async () => {
    const change = {
      pred: [taskId(1)],
      inp_hash: "A".repeat(43),
      out_hash: "B".repeat(43),
      ect_ext: { "com.example.x": 1 },
    };
    const parts = parseCompact(await written(valid(2, change)));
    expect(parts.ok && parts.value.header).toEqual({ alg: "ES256", typ: "exec+jwt", kid: planner.signer.kid });
    expect(parts.ok && parts.value.payload).toEqual(claimsOf(2, change));
    expect(parts.ok && Object.keys(parts.value.payload)).toEqual(
      expect.arrayContaining(["wid", "exec_act", "pred", "inp_hash", "out_hash", "ect_ext"]),
    );
  });

  it("[ECT-21] what is written is accepted, and says what was written; what cannot be accepted is not written", async () => {
    await fc.assert(
      fc.asyncProperty(claims, fc.boolean(), async (drawn, ed) => {
        const by = ed ? plannerEd : planner;
        const token = await writeEct(drawn as EctClaims, by.signer);
        if (!token.ok) {
          expect(["ect_claim_invalid", "ect_ext_too_large", "ect_ext_too_deep"]).toContain(token.error.code);
          return;
        }
        const { context } = createVerifier([by.key], { algorithms: ["ES256", "EdDSA"], dag: { missing: "partial" } });
        const verified = await verifyEct(token.value, context);
        expect(verified.ok ? verified.value.claims : verified.error).toEqual(JSON.parse(JSON.stringify(drawn)));
      }),
      { numRuns: 150 },
    );
  });

  it("[ECT-21] a record read from -00 is written as -01 and stays the same record", async () => {
    const { context } = createVerifier([planner.key], { dag: { missing: "partial" } });
    await fc.assert(
      fc.asyncProperty(claims, async ({ pred, ect_ext, ...rest }) => {
        const older = { ...rest, par: pred, ...(ect_ext === undefined ? {} : { ext: ect_ext }) };
        const legacy = await verifyEct(await signToken("wimse-exec+jwt", older, planner.signer), context);
        if (!legacy.ok) {
          // A number beyond 2^53 - 1 is no JSON of this family (COM-13).
          expect(["ect_malformed", "ect_claim_invalid", "ect_ext_too_large", "ect_ext_too_deep"]).toContain(
            legacy.error.code,
          );
          return;
        }
        const again = await verifyEct(await written(legacy.value.claims as EctClaims), context);
        expect(again.ok && [again.value.claims, again.value.version]).toEqual([legacy.value.claims, "-01"]);
      }),
      { numRuns: 100 },
    );
  });

  it("[ECT-20] private extension keys are reverse-domain names, or defined by a text", async () => {
    const { signer } = planner;
    const code = async (ect_ext: object): Promise<string> => {
      const token = await writeEct(valid(1, { ect_ext }), signer);
      return token.ok ? "written" : token.error.code;
    };
    for (const key of ["x", "mine", "org", ".org.x", "org.", "org..x", "Org.x", "org.x y", "1.x", ""])
      expect([key, await code({ [key]: 1 })]).toEqual([key, "ect_claim_invalid"]);
    for (const key of [
      "org.signalbox.outcome",
      "com.example.a-b.c_d",
      "x.Y",
      "obj_hash",
      "outcome",
      "resources",
      "round",
    ])
      expect([key, await code({ [key]: "1" })]).toEqual([key, "written"]);
  });

  it("[ECT-17] [ECT-18] [ECT-40] [ECT-44] writes nothing a reader refuses", async () => {
    const code = async (change: object): Promise<string> => {
      const token = await writeEct({ ...valid(1), ...change } as EctClaims, planner.signer);
      return token.ok ? "written" : token.error.code;
    };
    expect(await code({ inp_hash: `sha-256:${"A".repeat(43)}` })).toBe("ect_claim_invalid");
    expect(await code({ exp: EXAMPLE_IAT + 901 })).toBe("ect_claim_invalid");
    expect(await code({ exp: EXAMPLE_IAT })).toBe("ect_claim_invalid");
    expect(await code({ pred: undefined, par: [] })).toBe("ect_claim_invalid");
    expect(await code({ ect_ext: { "com.example.x": "x".repeat(4096) } })).toBe("ect_ext_too_large");
    expect(await code({ ect_ext: { "com.example.x": [[[[[]]]]] } })).toBe("ect_ext_too_deep");
    expect(await code({ ect_ext: { "com.example.x": 2 ** 53 } })).toBe("ect_claim_invalid");
    expect(await code({ ect_ext: { "com.example.x": "\ud800" } })).toBe("ect_claim_invalid");
    expect(await code({ ect_ext: { pol: "p" } })).toBe("ect_pol_pair");
    expect(await code({ ect_ext: { pol: "p", pol_decision: "yes" } })).toBe("ect_pol_value");
    expect(await code({ exec_act: "compensate", pred: [taskId(2)] })).toBe("ect_claim_invalid");
    const compensation = { compensation_required: true, compensation_reason: "human_rejection" };
    expect(await code({ exec_act: "compensate", pred: [taskId(2)], ect_ext: compensation })).toBe("written");
  });

  it("[INV-5] the unsigned form of the example's child is its canonical JSON", () => {
    const bytes = must(fromBase64url(EXAMPLE_CHILD), "base64url");
    const text = fromUtf8(bytes);
    const payload = JSON.parse(text.ok ? text.value : "") as Json;
    expect(canonicalText(payload)).toEqual(text);
    expect(writeUnsignedEct(payload as unknown as EctClaims)).toEqual({ ok: true, value: EXAMPLE_CHILD });
  });

  it("[ECT-38] the other implementation's claims are written under the names of -01", async () => {
    interface Example {
      id: string;
      input: {
        issuer?: string;
        exec_act: string;
        wid?: string;
        inp_hash?: string;
        response_body_utf8?: string;
        parents: string[];
      };
      expect: Record<string, unknown>;
    }
    const file = new URL("../../../e2e/fixtures/vectors/ect/scenarios.json", import.meta.url);
    const [basic] = (JSON.parse(readFileSync(file, "utf8")) as { claims: Example[] }).claims;
    const { input, expect: expected } = must(basic, "the first example");
    const out_hash = tokenDigest(input.response_body_utf8 ?? "", sha256);
    expect(out_hash).toBe(expected.out_hash_value);
    const { exec_act, inp_hash, wid, parents } = input;
    const token = await written(valid(1, { iss: input.issuer, exec_act, inp_hash, wid, out_hash, pred: parents }));
    const parts = parseCompact(token);
    const { par, jti: _present, out_hash: _rule, out_hash_value: _value, ...same } = expected;
    expect(parts.ok && parts.value.payload).toMatchObject({ ...same, pred: par });
  });
});

describe("one changed character", () => {
  /** The codes of the steps up to the signature: nothing a sender changed is believed further than that. */
  const BEFORE_CLAIMS = [
    "ect_malformed",
    "ect_wrong_type",
    "ect_alg_forbidden",
    "ect_key_unknown",
    "ect_signature_invalid",
  ];

  it.each(["ES256", "EdDSA"] as const)(
    "[ECT-S1] anywhere in an %s token is refused at the signature or before",
    async (alg) => {
      const by = alg === "ES256" ? planner : plannerEd;
      const { context } = createVerifier([by.key], { algorithms: ["ES256", "EdDSA"] });
      const token = await written(valid(1, { wid: WID, ect_ext: { "com.example.x": [1, "é"] } }), by);
      expect((await verifyEct(token, context)).ok).toBe(true);
      const change = fc.oneof(
        fc.record({
          kind: fc.constant("replaced"),
          at: fc.nat(token.length - 1),
          char: fc.stringMatching(/^[A-Za-z0-9_.=\- ]$/),
        }),
        fc.record({
          kind: fc.constant("inserted"),
          at: fc.nat(token.length),
          char: fc.stringMatching(/^[A-Za-z0-9_.=\-\n]$/),
        }),
        fc.record({ kind: fc.constant("removed"), at: fc.nat(token.length - 1), char: fc.constant("") }),
      );
      await fc.assert(
        fc.asyncProperty(change, async ({ kind, at, char }) => {
          const changed = token.slice(0, at) + char + token.slice(kind === "inserted" ? at : at + 1);
          fc.pre(changed !== token);
          const verified = await verifyEct(changed, context);
          expect(verified.ok ? "accepted" : BEFORE_CLAIMS.includes(verified.error.code)).toBe(true);
        }),
        { numRuns: 1500 },
      );
    },
  );

  it("[ECT-S1] at every place of the published example, under the code of the part it is in", async () => {
    const { context } = createVerifier([planner.key]);
    const key = { ...planner.key, kid: "agent-a-2026" };
    const [header = "", payload = ""] = EXAMPLE.split(".");
    const known = { ...context, resolveKey: (kid: string) => (kid === key.kid ? key : undefined) };
    for (let at = 0; at < EXAMPLE.length; at += 1) {
      const other = EXAMPLE[at] === "A" ? "B" : "A";
      const verified = await verifyEct(EXAMPLE.slice(0, at) + other + EXAMPLE.slice(at + 1), known);
      const code = verified.ok ? "accepted" : verified.error.code;
      const inHeader = at <= header.length;
      const inPayload = !inHeader && at <= header.length + 1 + payload.length;
      if (inHeader) expect(BEFORE_CLAIMS).toContain(code);
      else
        expect([
          at,
          inPayload ? ["ect_malformed", "ect_signature_invalid"].includes(code) : BEFORE_CLAIMS.includes(code),
        ]).toEqual([at, true]);
    }
  });

  it("[ECT-S1] every single bit of header and payload counts", async () => {
    const { context } = createVerifier([planner.key]);
    const token = await written(valid(1));
    const [header = "", payload = "", signature = ""] = token.split(".");
    for (const [index, part] of [header, payload].entries()) {
      const bytes = must(fromBase64url(part), "a part");
      for (let at = 0; at < bytes.length; at += 1) {
        for (let bit = 0; bit < 8; bit += 1) {
          const flipped = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ (1 << bit) : byte));
          const text = Buffer.from(flipped).toString("base64url");
          const changed = index === 0 ? `${text}.${payload}.${signature}` : `${header}.${text}.${signature}`;
          const verified = await verifyEct(changed, context);
          expect(verified.ok ? "accepted" : BEFORE_CLAIMS.includes(verified.error.code)).toBe(true);
        }
      }
    }
  });
});
