import { describe, expect, it } from "vitest";
import { leavingRefusal } from "../../api/dispatch/may-leave.ts";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { err } from "../../base/result.ts";
import { systemClock } from "../../base/system.ts";
import type { Storage } from "../../engine/ports.ts";
import type { HeldEct } from "../../engine/state.ts";
import { AUDIT_TOKEN_TYPE } from "../../protocol/audit/audit-token.ts";
import { borderChanges } from "../../protocol/audit/border-change.ts";
import type { BorderPolicyText } from "../../protocol/audit/border-policy.ts";
import { inForceOf, wideningsOf } from "../../protocol/audit/border-versions.ts";
import { readDisclosure } from "../../protocol/audit/disclosure.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { acted } from "../acting.fixture.ts";
import type { HostPorts } from "../open-host.ts";
import { profileOf } from "./domain-profiles.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { previewErasure } from "./erasing.ts";
import { createKeptStore } from "./kept-disclosures.ts";
import { runAcross } from "./run-across.fixture.ts";
import { createTrailRecords, type Trail } from "./trail-records.ts";

const CORE = "core.example";
const METRO = "metro.example";
const two = () =>
  runAcross([
    ["plan", CORE, []],
    ["carry", METRO, ["plan"]],
  ]);

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

async function crossed(ports: Partial<HostPorts> = {}, storage?: Storage) {
  const open = await besideOthers(undefined, ports, storage);
  const { alice, wid } = await acted(open.client, two(), false);
  await trailOf(open, wid);
  const desk = await open.desk();
  const trail = (of: string) => trailOf({ desk: async () => desk }, of);
  const domain = (name: string) => must(desk.hosts.get(name), name);
  const bob = await enrolledOperator(open.client, "Bob");
  const codeOf = async (token: Promise<string>): Promise<string> => {
    const done = await desk.order(await token);
    return done.ok ? `${done.value.kind} ${done.value.border.version}` : done.error.code;
  };
  /** Signs the policy that another one of a domain leads to. */
  const proposed = (
    of: string,
    by: Operator,
    change: (now: BorderPolicyText) => BorderPolicyText,
    more: object = {},
  ) => {
    const { hash, version, policy } = inForceOf(domain(of).border.history());
    const after = change(policy);
    const widens = wideningsOf(borderChanges(policy, after));
    return by.orderDomain(
      of,
      { kind: "border_policy", version: version + 1, follows: hash, policy: after, widens },
      more,
    );
  };
  return {
    ...open,
    alice,
    bob,
    wid,
    desk,
    trail,
    domain,
    codeOf,
    proposed,
    reopened: () => besideOthers(undefined, ports, open.storage),
  };
}

