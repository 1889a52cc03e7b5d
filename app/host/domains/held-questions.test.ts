import { describe, expect, it } from "vitest";
import { enrolledOperator, stateRoles } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { AUDIT_QUERY_TYPE } from "../../protocol/audit/audit-query.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { acted } from "../acting.fixture.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import { acrossThree, besideOthers, trailOf } from "./domains.fixture.ts";
import { readClaims } from "./query-reads.ts";

const CORE = "core.example";

/** A run over, and an asker whom core has, by its own log, given as much in this hour as anybody is given without leave. */
async function harvested(storage = createMemoryStorage()) {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  const ports = { domains: { clock: (domain: string) => (domain === CORE ? clock : systemClock) } };
  const open = await besideOthers(undefined, ports, storage);
  const { alice, wid } = await acted(open.client, acrossThree(), false);
  await trailOf(open, wid);
  const desk = await open.desk();
  const core = must(desk.hosts.get(CORE), "core");
  const query = AUDIT_QUERY_TYPE.schema.parse(claimsOf(await alice.askTrail([CORE])));
  const { wid: _, ...read } = auditClaims(core, clock, {
    ...{ jti: open.host.ports.ids.uuid(), wid: undefined },
    ...readClaims(query, "A".repeat(43), { entries: 1000, denied: null }),
  });
  const audit = await ownAudit(core, read);
  expect((await put(core, [must(audit.ok ? audit.value : null, "signed")])).ok).toBe(true);
  const bob = await enrolledOperator(open.client, "Bob");
  const ask = async (change: object = {}) => {
    const token = await alice.askTrail([CORE], { wid, ...change });
    const asked = await desk.ask(token);
    const { replies } = must(asked.ok ? asked.value : null, "it could be asked");
    return { token, reply: must(replies[0], "core was asked") };
  };
  const decide = async (by: typeof bob, token: string, change: object = {}) => {
    const hash = tokenDigest(token, open.host.ports.sha256);
    const decision = await by.decideQuestion(CORE, { jti: String(claimsOf(token).jti), hash }, change);
    const done = await desk.questions.decide(decision);
    return done.ok ? done.value.outcome : done.error.code;
  };
  const typsOf = async () => {
    const typs: string[] = [];
    for await (const entries of open.storage.log.read(CORE, 0, 10_000))
      for (const { token } of entries) {
        const parsed = parseCompact(token);
        if (parsed.ok) typs.push(String(parsed.value.header.typ));
      }
    return typs;
  };
  const ahead = (ms: number): void => {
    aheadMs += ms;
  };
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  /** The same console after everything of it has ended. */
  const reopened = async () => {
    open.host.close();
    const next = await besideOthers(undefined, ports, storage);
    return { ...next, desk: await next.desk() };
  };
  return { ...open, alice, bob, core, desk, wid, ask, decide, typsOf, ahead, nowS, reopened };
}

function claimsOf(token: string) {
  const parsed = parseCompact(token);
  return must(parsed.ok ? parsed.value.payload : null, "a token");
}

