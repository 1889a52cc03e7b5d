import { ORPCError, safe } from "@orpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { startDrill } from "../../host/drill-director.fixture.ts";
import { logExportSchema } from "../../protocol/audit/claims.ts";
import { CONTRACT_VERSION } from "../contract/contract.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";
import { orderAbout, orderOfTwo, startActing, writingRun } from "./rollback.fixture.ts";

/** The literal code of a typed error, or what else went wrong. */
function codeOf(error: unknown): string {
  return error instanceof ORPCError ? String(error.data?.code) : String(error);
}

/** What every host of the contract must do; run against each implementation, through its own transport. */
export function contractSuite(
  what: string,
  open: () => Promise<{ readonly client: TestClient; close(): Promise<void> | void }>,
): void {
  describe(`the contract, ${what}`, () => {
    let client: TestClient;
    let close: () => Promise<void> | void;
    beforeAll(async () => {
      const opened = await open();
      client = opened.client;
      close = opened.close;
    });
    afterAll(() => close());

    const pending = (wid: string) =>
      until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
    const status = (wid: string, wanted: string) =>
      until(client, async () => {
        const { workflow } = await client.workflow.get({ wid });
        return workflow.status === wanted ? workflow : null;
      });

    it("says who it is and which contract it serves", async () => {
      const seen = await client.host.status();
      expect(seen.contractVersion).toBe(CONTRACT_VERSION);
      expect(seen.position.size).toBeGreaterThanOrEqual(2);
    });

    it("[ACP-10] [ECT-50] re-enacts a run, holds what needs a human, and finishes after the approval", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun());
      const row = await pending(wid);
      expect([row.action, row.consequence, row.state]).toEqual(["deploy_site", "irreversible", "pending"]);
      expect(row.remainingMs).toBeGreaterThan(800_000);
      const shown = await client.gate.request({ request: row.request });
      expect(shown.canonicalArgs).toBe('{"step":"deploy"}');
      expect(shown.predecessors.map((pred) => pred.name)).toEqual(["build-2"]);
      expect(shown.steps.every((step) => step.result === "passed")).toBe(true);
      const { result } = await alice.decide(row.request, "approve");
      expect(["approved", "consumed"]).toContain(result.state);
      const done = await status(wid, "finished");
      expect(done.counts).toMatchObject({ done: 4, waiting: 0 });
      const task = await client.workflow.task({ wid, index: 3 });
      expect(task.ect?.steps.every((step) => step.result === "passed")).toBe(true);
      expect(task.entries.length).toBeGreaterThanOrEqual(5);
    });

    it("[OVR-25] [S12] [N25] starts a drill that is marked as one, and ends it without a score when that is asked for", async () => {
      const alice = await enrolledOperator(client);
      const { scripts } = await client.drill.scripts();
      expect(scripts.map(({ id }) => id)).toContain("one-lies");
      const { wid } = await startDrill(client, alice, "one-lies", 2);
      const { workflow } = await client.workflow.get({ wid });
      expect([workflow.drill, workflow.run.format]).toEqual([{ script: "one-lies", size: 2 }, "drill"]);
      expect((await client.drill.state({ wid })).now).toMatchObject({ agents: 2, commandMs: null });
      expect((await client.drill.history({ only: "running" })).drills.map((drill) => drill.wid)).toEqual([wid]);
      await client.drill.abort({ wid });
      const { drill, now } = await client.drill.state({ wid });
      expect([drill.score?.result, now]).toEqual(["aborted", null]);
      expect((await client.drill.history({ only: "running" })).drills).toEqual([]);
      const stop = (await client.drill.proven()).controls.find(({ control }) => control === "stop");
      expect(stop).toMatchObject({ last: null, overdue: true, againDays: 7 });
    });

    it("[ACP-12] takes a decision once, and rejects end the task", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Rejected run"));
      const row = await pending(wid);
      const { token, node } = await alice.decide(row.request, "reject");
      const again = await safe(client.gate.decide({ token, node }));
      expect(codeOf(again.error)).toBe("token_replayed");
      const done = await status(wid, "finished");
      expect(done.counts).toMatchObject({ done: 3, refused: 1 });
    });

    it("[ACP-11] refuses a decision that is bound to another action", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Bound run"));
      const row = await pending(wid);
      const other = await safe(
        alice.decide(row.request, "approve", { bind: { exec_act: "build_site", inp_hash: "A".repeat(43) } }),
      );
      expect(other.error).toMatchObject({ code: "REFUSED", data: { code: "hitl_bind_mismatch" } });
      await alice.decide(row.request, "reject");
      await status(wid, "finished");
    });

    it("[ACP-19] [ACP-33] a revoked policy lets nothing more happen, and says by whom and why", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Revoked run"));
      const row = await pending(wid);
      const { policies } = await client.policy.list();
      const policy = must(
        policies.find((one) => one.wid === wid),
        "the policy",
      );
      await alice.revoke({ jti: policy.jti, hash: policy.hash });
      const late = await safe(alice.decide(row.request, "approve"));
      expect(codeOf(late.error)).toBe("hitl_not_pending");
      expect((await status(wid, "finished")).counts).toMatchObject({ done: 3, refused: 1 });
      const after = (await client.policy.list()).policies.find((one) => one.jti === policy.jti);
      expect(after?.revoked).toMatchObject({ by: alice.subject, reason: "withdrawn" });
    });

    it("[OVR-11] [OVR-19] stops everything, shows what each agent did, and starts nothing by a release", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Stopped run", 40), { speed: 10 });
      await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.running ?? 0) > 0 || null);
      const { trustDomain } = await client.identity.describe();
      const scope = { kind: "domain", id: trustDomain };
      const answer = await client.override.signal({ token: await alice.signal("stop", scope) });
      expect(answer).toMatchObject({ targets: 2, recorded: true });
      const signal = await until(client, async () => {
        const found = (await client.override.list()).signals.find((one) => one.jti === answer.jti);
        return found?.targets.every((target) => target.status === "verified") === true ? found : null;
      });
      expect(signal.latched).toBe(true);
      const stopped = await client.workflow.get({ wid });
      expect(stopped.workflow.status).toBe("stopped");
      const refused = await safe(alice.start(smallRun("Stopped run", 40), { wid }));
      expect(codeOf(refused.error)).toBe("override_active");

      await client.override.signal({ token: await alice.signal("release", scope, { params: { of: answer.jti } }) });
      const released = await client.override.list();
      expect(released.signals.find((one) => one.jti === answer.jti)).toMatchObject({ latched: false });
      expect((await client.workflow.get({ wid })).workflow.status).toBe("stopped");

      await alice.start(smallRun("Stopped run", 40), { wid });
      const row = await pending(wid);
      await alice.decide(row.request, "approve");
      expect((await status(wid, "finished")).counts).toMatchObject({ done: 41 });
    });

    it("[ACP-2] [ACP-20] shows a policy with what is used up, tries an action under it and replays a changed one", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Policy run"));
      const row = await pending(wid);
      const { policies } = await client.policy.list();
      const listed = must(
        policies.find((policy) => policy.wid === wid),
        "the policy",
      );
      expect(listed).toMatchObject({
        inForce: true,
        parent: null,
        iss: alice.subject,
        workflow: { status: "running" },
      });
      const shown = await client.policy.get({ jti: listed.jti });
      expect(shown.acceptance).toEqual({ accepted: true, code: null, detail: null });
      expect(shown.steps.every((step) => step.result === "passed")).toBe(true);
      expect(shown.nodes.map((node) => [node.id, node.usage?.calls])).toEqual([
        ["op", 0],
        ["a0", 3],
        ["a1", 0],
      ]);
      const [build, deploy] = shown.actions.map((action) => ({ agent: action.agent, execAct: action.execAct }));
      const tried = await client.policy.decide({
        policy: { jti: listed.jti },
        action: must(deploy, "the deployment"),
        usage: "live",
      });
      expect(tried.decision).toMatchObject({ effect: "gate", roles: [{ role: "operator", approvals: 1 }] });

      const same = await client.policy.replay({ claims: shown.claims, wid });
      expect([same.total, same.decided]).toEqual([0, 4]);
      const limited = {
        ...shown.claims,
        dag: {
          ...shown.claims.dag,
          nodes: shown.claims.dag.nodes.map((node) =>
            node.id === "a0" ? { ...node, constraints: { max_calls: 1 } } : node,
          ),
        },
      };
      const stricter = await client.policy.replay({ claims: limited, wid, limit: 1 });
      expect([stricter.total, stricter.differences.length]).toEqual([2, 1]);
      expect(stricter.differences[0]).toMatchObject({
        execAct: "build_site",
        taskName: "build-1",
        before: { effect: "allow" },
        after: { effect: "refuse", code: "acp_constraint_violated", constraint: "max_calls" },
      });
      const used = { policy: { claims: limited }, action: must(build, "a build") };
      expect((await client.policy.decide(used)).decision.effect).toBe("refuse");
      expect((await client.policy.decide({ ...used, usage: "none" })).decision.effect).toBe("allow");

      const open = { ...shown.claims, hitl: { ...shown.claims.hitl, rules: [] } };
      const bad = await Promise.all([
        safe(client.policy.replay({ claims: open })),
        safe(client.policy.decide({ ...used, policy: { claims: open } })),
        safe(client.policy.get({ jti: wid })),
        safe(client.policy.replay({ claims: shown.claims, wid: listed.jti })),
      ]);
      expect(bad.map((result) => codeOf(result.error))).toEqual([
        "acp_irreversible_ungated",
        "acp_irreversible_ungated",
        "policy_unknown",
        "workflow_unknown",
      ]);
      await alice.decide(row.request, "reject");
      await status(wid, "finished");
    });

    it("[XA-19] [XA-20] verifies its log, and its export verifies as well", async () => {
      let report = null;
      for await (const event of await client.audit.verify()) if (event.type === "report") report = event.report;
      expect(report?.firstBad).toBeNull();
      expect(report?.authentic.result).toBe("passed");
      let text = "";
      for await (const chunk of await client.audit.export()) text += chunk.text;
      expect(logExportSchema.safeParse(JSON.parse(text)).success).toBe(true);
      const again = await client.audit.verifyExport({ text });
      expect(again.report.firstBad).toBeNull();
      const cut = await client.audit.verifyExport({ text: text.replace('"seq":5,', '"seq":4,') });
      expect(cut.report.firstBad?.seq).toBe(5);
    });

    it("[XA-13] opens an entry with its steps, its receipt and its links", async () => {
      const { rows, total } = await client.audit.entries({ typ: "hitl-decision+jwt", order: "oldest" });
      expect(total).toBeGreaterThanOrEqual(3);
      const entry = await client.audit.entry({ seq: must(rows[0], "a decision").seq });
      expect(entry.receipt.verified).toBe(true);
      expect(entry.steps.map((step) => step.result)).toEqual(entry.steps.map(() => "passed"));
      expect(entry.links.some((link) => link.rel === "request" && link.seq !== null)).toBe(true);
    });

    it("[INV-4] [COM-2] looks at a token by its text, its entry or its id, and at one that is not in the log", async () => {
      const { rows } = await client.audit.entries({ typ: "hitl-request+jwt", order: "oldest", limit: 1 });
      const { seq, jti } = must(rows[0], "a request");
      const byEntry = await client.audit.inspect({ seq });
      const token = must(byEntry.token, "its token");
      for (const seen of [byEntry, await client.audit.inspect({ jti: must(jti, "its id") })])
        expect([seen.entry?.seq, seen.asOf, seen.token]).toEqual([seq, "receipt", token]);
      const byText = await client.audit.inspect({ token });
      expect([byText.entry?.seq, byText.asOf, byText.token]).toEqual([seq, "receipt", null]);
      expect(byText.steps.map((step) => step.result)).toEqual(Array(13).fill("passed"));
      expect(byText.names.some(({ rel, entry }) => rel === "policy" && entry?.typ === "acp+jwt")).toBe(true);
      expect(byText.namedBy.some(({ rel, entry }) => rel === "request" && entry.typ === "hitl-decision+jwt")).toBe(
        true,
      );
      const changed = await client.audit.inspect({ token: token.replace(/.{8}$/, "AAAAAAAA"), at: byText.at });
      expect([changed.entry, changed.steps.find((step) => step.result === "failed")?.code]).toEqual([
        null,
        "token_signature_invalid",
      ]);
      const missing = await safe(client.audit.inspect({ jti: "00000000-0000-4000-8000-000000000000" }));
      expect(codeOf(missing.error)).toBe("entry_unknown");
    });

    it("[J6] [CAS-16] [CAS-21] rehearses a rollback, takes it from two people, and says what became of each step", async () => {
      const alice = await enrolledOperator(client);
      const bob = await enrolledOperator(client, "Bob");
      const { wid } = await startActing(alice, writingRun(2, false));
      await status(wid, "finished");
      const { checkpoints } = await client.rollback.checkpoints({ wid });
      expect(checkpoints.map(({ expired, undo }) => [expired, undo])).toEqual(Array(2).fill([false, "automatic"]));
      const aim = { wid, target: { kind: "workflow", id: wid }, keepTarget: false, bestEffort: false } as const;
      const { plan, token } = await orderOfTwo(client, alice, bob, aim);
      expect([plan.counts.undone, plan.waves, plan.steps.map(({ list }) => list)]).toEqual([
        2,
        2,
        ["undone", "undone"],
      ]);
      const { rbId } = await client.rollback.request({ token });
      const shown = await until(client, async () => {
        const view = await client.rollback.show({ rbId });
        return view.rollback.phase === "confirmed" ? view : null;
      });
      expect(shown.steps.map(({ status: how, residue }) => [how, residue])).toEqual(Array(2).fill(["done", []]));
      expect((await client.rollback.list({ wid })).rollbacks.map((one) => [one.rbId, one.cosigners])).toEqual([
        [rbId, [bob.subject]],
      ]);
      const late = await orderAbout(client, alice, rbId, "confirm");
      expect(codeOf((await safe(client.rollback.confirm({ token: late }))).error)).toBe("rollback_known");
      expect(codeOf((await safe(client.rollback.abort({ token: late }))).error)).toBe("token_wrong_type");
      expect(codeOf((await safe(client.rollback.show({ rbId: wid }))).error)).toBe("rollback_unknown");
    });

    it("pages through the log in both directions without gap or repeat", async () => {
      for (const order of ["newest", "oldest"] as const) {
        const seqs: number[] = [];
        let cursor: number | undefined;
        do {
          const page = await client.audit.entries({ order, limit: 37, ...(cursor === undefined ? {} : { cursor }) });
          seqs.push(...page.rows.map((row) => row.seq));
          cursor = page.next ?? undefined;
          expect(new Set(seqs).size).toBe(seqs.length);
        } while (cursor !== undefined);
        const sorted = seqs.toSorted((a, b) => (order === "newest" ? b - a : a - b));
        expect(seqs).toEqual(sorted);
        expect(seqs).toHaveLength(Math.max(...seqs) + 1);
      }
    });

    it("names what is unknown, by code", async () => {
      const wid = "00000000-0000-4000-8000-000000000000";
      const results = await Promise.all([
        safe(client.workflow.get({ wid })),
        safe(client.gate.request({ request: wid })),
        safe(client.audit.entry({ seq: 10_000_000 })),
        safe(client.workflow.graph({ digest: "A".repeat(43) })),
      ]);
      expect(results.map((result) => codeOf(result.error))).toEqual([
        "workflow_unknown",
        "hitl_unknown_request",
        "entry_unknown",
        "run_unknown",
      ]);
    });

    it("plays in steps while paused", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Stepped run"), { speed: 1 });
      await client.workflow.playback({ wid, paused: true });
      await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.running ?? 0) > 0 || null);
      const before = (await client.workflow.get({ wid })).workflow.playback.positionMs;
      const stepped = await client.workflow.playback({ wid, step: true });
      expect([stepped.paused, stepped.positionMs > before]).toEqual([true, true]);
      await client.workflow.playback({ wid, paused: false, speed: 1000 });
      const row = await pending(wid);
      await alice.decide(row.request, "reject");
      await status(wid, "finished");
    });
  });
}
