import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { AUDIT_QUERY_TYPE } from "../../protocol/audit/audit-query.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { acted } from "../acting.fixture.ts";
import { handClock } from "../hand-clock.fixture.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import { profileOf } from "./domain-profiles.ts";
import { acrossThree, besideOthers, trailOf } from "./domains.fixture.ts";
import { readClaims } from "./query-reads.ts";

const ALL = ["core.example", "metro.example", "access.example"];

async function ran(ports: Parameters<typeof besideOthers>[1] = {}, storage = createMemoryStorage()) {
  const open = await besideOthers(undefined, ports, storage);
  const { alice, wid } = await acted(open.client, acrossThree(), false);
  await trailOf(open, wid);
  const desk = await open.desk();
  const ask = async (domains: readonly string[] = ALL, change: object = {}, withinMs?: number) => {
    const asked = await desk.ask(await alice.askTrail(domains, { wid, ...change }), withinMs);
    return must(asked.ok ? asked.value : null, "it could be asked");
  };
  return { ...open, desk, alice, wid, ask, values: storage.values };
}
type Ran = Awaited<ReturnType<typeof ran>>;

async function entriesOf({ storage }: Pick<Ran, "storage">, domain: string, act: string) {
  const found: { readonly entry: LedgerEntry; readonly claims: { readonly [member: string]: unknown } }[] = [];
  for await (const entries of storage.log.read(domain, 0, 10_000))
    for (const entry of entries) {
      const parsed = parseCompact(entry.token);
      if (parsed.ok && parsed.value.payload.exec_act === act) found.push({ entry, claims: parsed.value.payload });
    }
  return found;
}
const replyOf = ({ replies }: Awaited<ReturnType<Ran["ask"]>>, domain: string) =>
  must(
    replies.find((one) => one.domain === domain),
    domain,
  );

