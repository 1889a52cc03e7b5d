import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import { parseCompact } from "../jose/compact.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { createDomain, type Domain, MADE } from "./audit.fixture.ts";
import { createAuditCheck } from "./audit-check.ts";

const told = (typ: string, token: string) => {
  const parsed = parseCompact(token);
  const claims = must(parsed.ok ? parsed.value.payload : null, "a token");
  return { typ, claims, digest: tokenDigest(token, sha256) };
};

/** What a log of an identity, a task and this audit token contradicts. */
async function found(domain: Domain, change: object) {
  const check = createAuditCheck();
  check.note(1, told("wit+jwt", domain.wit));
  check.note(2, told("exec+jwt", domain.second));
  check.note(3, told("exec-audit+jwt", await domain.sign(change)));
  const contradiction = check.found();
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
