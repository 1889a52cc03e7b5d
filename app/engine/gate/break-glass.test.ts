import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import type { Bench, Person } from "../engine.fixture.ts";
import { BREAK_GLASS_AUTH_AGE_S, REVIEW_WITHIN_S } from "./break-glass.ts";
import {
  aliceOf,
  codeOf,
  DEPLOY,
  effectOf,
  gateOf,
  intentToken,
  nowS,
  type Rule,
  replacement,
  requestOf,
  review,
  ruled,
  sizeOf,
  statusOf,
  waiting,
} from "./gate-tokens.fixture.ts";

const GLASS: Rule = { ...DEPLOY, approvals: 2, break_glass: true };
const alone = { break_glass: true };

async function emergency(rules: readonly Rule[] = [GLASS], terms: object = { approvals: 2 }) {
  const bench = await ruled(rules);
  const bob = await bench.person("bob", ["operator", "duty_manager"]);
  const carol = await bench.person("carol", ["duty_manager"]);
  const { task, request } = await waiting(bench, "deploy", terms);
  return { bench, bob, carol, task, request };
}

const give = async (bench: Bench, by: Person, request: string, change: object = alone) =>
  codeOf(await bench.submit(await by.decision(request, "approve", change)));

const due = (bench: Bench, request: string) => bench.engine.submit({ kind: "review_due", request });

describe("an approval by one person in place of several", () => {
  it("[D6] [ACP-42] opens the gate where every rule that asks allows it, and is marked in the log", async () => {
    const { bench, bob, task, request } = await emergency();
    const given = await bench.submit(await bob.decision(request, "approve", alone));
    expect(given.ok && given.value.logged.at(-1)?.fact.claims).toMatchObject({
      kind: "permitted",
      data: { break_glass: true },
    });
    expect(await gateOf(bench, request)).toMatchObject({
      status: "approved",
      breakGlass: { by: bob.id, reason: "checked", dueAt: nowS(bench) + REVIEW_WITHIN_S, overdue: false, review: null },
    });
    expect(codeOf(await effectOf(bench, task))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["effect", null]);
  });

  it("[D5] [ACP-42] is denied where one rule of several needs all its approvals, whoever asks", async () => {
    const strict: Rule = { ...DEPLOY, id: "r2", role: "finance" };
    const terms = {
      rule_ids: ["r1", "r2"],
      approvals: 2,
      roles: [
        { role: "operator", approvals: 2 },
        { role: "finance", approvals: 1 },
      ],
    };
    for (const rules of [
      [GLASS, strict],
      [
        { ...DEPLOY, approvals: 2 },
        { ...strict, break_glass: true },
      ],
    ]) {
      const { bench, bob, task, request } = await emergency(rules, terms);
      expect(await give(bench, bob, request)).toBe("hitl_break_glass_denied");
      expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    }
  });

  it("[ACP-42] is nothing that a rejection, an escalation or a single approval could be", async () => {
    const { bench, bob, request } = await emergency();
    for (const outcome of ["reject", "abort", "escalate", "modify"])
      expect(codeOf(await bench.submit(await bob.decision(request, outcome, alone)))).not.toBe("accepted");
    const single = await emergency([{ ...DEPLOY, break_glass: true }], {});
    expect(await give(single.bench, single.bob, single.request)).toBe("hitl_break_glass_denied");
  });

  it("[D6] [ACP-42] rests on a touch of the last 120 s and on a reason, also where the rule asks for none", async () => {
    const { bench, bob, request } = await emergency([{ ...GLASS, reason_required: false }]);
    // Something irreversible would not take an older one anyway: here the limit itself is looked at.
    bench.clock.advance(BREAK_GLASS_AUTH_AGE_S + 1);
    const stale = { ...alone, auth_time: nowS(bench) - BREAK_GLASS_AUTH_AGE_S - 1 };
    expect(await give(bench, bob, request, stale)).toBe("hitl_auth_stale");
    for (const reason of [undefined, "", "  \n"])
      expect(await give(bench, bob, request, { ...alone, reason })).toBe("hitl_reason_missing");
    expect(await give(bench, bob, request, { ...alone, auth_time: nowS(bench) - BREAK_GLASS_AUTH_AGE_S })).toBe(
      "accepted",
    );
  });

  it("[ACP-42] the same limit holds for what can be undone", async () => {
    const rule: Rule = { ...GLASS, trigger: { kind: "action", patterns: ["build_*"] } };
    const bench = await ruled([{ ...DEPLOY, id: "r2" }, rule]);
    const bob = await bench.person("bob", ["operator"]);
    const terms = { approvals: 2, consequence: "reversible" };
    const { request } = await waiting(bench, "build", terms, "build_site");
    bench.clock.advance(200);
    const stale = { ...alone, auth_time: nowS(bench) - BREAK_GLASS_AUTH_AGE_S - 1 };
    expect(await give(bench, bob, request, stale)).toBe("hitl_auth_stale");
  });

  it("[ACP-42] [D1] is never the requester's principal's, whatever the rules say of a single approval", async () => {
    for (const distinct of [true, false]) {
      const { bench, task, request } = await emergency([{ ...GLASS, distinct_from_requester: distinct }]);
      const own = await bench.decision(request, "approve", alone);
      expect(codeOf(await bench.submit(own))).toBe("hitl_not_distinct");
      expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    }
  });

  it("[ACP-42] [ACP-16] a second normal approval is still by somebody else, and no review is due then", async () => {
    const { bench, bob, request } = await emergency();
    expect(await give(bench, bob, request, {})).toBe("accepted");
    expect(await give(bench, bob, request)).toBe("hitl_not_distinct");
    expect((await gateOf(bench, request)).breakGlass).toBeNull();
    expect(codeOf(await due(bench, request))).toBe("hitl_review_needless");
  });

  it("[ACP-12] [ACP-42] is used once", async () => {
    const { bench, bob, carol, task, request } = await emergency();
    await give(bench, bob, request);
    expect(await give(bench, carol, request, { ...alone, role: "duty_manager" })).toBe("hitl_not_pending");
    await effectOf(bench, task);
    expect(codeOf(await effectOf(bench, task))).toBe("task_not_permitted");
  });
});