describe("a border policy that people change", () => {
  it("[XDA-72] [XDA-74] holds for crossings after it in the log, and leaves earlier ones as they were judged", async () => {
    const open = await crossed();
    const { codeOf, proposed, alice, domain } = open;
    const nothing = (now: BorderPolicyText) => ({ ...now, takes: { ...now.takes, data_classes: [] } });
    expect(await codeOf(proposed(METRO, alice, nothing))).toBe("border_policy 1");
    const again = await alice.start(two(), { speed: 1000 });
    const codeOfLater = async () => (await open.trail(again.wid)).crossings[0]?.code;
    await expect.poll(codeOfLater, { timeout: 20_000 }).toBe("xd_transfer_forbidden");
    const later = await open.trail(again.wid);
    const [before] = (await open.trail(open.wid)).crossings;
    expect(before?.state).toBe("verified");
    const detailOf = async (stitchId: string | undefined) =>
      (await open.client.domains.crossing({ stitchId: stitchId ?? "" })).detail;
    const [first, second] = [await detailOf(before?.stitchId), await detailOf(later.crossings[0]?.stitchId)];
    expect([first.judged.receiver?.version, first.judged.sender?.version]).toEqual([0, 0]);
    expect(first.steps.map(({ result }) => result)).toEqual(["passed", "passed", "passed"]);
    expect([second.judged.receiver?.version, second.judged.sender?.version]).toEqual([1, 0]);
    expect(second.steps.at(-1)).toMatchObject({ result: "failed", code: "xd_transfer_forbidden" });
    expect((await domain(METRO).host.integrity.verify()).firstBad).toBeNull();
    open.host.close();

    const reopened = await open.reopened();
    const { borders } = await reopened.client.domains.borders(undefined);
    const metro = must(
      borders.find((one) => one.domain === METRO),
      "metro",
    );
    expect(metro.inForce).toMatchObject({ version: 1, signed: { by: alice.subject, confirmedBy: null } });
    expect(metro.inForce.policy.takes.data_classes).toEqual([]);
    expect(metro.earlier.map(({ version, signed }) => [version, signed])).toEqual([[0, null]]);
    reopened.host.close();
  });

  it("[XDA-73] [XDA-75] shows more only when a second person has confirmed it, of later records only, and less of earlier ones too", async () => {
    const open = await crossed();
    const { codeOf, proposed, alice, bob } = open;
    const shown = async (wid: string): Promise<number> => {
      const asked = await open.desk.ask(await alice.askTrail([CORE], { wid, role: "operator" }));
      const [core] = asked.ok ? asked.value.replies : [];
      return must(core?.trail, "answered").entries.reduce((sum, { disclosed }) => sum + disclosed.length, 0);
    };
    const before = await shown(open.wid);
    expect(before).toBeGreaterThan(0);
    const evidence = (now: BorderPolicyText): BorderPolicyText => ({
      ...now,
      disclosure: {
        ...now.disclosure,
        audience_rules: [{ role: "operator", reveal: ["inp_hash", "out_hash", "evidence"] }],
      },
    });
    const token = await proposed(CORE, alice, evidence);
    expect(await codeOf(Promise.resolve(token))).toBe("border_policy 0");
    const { jti } = must(parsedOf(token), "a token");
    const proposal = { jti, hash: tokenDigest(token, open.host.ports.sha256) };
    expect(await codeOf(alice.orderDomain(CORE, { kind: "confirm", proposal }))).toBe("border_self_confirm");
    expect(await codeOf(bob.orderDomain(CORE, { kind: "confirm", proposal }))).toBe("confirm 1");
    expect(await codeOf(Promise.resolve(token))).toBe("border_outdated");
    const again = await acted(open.client, two(), false);
    await open.trail(again.wid);
    expect(await shown(open.wid)).toBe(before);
    expect(await shown(again.wid)).toBeGreaterThan(before);
    const nothing = (now: BorderPolicyText) => ({ ...now, disclosure: { ...now.disclosure, audience_rules: [] } });
    expect(await codeOf(proposed(CORE, bob, nothing))).toBe("border_policy 2");
    expect([await shown(open.wid), await shown(again.wid)]).toEqual([0, 0]);
    open.host.close();
  });

  it("[XDA-72] is signed by a safety officer who has just authenticated, for that domain, and by nobody else", async () => {
    const open = await crossed();
    const { codeOf, proposed } = open;
    const eve = await enrolledOperator(open.client, "Eve", ["operator"]);
    const less = (now: BorderPolicyText) => ({ ...now, works_with: [] });
    const old = Math.floor(Date.now() / 1000) - 1000;
    expect([
      await codeOf(proposed(CORE, eve, less)),
      await codeOf(proposed(CORE, open.bob, less, { role: "operator" })),
      await codeOf(proposed(CORE, open.bob, less, { auth_time: old })),
      await codeOf(proposed(CORE, open.bob, less, { domain: METRO })),
      await codeOf(proposed(CORE, open.bob, less, { domain: "console.local" })),
    ]).toEqual([
      "domain_order_role",
      "domain_order_role",
      "domain_order_auth_stale",
      "token_audience_mismatch",
      "domain_not_here",
    ]);
    expect(open.domain(CORE).ledger.orders()).toEqual([]);
    open.host.close();
  });
});