describe("a question for more than anybody is given without leave", () => {
  it("[XDA-S7] waits at the domain in its log as it was signed, once, and is answered when another person has approved it", async () => {
    const open = await harvested();
    const first = await open.ask();
    expect([first.reply.state, first.reply.code]).toEqual(["held", "query_approval_needed"]);
    expect((await open.ask()).reply.state).toBe("held");
    expect((await open.typsOf()).filter((typ) => typ === "audit-query+jwt")).toHaveLength(1);
    const [held] = await open.desk.questions.all();
    expect(held).toMatchObject({ state: "held", domain: CORE, compact: first.token, givenInHour: 1000 });

    const full = await open.desk.questions.one(CORE, must(held, "held").query.jti);
    const { preview } = must(full.ok ? full.value : null, "shown");
    expect(preview.claims).toEqual({ inp_hash: 2, out_hash: 2 });
    expect(preview.redacted).toEqual({ audience: 2, erased: 0, transfer_forbidden: 0 });
    const shown = { entries: preview.entries, claims: preview.claims };
    expect(await open.decide(open.bob, first.token, { shown })).toBe("approve");
    const { reply } = await open.ask();
    expect(reply.state).toBe("answered");
    expect(reply.trail?.entries).toHaveLength(preview.entries);
    // Used up: as much again is for somebody to decide anew.
    expect((await open.ask()).reply.state).toBe("held");
    expect((await open.desk.questions.all()).map(({ state }) => state).toSorted()).toEqual(["held", "used"]);
    open.host.close();
  });

  it("[XDA-S7] [XDA-70] is answered with no more than was shown, and goes on where that ends when that is approved too", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    expect(await open.decide(open.bob, token, { shown: { entries: 1, claims: {} } })).toBe("approve");
    const { reply } = await open.ask();
    expect([reply.state, reply.complete, reply.trail?.claims.next]).toEqual(["answered", false, 0]);
    expect(reply.trail?.entries).toHaveLength(1);
    expect((await open.ask()).reply.state).toBe("held");
    open.host.close();
  });

  it("[XDA-S7] [XDA-70] is decided by nobody for themselves, by no role that may not, about nothing that was not held", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    const viewer = await enrolledOperator(open.client, "Eve", ["viewer"]);
    expect([
      await open.decide(open.alice, token),
      await open.decide(viewer, token),
      await open.decide(open.bob, token, { role: "operator" }),
      await open.decide(open.bob, token, { auth_time: open.nowS() - 1000 }),
      await open.decide(open.bob, await open.alice.askTrail([CORE])),
      await open.decide(open.bob, token, { query: { jti: claimsOf(token).jti, hash: "A".repeat(43) } }),
    ]).toEqual([
      "query_self_approval",
      "query_role_denied",
      "query_role_denied",
      "query_auth_stale",
      "query_not_held",
      "query_hash_mismatch",
    ]);
    expect(await open.typsOf()).not.toContain("audit-query-decision+jwt");
    expect((await open.ask()).reply.state).toBe("held");
    open.host.close();
  });

  it("[XDA-S7] [XDA-70] is refused to its asker for a day once somebody has said no, and waits anew after that", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    expect(await open.decide(open.bob, token, { outcome: "reject" })).toBe("reject");
    expect(await open.decide(open.bob, token)).toBe("query_decided");
    const { reply } = await open.ask();
    expect([reply.state, reply.code]).toEqual(["denied", "query_refused"]);
    open.ahead(2 * 3_600_000);
    expect((await open.desk.questions.all()).map(({ state }) => state)).toEqual(["refused"]);
    open.ahead(86_400_000);
    expect((await open.desk.questions.all()).map(({ state }) => state)).toEqual(["lapsed"]);
    open.host.close();
  });

  it("[XDA-S7] waits a day for somebody, and an approval is good for an hour", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    expect(await open.decide(open.bob, token)).toBe("approve");
    const states = async () => (await open.desk.questions.all()).map(({ state }) => state);
    expect(await states()).toEqual(["approved"]);
    open.ahead(3_601_000);
    expect(await states()).toEqual(["lapsed"]);
    open.host.close();
  });

  it("[XDA-71] [XDA-6] leaves a log that proves itself, with keys of people that are good for nothing else there", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    await open.decide(open.bob, token);
    await open.ask();
    expect((await open.core.host.integrity.verify()).firstBad).toBeNull();
    const uses = await open.core.host.engine.read((state) =>
      [...state.keys.values()].filter(({ subject }) => subject.includes("/human/")).map(({ use }) => use),
    );
    expect(uses).toEqual(["query", "query"]);
    const stop = await open.alice.signal("stop", { kind: "workflow", id: open.wid }, { aud: [`spiffe://${CORE}/pep`] });
    const heard = await open.core.host.engine.receive(stop);
    expect(heard.ok ? "heard" : heard.error.code).toBe("token_key_restricted");
    open.host.close();
  });

  it("[XDA-71] [COM-19] takes into its log no key but a person's own, and only when that has signed what comes", async () => {
    const open = await harvested();
    const [{ signer: own, jwk }, { signer: stop, jwk: stopJwk }] = [await generateSigner(), await generateSigner()];
    const subject = "spiffe://console.local/human/zoe";
    const done = await open.host.engine.submit({
      ...{ kind: "enrol", subject, name: "Zoe", jwk, kid: own.kid, lifetimeS: 86_400 },
      stop: { jwk: stopJwk, kid: stop.kid },
    });
    expect(done.ok).toBe(true);
    await stateRoles(open.client, open.alice, subject, ["auditor"]);
    const request = claimsOf(await open.alice.askEvidence(`spiffe://${CORE}/pep`));
    const ask = async (signer: typeof own) => {
      const claims = { ...request, iss: subject, jti: open.host.ports.ids.uuid() };
      const asked = open.client.audit.evidence({
        token: await signToken("evidence-request+jwt", claims, signer),
        domain: CORE,
      });
      return asked.then(
        () => "given",
        (error: { data?: { code?: string } }) => error.data?.code,
      );
    };
    const known = () => open.core.host.engine.read((state) => [own.kid, stop.kid].filter((kid) => state.keys.has(kid)));
    expect([await ask(stop), await ask({ ...stop, kid: own.kid })]).toEqual([
      "token_key_unknown",
      "token_signature_invalid",
    ]);
    expect(await known()).toEqual([]);
    expect(await ask(own)).toBe("given");
    expect(await known()).toEqual([own.kid]);
    // What the console stands by no more, the other log hears no more either.
    const next = await generateSigner();
    const replaced = await open.host.engine.submit({
      ...{ kind: "enrol", subject, name: "Zoe", jwk: next.jwk, kid: next.signer.kid, lifetimeS: 86_400 },
      replaces: own.kid,
    });
    expect(replaced.ok).toBe(true);
    open.ahead(5000);
    expect(await ask(own)).toBe("token_key_revoked");
    open.host.close();
  });
});

