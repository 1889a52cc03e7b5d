import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import {
  checkDisclosures,
  disclosureDigest,
  joinSd,
  NEVER_DISCLOSABLE,
  readDisclosure,
  sealClaims,
  splitSd,
} from "./disclosure.ts";
import { asksForRounding, eraseAll, mayReveal, releaseTo, roundedCount } from "./reveal.ts";
import type { DisclosureClaim } from "./stitch-claims.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
const SALT = "_26bc4LT-ac6q2KI6cBW5es";
const encode = (triple: readonly unknown[]): string => toBase64url(utf8(JSON.stringify(triple)));
const CLAIMS = { jti: "j", outcome: "success", evidence: ["e"], inp_hash: "i", out_hash: "o" };
type Hidable = "evidence" | "inp_hash" | "out_hash" | "outcome";

async function sealed(names: readonly Hidable[]) {
  const done = await sealClaims(CLAIMS, names, { sha256 });
  return must(done.ok ? done.value : null, "it can be sealed");
}
const payloadOf = (claims: object): JsonObject => claims as JsonObject; // made of JSON here
const codeOf = (payload: object, encoded: readonly string[]): string | null => {
  const checked = checkDisclosures(payloadOf(payload), encoded, sha256);
  return checked.ok ? null : checked.error.code;
};