it("[XDA-8] [XDA-71] no file of a log is made past its border: none whose regime forbids it, and of others only by who may", async () => {
  const open = await crossed();
  const drained = async (reading: Promise<AsyncIterable<unknown>>): Promise<string> => {
    try {
      for await (const _ of await reading);
      return "made";
    } catch (error) {
      return String((error as { data?: { code?: string } }).data?.code ?? error); // as the client throws it
    }
  };
  const pack = async (by: Operator, domain: string) =>
    drained(
      open.client.audit.evidence({ token: await by.askEvidence(`spiffe://${domain}/pep`), domain }) as Promise<
        AsyncIterable<unknown>
      >,
    );
  const log = (domain: string) => drained(open.client.audit.export({ domain }) as Promise<AsyncIterable<unknown>>);
  const eve = await enrolledOperator(open.client, "Eve", ["operator"]);
  expect([await pack(eve, METRO), await pack(open.bob, METRO), await pack(open.bob, CORE), await log(CORE)]).toEqual([
    "evidence_role_denied",
    "made",
    "made",
    "made",
  ]);
  // What a domain is under is not known: nothing of it leaves.
  expect((await leavingRefusal(open.host, "far.example"))?.code).toBe("domain_not_here");
  const forbids = (now: BorderPolicyText) => ({ ...now, reg: { ...now.reg, transfer: "forbidden" as const } });
  expect(await open.codeOf(open.proposed(CORE, open.bob, forbids))).toBe("border_policy 1");
  expect([await pack(open.bob, CORE), await log(CORE), await log(METRO)]).toEqual([
    "xd_transfer_forbidden",
    "xd_transfer_forbidden",
    "made",
  ]);
  open.host.close();
});

function parsedOf(token: string) {
  const parsed = parseCompact(token);
  return parsed.ok ? parsed.value.payload : null;
}

/** Domains that may erase what they keep apart at once, and storage of which one kind of write can be refused. */
async function erasable(retention: object = {}, domains: HostPorts["domains"] = {}) {
  let refuses = false;
  let meanwhile: (() => Promise<unknown>) | null = null;
  const storage = createMemoryStorage();
  const values: Storage["values"] = {
    ...storage.values,
    get: async (key) => {
      const act = key.includes("/sd/") ? meanwhile : null;
      if (act !== null) meanwhile = null;
      await act?.();
      return storage.values.get(key);
    },
    put: async (key, value) =>
      refuses && key.includes("/sd/")
        ? err({ code: "storage_blocked", retry: true, detail: "refused by the test" })
        : storage.values.put(key, value),
  };
  const profile = (domain: string) => {
    const known = profileOf(domain);
    return { ...known, reg: { ...known.reg, retention_min_s: 0, ...retention } };
  };
  const open = await crossed({ domains: { ...domains, profile } }, { ...storage, values });
  const core = open.domain(CORE);
  const [record] = core.ledger.segment(open.wid).entries.filter(({ execAct }) => execAct === "build_site");
  const { jti, digest, seq } = must(record, "a record");
  const about = { record: { jti, hash: digest } };
  const preview = async (of: object = about) => {
    const found = await previewErasure(open.desk, CORE, of as typeof about);
    return found.ok ? found.value : null;
  };
  const erase = async (by: Operator = open.bob, change: object = {}, of: object = about) => {
    const shown = (await preview(of))?.shown ?? { records: 1, claims: {}, root: "R".repeat(43) };
    return open.codeOf(by.orderDomain(CORE, { kind: "erase", about: of, shown: { ...shown, ...change } }));
  };
  const keptOf = async (): Promise<Json[]> => {
    const keys = await storage.values.keys(`domain/${CORE}/sd/`);
    const stored = await Promise.all((keys.ok ? keys.value : []).map((key) => storage.values.get(key)));
    return stored.map((one) => (one.ok ? (one.value as Json) : null)); // stored as JSON
  };
  const refuse = (on: boolean): void => {
    refuses = on;
  };
  /** Does something at the next look at what is kept. */
  const atNextLook = (act: () => Promise<unknown>): void => {
    meanwhile = act;
  };
  return { ...open, storage, core, about, seq, preview, erase, keptOf, refuse, atNextLook };
}

