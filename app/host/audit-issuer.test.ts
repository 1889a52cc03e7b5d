import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import type { EventLog } from "../engine/ports.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf, give, signalOf } from "./orders.fixture.ts";
import { silentPool } from "./silent-pool.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;
const SECRET = "Jane Doe, born 1970";
const SETTINGS = { jurisdictions: ["EU"], retentionS: 1000 };

const auditsOf = async ({ client }: Opened) =>
  (await client.audit.entries({ typ: "exec-audit+jwt", order: "oldest", limit: 1000 })).rows;

async function hand(storage = createMemoryStorage(), clock = handClock()) {
  const open = async () => openedHost({ storage, clock, pool: silentPool(clock).pool, audit: SETTINGS });
  return { storage, clock, open };
}

/** Asked again at once: what is waited for is work, and time only goes on when it is told to. */
const OFTEN = { interval: 5, timeout: 15_000 };
/** Where each asking lets a millisecond pass: all of them are fewer than what audit tokens wait for. */
const IN_STEPS = { interval: 20, timeout: 15_000 };

/** Lets everything be issued that is due by now. */
const issued = (open: Opened, clock: ReturnType<typeof handClock>, count: number) =>
  expect
    .poll(async () => {
      clock.advance(1500);
      return (await auditsOf(open)).length;
    }, OFTEN)
    .toBe(count);

/** The request of a workflow's one gated task, which is asked for when time has gone on to it. */
async function asked({ client }: Opened, clock: ReturnType<typeof handClock>): Promise<string> {
  const request = async () => (await client.gate.queue({})).rows[0]?.request;
  await expect
    .poll(() => {
      clock.advance(1);
      return request();
    }, IN_STEPS)
    .toEqual(expect.any(String));
  return must(await request(), "a request");
}

/** Lets the tasks of a workflow go on until so many are done, a millisecond at a time. */
const done = ({ client }: Opened, clock: ReturnType<typeof handClock>, wid: string, count: number) =>
  expect
    .poll(async () => {
      clock.advance(1);
      return (await countsOf(client, wid)).done;
    }, IN_STEPS)
    .toBe(count);

