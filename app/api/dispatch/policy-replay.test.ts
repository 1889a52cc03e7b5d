import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { type Bench, ids, startedWorkflow } from "../../engine/engine.fixture.ts";
import { type AcpClaims, type AcpClaimsInput, acpClaimsSchema } from "../../protocol/acp/claims.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { type ReplayReport, replayBase, replayPolicy } from "./policy-replay.ts";

const START_S = 1_772_064_000;

/** Time goes on by itself, and what waits is let go at once. */
function runningClock(stepMs: number): Clock & { readonly pauses: () => number; readonly longest: () => number } {
  let nowMs = 0;
  let pauses = 0;
  let sinceMs = 0;
  let longest = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => {
      nowMs += stepMs;
      longest = Math.max(longest, nowMs - sinceMs);
      return nowMs;
    },
    after: (_delayMs, callback) => {
      pauses += 1;
      sinceMs = nowMs;
      queueMicrotask(callback);
      return () => undefined;
    },
    pauses: () => pauses,
    longest: () => longest,
  };
}

async function issuedPolicy(bench: Bench): Promise<AcpClaims> {
  return bench.engine.read((state) => must(state.policies.get(bench.acp.jti), "the policy").claims);
}

async function replay(bench: Bench, draft: AcpClaims, options: { wid?: string; limit?: number; clock?: Clock } = {}) {
  const base = await bench.engine.read((state, head) => replayBase(state, head.size, options.wid));
  const ports = { log: bench.storage.log, domain: ids.domain, clock: options.clock ?? runningClock(0.01) };
  return replayPolicy(ports, base, draft, { limit: options.limit ?? 100 });
}

const changed = (claims: AcpClaims, change: (policy: AcpClaimsInput) => void): AcpClaims => {
  const copy = structuredClone(claims) as AcpClaimsInput;
  change(copy);
  return acpClaimsSchema.parse(copy);
};

type Step =
  | { readonly do: "build" | "other"; readonly needs: IntentClaims["needs"] }
  | { readonly do: "deploy"; readonly answer: "approve" | "reject" | "none" }
  | { readonly do: "wait"; readonly seconds: number };

/** Does the steps; returns how many actions were asked for. */
async function act(bench: Bench, steps: readonly Step[]): Promise<number> {
  let asked = 0;
  for (const step of steps) {
    if (step.do === "wait") {
      bench.clock.advance(step.seconds);
      continue;
    }
    const task = bench.task(`task ${asked}`);
    asked += 1;
    if (step.do !== "deploy") {
      await bench.submit(await bench.intent(task, step.do === "build" ? "build_site" : "paint_site", [], step.needs));
      continue;
    }
    await bench.submit(await bench.intent(task, "deploy_site", [], { tokens: 10 }));
    const request = await bench.request(task, "deploy_site");
    await bench.submit(request);
    const jti = JSON.parse(Buffer.from(request.split(".")[1] ?? "", "base64url").toString()).jti as string;
    if (step.answer !== "none") await bench.submit(await bench.decision(jti, step.answer));
  }
  return asked;
}

const needs = fc.record(
  { tokens: fc.integer({ min: 0, max: 60 }), cost: fc.constantFrom("0.1", "0.2", "3") },
  { requiredKeys: [] },
);
const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom("build" as const, "other" as const), needs).map(
      ([kind, { tokens, cost }]): Step => ({
        do: kind,
        needs: {
          ...(tokens === undefined ? {} : { tokens }),
          ...(cost === undefined ? {} : { cost: { amount: cost, currency: "EUR" } }),
        },
      }),
    ),
    fc
      .constantFrom("approve" as const, "reject" as const, "none" as const)
      .map((answer): Step => ({ do: "deploy", answer })),
    fc.integer({ min: 1, max: 70 }).map((seconds): Step => ({ do: "wait", seconds })),
  ),
  { maxLength: 12 },
);
const limits = fc.record(
  {
    max_calls: fc.integer({ min: 0, max: 4 }),
    rate_per_min: fc.integer({ min: 1, max: 3 }),
    max_tokens: fc.integer({ min: 0, max: 90 }),
  },
  { requiredKeys: [] },
);

