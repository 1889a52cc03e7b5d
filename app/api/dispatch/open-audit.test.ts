import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { acted } from "../../host/acting.fixture.ts";
import { acrossThree, besideOthers } from "../../host/domains/domains.fixture.ts";
import { handClock } from "../../host/hand-clock.fixture.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { builds, countsOf } from "../../host/orders.fixture.ts";
import { silentPool } from "../../host/silent-pool.fixture.ts";
import { actorBy } from "./open-audit.ts";
import { enrolledOperator } from "./operator.fixture.ts";

/** A run of one task with its audit tokens, of which no head has been signed over the last. */
async function recorded() {
  const clock = handClock();
  const { host, client } = await openedHost({ clock, pool: silentPool(clock).pool, audit: {} });
  const alice = await enrolledOperator(client);
  const { wid } = await alice.start(builds(1, 10), { speed: 1000 });
  await expect
    .poll(async () => {
      clock.advance(1);
      return (await countsOf(client, wid)).done;
    })
    .toBe(1);
  const rows = async () => (await client.audit.entries({ typ: "exec-audit+jwt" })).rows;
  await expect
    .poll(async () => {
      clock.advance(1500);
      return (await rows()).length;
    })
    .toBe(2);
  return {
    host,
    client,
    row: must(
      (await rows()).find(({ action }) => action === "build_site"),
      "the task's record",
    ),
  };
}

it("[XA-14] [XA-6] [INV-4] is level 2 until a signed head covers its entry, and only then shown as on record", async () => {
  const { host, client, row } = await recorded();
  const look = async () => must((await client.audit.records({ seq: row.seq })).records[0], "a record");
  const steps = async () =>
    (await client.audit.inspect({ seq: row.seq })).steps
      .filter(({ procedure }) => procedure === "V1")
      .map(({ step, result }) => `${step} ${result}`);
  const size = (await client.host.status()).position.size;
  expect(await client.audit.entry({ seq: size }).catch((error: { code: string }) => error.code)).toBe("NOT_FOUND");
  expect(await look()).toMatchObject({ level: 2, isCovered: false, code: null });
  expect(await steps()).toContain("9 not_checked");
  const told = (await look()).steps.map(({ step, result }) => `${step} ${result}`);
  expect(told).toEqual(expect.arrayContaining(["9 not_checked", "10 not_applicable"]));
  await host.engine.issueHead();
  expect(await look()).toMatchObject({ level: 3, isCovered: true, code: null });
  expect(await steps()).toEqual([
    ...["1 passed", "3 passed", "4 passed", "5 passed", "6 passed", "7 passed", "8 passed", "9 passed"],
    "10 not_applicable",
  ]);
  host.close();
});

it("[XA-7] [COM-5] a pasted one is found at its entry, though its task has the same id; a changed one is refused", async () => {
  const { host, client, row } = await recorded();
  await host.engine.issueHead();
  const { token } = await client.audit.entry({ seq: row.seq });
  const seen = await client.audit.inspect({ token });
  expect(seen.entry?.seq).toBe(row.seq);
  expect(seen.names.map(({ rel, entry }) => `${rel} ${entry?.typ}`)).toContain("what it wraps exec+jwt");
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object; // Our own token.
  const forged = Buffer.from(JSON.stringify({ ...claims, outcome: "denied" })).toString("base64url");
  const changed = await client.audit.inspect({ token: `${header}.${forged}.${signature}` });
  expect(changed.entry).toBeNull();
  expect(changed.steps.find(({ result }) => result === "failed")?.code).toBe("token_signature_invalid");
  expect(
    changed.steps
      .filter(({ result }) => result === "passed")
      .every(({ procedure, step }) => procedure === "CTV" || step === 1),
  ).toBe(true);
  host.close();
});

it("[XA-8] [XA-7] of another domain's log each verifies there, its predecessors in that log or handed on by another", async () => {
  const { host, client, desk } = await besideOthers();
  await acted(client, acrossThree(), false);
  const { settled, hosts } = await desk();
  await settled();
  const handedOn: (string | null)[] = [];
  for (const { domain, host: other } of hosts.all()) {
    await other.engine.issueHead();
    const { rows } = await client.audit.entries({ domain, typ: "exec-audit+jwt", limit: 100 });
    expect(rows.length).toBeGreaterThan(0);
    for (const { seq } of rows) {
      const { records } = await client.audit.records({ domain, seq });
      expect(records).toMatchObject([{ seq, level: 3, code: null }]);
      const from = records.flatMap(({ external }) => external.map((pred) => pred.domain));
      expect(from).not.toContain(null);
      handedOn.push(...from);
    }
  }
  // Four crossings come in.
  expect(handedOn).toHaveLength(4);
  host.close();
});

it("[XA-17] [INV-4] a person is known to have acted by their own signature, not by any evidence that is at hand", () => {
  const sub = "spiffe://console.local/human/alice";
  const said = { actor: { sub }, evidence: [] };
  // Only what is looked at: the other claims and proofs say nothing of who acted.
  const found = { claims: said, audit: { ect: null, evidenceFound: 1 } } as unknown as Parameters<typeof actorBy>[0];
  expect(actorBy({ ...found, evidenceBy: new Set(["spiffe://console.local/agent/one"]) })).toBe("issuer");
  expect(actorBy({ ...found, evidenceBy: new Set([sub]) })).toBe("verified");
});