describe("the audit tokens of a domain", () => {
  it("[XA-1] [XA-17] [XA-S6] are issued for a whole run, one a task and a decision; each verifies and holds nothing in clear", async () => {
    const { clock, open: opened } = await hand();
    const open = await opened();
    const alice = await enrolledOperator(open.client);
    const run = smallRun();
    const told = run.tasks.map((task) => ({ ...task, narrative: SECRET, args: { name: SECRET } }));
    const { wid } = await alice.start({ ...run, tasks: told });
    const request = await asked(open, clock);
    await alice.decide(request, "approve");
    await done(open, clock, wid, 4);
    // Three builds, a deployment, the start, the decision.
    await issued(open, clock, 6);
    const rows = await auditsOf(open);
    expect(rows.map(({ action }) => action).toSorted()).toEqual(
      [...["build_site", "build_site", "build_site"], "deploy_site", "hitl_decision", "run_start"].toSorted(),
    );
    await open.host.engine.issueHead();
    for (const row of rows) {
      const { records, isIssued } = await open.client.audit.records({ seq: row.seq });
      expect(isIssued).toBe(true);
      expect(records).toMatchObject([
        { seq: row.seq, level: 3, claimedLevel: 3, isCovered: true, code: null, actorBy: "verified", external: [] },
      ]);
    }
    // A task, its intent and its decision lead to the record, whatever entry is opened.
    const all = (await open.client.audit.entries({ wid, limit: 1000 })).rows;
    const of = async (typ: string, action: string) =>
      (
        await open.client.audit.records({
          seq: must(
            all.find((row) => row.typ === typ && row.action === action),
            `${typ} ${action}`,
          ).seq,
        })
      ).records.map((record) => record.action);
    expect(await of("exec+jwt", "deploy_site")).toEqual(["deploy_site"]);
    expect(await of("intent+jwt", "deploy_site")).toEqual(["deploy_site"]);
    expect(await of("hitl-decision+jwt", "deploy_site")).toEqual(["hitl_decision"]);
    expect((await open.host.integrity.verify()).firstBad).toBeNull();
    for (const { seq } of rows)
      expect(JSON.stringify((await open.client.audit.entry({ seq })).claims)).not.toContain(SECRET);
    open.host.close();
  });

  it("[XA-1] [XA-29] what was due when a host ended is issued by the next, once", async () => {
    const { clock, open } = await hand();
    const first = await open();
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(builds(2, 10), { speed: 1000 });
    await done(first, clock, wid, 2);
    expect(await auditsOf(first)).toEqual([]);
    first.host.close();
    const second = await open();
    await issued(second, clock, 3);
    second.host.close();
    const third = await open();
    clock.advance(5000);
    await third.host.engine.idle();
    const rows = await auditsOf(third);
    expect(new Set(rows.map(({ jti }) => jti)).size).toBe(3);
    expect(rows).toHaveLength(3);
    third.host.close();
  });

  it("[OVR-11] [XA-29] [XA-17] a stop and its acknowledgement do not wait for them, and the order is recorded after", async () => {
    const { clock, open } = await hand();
    const host = await open();
    const alice = await enrolledOperator(host.client);
    const { wid } = await alice.start(builds(2), { speed: 1 });
    await expect.poll(async () => (await countsOf(host.client, wid)).running, OFTEN).toBe(1);
    const stop = await give(host, await alice.signal("stop", { kind: "workflow", id: wid }));
    await expect
      .poll(async () => (await signalOf(host.client, stop)).targets[0]?.acknowledgedAtMs, OFTEN)
      .not.toBeNull();
    expect(await auditsOf(host)).toEqual([]);
    await expect
      .poll(async () => {
        clock.advance(1500);
        return (await auditsOf(host)).map(({ action, outcome }) => `${action} ${outcome}`);
      }, OFTEN)
      .toEqual(["run_start success", "override_signal success", "build_site denied"]);
    const order = must((await host.client.audit.entries({ typ: "override+jwt" })).rows[0], "the order");
    const { records } = await host.client.audit.records({ seq: order.seq });
    expect(records).toMatchObject([
      { action: "override_signal", actor: alice.subject, actorBy: "verified", code: null },
    ]);
    host.host.close();
  });

  it("[XA-29] [XA-18] an outage of the storage costs none of them", async () => {
    const storage = createMemoryStorage();
    let full = false;
    const log: EventLog = {
      ...storage.log,
      append: async (...frame) =>
        full
          ? { ok: false, error: { code: "storage_full", retry: true, detail: "no room" } }
          : storage.log.append(...frame),
    };
    const { clock, open } = await hand({ ...storage, log });
    const host = await open();
    const alice = await enrolledOperator(host.client);
    await alice.start(builds(1, 10), { speed: 1000 });
    full = true;
    clock.advance(1500);
    // A reader hears at once that it could not be recorded; it is when there is room.
    const read = host.client.audit.noteRead({ operator: alice.subject, kind: "export" });
    await expect(read).rejects.toMatchObject({ status: 503 });
    full = false;
    await expect
      .poll(async () => {
        clock.advance(6000);
        return (await auditsOf(host)).map(({ action }) => action);
      }, OFTEN)
      .toEqual(expect.arrayContaining(["run_start", "build_site", "audit_read"]));
    expect(await auditsOf(host)).toHaveLength(3);
    host.host.close();
  });

  it("[XA-29] [XA-16] a start at which the storage cannot be asked where to go on loses none of what was due", async () => {
    const { clock, storage, open } = await hand();
    const first = await open();
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(builds(1, 10), { speed: 1000 });
    await done(first, clock, wid, 1);
    first.host.close();
    let failures = 2;
    const values: typeof storage.values = {
      ...storage.values,
      get: async (key) => {
        if (!key.startsWith("audit-tokens/") || failures === 0) return storage.values.get(key);
        failures -= 1;
        return { ok: false, error: { code: "storage_failed", retry: true, detail: "not now" } };
      },
    };
    const again = { ...storage, values };
    const second = await openedHost({ storage: again, clock, pool: silentPool(clock).pool, audit: SETTINGS });
    await issued(second, clock, 2);
    expect(failures).toBe(0);
    second.host.close();
  });

  it("[XA-29] a log from before there were any is not written into afterwards", async () => {
    const { clock, storage } = await hand();
    const before = await openedHost({ storage, clock, pool: silentPool(clock).pool });
    const alice = await enrolledOperator(before.client);
    const { wid } = await alice.start(builds(1, 10), { speed: 1000 });
    await done(before, clock, wid, 1);
    before.host.close();
    const after = await openedHost({ storage, clock, pool: silentPool(clock).pool, audit: SETTINGS });
    clock.advance(5000);
    await after.host.engine.idle();
    expect(await auditsOf(after)).toEqual([]);
    await alice.rebound(after.client).start(builds(1, 10), { speed: 1000 });
    await issued(after, clock, 2);
    after.host.close();
  });

  it("[XA-18] [XA-61] [XA-62] an operator's view of what stands in clear is on record, by the console's word", async () => {
    const { clock, open: opened } = await hand();
    const open = await opened();
    const alice = await enrolledOperator(open.client);
    const { wid } = await alice.start(smallRun("Reads", 1));
    const request = await asked(open, clock);
    const note = async (read: { kind: "export" | "arguments" | "entry"; object?: string | number }) =>
      (await open.client.audit.noteRead({ operator: alice.subject, ...read })).recorded;
    expect(await note({ kind: "arguments", object: request })).toBe(true);
    expect(await note({ kind: "arguments", object: request })).toBe(false);
    expect(await note({ kind: "export" })).toBe(true);
    // An entry that holds ids and digests only is no protected data.
    expect(await note({ kind: "entry", object: 0 })).toBe(false);
    expect(await note({ kind: "entry", object: 9999 })).toBe(false);
    // The words of people: why they stopped something, what they want evidence for, why somebody may do what they may.
    await give(open, await alice.signal("stop", { kind: "workflow", id: wid }));
    for await (const _piece of await open.client.audit.evidence({
      token: await alice.askEvidence(open.host.engine.ids.pepId),
    }));
    const firstOf = async (typ: string): Promise<number> =>
      must((await open.client.audit.entries({ typ, limit: 1 })).rows[0], typ).seq;
    for (const typ of ["override+jwt", "evidence-request+jwt", "role-statement+jwt"])
      expect(await note({ kind: "entry", object: await firstOf(typ) })).toBe(true);
    for (const typ of ["acp+jwt", "intent+jwt", "exec-audit+jwt"])
      expect(await note({ kind: "entry", object: await firstOf(typ) })).toBe(false);
    const rows = (await open.client.audit.entries({ action: "audit_read", limit: 10 })).rows;
    expect(rows).toHaveLength(5);
    const { records } = await open.client.audit.records({ seq: must(rows[0], "a read").seq });
    expect(records).toMatchObject([{ actor: alice.subject, actorBy: "asserted", code: null }]);
    open.host.close();
  });
});
