import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, ids, sha256, startedWorkflow } from "../engine.fixture.ts";
import { factOfEntry } from "../fact.ts";
import type { AuditIssue } from "./statement.ts";

let bench: Bench;
let issue: AuditIssue;

async function entriesOf(of: Bench): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const chunk of of.storage.log.read(ids.domain, 0, 10_000)) entries.push(...chunk);
  return entries;
}

async function auditsOf(of: Bench): Promise<AuditTokenClaims[]> {
  const facts = (await entriesOf(of)).map(factOfEntry);
  return facts.flatMap((fact) => (fact.ok && fact.value.typ === "exec-audit+jwt" ? [fact.value.claims] : []));
}

const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");

const settle = (limit = 100, since = 0) => bench.engine.submit({ kind: "audit", issue, since, limit });

async function build(name: string): Promise<{ task: string; ect: string }> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "build_site"));
  await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
  const ect = await bench.ect(task, "build_site");
  await bench.submit(ect);
  return { task, ect };
}

async function gated(name: string, outcome: string): Promise<string> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "deploy_site"));
  await bench.submit(await bench.request(task, "deploy_site"));
  const request = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.request);
  await bench.submit(await bench.decision(must(request, "a request"), outcome));
  return task;
}

async function opened(): Promise<void> {
  bench = await startedWorkflow();
  const wit = (await entriesOf(bench)).find((entry) => {
    const fact = factOfEntry(entry);
    return fact.ok && fact.value.typ === "wit+jwt" && fact.value.claims.sub === ids.pepId;
  });
  issue = {
    witHash: tokenDigest(must(wit, "the enforcement point's identity").token, sha256),
    jurisdictions: ["EU"],
    reg: [],
    retentionS: 86_400,
  };
}

describe("what calls for an audit token", () => {
  beforeAll(opened);

  it("[XA-1] [XA-17] [XA-28] a start and a task, once each, with who acted for whom", async () => {
    const { task, ect } = await build("one");
    expect(codeOf(await settle())).toBe("accepted");
    const [start, built] = await auditsOf(bench);
    expect(start).toMatchObject({ exec_act: "run_start", actor: { sub: alice }, outcome: "success", level: 3 });
    expect(built).toMatchObject({
      iss: ids.pepId,
      jti: task,
      wid: bench.wid,
      exec_act: "build_site",
      actor: { sub: bench.agentId, act: { sub: alice } },
      ect: { jti: task, hash: tokenDigest(ect, sha256) },
      outcome: "success",
      domain: ids.domain,
      jurisdictions: ["EU"],
    });
    expect(must(built, "an audit token").retention_until).toBe(must(built, "an audit token").iat + 86_400);
    expect(codeOf(await settle())).toBe("audit_nothing_due");
    expect(await auditsOf(bench)).toHaveLength(2);
  });

  it("[XA-17] [XA-16] a human's approval and rejection, and the attempt that was rejected", async () => {
    const before = (await auditsOf(bench)).length;
    await gated("approved", "approve");
    const rejected = await gated("rejected", "reject");
    await settle();
    const [approval, rejection, attempt, ...more] = (await auditsOf(bench)).slice(before);
    expect(approval).toMatchObject({ exec_act: "hitl_decision", actor: { sub: alice }, outcome: "success" });
    expect(approval?.evidence).toMatchObject([{ typ: "hitl-decision+jwt" }]);
    for (const token of [rejection, attempt]) expect(token?.outcome).toBe("denied");
    const denials = [rejection, attempt].map((token) => token?.exec_act).toSorted();
    expect(denials).toEqual(["deploy_site", "hitl_decision"]);
    const action = [rejection, attempt].find((token) => token?.exec_act === "deploy_site");
    expect(action?.ect_ext).toMatchObject({ "org.signalbox.task": rejected, "org.signalbox.code": "hitl_rejected" });
    expect(action?.evidence).toMatchObject([{ typ: "intent+jwt" }]);
    expect(more).toEqual([]);
  });

  it("[XA-16] what the policy refuses", async () => {
    const before = (await auditsOf(bench)).length;
    await bench.submit(await bench.intent(bench.task("drop"), "drop_tables"));
    await settle();
    expect((await auditsOf(bench)).slice(before)).toMatchObject([
      {
        exec_act: "drop_tables",
        outcome: "denied",
        severity: "warning",
        ect_ext: { "org.signalbox.code": "acp_action_denied" },
      },
    ]);
  });

  it("[XA-17] [XA-16] [XA-11] an operator's stop, what it stopped, and a head after it", async () => {
    const before = (await auditsOf(bench)).length;
    const running = bench.task("running");
    await bench.submit(await bench.intent(running, "build_site"));
    const stop = await bench.stop();
    await bench.submit(stop);
    const [orders, denied] = [[] as AuditTokenClaims[], [] as AuditTokenClaims[]];
    await settle();
    for (const token of (await auditsOf(bench)).slice(before))
      (token.exec_act === "override_signal" ? orders : denied).push(token);
    expect(orders).toMatchObject([
      {
        actor: { sub: alice },
        severity: "critical",
        evidence: [{ typ: "override+jwt", hash: tokenDigest(stop, sha256) }],
        ect_ext: { ovr_action: "stop" },
      },
    ]);
    expect(denied.map(({ ect_ext }) => ect_ext?.["org.signalbox.task"])).toContain(running);
    expect(denied.every(({ outcome }) => outcome === "denied")).toBe(true);
    const head = await bench.engine.read((_state, at) => at.size);
    expect(bench.engine.newestHead()?.size).toBe(head);
  });

  it("[XA-9] [INV-1] folding the log again gives the same state, with nothing due", async () => {
    const again = await bench.reopen();
    const read = (state: object): unknown => structuredClone(state);
    expect(await again.read((state) => read(state.audit))).toEqual(
      await bench.engine.read((state) => read(state.audit)),
    );
    expect(await again.read((state) => state.audit.due.size)).toBe(0);
  });

  it("[XA-S6] nothing an agent has written in clear is in any of them", async () => {
    const text = JSON.stringify(await auditsOf(bench));
    for (const clear of ["Deploy", "checked", "operator stop"]) expect(text).not.toContain(clear);
  });
});

