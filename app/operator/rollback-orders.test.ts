import { expect, it } from "vitest";
import { rollbackRequestClaimsSchema, rollbackResultClaimsSchema } from "../protocol/cascade/rollback-claims.ts";
import { overrideClaimsSchema } from "../protocol/override/claims.ts";
import { rollbackParamsSchema } from "../protocol/override/params.ts";
import { rollbackClaims } from "./order-claims.ts";
import { manualResultClaims, rollbackAbortClaims, rollbackConfirmClaims } from "./rollback-orders.ts";

const ID = "0195400c-0000-7000-8000-00000000000a";
const HASH = "EgB83pxwvXX9L-Ak62UzRgbtSMdkkyYSMyydl5OSs_4";
const operator = {
  subject: "spiffe://ops.example/human/alice",
  ...{ name: "Alice", kid: "k", domain: "ops.example", logId: "spiffe://ops.example/log" },
  pepId: "spiffe://ops.example/pep",
  roles: ["duty_manager"],
};
const signing = { operator, authTime: 1_772_064_000, nowMs: 1_772_064_010_000 };
const target = { kind: "task" as const, id: ID };

it("[CAS-26] signs what a person says of a rollback in the form of its tokens", () => {
  const rollback = { rbId: ID, wid: ID, target, keepTarget: false, bestEffort: true, planHash: HASH };
  const authority = { typ: "override+jwt", id: ID, hash: HASH };
  const about = { ...signing, rollback: { ...rollback, authority }, reason: "seen" };
  const confirm = rollbackRequestClaimsSchema.safeParse(rollbackConfirmClaims({ ...about, revision: 7 }));
  expect(confirm.data).toMatchObject({ phase: "confirm", revision: 7, role: "duty_manager", plan_hash: HASH });
  const abort = rollbackRequestClaimsSchema.safeParse(rollbackAbortClaims(about));
  expect([abort.data?.phase, abort.data?.revision]).toEqual(["abort", undefined]);
  const result = { rbId: ID, planHash: HASH, n: 2, task: ID, status: "partial", residue: ["a cable"] } as const;
  expect(rollbackResultClaimsSchema.safeParse(manualResultClaims({ ...signing, ...result })).success).toBe(true);
});

it("[OVR-S4] orders a rollback of one workflow over the plan that was shown", () => {
  const input = { ...signing, reason: "wrong", wid: ID, target, keepTarget: false, bestEffort: false, planHash: HASH };
  const claims = overrideClaimsSchema.parse(rollbackClaims(input));
  expect([claims.action, claims.level, claims.scope]).toEqual(["rollback", "mandatory", { kind: "workflow", id: ID }]);
  expect(rollbackParamsSchema.parse(claims.params)).toEqual({ target, best_effort: false, plan_hash: HASH });
});