describe("a question to other domains", () => {
  it("[XDA-3] [XDA-7] is answered by each from its own log, with what its rules release to whoever asks", async () => {
    const open = await ran();
    const asked = await open.ask();
    expect(asked.replies.map(({ domain, state }) => [domain, state])).toEqual(ALL.map((name) => [name, "answered"]));
    expect(asked.complete).toBe(true);
    const core = must(replyOf(asked, "core.example").trail, "core answered");
    const tasks = core.entries.filter(({ claims }) => claims.exec_act === "build_site");
    expect(tasks).toHaveLength(2);
    for (const { claims, disclosed, hidden } of tasks) {
      expect(disclosed.toSorted()).toEqual(["inp_hash", "out_hash"]);
      expect([claims.evidence, hidden]).toEqual([undefined, 1]);
    }
    expect(core.claims.redacted).toEqual({ audience: 2, erased: 0, transfer_forbidden: 0 });
    // Metro releases evidence only, and to safety officers; it rounds what it counts.
    const metro = must(replyOf(asked, "metro.example").trail, "metro answered");
    expect([metro.claims.rounded, metro.claims.redacted.audience]).toEqual([true, 4]);
    const officer = await open.ask(["metro.example"], { role: "safety_officer", purpose: "compliance_audit" });
    const seen = must(replyOf(officer, "metro.example").trail, "metro answered").entries;
    expect(seen.flatMap(({ disclosed }) => disclosed)).toEqual(["evidence"]);
    open.host.close();
  });

  it("[XDA-4] leaves what a log hides out of the log and out of every answer that it is not released in", async () => {
    const open = await ran();
    const [task] = await entriesOf(open, "metro.example", "build_site");
    const { claims } = must(task, "metro's task");
    expect([claims.inp_hash, claims.out_hash, claims.evidence]).toEqual([undefined, undefined, undefined]);
    expect(claims._sd).toHaveLength(3);
    const { trail } = replyOf(await open.ask(["metro.example"]), "metro.example");
    for (const text of must(trail, "answered").content.entries) expect(text.split("~").slice(1)).toEqual([""]);
    open.host.close();
  });

  it("[XDA-12] is on record in every domain that was asked, before it answers, with purpose and asker and how much was given", async () => {
    const open = await ran();
    const asked = await open.ask();
    for (const domain of ALL) {
      const reads = await entriesOf(open, domain, "audit_read");
      expect(reads).toHaveLength(1);
      expect(reads[0]?.claims).toMatchObject({
        outcome: "success",
        actor: { sub: open.alice.subject },
        ect_ext: {
          "org.signalbox.purpose": "incident_investigation",
          "org.signalbox.entries": replyOf(asked, domain).trail?.entries.length,
        },
      });
    }
    open.host.close();
  });

  it("[XDA-12] is refused and recorded as refused where the purpose or the role is not answered to", async () => {
    const open = await ran();
    const asked = await open.ask(ALL, { purpose: "data_subject_request", role: "safety_officer" });
    expect(asked.replies.map(({ state, code }) => [state, code])).toEqual([
      ["denied", "query_denied"],
      ["denied", "query_denied"],
      ["answered", null],
    ]);
    expect(asked.complete).toBe(false);
    const [read] = await entriesOf(open, "core.example", "audit_read");
    expect(read?.claims).toMatchObject({
      outcome: "denied",
      severity: "warning",
      ect_ext: { "org.signalbox.code": "query_denied", "org.signalbox.entries": 0 },
    });
    const bob = await enrolledOperator(open.client, "Bob", ["viewer"]);
    const refused = await open.desk.ask(await bob.askTrail(["core.example"]));
    expect(refused.ok && refused.value.replies.map(({ code }) => code)).toEqual(["query_denied"]);
    open.host.close();
  });

  it("[XDA-7] is answered once: not again, not to a stranger, not by whom it does not name", async () => {
    const open = await ran();
    const token = await open.alice.askTrail(["core.example"]);
    const once = await open.desk.ask(token);
    const again = await open.desk.ask(token);
    expect([once, again].map((asked) => asked.ok && asked.value.replies.map(({ code }) => code))).toEqual([
      [null],
      ["token_replayed"],
    ]);
    const elsewhere = await ran();
    const foreign = await open.desk.ask(await elsewhere.alice.askTrail(["core.example"]));
    expect(foreign.ok && foreign.value.replies.map(({ code }) => code)).toEqual(["token_key_unknown"]);
    expect(await open.desk.ask("not.a.token")).toMatchObject({ ok: false });
    elsewhere.host.close();
    open.host.close();
  });

  it("[XDA-S7] gives nobody more than 1,000 entries in an hour, by what its log says it gave", async () => {
    const open = await ran();
    const core = must(open.desk.hosts.get("core.example"), "core");
    const token = parseCompact(await open.alice.askTrail(["core.example"]));
    const query = AUDIT_QUERY_TYPE.schema.parse(token.ok ? token.value.payload : null);
    const known = replyOf(await open.ask(["core.example"]), "core.example").trail?.entries.length ?? 0;
    expect(known).toBeGreaterThan(0);
    const { wid: _, ...read } = auditClaims(core, systemClock, {
      ...{ jti: open.host.ports.ids.uuid(), wid: undefined },
      ...readClaims(query, "A".repeat(43), { entries: 1000 - 2 * known, denied: null }),
    });
    const audit = await ownAudit(core, read);
    expect((await put(core, [must(audit.ok ? audit.value : null, "signed")])).ok).toBe(true);
    const codes = [];
    for (const page of [0, 0]) codes.push(replyOf(await open.ask(["core.example"], { page }), "core.example").code);
    expect(codes).toEqual([null, "query_approval_needed"]);
    const other = await enrolledOperator(open.client, "Bob");
    const theirs = await open.desk.ask(await other.askTrail(["core.example"]));
    expect(theirs.ok && theirs.value.replies.map(({ code }) => code)).toEqual([null]);
    open.host.close();
  });

  it("[XDA-7] [XDA-12] is answered by the console's own log beside the others, whole to its own people, and is on record there", async () => {
    const open = await ran({ audit: {} });
    const own = open.host.engine.ids.domain;
    // Audit tokens are issued after what they are about.
    const asked = async () => replyOf(await open.ask([own, "core.example"], { exec_act: "build_site" }), own);
    await expect.poll(async () => (await asked()).trail?.entries.length, { timeout: 20_000 }).toBe(4);
    const { state, complete, trail } = await asked();
    expect([state, complete]).toEqual(["answered", true]);
    expect(trail?.entries.map(({ hidden }) => hidden)).toEqual([0, 0, 0, 0]);
    expect(trail?.claims.redacted).toEqual({ audience: 0, erased: 0, transfer_forbidden: 0 });
    const reads = await entriesOf(open, own, "audit_read");
    expect(reads.at(-1)?.claims).toMatchObject({
      actor: { sub: open.alice.subject },
      ect_ext: { "org.signalbox.purpose": "incident_investigation", "org.signalbox.entries": 4 },
    });
    expect((await open.host.integrity.verify()).firstBad).toBeNull();
    open.host.close();
  });

  it("[XDA-11] shows the answers there are, and that there are not all, where a domain cannot or does not answer", async () => {
    const storage = createMemoryStorage();
    let isSilent = false;
    const { log } = storage;
    const append: typeof log.append = (...args) =>
      isSilent && args[0] === "metro.example" ? new Promise(() => undefined) : log.append(...args);
    const open = await ran({}, { ...storage, log: { ...log, append } });
    isSilent = true;
    const asked = await open.ask([...ALL, "nowhere.example"], {}, 300);
    expect(asked.replies.map(({ domain, state, code }) => [domain, state, code])).toEqual([
      ["core.example", "answered", null],
      ["metro.example", "silent", "domain_silent"],
      ["access.example", "answered", null],
      ["nowhere.example", "silent", "domain_not_here"],
    ]);
    expect(asked.complete).toBe(false);
    const [core] = asked.replies;
    expect(core?.external.map(({ domain }) => domain)).toContain("metro.example");
    open.host.close();
  });
});

