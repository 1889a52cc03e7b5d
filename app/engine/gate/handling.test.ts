import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { HANDLING_VERBS } from "../../protocol/acp/handling.ts";
import type { Bench } from "../engine.fixture.ts";
import {
  agentOf,
  aliceOf,
  codeOf,
  DEPLOY,
  effectOf,
  gateOf,
  handling,
  nowS,
  ruled,
  type Signing,
  START_S,
  sizeOf,
  stateRoles,
  statusOf,
  waiting,
  withdrawal,
} from "./gate-tokens.fixture.ts";
import { holds, MAX_CLAIM_S, MAX_SHELF_S } from "./handling.ts";

const LONG = { ...DEPLOY, timeout_s: 86_400 };

async function waitingLong() {
  const bench = await ruled([LONG]);
  const bob: Signing = await bench.person("bob", ["operator"]);
  return { bench, bob, alice: aliceOf(bench), ...(await waiting(bench, "deploy")) };
}

const handle = async (bench: Bench, ...of: [Signing, string, string, object?]) =>
  codeOf(await bench.submit(await handling(bench, ...of)));

describe("what an operator does with a request short of deciding it", () => {
  it.each(HANDLING_VERBS)(
    "[A7] [ACP-37] %s lets nothing through, decides nothing and moves no deadline",
    async (verb) => {
      const { bench, alice, task, request } = await waitingLong();
      const prior = { unclaim: "claim", unshelve: "shelve", undefer: "defer" }[String(verb)];
      if (prior !== undefined) expect(await handle(bench, alice, request, prior)).toBe("accepted");
      const before = await gateOf(bench, request);
      expect(await handle(bench, alice, request, verb)).toBe("accepted");
      const after = await gateOf(bench, request);
      expect(after).toMatchObject({
        status: "pending",
        decisions: [],
        openedAt: before.openedAt,
        timeoutS: before.timeoutS,
        escalated: [],
      });
      expect(await statusOf(bench, task)).toEqual(["waiting", null]);
      expect(codeOf(await effectOf(bench, task))).toBe("task_not_permitted");
      const reopened = await bench.reopen();
      expect(await reopened.read((state) => structuredClone(state.gates.get(request)))).toEqual(after);
    },
  );

  it("[A7] [ACP-37] a claim keeps nobody from deciding, shelving or withdrawing", async () => {
    const { bench, bob, request, task } = await waitingLong();
    await handle(bench, bob, request, "claim");
    await handle(bench, bob, request, "shelve");
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });

  it("[ACP-37] a claim is refused only to who claims besides, while it lasts, and only its own person gives it back", async () => {
    const { bench, alice, bob, request } = await waitingLong();
    await handle(bench, alice, request, "claim");
    expect(await handle(bench, bob, request, "claim")).toBe("hitl_claimed");
    expect(await handle(bench, bob, request, "unclaim")).toBe("hitl_handling_needless");
    expect(await handle(bench, alice, request, "claim")).toBe("accepted");
    bench.clock.advance(120);
    expect(await handle(bench, alice, request, "unclaim")).toBe("hitl_handling_needless");
    expect(await handle(bench, bob, request, "claim")).toBe("accepted");
    expect((await gateOf(bench, request)).claim?.by).toBe(bob.id);
  });

  it("[ACP-37] a claim lasts 900 s at most", async () => {
    const { bench, alice, request } = await waitingLong();
    const until = (seconds: number) => ({ until: nowS(bench) + seconds });
    expect(await handle(bench, alice, request, "claim", until(MAX_CLAIM_S + 1))).toBe("hitl_return_too_late");
    expect(await handle(bench, alice, request, "claim", until(MAX_CLAIM_S))).toBe("accepted");
  });

  it.each(["shelve", "defer"])(
    "[A3] [ACP-38] %s ends by itself: at most one shift ahead, not in the past, before the deadline",
    async (verb) => {
      const { bench, alice, request } = await waitingLong();
      const until = (seconds: number) => ({ until: nowS(bench) + seconds });
      expect(await handle(bench, alice, request, verb, until(MAX_SHELF_S + 1))).toBe("hitl_return_too_late");
      expect(await handle(bench, alice, request, verb, until(0))).toBe("hitl_return_past");
      expect(await handle(bench, alice, request, verb, until(-5))).toBe("hitl_return_past");
      expect(await handle(bench, alice, request, verb, until(MAX_SHELF_S))).toBe("accepted");
      const gate = await gateOf(bench, request);
      const hold = verb === "shelve" ? gate.shelf : (gate.deferrals[0] ?? null);
      expect(holds(hold, nowS(bench) + MAX_SHELF_S - 1)).toBe(true);
      expect(holds(hold, nowS(bench) + MAX_SHELF_S)).toBe(false);

      const short = await ruled([{ ...DEPLOY, timeout_s: 60 }]);
      const brief = await waiting(short, "deploy");
      const by = aliceOf(short);
      expect(await handle(short, by, brief.request, verb, { until: nowS(short) + 60 })).toBe("hitl_return_too_late");
      expect(await handle(short, by, brief.request, verb, { until: nowS(short) + 59 })).toBe("accepted");
    },
  );

  it("[A3] [ACP-38] shelving needs a reason, and what is shelved may be shelved again when it came back", async () => {
    const { bench, alice, bob, request } = await waitingLong();
    const bare = await handling(bench, alice, request, "shelve", { reason: undefined });
    expect(codeOf(await bench.engine.receive(bare))).toBe("token_claim_invalid");
    expect(await handle(bench, alice, request, "shelve")).toBe("accepted");
    expect(await handle(bench, bob, request, "shelve")).toBe("hitl_handling_needless");
    bench.clock.advance(120);
    expect(await handle(bench, bob, request, "unshelve")).toBe("hitl_handling_needless");
    expect(await handle(bench, bob, request, "shelve")).toBe("accepted");
    expect(await handle(bench, alice, request, "unshelve")).toBe("accepted");
    expect((await gateOf(bench, request)).shelf).toBeNull();
  });

  it("[ACP-37] people put off for themselves alone, and take back only their own", async () => {
    const { bench, alice, bob, request } = await waitingLong();
    await handle(bench, alice, request, "defer");
    expect(await handle(bench, bob, request, "undefer")).toBe("hitl_handling_needless");
    await handle(bench, bob, request, "defer");
    expect(await handle(bench, alice, request, "undefer")).toBe("accepted");
    expect((await gateOf(bench, request)).deferrals.map(({ by }) => by)).toEqual([bob.id]);
  });

  it("[ACP-37] answers to the agent are kept in order, and are not without end", async () => {
    const { bench, alice, request } = await waitingLong();
    for (let at = 0; at < 20; at += 1)
      expect(await handle(bench, alice, request, "respond", { text: `answer ${at}` })).toBe("accepted");
    expect(await handle(bench, alice, request, "respond")).toBe("hitl_handling_needless");
    expect((await gateOf(bench, request)).responses.map(({ text }) => text)).toEqual(
      Array.from({ length: 20 }, (_, at) => `answer ${at}`),
    );
  });

  it("[ACP-37] is by a person in a role that is asked and held, lately authenticated, about this very request", async () => {
    const { bench, alice, bob, request } = await waitingLong();
    const dave = await bench.person("dave", ["finance"]);
    expect(await handle(bench, agentOf(bench), request, "claim")).toBe("hitl_role_denied");
    expect(await handle(bench, dave, request, "claim")).toBe("hitl_role_denied");
    expect(await handle(bench, dave, request, "claim", { role: "finance" })).toBe("hitl_role_denied");
    expect(await handle(bench, alice, request, "claim", { auth_time: nowS(bench) - 3601 })).toBe("hitl_auth_stale");
    expect(await handle(bench, alice, request, "claim", { auth_time: nowS(bench) + 31 })).toBe("hitl_auth_stale");
    const other = { request: { jti: request, hash: "A".repeat(43) } };
    expect(await handle(bench, alice, request, "claim", other)).toBe("object_hash_mismatch");
    expect(await handle(bench, alice, request, "claim", { wid: v4() })).toBe("object_hash_mismatch");
    const unknown = { request: { jti: v4(), hash: "A".repeat(43) } };
    expect(await handle(bench, alice, request, "claim", unknown)).toBe("hitl_unknown_request");
    await stateRoles(bench, bob.id, []);
    expect(await handle(bench, bob, request, "claim")).toBe("hitl_role_denied");
  });

  it("[ACP-37] is about what waits only", async () => {
    const { bench, alice, request } = await waitingLong();
    await bench.submit(await bench.decision(request, "approve"));
    for (const verb of HANDLING_VERBS) expect(await handle(bench, alice, request, verb)).toBe("hitl_not_pending");
  });

  it.each([
    ["claim", { until: undefined }],
    ["respond", { text: undefined }],
    ["respond", { until: START_S + 100 }],
    ["unclaim", { text: "words" }],
  ])("[ACP-37] %s with %j is no such token", async (verb, change) => {
    const { bench, alice, request } = await waitingLong();
    const received = await bench.engine.receive(await handling(bench, alice, request, verb, change));
    expect(codeOf(received)).toBe("token_claim_invalid");
  });
});