describe("replaying a policy over the log", () => {
  it("[ACP-20] [ACP-2] of the policy that was in force finds no difference, whatever was done under it", async () => {
    await fc.assert(
      fc.asyncProperty(steps, limits, fc.boolean(), async (done, build, priced) => {
        const bench = await startedWorkflow(START_S, (policy) => ({
          ...policy,
          dag: {
            ...policy.dag,
            nodes: policy.dag.nodes.map((node) =>
              node.id === "n3"
                ? { ...node, constraints: priced ? { ...build, max_cost: "0.5", currency: "EUR" } : build }
                : node,
            ),
          },
          hitl: {
            ...policy.hitl,
            rules: [
              ...policy.hitl.rules,
              {
                id: "r2",
                trigger: { kind: "limit", constraint: "max_tokens", ratio: 0.8 },
                role: "finance",
                action: "notify",
              },
            ],
          },
        }));
        const asked = await act(bench, done);
        const report = await replay(bench, await issuedPolicy(bench));
        expect([report.total, report.intents, report.decided]).toEqual([0, asked, asked]);
        expect(report.before).toEqual(report.after);
      }),
      { numRuns: 40 },
    );
  });

  const built = (count: number): Step[] =>
    Array.from({ length: count }, () => ({ do: "build", needs: { tokens: 40 } }));

  it("[ACP-20] counts what the replay itself lets through, not what was let through then", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, built(5));
    const draft = changed(await issuedPolicy(bench), (policy) => {
      policy.dag.nodes[2] = { ...must(policy.dag.nodes[2], "n3"), constraints: { max_calls: 4 } };
    });
    const report = await replay(bench, draft);
    expect([report.before, report.after]).toEqual([
      { allow: 3, gate: 0, abort: 0, refuse: 2 },
      { allow: 4, gate: 0, abort: 0, refuse: 1 },
    ]);
    expect(report.differences.map(({ before, after, reason }) => [before.constraint, after.effect, reason])).toEqual([
      ["max_calls", "allow", "no rule matches"],
    ]);
  });

  it("tells who would be asked, by entry, and how many more there are than it names", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, [...built(2), { do: "deploy", answer: "approve" }]);
    const draft = changed(await issuedPolicy(bench), (policy) => {
      policy.hitl.rules = [
        {
          id: "renamed",
          trigger: { kind: "always" },
          role: "operator",
          action: "approve",
          approvals: 2,
          timeout_s: 60,
        },
      ];
    });
    const report = await replay(bench, draft, { limit: 2 });
    expect([report.total, report.differences.length]).toEqual([3, 2]);
    const [first] = report.differences;
    expect(first).toMatchObject({
      wid: bench.wid,
      agent: bench.agentId,
      execAct: "build_site",
      before: { effect: "allow" },
      after: { effect: "gate", ruleIds: ["renamed"], roles: [{ role: "operator", approvals: 2 }], timeoutS: 60 },
      reason: "renamed: matches every action",
    });
    const entry = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(bench.task("task 0")));
    expect(entry?.entries).toContain(first?.seq);
  });

  it("takes another name of the same rule for no difference", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, [{ do: "deploy", answer: "approve" }]);
    const draft = changed(await issuedPolicy(bench), (policy) => {
      policy.hitl.rules = policy.hitl.rules.map((rule) => ({ ...rule, id: "other-name" }));
    });
    expect((await replay(bench, draft)).total).toBe(0);
  });

  it("leaves out what no policy was asked about: a stop came first", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, built(1));
    await bench.submit(await bench.stop());
    await bench.submit(await bench.intent(bench.task("late"), "build_site"));
    const report = await replay(bench, await issuedPolicy(bench));
    expect([report.intents, report.decided, report.total]).toEqual([2, 1, 0]);
  });

  it("reads a draft of one workflow as if it had been issued for each, and only for one when told", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, built(2));
    const claims = await issuedPolicy(bench);
    const other = "0195400c-0000-4000-8000-0000000000ff";
    const draft = JSON.parse(JSON.stringify(claims).replaceAll(bench.wid, other)) as AcpClaims;
    expect((await replay(bench, draft)).total).toBe(0);
    const none: ReplayReport = await replay(bench, draft, { wid: other });
    expect(none.intents).toBe(0);
  });

  it("[ACP-7] leaves an agent's derived policy as it is when the draft is of another one", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, built(4));
    const own = await issuedPolicy(bench);
    const parent = { jti: "0195400c-0000-4000-8000-0000000000aa", hash: "A".repeat(43) };
    const read = await bench.engine.read((state, head) => replayBase(state, head.size, undefined));
    const base = { ...read, policies: new Map([[own.jti, { ...own, parent }]]) };
    const ports = { log: bench.storage.log, domain: ids.domain, clock: runningClock(0.01) };
    const stricter = changed(own, (policy) => {
      policy.jti = parent.jti;
      policy.dag.nodes[2] = { ...must(policy.dag.nodes[2], "n3"), constraints: { max_calls: 1 } };
    });
    expect((await replayPolicy(ports, base, stricter, { limit: 10 })).total).toBe(0);
    const again = await bench.engine.read((state, head) => replayBase(state, head.size, undefined));
    const ofItself = { ...stricter, jti: own.jti, parent };
    expect((await replayPolicy(ports, { ...again, policies: base.policies }, ofItself, { limit: 10 })).total).toBe(2);
  });

  it("[S1] lets something else happen every few milliseconds, so that a stop does not wait for it", async () => {
    const bench = await startedWorkflow(START_S);
    await act(bench, built(6));
    const clock = runningClock(3);
    await replay(bench, await issuedPolicy(bench), { clock });
    expect(clock.pauses()).toBeGreaterThan(2);
    expect(clock.longest()).toBeLessThanOrEqual(20);
  });
});