/** A domain whose clock is the test's, and which may keep what it discloses for half an hour. */
async function ranForgetful() {
  const clock = handClock();
  const profile = (domain: string) => {
    const known = profileOf(domain);
    return { ...known, reg: { ...known.reg, retention_min_s: 30, retention_max_s: 1800 } };
  };
  const open = await ran({
    domains: { profile, clock: (domain) => (domain === "metro.example" ? clock : systemClock) },
  });
  const keptOf = async (): Promise<string> => {
    const keys = await open.values.keys("domain/metro.example/sd/");
    const values = await Promise.all((keys.ok ? keys.value : []).map((key) => open.values.get(key)));
    return JSON.stringify(values);
  };
  const metro = must(open.desk.hosts.get("metro.example"), "metro");
  return { ...open, clock, keptOf, metro };
}

describe("what a domain may keep no longer", () => {
  it("[XDA-13] loses its salts and values when the time has come, unasked and on record; the log proves as before and the answer says erased", async () => {
    const open = await ranForgetful();
    expect(await open.keptOf()).toMatch(/"disclosures":\["/);
    open.clock.advance(1_700_000);
    await open.metro.host.engine.idle();
    expect(await open.keptOf()).toMatch(/"disclosures":\["/);
    open.clock.advance(200_000);
    await expect.poll(open.keptOf, { timeout: 20_000 }).not.toMatch(/"disclosures":\["/);
    await expect.poll(() => entriesOf(open, "metro.example", "audit_erase"), { timeout: 20_000 }).toHaveLength(1);
    expect((await open.metro.host.integrity.verify()).firstBad).toBeNull();
    const nowS = Math.floor(open.clock.nowMs() / 1000);
    const asked = await open.ask(["metro.example"], { iat: nowS, exp: nowS + 200, auth_time: nowS });
    const trail = must(replyOf(asked, "metro.example").trail, "metro answered");
    expect(trail.claims.redacted).toEqual({ audience: 0, erased: 4, transfer_forbidden: 0 });
    expect(trail.entries.map(({ hidden }) => hidden)).toContain(3);
    open.host.close();
  });
});