describe("a request that its agent withdraws", () => {
  it("[ACP-39] ends at once and for good, while it waits", async () => {
    const { bench, task, request } = await waitingLong();
    expect(codeOf(await bench.submit(await withdrawal(bench, agentOf(bench), request)))).toBe("accepted");
    expect(await gateOf(bench, request)).toMatchObject({ status: "withdrawn", withdrawn: { settled: "cancelled" } });
    expect(await statusOf(bench, task)).toEqual(["refused", "hitl_withdrawn"]);
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_not_pending");
    expect(codeOf(await bench.engine.submit({ kind: "gate_deadline", request }))).toBe("hitl_not_pending");
    expect(codeOf(await bench.submit(await bench.intent(task, "deploy_site")))).toBe("task_known");
    expect(codeOf(await effectOf(bench, task))).toBe("task_not_permitted");
    expect(codeOf(await bench.submit(await withdrawal(bench, agentOf(bench), request)))).toBe("hitl_not_pending");
  });

  it("[ACP-39] ends also when it was approved and not used, and not any more once it was", async () => {
    const { bench, task, request } = await waitingLong();
    await bench.submit(await bench.decision(request, "approve"));
    expect(codeOf(await bench.submit(await withdrawal(bench, agentOf(bench), request)))).toBe("accepted");
    expect(codeOf(await effectOf(bench, task))).toBe("task_not_permitted");
    expect(await statusOf(bench, task)).toEqual(["refused", "hitl_withdrawn"]);

    const used = await waiting(bench, "second");
    await bench.submit(await bench.decision(used.request, "approve"));
    await effectOf(bench, used.task);
    expect(codeOf(await bench.submit(await withdrawal(bench, agentOf(bench), used.request)))).toBe("hitl_not_pending");
    expect(await statusOf(bench, used.task)).toEqual(["effect", null]);
  });

  it("[ACP-39] is its own agent's to withdraw, and nobody else's", async () => {
    const { bench, bob, task, request } = await waitingLong();
    for (const by of [aliceOf(bench), bob])
      expect(codeOf(await bench.submit(await withdrawal(bench, by, request)))).toBe("acp_subject_mismatch");
    const other = { request: { jti: request, hash: "A".repeat(43) } };
    const agent = agentOf(bench);
    expect(codeOf(await bench.submit(await withdrawal(bench, agent, request, other)))).toBe("object_hash_mismatch");
    expect(codeOf(await bench.submit(await withdrawal(bench, agent, request, { wid: v4() })))).toBe(
      "object_hash_mismatch",
    );
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
  });

  it("[ACP-32] [ACP-39] frees an agent that the request had paused", async () => {
    const bench = await ruled([{ ...DEPLOY, action: "pause" }]);
    const { request } = await waiting(bench, "deploy");
    const other = bench.task("other");
    expect(codeOf(await bench.submit(await bench.intent(other, "build_site")))).toBe("agent_suspended");
    await bench.submit(await withdrawal(bench, agentOf(bench), request));
    expect(codeOf(await bench.submit(await bench.intent(other, "build_site")))).toBe("accepted");
  });

  it("[ACP-39] cannot be withdrawn once it was refused, aborted by a stop, or timed out", async () => {
    const { bench, request } = await waitingLong();
    await bench.submit(await bench.decision(request, "reject"));
    const stopped = await waiting(bench, "second");
    const silent = await waiting(bench, "third");
    await bench.engine.submit({ kind: "gate_deadline", request: silent.request });
    await bench.submit(await bench.stop());
    const before = await sizeOf(bench);
    for (const over of [request, stopped.request, silent.request])
      expect(codeOf(await bench.submit(await withdrawal(bench, agentOf(bench), over)))).toBe("hitl_not_pending");
    expect(await sizeOf(bench)).toBe(before);
  });
});

describe("silence where it is consent", () => {
  it("[ACP-10] [ACP-12] opens the gate for one use, and for nobody's decision after it", async () => {
    const bench = await ruled([{ ...DEPLOY, on_timeout: "allow", timeout_s: 60 }], (policy) => ({
      ...policy,
      dag: { ...policy.dag, nodes: policy.dag.nodes.map((node) => ({ ...node, consequence: "none" as const })) },
    }));
    const { task, request } = await waiting(bench, "deploy", { consequence: "none" });
    bench.clock.advance(61);
    expect(codeOf(await bench.engine.submit({ kind: "gate_deadline", request }))).toBe("accepted");
    expect(await gateOf(bench, request)).toMatchObject({ status: "approved", timedOut: true });
    expect(codeOf(await bench.engine.submit({ kind: "gate_deadline", request }))).toBe("hitl_not_pending");
    expect(codeOf(await bench.submit(await bench.decision(request, "reject")))).toBe("hitl_not_pending");
    expect(codeOf(await effectOf(bench, task))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["effect", null]);
    expect((await gateOf(bench, request)).status).toBe("consumed");
  });
});