describe("its review", () => {
  async function approved() {
    const parts = await emergency();
    await give(parts.bench, parts.bob, parts.request);
    return parts;
  }

  it("[D6] [ACP-43] is by another duty manager or safety officer, in a role they hold, once", async () => {
    const { bench, bob, carol, request } = await approved();
    const submit = async (...of: Parameters<typeof review>) => codeOf(await bench.submit(await review(...of)));
    const dave = await bench.person("dave", ["operator"]);
    expect(await submit(bench, bob, request)).toBe("hitl_not_distinct");
    expect(await submit(bench, dave, request)).toBe("hitl_role_denied");
    expect(await submit(bench, carol, request, { role: "operator" })).toBe("hitl_role_denied");
    expect(await submit(bench, carol, request, { role: "safety_officer" })).toBe("hitl_role_denied");
    expect(await submit(bench, carol, request, { decision: v4() })).toBe("hitl_review_needless");
    expect(await submit(bench, carol, request, { request: { jti: request, hash: "A".repeat(43) } })).toBe(
      "object_hash_mismatch",
    );
    expect(await submit(bench, carol, request, { wid: v4() })).toBe("object_hash_mismatch");
    expect(await submit(bench, carol, request, { auth_time: nowS(bench) - 901 })).toBe("hitl_auth_stale");
    expect(await submit(bench, carol, request, { verdict: "not_justified" })).toBe("accepted");
    expect((await gateOf(bench, request)).breakGlass?.review).toMatchObject({ by: carol.id, verdict: "not_justified" });
    expect(await submit(bench, carol, request)).toBe("hitl_reviewed");
  });

  it("[D6] [ACP-43] that nobody gave in a day, as the host's timer says, is said in the log once, and may still be given", async () => {
    const { bench, carol, task, request } = await approved();
    await effectOf(bench, task);
    const overdue = await due(bench, request);
    expect(overdue.ok && overdue.value.logged[0]?.fact.claims).toMatchObject({
      kind: "review_overdue",
      cause: { timer: "review_due", of: request },
    });
    expect((await gateOf(bench, request)).breakGlass?.overdue).toBe(true);
    const before = await sizeOf(bench);
    expect(codeOf(await due(bench, request))).toBe("hitl_reviewed");
    expect(await sizeOf(bench)).toBe(before);
    expect(codeOf(await bench.submit(await review(bench, carol, request)))).toBe("accepted");
    expect((await gateOf(bench, request)).breakGlass).toMatchObject({ overdue: true, review: { by: carol.id } });
  });

  it("[ACP-43] once given is never overdue", async () => {
    const { bench, carol, request } = await approved();
    await bench.submit(await review(bench, carol, request));
    expect(codeOf(await due(bench, request))).toBe("hitl_reviewed");
  });

  it("[ACP-43] [ACP-44] stays due when its task is asked for anew, and its being late is said of the request it is of", async () => {
    const { bench, task, request } = await approved();
    const other = await replacement(bench, aliceOf(bench));
    expect(codeOf(await bench.submit(other.token))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["stopped", "acp_replaced"]);
    bench.clock.advance(1);
    const again = await waitingUnder(bench, other.acp);
    expect(again.request).not.toBe(request);
    expect(codeOf(await due(bench, request))).toBe("accepted");
    expect((await gateOf(bench, request)).breakGlass?.overdue).toBe(true);
    expect(codeOf(await due(bench, request))).toBe("hitl_reviewed");
    const reopened = await bench.reopen();
    expect(await reopened.read((state) => state.gates.get(request)?.breakGlass?.overdue)).toBe(true);
  });
});

/** The deployment asked for anew under another policy. */
async function waitingUnder(bench: Bench, acp: { jti: string; hash: string }) {
  const task = bench.task("deploy");
  await bench.submit(await intentToken(bench, task, "deploy_site", { acp }));
  await bench.submit(await bench.request(task, "deploy_site", { approvals: 2, acp }));
  return { task, request: await requestOf(bench, task) };
}
