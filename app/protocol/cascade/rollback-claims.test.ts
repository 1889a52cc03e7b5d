import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { identityOf, sha256, taskId, WID } from "../ect/ect.fixture.ts";
import { signToken } from "../jose/sign-token.ts";
import { verifyToken } from "../jose/verify-token.ts";
import { tokenTypeOf } from "../token-types.ts";
import { AUTHORITY, agent, codeOf, HASH } from "./rollback.fixture.ts";
import {
  MAX_INLINE_STEPS,
  ROLLBACK_REQUEST_TYPE,
  ROLLBACK_RESULT_TYPE,
  rollbackRequestClaimsSchema,
  rollbackResultClaimsSchema,
} from "./rollback-claims.ts";

const COORDINATOR = "spiffe://ops.example/coordinator";
const IAT = 1_772_064_100;
/** The request of cascade.md section (g). */
const REQUEST = {
  iss: COORDINATOR,
  aud: [agent("executor")],
  iat: IAT,
  exp: IAT + 300,
  jti: taskId(0xf1),
  wid: WID,
  rb_id: taskId(0xf0),
  target: { kind: "task", id: taskId(2) },
  keep_target: false,
  phase: "prepare",
  best_effort: false,
  plan: [
    { n: 1, task: taskId(3), agent: agent("notifier"), method: "skip", depends_on: [] },
    { n: 2, task: taskId(2), agent: agent("executor"), method: "restore", ckpt_id: taskId(0xc1), depends_on: [1] },
  ],
  reason: "wrong device restarted",
  authority: AUTHORITY,
  deadline: IAT + 60,
};
const RESULT = {
  iss: agent("executor"),
  aud: [COORDINATOR],
  iat: IAT,
  exp: IAT + 300,
  jti: taskId(0xf2),
  rb_id: taskId(0xf0),
  phase: "execute",
  plan_hash: HASH,
  n: 2,
  task: taskId(2),
  status: "done",
  restored_hash: HASH,
  residue: [],
};
const { plan: _, ...bare } = REQUEST;

/** What common token verification says of a token with these claims, when ids were seen before or not. */
async function verdict(typ: string, claims: { iss: string; aud: string[] }, nowS = IAT + 1, seen = false) {
  const identity = await identityOf(claims.iss);
  const type = must(tokenTypeOf(typ), "a known type");
  const verified = await verifyToken(type, await signToken(typ, claims, identity.signer), {
    nowS,
    ownIds: claims.aud,
    resolveKey: () => identity.key,
    seen: () => seen,
    sha256,
  });
  return codeOf(verified);
}

describe("rollback tokens", () => {
  it("are known by their types", () => {
    expect(tokenTypeOf("rollback-request+jwt")).toBe(ROLLBACK_REQUEST_TYPE);
    expect(tokenTypeOf("rollback-result+jwt")).toBe(ROLLBACK_RESULT_TYPE);
  });

  it("[CAS-S4] verify as any token does, for 300 s, and once", async () => {
    expect(await verdict("rollback-request+jwt", REQUEST)).toBe("ok");
    expect(await verdict("rollback-result+jwt", RESULT)).toBe("ok");
    expect(await verdict("rollback-request+jwt", REQUEST, IAT + 1, true)).toBe("token_replayed");
    expect(await verdict("rollback-request+jwt", REQUEST, IAT + 331)).toBe("token_expired");
    const long = { ...REQUEST, exp: IAT + 301 };
    expect(await verdict("rollback-request+jwt", long)).toBe("token_lifetime_invalid");
  });

  it("carry the plan in prepare, its digest from execute on, and there the steps to do now", () => {
    const takes = (claims: object): boolean => rollbackRequestClaimsSchema.safeParse(claims).success;
    expect(takes(REQUEST)).toBe(true);
    expect(takes({ ...bare, plan_hash: HASH })).toBe(true);
    expect(takes(bare)).toBe(false);
    expect(takes({ ...bare, phase: "execute", plan_hash: HASH, steps: [2] })).toBe(true);
    expect(takes({ ...bare, phase: "execute", plan_hash: HASH })).toBe(false);
    expect(takes({ ...bare, phase: "execute", steps: [2] })).toBe(false);
    expect(takes({ ...REQUEST, phase: "execute", plan_hash: HASH, steps: [2] })).toBe(false);
    expect(takes({ ...bare, phase: "confirm", plan_hash: HASH })).toBe(true);
    expect(takes({ ...bare, phase: "confirm", plan_hash: HASH, steps: [2] })).toBe(false);
    expect(takes({ ...REQUEST, deadline: IAT })).toBe(false);
    const { authority: __, ...unauthorized } = REQUEST;
    expect(takes(unauthorized)).toBe(false);
    const step = (index: number) => ({ ...REQUEST.plan[0], n: index + 1, task: taskId(index + 1) });
    const steps = (count: number) => ({ ...REQUEST, plan: Array.from({ length: count }, (___, index) => step(index)) });
    expect(takes(steps(MAX_INLINE_STEPS))).toBe(true);
    expect(takes(steps(MAX_INLINE_STEPS + 1))).toBe(false);
  });

  it("[CAS-16] answer to the phase they are of, and say what stays where something is undone in part", () => {
    const takes = (change: object): boolean => rollbackResultClaimsSchema.safeParse({ ...RESULT, ...change }).success;
    const whole = { n: undefined, task: undefined, restored_hash: undefined };
    expect(takes({})).toBe(true);
    expect(takes({ status: "ready" })).toBe(false);
    expect(takes({ n: undefined })).toBe(false);
    expect(takes({ status: "partial" })).toBe(false);
    expect(takes({ status: "partial", residue: ["the letter was sent"] })).toBe(true);
    expect(takes({ phase: "prepare", ...whole, status: "ready" })).toBe(true);
    expect(takes({ phase: "prepare", ...whole, status: "done" })).toBe(false);
    expect(takes({ phase: "prepare", status: "ready" })).toBe(false);
    expect(takes({ phase: "confirm", ...whole, status: "done" })).toBe(true);
    expect(takes({ residue: ["x".repeat(501)] })).toBe(false);
    expect(takes({ code: "Not A Code" })).toBe(false);
  });
});
