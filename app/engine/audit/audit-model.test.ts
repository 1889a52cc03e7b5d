import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { createAuditCheck } from "../../protocol/audit/audit-check.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { type Bench, ids, sha256, startedWorkflow } from "../engine.fixture.ts";
import { factOfEntry } from "../fact.ts";

const ISSUE = { witHash: "A".repeat(43), jurisdictions: [], reg: [], retentionS: 0 };

type Step =
  | { readonly do: "ask" | "effect" | "report" | "request" | "approve" | "reject" | "deadline"; readonly task: number }
  | { readonly do: "stop" | "settle" };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("ask", "effect", "report", "request", "approve", "reject", "deadline"),
      task: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("stop", "settle") }) },
);

/** Odd tasks need a human; the last is outside of the policy. */
const actOf = (task: number): string => (task === 3 ? "drop_tables" : task % 2 === 1 ? "deploy_site" : "build_site");

async function take(bench: Bench, step: Step): Promise<void> {
  if (step.do === "stop") await bench.submit(await bench.stop());
  else if (step.do === "settle") await bench.engine.submit({ kind: "audit", issue: ISSUE, since: 0, limit: 2 });
  else if ("task" in step) {
    const jti = bench.task(`task ${step.task}`);
    const act = actOf(step.task);
    const request = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(jti)?.request ?? null);
    if (step.do === "ask") await bench.submit(await bench.intent(jti, act));
    if (step.do === "effect") await bench.engine.submit({ kind: "effect", wid: bench.wid, task: jti, latch: null });
    if (step.do === "report") await bench.submit(await bench.ect(jti, act));
    if (step.do === "request") {
      await bench.submit(await bench.intent(jti, act));
      await bench.submit(await bench.request(jti, act));
    }
    if (request === null) return;
    if (step.do === "approve" || step.do === "reject") await bench.submit(await bench.decision(request, step.do));
    if (step.do === "deadline") bench.clock.advance(61);
    if (step.do === "deadline") await bench.engine.submit({ kind: "gate_deadline", request });
  }
}

/** The audit tokens of the log, and whether it contradicts one. */
async function read(bench: Bench) {
  const check = createAuditCheck();
  const audits: AuditTokenClaims[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 10_000))
    for (const entry of chunk) {
      const fact = factOfEntry(entry);
      const { typ, claims } = must(fact.ok ? fact.value : null, "an entry that is read again");
      const told = { typ, claims, digest: tokenDigest(entry.token, sha256), compact: entry.token };
      check.note(entry.seq, told, entry.received_at);
      if (typ === "exec-audit+jwt") audits.push(claims);
    }
  return { audits, contradiction: (await check.finish(sha256)).found };
}

describe("whatever happens", () => {
  it("[XA-1] [XA-16] [XA-28] [XA-29] each task that is over and each attempt that was denied has one audit token, and no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 24 }), fc.boolean(), async (taken, reopened) => {
        const bench = await startedWorkflow();
        for (const step of taken) await take(bench, step);
        const engine = reopened ? await bench.reopen() : bench.engine;
        await engine.submit({ kind: "audit", issue: ISSUE, since: 0, limit: 1000 });
        const { audits, contradiction } = await read(bench);
        expect(contradiction).toBeNull();
        expect(new Set(audits.map(({ jti }) => jti)).size).toBe(audits.length);
        expect(await engine.read((state) => state.audit.due.size)).toBe(0);
        const tasks = await engine.read((state) => [...(state.workflows.get(bench.wid)?.tasks.values() ?? [])]);
        for (const { jti, status, intent, ect } of tasks) {
          expect(audits.filter((audit) => audit.jti === jti)).toHaveLength(ect === null ? 0 : 1);
          const denied = audits.filter(({ evidence }) => evidence?.some(({ id }) => id === intent?.jti) === true);
          expect(denied).toHaveLength(status === "refused" || status === "stopped" ? 1 : 0);
        }
        const decisions = await engine.read((state) => [...state.gates.values()].flatMap((gate) => gate.decisions));
        expect(audits.filter(({ exec_act }) => exec_act === "hitl_decision")).toHaveLength(decisions.length);
      }),
      { numRuns: 25 },
    );
  });
});