const isGone = (stored: Json): boolean => JSON.stringify(stored).includes('"disclosures":[]');

describe("erasure that somebody asks for", () => {
  it("[XDA-13] [XDA-76] takes salts and values of exactly what was shown, on record in the log, which proves as before and says by which entry", async () => {
    const open = await erasable();
    expect((await open.keptOf()).filter(isGone)).toEqual([]);
    const shown = must((await open.preview())?.shown, "something would go");
    expect([shown.records, shown.claims]).toEqual([1, { evidence: 1, inp_hash: 1, out_hash: 1 }]);
    expect(await open.erase(open.bob, { records: 2 })).toBe("erasure_outdated");
    expect(await open.erase(open.bob, { root: "X".repeat(43) })).toBe("erasure_outdated");
    expect(await open.erase(open.bob, { claims: { evidence: 1 } })).toBe("erasure_outdated");
    const eve = await enrolledOperator(open.client, "Eve", ["operator"]);
    expect(await open.erase(eve)).toBe("domain_order_role");
    expect(await open.erase()).toBe("erase 0");
    expect((await open.keptOf()).filter(isGone)).toHaveLength(1);
    const { erasures } = await open.client.domains.erasures(undefined);
    const [order] = erasures;
    expect(order).toMatchObject({ kind: "erase", domain: CORE, by: open.bob.subject, doneSeq: expect.any(Number) });
    const { record } = await open.client.domains.apart({ domain: CORE, seq: open.seq });
    expect(record).toMatchObject({ hidden: 3, kept: [], erasedBy: { seq: order?.seq, by: open.bob.subject } });
    expect((await open.core.host.integrity.verify()).firstBad).toBeNull();
    const asked = await open.desk.ask(await open.alice.askTrail([CORE], { wid: open.wid, role: "safety_officer" }));
    const [reply] = asked.ok ? asked.value.replies : [];
    expect(reply?.trail?.claims.redacted.erased).toBe(3);
    expect(await open.erase()).toBe("erasure_nothing");
    expect(await open.erase(open.bob, {}, { record: { jti: open.about.record.jti, hash: "X".repeat(43) } })).toBe(
      "erasure_unknown",
    );
    open.host.close();
  });

  it("[XDA-76] is completed after a crash between the order and the removal: at the next start, and before any answer", async () => {
    const open = await erasable();
    open.refuse(true);
    expect(await open.erase()).toBe("erase 0");
    expect((await open.keptOf()).filter(isGone)).toEqual([]);
    const asked = await open.desk.ask(await open.alice.askTrail([CORE], { wid: open.wid, role: "safety_officer" }));
    const [reply] = asked.ok ? asked.value.replies : [];
    expect([reply?.state, reply?.trail]).toEqual(["silent", null]);
    open.host.close();
    const reopened = await besideOthers(undefined, {}, open.storage);
    const after = async () => (await reopened.client.domains.erasures(undefined)).erasures[0]?.doneSeq ?? null;
    await expect.poll(after, { timeout: 20_000 }).toEqual(expect.any(Number));
    expect((await open.keptOf()).filter(isGone)).toHaveLength(1);
    reopened.host.close();
  });

  it("[XDA-76] is refused by a legal hold and by what a regime has kept, with what stays and why", async () => {
    const open = await erasable();
    const { codeOf, bob, about } = open;
    const hold = await bob.orderDomain(CORE, { kind: "legal_hold", about });
    expect(await codeOf(Promise.resolve(hold))).toBe("legal_hold 0");
    expect(await codeOf(bob.orderDomain(CORE, { kind: "legal_hold", about }))).toBe("hold_known");
    expect(await open.erase()).toBe("legal_hold");
    const all = { subject: (await open.client.domains.apart({ domain: CORE, seq: open.seq })).record?.subject ?? "" };
    expect((await open.preview(all))?.plan.stays.legal_hold).toBe(1);
    const held = String(parsedOf(hold)?.jti);
    expect(await codeOf(bob.orderDomain(CORE, { kind: "end_hold", hold: held }))).toBe("end_hold 0");
    expect(await codeOf(bob.orderDomain(CORE, { kind: "end_hold", hold: held }))).toBe("hold_unknown");
    expect(await open.erase(bob, {}, all)).toBe("erase 0");
    expect((await open.preview(all))?.plan.stays.gone).toBe(1);
    // Nobody takes the id of another one's order: the list of holds, and what was carried out, go by it.
    const other = { about: { subject: "spiffe://core.example/agent/nobody" } };
    const second = await bob.orderDomain(CORE, { kind: "legal_hold", about: all });
    expect(await codeOf(Promise.resolve(second))).toBe("legal_hold 0");
    const jti = String(parsedOf(second)?.jti);
    expect(await codeOf(open.alice.orderDomain(CORE, { kind: "legal_hold", ...other }, { jti }))).toBe(
      "token_replayed",
    );
    expect((await open.preview(all))?.plan.stays.gone).toBe(1);
    expect((await open.client.domains.erasures(undefined)).erasures.filter((one) => one.jti === jti)).toHaveLength(1);
    open.host.close();

    const kept = await erasable({ retention_min_s: 3600 });
    expect(await kept.erase()).toBe("retention_duty");
    const plan = must((await kept.preview())?.plan, "shown");
    expect([plan.stays.retention, (plan.freeFrom ?? 0) - Math.floor(systemClock.nowMs() / 1000) > 3000]).toEqual([
      1,
      true,
    ]);
    expect((await kept.keptOf()).filter(isGone)).toEqual([]);
    kept.host.close();
  });

  it("[XDA-76] takes the copy of an attempt to log a record that failed along with what the log has of it", async () => {
    const open = await erasable();
    const { jti } = open.about.record;
    const held = await open.core.kept.of({ digest: open.about.record.hash, claims: await recordClaims(open) });
    const { disclosures } = must(held.ok ? held.value : null, "kept");
    const lost = { digest: "L".repeat(43), claims: { ...(await recordClaims(open)), jti } };
    expect((await open.core.kept.keep(lost, disclosures)).ok).toBe(true);
    // Tasks of two workflows may have one id: the record of the other one stays.
    const others = open.core.ledger.segment(null).entries.filter((one) => one.jti !== jti);
    for (const { digest } of others) {
      const same = { digest, claims: { ...(await recordClaims(open)), jti } };
      expect((await open.core.kept.keep(same, disclosures)).ok).toBe(true);
    }
    expect(others.length).toBeGreaterThan(0);
    expect(await open.erase()).toBe("erase 0");
    expect((await open.keptOf()).filter(isGone)).toHaveLength(2);
    open.host.close();
  });

  it("[XDA-76] takes no record along that comes between what was shown and the order", async () => {
    const open = await erasable();
    const { record } = await open.client.domains.apart({ domain: CORE, seq: open.seq });
    const subject = must(record, "a record").subject;
    const shown = must((await open.preview({ subject }))?.shown, "something would go");
    const { keepDone } = createTrailRecords({ engine: open.host.engine, storage: open.storage });
    const jti = "0195400c-0000-7000-8000-00000000f00d";
    const trail = {
      ...{ wid: open.wid, jtis: [jti], verdicts: new Map(), unproved: new Set() },
      ...{ domains: { local: [], crossings: [] }, plan: { tasks: [{ action: "build_site" }] } },
    } as unknown as Trail; // what a record is made of
    const ect = { iss: subject, seq: 0, ext: {}, digest: "E".repeat(43) } as unknown as HeldEct; // likewise
    let kept: Promise<unknown> = Promise.resolve();
    open.atNextLook(async () => {
      kept = keepDone(trail, 0, open.core, ect);
      let isThere = false;
      void kept.then(() => {
        isThere = true;
      });
      for (let turn = 0; turn < 200 && !isThere; turn += 1) await new Promise((done) => setTimeout(done));
    });
    const iat = Math.floor(Date.now() / 1000) + 5;
    const order = open.bob.orderDomain(CORE, { kind: "erase", about: { subject }, shown }, { iat, exp: iat + 60 });
    expect(await open.codeOf(order)).toBe("erase 0");
    await kept;
    expect(open.core.ledger.audit(open.wid, jti)).toBeDefined();
    expect((await open.keptOf()).filter(isGone)).toHaveLength(shown.records);
    open.host.close();
  });

  it("[XDA-13] [XDA-76] a legal hold keeps what the time for is over as well, until it ends", async () => {
    let aheadS = 0;
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadS * 1000 };
    const open = await erasable(
      { retention_max_s: 1800 },
      { clock: (domain) => (domain === CORE ? clock : systemClock) },
    );
    const then = () => {
      const iat = Math.floor(clock.nowMs() / 1000);
      return { iat, exp: iat + 60, auth_time: iat };
    };
    const hold = await open.bob.orderDomain(CORE, { kind: "legal_hold", about: open.about });
    expect(await open.codeOf(Promise.resolve(hold))).toBe("legal_hold 0");
    aheadS = 1900;
    const asked = await open.desk.ask(await open.alice.askTrail([CORE], { wid: open.wid, ...then() }));
    expect(asked.ok && asked.value.replies.map(({ state }) => state)).toEqual(["answered"]);
    expect((await open.keptOf()).filter(isGone)).toEqual([]);
    const end = open.bob.orderDomain(CORE, { kind: "end_hold", hold: String(parsedOf(hold)?.jti) }, then());
    expect(await open.codeOf(end)).toBe("end_hold 0");
    await expect.poll(async () => (await open.keptOf()).filter((one) => !isGone(one)), { timeout: 20_000 }).toEqual([]);
    open.host.close();
  });
});