describe("what is due", () => {
  beforeAll(opened);

  it("[XA-1] [XA-29] survives a crash between the task and its token, and is neither lost nor doubled", async () => {
    const { task } = await build("one");
    await build("two");
    await settle(1);
    const again = await bench.reopen();
    expect(await again.read((state) => [...state.audit.due.values()].map(({ jti }) => jti))).toEqual(
      await bench.engine.read((state) => [...state.audit.due.values()].map(({ jti }) => jti)),
    );
    await again.submit({ kind: "audit", issue, since: 0, limit: 100 });
    const jtis = (await auditsOf(bench)).map(({ jti }) => jti);
    expect(jtis).toContain(task);
    expect(new Set(jtis).size).toBe(jtis.length);
    expect(jtis).toHaveLength(3);
  });

  it("[XA-29] what was over before the host issued any is left alone", async () => {
    await opened();
    await build("one");
    const size = await bench.engine.read((_state, head) => head.size);
    expect(codeOf(await settle(100, size))).toBe("audit_nothing_due");
    const { task } = await build("two");
    await settle(100, size);
    expect((await auditsOf(bench)).map(({ jti }) => jti)).toEqual([task]);
  });
});

describe("an audit token that somebody brings", () => {
  beforeAll(opened);

  const claimsFor = (task: string, ect: string, iss: string, witHash: string) => {
    const iat = Math.floor(bench.clock.nowMs() / 1000);
    return {
      iss,
      aud: [ids.logId],
      iat,
      exp: iat + 300,
      jti: task,
      wid: bench.wid,
      exec_act: "build_site",
      pred: [],
      inp_hash: (JSON.parse(Buffer.from(ect.split(".")[1] ?? "", "base64url").toString()) as { inp_hash: string })
        .inp_hash,
      aud_ver: 1,
      level: 3,
      idp: { kind: "wimse", wit_hash: witHash },
      domain: ids.domain,
      ect: { jti: task, hash: tokenDigest(ect, sha256) },
      outcome: "success",
    };
  };
  const witOf = async (subject: string): Promise<string> => {
    const entry = (await entriesOf(bench)).find((one) => {
      const fact = factOfEntry(one);
      return fact.ok && fact.value.typ === "wit+jwt" && fact.value.claims.sub === subject;
    });
    return tokenDigest(must(entry, "an identity").token, sha256);
  };

  it("[XA-60] [XA-3] is verified by V1 and taken once, from who did the task", async () => {
    const { task, ect } = await build("one");
    const claims = claimsFor(task, ect, bench.agentId, await witOf(bench.agentId));
    const sign = (change: object) => signToken("exec-audit+jwt", { ...claims, ...change }, bench.agent);
    const tried = async (change: object) => codeOf(await bench.submit(await sign(change)));
    expect(await tried({ outcome: "splendid" })).toBe("audit_claim_invalid");
    expect(await tried({ domain: "other.example" })).toBe("audit_domain_mismatch");
    expect(await tried({ idp: { kind: "wimse", wit_hash: issue.witHash } })).toBe("audit_idp_unsupported");
    expect(await tried({ exec_act: "other" })).toBe("audit_ect_mismatch");
    expect(await tried({ ect: undefined, jti: bench.task("free") })).toBe("audit_ect_mismatch");
    expect(await tried({ actor: { sub: alice } })).toBe("audit_ect_mismatch");
    expect(await tried({ actor: { sub: bench.agentId, act: { sub: alice } } })).toBe("accepted");
    expect(await tried({})).toBe("token_replayed");
    // The host has nothing left to say of this task.
    await settle();
    expect((await auditsOf(bench)).filter(({ jti }) => jti === task)).toHaveLength(1);
  });

  it("[XA-60] [XA-S1] is refused under a key id that no entry has brought, which V3 could not look up", async () => {
    await opened();
    const { task, ect } = await build("nameless");
    const claims = claimsFor(task, ect, bench.agentId, await witOf(bench.agentId));
    const nameless = { ...bench.agent, kid: "a-name-of-its-own" };
    expect(codeOf(await bench.submit(await signToken("exec-audit+jwt", claims, nameless)))).toBe("token_key_unknown");
    expect(codeOf(await bench.submit(await signToken("exec-audit+jwt", claims, bench.agent)))).toBe("accepted");
  });

  it("[XA-60] [XA-16] says nothing better of a task than the log knows: a failure stays one", async () => {
    await opened();
    const task = bench.task("failed");
    await bench.submit(await bench.intent(task, "build_site"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    const done = parseCompact(await bench.ect(task, "build_site"));
    const { ect_ext, ...said } = done.ok ? done.value.payload : {};
    const failed = { ...(ect_ext as object), [ECT_EXT.outcome]: "failure" }; // an object, as the bench writes it
    const ect = await signToken("exec+jwt", { ...said, ect_ext: failed }, bench.agent);
    expect(codeOf(await bench.submit(ect))).toBe("accepted");
    const claims = claimsFor(task, ect, bench.agentId, await witOf(bench.agentId));
    const tried = async (change: object) =>
      codeOf(await bench.submit(await signToken("exec-audit+jwt", { ...claims, ...change }, bench.agent)));
    expect(await tried({})).toBe("audit_claim_invalid");
    expect(await tried({ outcome: "failure" })).toBe("audit_claim_invalid");
    expect(await tried({ outcome: "failure", severity: "warning" })).toBe("accepted");
  });

  it("[XA-60] [XA-1] is refused for a task that has one", async () => {
    const { task, ect } = await build("two");
    await settle();
    const claims = claimsFor(task, ect, bench.agentId, await witOf(bench.agentId));
    const token = await signToken("exec-audit+jwt", claims, bench.agent);
    expect(codeOf(await bench.submit(token))).toBe("dag_duplicate_task");
  });
});

describe("a read of protected data", () => {
  beforeAll(opened);
  const read = (change: object = {}) =>
    bench.engine.submit({
      kind: "audit_read",
      issue,
      read: { operator: alice, kind: "arguments", object: "request-1", wid: null, ...change },
    });

  it("[XA-18] [XA-61] [XA-62] is an entry, once per operator, kind and object in ten minutes, also after a restart", async () => {
    expect(codeOf(await read())).toBe("accepted");
    expect(codeOf(await read())).toBe("audit_read_recorded");
    expect(codeOf(await read({ kind: "entry" }))).toBe("accepted");
    expect(codeOf(await read({ object: "request-2" }))).toBe("accepted");
    const again = await bench.reopen();
    expect(await again.read((state) => state.audit.reads.size)).toBe(3);
    bench.clock.advance(599);
    expect(codeOf(await read())).toBe("audit_read_recorded");
    bench.clock.advance(1);
    expect(codeOf(await read())).toBe("accepted");
    expect((await auditsOf(bench))[0]).toMatchObject({
      exec_act: "audit_read",
      actor: { sub: alice },
      ect_ext: {
        "org.signalbox.read": "arguments",
        "org.signalbox.object": "request-1",
        "org.signalbox.asserted": ["actor"],
      },
    });
  });

  it("[XA-18] names an enrolled person, nobody else", async () => {
    expect(codeOf(await read({ operator: "spiffe://console.local/human/nobody" }))).toBe("role_subject_unknown");
    expect(codeOf(await read({ operator: bench.agentId }))).toBe("role_subject_unknown");
  });
});
