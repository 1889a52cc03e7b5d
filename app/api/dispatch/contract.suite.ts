import { ORPCError, safe } from "@orpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url } from "../../base/bytes.ts";
import { agentOnce, builderRun, orderAgent, putProfile } from "../../host/behavior/behavior.fixture.ts";
import { runAcross } from "../../host/domains/run-across.fixture.ts";
import { startDrill } from "../../host/drill-director.fixture.ts";
import { logExportSchema } from "../../protocol/audit/claims.ts";
import { CONTRACT_VERSION } from "../contract/contract.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";
import { orderAbout, orderOfTwo, startActing, writingRun } from "./rollback.fixture.ts";
import { verifiedExport } from "./verified-file.fixture.ts";

/** The literal code of a typed error, or what else went wrong. */
function codeOf(error: unknown): string {
  return error instanceof ORPCError ? String(error.data?.code) : String(error);
}

/** The answer to a query once all of the log was looked at for it. */
async function askedOf(
  client: TestClient,
  input: Parameters<TestClient["audit"]["query"]>[0],
): Promise<Awaited<ReturnType<TestClient["audit"]["query"]>>> {
  for (;;) {
    const answer = await client.audit.query(input);
    if (answer.complete) return answer;
  }
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
      await client.drill.abort({ wid, by: alice.subject });
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
      const again = await verifiedExport(client, { text });
      expect(again.report.firstBad).toBeNull();
      const cut = await verifiedExport(client, { text: text.replace('"seq":5,', '"seq":4,') });
      expect(cut.report.firstBad?.seq).toBe(5);
    });

    it("[XA-30] [XA-33] gives an evidence pack to who asks for one, and verifies it", async () => {
      const alice = await enrolledOperator(client);
      const { pepId } = await client.identity.describe();
      let text = "";
      for await (const chunk of await client.audit.evidence({ token: await alice.askEvidence(pepId) }))
        text += chunk.text;
      const events = [];
      for await (const event of await client.audit.verifyPack({ text })) events.push(event);
      expect(events.at(-1)).toMatchObject({
        type: "report",
        stated: { exportedBy: alice.subject, selection: { kind: "all" } },
        report: { firstBad: null, ownKey: true },
      });
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

    it("[XA-72] gives the log in columns, with what each entry follows from", async () => {
      const part = await client.audit.lanes({ from: 0, limit: 50_000 });
      const { rows } = await client.audit.entries({ order: "oldest", limit: 1000 });
      const ids = (text: string, bytes: number): number[] => {
        const packed = must(fromBase64url(text), "packed numbers");
        const view = new DataView(packed.buffer);
        return Array.from({ length: packed.length / bytes }, (_, at) =>
          bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at * 2, true) : view.getUint32(at * 4, true),
        );
      };
      const typs = ids(part.typ, 2).map((place) => part.words.typ[place - 1]);
      const names = ids(part.name, 2).map((place) => part.words.name[place - 1] ?? null);
      expect([part.domain, part.from, typs.length]).toEqual([part.position.domain, 0, part.count]);
      expect(typs.slice(0, rows.length)).toEqual(rows.map(({ typ }) => typ));
      expect(names.slice(0, rows.length)).toEqual(rows.map(({ taskName }) => taskName));
      expect(ids(part.at, 4).slice(0, rows.length)).toEqual(rows.map(({ receivedAt }) => receivedAt));
      const counts = ids(part.counts, 1);
      const causes = ids(part.causes, 4);
      const of = (seq: number): number[] => {
        const begin = counts.slice(0, seq).reduce((sum, count) => sum + count, 0);
        return causes.slice(begin, begin + must(counts[seq], "as many as there are entries"));
      };
      const decision = typs.indexOf("hitl-decision+jwt");
      expect(of(decision).map((seq) => typs[seq])).toEqual(["hitl-request+jwt"]);
      const rest = await client.audit.lanes({ from: decision, limit: 1 });
      expect([rest.count, rest.words.typ, ids(rest.causes, 4)]).toEqual([1, ["hitl-decision+jwt"], of(decision)]);
    });

    it("[XA-21] [XA-23] answers queries over the log by page, and by a bit an entry", async () => {
      const { rows: all } = await client.audit.entries({ order: "oldest", limit: 1000 });
      const last = must(all.at(-1), "a log").seq;
      const expression = `(typ:hitl-decision or outcome:refused or name:*) and seq<=${last}`;
      const expected = all.filter(
        ({ typ, outcome, taskName }) => typ === "hitl-decision+jwt" || outcome === "refused" || taskName !== null,
      );
      expect(expected.length).toBeGreaterThan(5);
      for (const order of ["newest", "oldest"] as const) {
        const found = [];
        let cursor: number | undefined;
        do {
          const page = await askedOf(client, {
            ...{ expression, order, limit: Math.ceil(expected.length / 3) },
            ...(cursor === undefined ? {} : { cursor }),
          });
          expect([page.total, page.complete, page.problems]).toEqual([expected.length, true, []]);
          found.push(...page.rows);
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        expect(found).toEqual(order === "oldest" ? expected : expected.toReversed());
      }
      const { bits, total, complete } = await client.audit.selected({ expression });
      expect(complete).toBe(true);
      const bytes = must(fromBase64url(bits), "a bit an entry");
      const set = all.filter(({ seq }) => (((bytes[seq >> 3] ?? 0) >> (seq & 7)) & 1) === 1);
      expect([set.map(({ seq }) => seq), total]).toEqual([expected.map(({ seq }) => seq), expected.length]);
    });

    it("[J7] [XA-21] finds by cause what a decision follows from, and by its digest the token itself", async () => {
      const { rows } = await askedOf(client, { expression: "typ:hitl-decision", order: "oldest", limit: 1 });
      const decision = must(rows[0], "a decision");
      const before = await askedOf(client, { expression: `before:${decision.jti} typ:hitl-request` });
      expect(before.rows.map(({ seq }) => seq)).toContain(
        must(
          (await client.audit.entry({ seq: decision.seq })).links.find(({ rel }) => rel === "request"),
          "a link",
        ).seq,
      );
      const after = await askedOf(client, { expression: `after:${before.rows[0]?.jti} seq:${decision.seq}` });
      expect(after.total).toBe(1);
      const { digest } = await client.audit.entry({ seq: decision.seq });
      const named = await askedOf(client, { expression: `digest:${digest.slice(0, 20)}*`, order: "oldest" });
      expect(named.rows[0]?.seq).toBe(decision.seq);
      const typed = await askedOf(client, { expression: digest, order: "oldest" });
      expect(typed.rows[0]?.seq).toBe(decision.seq);
    });

    it("[XA-22] answers a mistake in a query with its place, and an event that is not there", async () => {
      const wrong = await askedOf(client, { expression: "typ:exec severty:x" });
      expect(wrong).toMatchObject({
        ...{ rows: [], total: 0, next: null },
        problems: [{ code: "query_field_unknown", offset: 9, length: 7, suggestion: "severity" }],
      });
      const nobody = await askedOf(client, { expression: "not before:0195400c-0000-7000-8000-000000000abc" });
      expect([nobody.total, nobody.problems.map(({ code, offset }) => [code, offset])]).toEqual([
        0,
        [["query_event_unknown", 11]],
      ]);
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

    it("[XA-42] shows every state as of an entry, and tells nothing of then that no log keeps", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Run to look back at"));
      const row = await pending(wid);
      const then = await client.gate.request({ request: row.request });
      const at = then.position.size;
      const { jti } = await client.workflow.get({ wid }).then(({ policy }) => policy);
      await alice.decide(row.request, "approve");
      await status(wid, "finished");

      const past = await client.gate.request({ request: row.request, at });
      expect(past).toMatchObject({
        position: { size: at, root: then.position.root },
        row: { state: "pending", remainingMs: null, approvals: { given: 0 } },
        claims: then.claims,
        decisions: [],
      });
      const waits = await client.gate.queue({ wid, state: "pending", at });
      expect(waits.rows.map(({ request }) => request)).toEqual([row.request]);
      const shown = await client.workflow.get({ wid, at });
      expect(shown.workflow).toMatchObject({ status: "running", waiting: 1, playback: null });
      expect((await client.workflow.list({ at })).workflows.find((one) => one.wid === wid)).toEqual(shown.workflow);
      const states = await client.workflow.states({ wid, at });
      expect([states.counts, states.playback]).toEqual([shown.workflow.counts, null]);
      expect(states.agents.map(({ seenAtMs }) => seenAtMs)).toEqual(states.agents.map(() => null));
      const { workflow } = await client.workflow.get({ wid });
      expect([workflow.status, workflow.waiting]).toEqual(["finished", 0]);
      const task = await client.workflow.task({ wid, index: row.taskIndex, at });
      expect(task.entries.map(({ seq }) => seq).every((seq) => seq < at)).toBe(true);

      const moment = await client.audit.instant({ at });
      const found = await client.audit.instant({ time: moment.receivedAt });
      expect([moment.at, found.at >= at, found.receivedAt]).toEqual([at, true, moment.receivedAt]);
      const now = await client.audit.instant();
      expect(now.at).toBe(now.position.size);
      expect((await client.policy.list({ at: 1 })).policies).toEqual([]);
      expect(await client.override.due({ wid, at })).toMatchObject({ tasks: null });
      expect(await client.cascade.breakers({ wid, at })).toMatchObject({ waiting: null });
      const start = shown.policy.seq;
      const views = await Promise.all([
        client.override.list({ at }),
        client.override.agents({ wid, at }),
        client.override.limits({ wid, at }),
        client.cascade.alerts({ wid, at }),
        client.policy.get({ jti, at }),
        client.policy.grants({ at }),
        client.rollback.list({ at }),
        client.rollback.checkpoints({ wid, at }),
        client.liveness.agents({ wid, at }),
        client.drill.history({ at }),
        client.drill.proven({ at }),
        client.drill.selfTests({ at }),
        client.identity.people({ at }),
      ]);
      expect(views.map(({ position }) => [position.size, position.root])).toEqual(
        views.map(() => [at, then.position.root]),
      );
      const none = await Promise.all([
        safe(client.workflow.get({ wid, at: start })),
        safe(client.gate.queue({ at: 0 })),
        safe(client.workflow.list({ at: 10_000_000 })),
        safe(client.audit.instant({ at: -1 })),
        safe(client.audit.instant({ time: 1 })),
      ]);
      expect(none.map((result) => codeOf(result.error))).toEqual([
        "workflow_unknown",
        "at_before_log",
        "at_beyond_log",
        "at_before_log",
        "at_before_log",
      ]);
    });

    it("[XA-45] tells why a state is as it is: the entry that made it so and what that followed from", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Run to ask about"));
      const row = await pending(wid);
      const { position } = await client.gate.request({ request: row.request });
      await alice.decide(row.request, "approve");
      await status(wid, "finished");
      const [decision] = (await client.gate.request({ request: row.request })).decisions;
      const { seq } = must(decision, "its decision");
      const why = await client.audit.why({ seq });
      expect(why.entries[0]).toMatchObject({ row: { seq, typ: "hitl-decision+jwt" }, distance: 0, causeOf: null });
      const seqs = why.entries.map((entry) => entry.row.seq);
      expect(new Set(seqs).size).toBe(seqs.length);
      for (const { row: cause, causeOf, distance } of why.entries.slice(1)) {
        expect(seqs).toContain(causeOf);
        expect([cause.seq < seq, distance > 0]).toEqual([true, true]);
      }
      const typs = why.entries.map((entry) => entry.row.typ);
      expect(typs).toEqual(expect.arrayContaining(["hitl-request+jwt", "intent+jwt"]));

      const ended = await client.audit.why({ wid });
      expect(ended.entries[0]?.row).toMatchObject({ action: "run_finished", wid });
      const at = position.size;
      const ran = await client.audit.why({ wid, at });
      expect(ran).toMatchObject({
        position: { size: at },
        entries: [{ row: { action: "run_start", wid } }, ...ran.entries.slice(1)],
      });
      const none = await Promise.all([
        safe(client.audit.why({ seq, at })),
        safe(client.audit.why({ wid: row.request })),
        safe(client.audit.why({})),
      ]);
      expect(none.map((result) => codeOf(result.error))).toEqual([
        "entry_unknown",
        "workflow_unknown",
        "workflow_unknown",
      ]);
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

    it("[XDA-2] [XDA-7] [XDA-10] [XDA-32] [N11] keeps a trail in the log of each domain, and has somebody look after what is found between them", async () => {
      const alice = await enrolledOperator(client);
      const run = runAcross([
        ["plan", "core.example", []],
        ["carry", "metro.example", ["plan"]],
      ]);
      const { wid } = await alice.start(run);
      await status(wid, "finished");
      const crossing = await until(client, async () => {
        const { crossings } = await client.domains.crossings({ wid, state: "verified" });
        return crossings[0] ?? null;
      });
      expect([crossing.from, crossing.to, crossing.missing]).toEqual(["core.example", "metro.example", []]);
      const { domains, offsets } = await client.domains.list();
      expect(domains.map(({ domain, kind, state }) => [domain, kind, state])).toEqual([
        ["console.local", "console", "open"],
        ["core.example", "beside", "open"],
        ["metro.example", "beside", "open"],
      ]);
      expect(new Set(domains.map(({ root }) => root)).size).toBe(3);
      expect(offsets[0]).toMatchObject({ a: "core.example", b: "metro.example", contradictory: false, apart: false });
      const { detail } = await client.domains.crossing({ stitchId: crossing.stitchId });
      expect(detail.tokens.map(({ part }) => part)).toEqual([
        "out",
        "handoff",
        "countersign_received",
        "handoff_received",
        "countersign",
        "in",
      ]);
      expect([
        ...detail.compared.map(({ agree }) => agree),
        ...detail.steps.map(({ result }) => result === "passed"),
      ]).not.toContain(false);
      const trail = await until(client, async () => {
        const now = await client.domains.trail({ wid });
        return now.nodes.length === 4 ? now : null;
      });
      expect([trail.complete, trail.problems]).toEqual([true, []]);
      expect(trail.nodes.map(({ domain }) => domain)).toEqual([
        "core.example",
        "core.example",
        "metro.example",
        "metro.example",
      ]);
      const core = await client.audit.entries({ domain: "core.example", wid, order: "oldest" });
      expect([core.position.domain, core.rows.map(({ action }) => action)]).toEqual([
        "core.example",
        ["build_site", "hand_off", "trail_hand_off", "countersign", "crossing_answered"],
      ]);
      expect(core.rows.every((row) => row.domain === "core.example")).toBe(true);
      const out = must(core.rows[2], "the sender's audit token");
      const entry = await client.audit.entry({ domain: "core.example", seq: out.seq });
      expect([entry.receipt.verified, entry.steps.filter(({ result }) => result === "failed")]).toEqual([true, []]);
      expect((await client.audit.heads({ domain: "metro.example" })).logId).toBe("spiffe://metro.example/log");
      for await (const event of await client.audit.verify({ domain: "metro.example" }))
        if (event.type === "report") expect(event.report.firstBad).toBeNull();
      const nowhere = await safe(client.audit.entries({ domain: "nowhere.example" }));
      expect(codeOf(nowhere.error)).toBe("domain_not_here");
      const names = ["core.example", "metro.example"];
      const asked = await client.domains.ask({ token: await alice.askTrail(names, { wid }) });
      expect([asked.complete, asked.answers.map(({ domain, state }) => [domain, state])]).toEqual([
        true,
        names.map((domain) => [domain, "answered"]),
      ]);
      const [record] = asked.answers.flatMap(({ entries }) =>
        entries.filter(({ execAct }) => execAct === "build_site"),
      );
      expect([record?.disclosed.map(({ name }) => name).toSorted(), record?.hidden]).toEqual([
        ["inp_hash", "out_hash"],
        1,
      ]);
      const about = { finding: "crossing", item: crossing.stitchId, code: "verified" };
      await client.domains.handle({
        token: await alice.handleFinding({ ...about, verb: "assign", to: alice.subject }),
      });
      await client.domains.handle({
        token: await alice.handleFinding({ ...about, verb: "resolve", reason: "looked at" }),
      });
      const again = await safe(
        client.domains.handle({ token: await alice.handleFinding({ ...about, verb: "resolve", reason: "twice" }) }),
      );
      expect(codeOf(again.error)).toBe("finding_resolved");
      const [handled] = (await client.domains.crossings({ wid })).crossings;
      expect(handled?.handling).toMatchObject({
        assigned: { to: alice.subject },
        resolved: { by: alice.subject, reason: "looked at" },
      });
      const unknown = await safe(client.domains.crossing({ stitchId: wid }));
      expect(codeOf(unknown.error)).toBe("crossing_unknown");
      expect((await client.domains.questions()).questions).toEqual([]);
      const notHeld = { jti: wid, hash: "A".repeat(43) };
      const decided = await safe(
        client.domains.decideQuestion({ token: await alice.decideQuestion("core.example", notHeld) }),
      );
      expect(codeOf(decided.error)).toBe("query_not_held");
      const none = await safe(client.domains.question({ domain: "core.example", jti: wid }));
      expect(codeOf(none.error)).toBe("query_not_held");
    });

    it("[BEH-13] [BEH-14] [BEH-19] [BEH-S7] judges conduct under a signed profile, and takes orders about agents", async () => {
      const alice = await enrolledOperator(client);
      const { trustDomain } = await client.identity.describe();
      const agent = `spiffe://${trustDomain}/agent/crafter`;
      await putProfile(client, alice, { profile_id: "crafter", applies_to: [agent] });
      const { wid } = await alice.start(builderRun(["build_site", "build_site"], "Crafted", "crafter"));
      await agentOnce(client, ({ verdict }) => verdict === "conformant", agent);
      const detail = await client.behavior.agent({ agent: `spiffe://${trustDomain}/agent/${wid}/crafter` });
      expect(detail.windows).toMatchObject([{ wid, samples: 2, verdict: "conformant" }]);
      // Others are waited for only so long.
      expect(detail.windows[0]?.observers).toContain("gateway");
      expect(detail.profile).toMatchObject({ profile: { profile_id: "crafter", version: 1 }, inForce: true });
      const { counts } = await client.behavior.alarms({});
      expect(counts.conformant).toBeGreaterThanOrEqual(1);
      // As of the entry before its result nothing was known of it.
      const [window] = detail.windows;
      const then = await client.behavior.fleet({ at: must(window, "it was judged").seq - 2 });
      expect(then.agents.find((one) => one.agent === agent)).toMatchObject({ state: "unverified", verdict: null });

      const { evidence } = await client.behavior.evidence({ agent, reader: alice.subject });
      expect(evidence.map(({ typ }) => typ).slice(0, 2)).toEqual(["ear", "bet"]);
      const bob = await enrolledOperator(client, "Bob", ["operator"]);
      const denied = await safe(client.behavior.evidence({ agent, reader: bob.subject }));
      expect(codeOf(denied.error)).toBe("evidence_role_denied");
      // A result that is carried along is the one this log has.
      const { seq } = must(evidence[0], "a result");
      const carried = await client.behavior.submitEvidence({ token: (await client.audit.entry({ seq })).token });
      expect(carried).toMatchObject({ seq, problem: null });
      expect((await client.behavior.challenge({ agent })).nonce.length).toBeGreaterThanOrEqual(12);

      const ordered = await orderAgent(client, bob, { agent, order: "quarantine" });
      expect(ordered).toMatchObject({ leasesCut: 0 });
      const held = await agentOnce(client, ({ state }) => state === "quarantined", agent);
      expect(held.quarantine).toMatchObject({ cause: "order", by: bob.subject, reason: "test" });
      const again = await safe(alice.start(builderRun(["build_site"], "Crafted anew", "crafter")));
      expect(codeOf(again.error)).toBe("behavior_quarantined");
      await orderAgent(client, alice, { agent, order: "release", basis: { build: "1.1" } });
      await agentOnce(client, ({ state }) => state === "unverified", agent);
      expect((await client.behavior.reach({ agent })).instances).toEqual([]);
      const unknown = await safe(client.behavior.agent({ agent: `spiffe://${trustDomain}/agent/nobody` }));
      expect(codeOf(unknown.error)).toBe("behavior_agent_unknown");
    });

    it("plays in steps while paused", async () => {
      const alice = await enrolledOperator(client);
      const { wid } = await alice.start(smallRun("Stepped run"), { speed: 1 });
      await client.workflow.playback({ wid, paused: true });
      await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.running ?? 0) > 0 || null);
      const before = must((await client.workflow.get({ wid })).workflow.playback, "it plays").positionMs;
      const stepped = await client.workflow.playback({ wid, step: true });
      expect([stepped.paused, stepped.positionMs > before]).toEqual([true, true]);
      await client.workflow.playback({ wid, paused: false, speed: 1000 });
      const row = await pending(wid);
      await alice.decide(row.request, "reject");
      await status(wid, "finished");
    });
  });
}