it("[XDA-13] what was erased is not read again before each answer, however much of it there is", async () => {
  const { values } = createMemoryStorage();
  let reads = 0;
  const counted: Storage["values"] = {
    ...values,
    get: async (key) => {
      reads += 1;
      return values.get(key);
    },
  };
  const sha256 = await createSha256();
  const kept = createKeptStore(counted, sha256);
  const { reg } = profileOf(CORE);
  const claims = { jti: "0195400c-0000-7000-8000-00000000f00d", iat: 0, reg: [reg], _sd: ["D".repeat(43)] };
  const read = readDisclosure(toBase64url(utf8(JSON.stringify([toBase64url(new Uint8Array(16)), "evidence", "v"]))));
  const one = must(read.ok ? read.value : null, "a disclosure");
  for (const at of ["A", "B", "C"]) await kept.keep({ digest: at.repeat(43), claims }, [one]);
  const overdue = async (): Promise<unknown> => {
    const erased = await kept.eraseOverdue(reg.retention_max_s, (digest) => digest.startsWith("C"));
    return erased.ok && erased.value;
  };
  expect(await overdue()).toBe(2);
  reads = 0;
  expect([await overdue(), reads]).toEqual([0, 0]);
  // What is kept anew is looked at again.
  await kept.keep({ digest: "A".repeat(43), claims }, [one]);
  expect(await overdue()).toBe(1);
});

async function recordClaims({ core, wid, about }: Awaited<ReturnType<typeof erasable>>) {
  const audit = must(core.ledger.audit(wid, about.record.jti), "its record");
  const claims = AUDIT_TOKEN_TYPE.schema.parse(parsedOf(audit.compact));
  return { jti: claims.jti, iat: claims.iat, reg: claims.reg, _sd: claims._sd };
}