describe("claims that are disclosed one by one", () => {
  it("[XDA-3] [XDA-4] come back as they were with their disclosures, whichever are sent, and leave nothing readable without", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]{3,8}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        async (made, hides, sends) => {
          const claims = JSON.parse(JSON.stringify(made)) as Record<string, Json>; // as it reads after being sent
          const names = Object.keys(claims).filter((name, at) => hides[at] && !NEVER_DISCLOSABLE.includes(name));
          const done = await sealClaims(claims, names, { sha256 });
          const { claims: left, disclosures } = must(done.ok ? done.value : null, "sealed");
          for (const name of names) expect(Object.keys(left)).not.toContain(name);
          const sent = disclosures.filter((_, at) => sends[at]);
          const text = splitSd(
            joinSd(
              "a.b.c",
              sent.map(({ encoded }) => encoded),
            ),
          );
          const { disclosures: came } = must(text.ok ? text.value : null, "split");
          const read = checkDisclosures(left, came, sha256);
          const { claims: shown, hidden } = must(read.ok ? read.value : null, "verified");
          for (const { name } of sent) expect(shown[name]).toEqual(claims[name]);
          expect(hidden).toBe(names.length - sent.length);
          for (const { name } of disclosures.filter((one) => !sent.includes(one))) expect(name in shown).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("[XDA-3] are hashed as their text was sent, with salts of at least 128 bits", async () => {
    // RFC 9901, section 4.2.3.
    const given = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
    expect(disclosureDigest(given, sha256)).toBe("X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    expect(readDisclosure(given)).toMatchObject({ ok: true, value: { name: "family_name", value: "Möbius" } });
    const { disclosures, claims } = await sealed(["inp_hash", "out_hash"]);
    expect(claims).toMatchObject({ _sd_alg: "sha-256" });
    for (const { salt } of disclosures) expect(atob(salt.replaceAll("-", "+").replaceAll("_", "/"))).toHaveLength(16);
    expect(readDisclosure(encode(["short", "inp_hash", 1]))).toMatchObject({ ok: false });
  });

  it.each(["iss", "iat", "exp", "jti", "wid", "pred", "exec_act", "stitch", "level", "aud", "_sd", "..."])(
    "[XDA-3] never hides %s",
    async (name) => {
      const refused = await sealClaims({ [name]: "x" }, [name], { sha256 });
      expect(refused).toMatchObject({ ok: false, error: { code: "sd_never" } });
    },
  );

  it("[XDA-S4] refuses to issue with a salt that is there twice, or was used before", async () => {
    const salt = () => "A".repeat(22);
    const twice = await sealClaims(CLAIMS, ["inp_hash", "out_hash"], { sha256, salt });
    expect(twice).toMatchObject({ ok: false, error: { code: "sd_salt_reused" } });
    const again = await sealClaims(CLAIMS, ["inp_hash"], { sha256, salt, used: new Set([salt()]) });
    expect(again).toMatchObject({ ok: false, error: { code: "sd_salt_reused" } });
  });
});

describe("X5, disclosures that came with a token", () => {
  const good = encode([SALT, "inp_hash", "i"]);
  const digest = disclosureDigest(good, sha256);
  const foreign = (name: string) => encode([SALT, name, "x"]);

  it.each([
    ["sd_malformed", { _sd: [digest] }, ["not base64!"]],
    ["sd_malformed", { _sd: [digest] }, [encode([SALT, "inp_hash"])]],
    ["sd_unmatched", { _sd: [digest] }, [foreign("inp_hash")]],
    ["sd_unmatched", {}, [good]],
    ["sd_duplicate", { _sd: [digest] }, [good, good]],
    ["sd_duplicate", { _sd: [digest, digest] }, [good]],
    ["sd_overwrite", { _sd: [digest], inp_hash: "o" }, [good]],
    ["sd_never", { _sd: [disclosureDigest(foreign("wid"), sha256)] }, [foreign("wid")]],
    ["sd_never", { _sd: [disclosureDigest(foreign("_sd_alg"), sha256)] }, [foreign("_sd_alg")]],
  ])("[XDA-3] [XDA-S4] answers %s", (code, payload, sent) => {
    expect(codeOf(payload, sent)).toBe(code);
    expect(codeOf({ _sd: [digest] }, [good])).toBeNull();
  });

  it("[XDA-3] takes no disclosure of which any character was changed", async () => {
    const { claims, disclosures } = await sealed(["evidence"]);
    const { encoded } = must(disclosures[0], "one was made");
    for (let at = 0; at < encoded.length; at += 1) {
      const other = encoded[at] === "A" ? "B" : "A";
      expect(codeOf(claims, [encoded.slice(0, at) + other + encoded.slice(at + 1)])).not.toBeNull();
    }
  });

  it("[XDA-3] lets a disclosure name no prototype", () => {
    const sent = encode([SALT, "__proto__", { isAdmin: true }]);
    const checked = checkDisclosures({ _sd: [disclosureDigest(sent, sha256)] }, [sent], sha256);
    const { claims } = must(checked.ok ? checked.value : null, "a name like any other");
    expect(Reflect.get(claims, "isAdmin")).toBeUndefined();
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
});

describe("who is shown what", () => {
  const rules: DisclosureClaim = {
    policy_id: "xd-1",
    pairwise: true,
    default: "hash_only",
    audience_rules: [
      { domain: "partner.example", reveal: ["inp_hash"] },
      { role: "safety_officer", reveal: ["out_hash"] },
    ],
  };

  it.each([
    ["partner.example", "operator", ["inp_hash"]],
    ["partner.example", "safety_officer", ["inp_hash", "out_hash"]],
    ["other.example", "safety_officer", ["out_hash"]],
    ["other.example", "operator", []],
    [null, "operator", []],
  ])("[XDA-3] [XDA-4] of %s as %s is released by the rules that fit", async (domain, role, names) => {
    const { disclosures } = await sealed(["inp_hash", "out_hash", "evidence"]);
    const { released, redacted } = releaseTo([rules], { disclosures, erased: [] }, { domain, role });
    expect(released.map(({ name }) => name)).toEqual(names);
    expect(redacted).toEqual({ audience: 3 - names.length, erased: 0 });
  });

  it("[XDA-4] is nothing where a token states no rules, and all where its default reveals and no rule fits", () => {
    const nobody = { domain: "other.example", role: "operator" };
    expect(mayReveal(undefined, nobody, "evidence")).toBe(false);
    expect(mayReveal({ ...rules, default: "reveal" }, nobody, "evidence")).toBe(true);
    expect(mayReveal({ ...rules, default: "reveal" }, { ...nobody, role: "safety_officer" }, "evidence")).toBe(false);
  });

  it("[XDA-3] counts only what was wanted as kept back", async () => {
    const { disclosures } = await sealed(["inp_hash", "out_hash", "evidence"]);
    const asked = releaseTo([rules], { disclosures, erased: [] }, { domain: null, role: "operator" }, ["evidence"]);
    expect(asked).toEqual({ released: [], redacted: { audience: 1, erased: 0 } });
  });

  it("[XDA-13] of what was erased is its name: salt and value are gone, and the token verifies as before", async () => {
    const { claims, disclosures } = await sealed(["inp_hash", "evidence"]);
    const kept = eraseAll({ disclosures, erased: [] });
    expect(kept).toEqual({ disclosures: [], erased: expect.arrayContaining(["inp_hash", "evidence"]) });
    expect(JSON.stringify(kept)).not.toContain(must(disclosures[0], "one").salt);
    expect(checkDisclosures(payloadOf(claims), [], sha256)).toMatchObject({ ok: true, value: { hidden: 2 } });
    const asked = releaseTo([{ ...rules, default: "reveal" }], kept, { domain: null, role: "operator" });
    expect(asked).toEqual({ released: [], redacted: { audience: 0, erased: 2 } });
  });

  it("[XDA-S8] rounds counts up to powers of two where the policy asks for it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (count) => {
        const rounded = roundedCount(count);
        expect(Number.isInteger(Math.log2(rounded))).toBe(true);
        expect(rounded >= count && rounded < 2 * count).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(roundedCount(0)).toBe(0);
    expect([asksForRounding(rules), asksForRounding({ policy_id: "xd-2" })]).toEqual([false, true]);
  });
});