describe("what an asker knows of their question", () => {
  it("[XDA-77] [XDA-S7] outlasts a reload, and what was approved meanwhile is fetched, once, by the question it was approved for", async () => {
    const open = await harvested();
    const { token } = await open.ask();
    const held = { jti: String(claimsOf(token).jti), hash: tokenDigest(token, open.host.ports.sha256) };
    expect((await open.ask({ held })).reply.code).toBe("query_approval_needed");

    const next = await open.reopened();
    const known = async () => {
      const all = await next.desk.asked();
      const [first, ...others] = all.filter(({ query }) => query.outcome === undefined);
      expect(others).toEqual([]);
      return must(first, "it is known");
    };
    expect(await known()).toMatchObject({ domain: CORE, state: "waiting", fetchPage: null, held: { hash: held.hash } });
    const decision = await open.bob.decideQuestion(CORE, held, { shown: { entries: 2, claims: {} } });
    expect((await next.desk.questions.decide(decision)).ok).toBe(true);
    expect(await known()).toMatchObject({ state: "approved", fetchPage: 0 });

    const fetch = async (change: object = {}) => {
      const asked = await next.desk.ask(await open.alice.askTrail([CORE], { wid: open.wid, held, ...change }));
      const { replies } = must(asked.ok ? asked.value : null, "it could be asked");
      return must(replies[0], "core was asked");
    };
    const first = await fetch();
    expect(first.trail?.entries).toHaveLength(2);
    expect(await known()).toMatchObject({ state: "fetched", fetchPage: 0, reply: { state: "answered", entries: 2 } });
    // Lost on the way, or by two tabs at once: the same again, and no more than that.
    const [second, third] = await Promise.all([fetch(), fetch()]);
    for (const { trail } of [second, third])
      expect(trail?.entries.map(({ claims }) => claims.jti)).toEqual(
        first.trail?.entries.map(({ claims }) => claims.jti),
      );
    expect((await fetch({ page: 1 })).code).toBe("query_fetched");
    expect((await fetch({ page_size: 50 })).code).toBe("query_fetched");
    expect((await fetch({ outcome: "success" })).code).toBe("query_not_held");
    expect((await open.typsOf()).filter((typ) => typ === "audit-query+jwt")).toHaveLength(1);
    open.ahead(3_601_000);
    const late = { iat: open.nowS(), exp: open.nowS() + 60, auth_time: open.nowS() };
    expect((await fetch(late)).code).toBe("query_lapsed");
    expect(await known()).toMatchObject({ state: "fetched", fetchPage: null });
    next.host.close();
  });

  it("[XDA-77] is there before anything came back, and says refused, or expired when nobody decided in time", async () => {
    const open = await harvested();
    const states = async () => (await open.desk.asked()).map(({ state, query }) => [query.page, state]);
    // It takes the question, and its answer does not come back in time.
    const token = await open.alice.askTrail([CORE], { wid: open.wid });
    await open.desk.ask(token, 0);
    await expect.poll(states).toEqual([[0, "waiting"]]);
    expect(await open.decide(open.bob, token, { outcome: "reject" })).toBe("reject");
    expect(await states()).toEqual([[0, "refused"]]);
    const other = { outcome: "success" };
    await open.ask(other);
    expect((await open.desk.asked()).map(({ state }) => state).toSorted()).toEqual(["refused", "waiting"]);
    open.ahead(86_401_000);
    expect((await open.desk.asked()).map(({ state }) => state)).toEqual(["expired", "expired"]);
    open.host.close();
  });

  it("[XDA-77] is noted for nobody but who signed it, whatever a token says", async () => {
    const open = await harvested();
    const { signer } = await generateSigner();
    const claims = claimsOf(await open.alice.askTrail([CORE]));
    const forged = await signToken("audit-query+jwt", claims, { ...signer, kid: open.alice.signer.kid });
    const asked = await open.desk.ask(forged);
    expect(asked.ok && asked.value.replies.map(({ code }) => code)).toEqual(["token_signature_invalid"]);
    expect(await open.desk.asked()).toEqual([]);
    open.host.close();
  });
});
