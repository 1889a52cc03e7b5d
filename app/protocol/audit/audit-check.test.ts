import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url } from "../../base/bytes.ts";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import { parseCompact } from "../jose/compact.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { createDomain, type Domain, MADE, NOW } from "./audit.fixture.ts";
import { createAuditCheck } from "./audit-check.ts";
import { certificates, WORKLOAD } from "./x509.fixture.ts";

const told = (typ: string, token: string) => {
  const parsed = parseCompact(token);
  const claims = must(parsed.ok ? parsed.value.payload : null, "a token");
  return { typ, claims, digest: tokenDigest(token, sha256), compact: token };
};

/** What a log of an identity, a task and this audit token contradicts. */
async function found(domain: Domain, change: object) {
  const check = createAuditCheck();
  check.note(1, told("wit+jwt", domain.wit), NOW);
  check.note(2, told("exec+jwt", domain.second), NOW);
  check.note(3, told("exec-audit+jwt", await domain.sign(change)), NOW);
  const { found: contradiction } = await check.finish(sha256);
  return contradiction === null ? null : `${contradiction.seq} ${contradiction.code}`;
}

describe("the audit tokens of a log", () => {
  it("[XA-S1] are held against the identities and tasks that stand in it", async () => {
    const domain = await createDomain();
    expect(await found(domain, {})).toBeNull();
    expect(await found(domain, { domain: "other.example" })).toBe("3 audit_domain_mismatch");
    expect(await found(domain, { ended_at: MADE + 99 })).toBe("3 audit_claim_invalid");
    expect(await found(domain, { iss: "spiffe://ops.example/other" })).toBe("3 audit_idp_mismatch");
    expect(await found(domain, { exec_act: "other" })).toBe("3 audit_ect_mismatch");
    expect(await found(domain, { ect: { jti: taskId(2), hash: tokenDigest("x", sha256) } })).toBe(
      "3 audit_ect_mismatch",
    );
    // A task whose own token is kept elsewhere is not judged.
    expect(await found(domain, { jti: taskId(8), ect: { jti: taskId(8), hash: tokenDigest("x", sha256) } })).toBeNull();
  });
});

describe("audit tokens under profiles of other frameworks", () => {
  it("[XA-63] [XA-64] [XA-3] are held against what the log states is trusted, as of their entries; without it they are not judged", async () => {
    const domain = await createDomain();
    const { leaf, middle, root, leafKeys } = await certificates();
    const claims = { idp: { kind: "x509", x5t_s256: toBase64url(sha256(leaf)) }, iss: WORKLOAD };
    const by = { ...domain.gateway, signer: { kid: "leaf", alg: "ES256" as const, key: leafKeys.privateKey } };
    const token = await domain.sign({ ...claims, ect: undefined, jti: taskId(9) }, by);
    const statement = (number: number, member: object) => ({
      ...{ typ: "trust-statement+jwt", digest: "", compact: "" },
      claims: {
        ...{ iss: "spiffe://ops.example/human/ada", aud: ["l:og"], iat: NOW, exp: NOW + 60, jti: taskId(number) },
        ...{ reason: "agreed", role: "safety_officer", auth_time: NOW, amr: ["pwd"], ...member },
      },
    });
    const trusted = [
      statement(11, {
        trust: { kind: "x509_certificate", certificate: toBase64url(leaf), between: [toBase64url(middle)] },
      }),
      statement(12, { trust: { kind: "x509_anchor", domain: "ops.example", certificate: toBase64url(root) } }),
    ];
    const end = statement(13, { ends: taskId(12) });
    const audit = told("exec-audit+jwt", token);
    const checkedAt = async (receivedAt: number, ...entries: (typeof audit)[]) => {
      const check = createAuditCheck();
      for (const [seq, entry] of entries.entries()) check.note(seq, entry, receivedAt);
      const { found: contradiction, untold } = await check.finish(sha256);
      return contradiction === null ? untold : `${contradiction.seq} ${contradiction.code}`;
    };
    const checked = (...entries: (typeof audit)[]) => checkedAt(NOW, ...entries);
    expect(await checked(...trusted, audit)).toBeNull();
    // When it came is the log's to say; when it was made is its issuer's.
    expect(await checkedAt(NOW + 4000, ...trusted, audit)).toBe("2 audit_idp_mismatch");
    // Trusted afterwards counts, ended afterwards does not.
    expect(await checked(audit, ...trusted, end)).toBeNull();
    expect(await checked(...trusted, end, audit, audit)).toEqual({ count: 2, why: "no trust anchor for ops.example" });
    expect(await checked(audit)).toMatchObject({ count: 1, why: expect.stringContaining("no certificate") });
    const forged = told("exec-audit+jwt", await domain.sign({ ...claims, ect: undefined, jti: taskId(9) }));
    expect(await checked(...trusted, forged)).toBe("2 audit_idp_mismatch");
    const other = { ...claims, iss: "spiffe://ops.example/other" };
    const another = told("exec-audit+jwt", await domain.sign({ ...other, ect: undefined, jti: taskId(9) }, by));
    expect(await checked(...trusted, audit, another)).toBe("3 audit_idp_mismatch");
  });
});
