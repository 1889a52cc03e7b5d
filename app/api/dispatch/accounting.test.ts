import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { systemClock } from "../../base/system.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { financeToken, metered, modelRun, type Operator, setTariff } from "../../host/metering.fixture.ts";
import { keptTrustDomain } from "../../host/trust-domain.ts";
import { parseExport, verifyExport } from "../../protocol/audit/verify-export.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { enrolledOperator, type TestClient, until } from "./operator.fixture.ts";

const OPS = "ops.example";
const PARTNER = "partner.example";

interface Domain {
  readonly client: TestClient;
  readonly finance: Operator;
  /** Lets its clock go on, so that what was used is of a time that is over. */
  later(): void;
  /** Nothing is metered until the returned function is called. */
  hold(): () => void;
  close(): void;
}

const METERED_EVERY_MS = 23;
const AHEAD_MS = 10_000;

/** A console as its people begin it: with the name that everybody's has, and then with its own. */
async function domain(trustDomain: string): Promise<Domain> {
  const storage = createMemoryStorage();
  const first = await openedHost({ storage, renamed: async () => undefined });
  await first.client.identity.nameDomain({ trustDomain });
  first.host.close();
  const kept = await keptTrustDomain(storage);
  let aheadMs = 0;
  let held: (() => void)[] | null = null;
  const clock: Clock = {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + aheadMs,
    after: (delayMs, callback) => {
      if (delayMs !== METERED_EVERY_MS || held === null) return systemClock.after(delayMs, callback);
      held.push(callback);
      return () => undefined;
    },
  };
  const { host, client } = await openedHost({
    ...{ storage, clock, trustDomain: kept.ok ? kept.value : "unknown" },
    metering: { everyMs: METERED_EVERY_MS },
  });
  return {
    client,
    finance: await enrolledOperator(client, "Fay"),
    later: () => {
      aheadMs = AHEAD_MS;
    },
    hold: () => {
      held = [];
      return () => {
        for (const callback of held?.splice(0) ?? []) callback();
        held = null;
      };
    },
    close: () => host.close(),
  };
}

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "taken",
    (error: { data?: { code?: string } }) => error.data?.code ?? String(error),
  );

/** Hands the ledger of one domain to the other, as a file; says what became of the messages in it. */
async function handOver(from: Domain, to: Domain, name: string, own = false, change: object = {}) {
  const { text } = await from.client.accounting.ledger({ domain: name, own });
  const report = await to.client.accounting.inspectLedger({ text });
  const token = await financeToken(to.client, to.finance, "ledger-import+jwt", {
    domain: report.domain,
    log_kid: report.logKid,
    ledger: report.digest,
    records_count: report.records,
    records_root: report.root,
    keys: report.keys,
    ...change,
  });
  return { report, text, answer: await to.client.accounting.importLedger({ text, token }) };
}

/** A settlement message of a domain, about the figures that its own draft or the newest statement has. */
async function settle(by: Domain, phase: string, change: object = {}): Promise<{ seq: number }> {
  const [known] = (await by.client.accounting.settlements()).settlements;
  by.later();
  const period = { from: 0, to: known?.to ?? Math.ceil(Date.now() / 1000) + 1 };
  const answers = known?.steps.at(-1);
  const { figures } =
    phase === "statement"
      ? await by.client.accounting.draft({ payer: PARTNER, currency: "EUR", ...period })
      : {
          figures: {
            root: known?.root,
            count: known?.count,
            totals: known?.totals,
            amount: known?.amount,
            adjustments: [],
          },
        };
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    iss: by.finance.subject,
    aud: [`spiffe://${OPS}/log`, `spiffe://${PARTNER}/log`],
    iat: nowS,
    exp: nowS + 3600,
    jti: v4(),
    settlement_id: known?.id ?? v4(),
    phase,
    ...{ payee: OPS, payer: PARTNER, period },
    ...{ records_root: figures.root, records_count: figures.count, totals: figures.totals },
    ...{ amount_total: figures.amount, currency: "EUR", adjustments: figures.adjustments },
    ...(answers === undefined ? {} : { answers: { jti: answers.jti, hash: answers.hash } }),
    ...(phase === "statement" && known !== undefined
      ? { prev_settlement: known.steps.findLast((step) => step.phase === "statement")?.jti }
      : {}),
    ...{ role: "finance", auth_time: nowS, amr: ["swk", "user"] },
    ...change,
  };
  return by.client.accounting.settle({ token: await signToken("settlement+jwt", claims, by.finance.signer) });
}

const statusOf = async ({ client }: Domain) => (await client.accounting.settlements()).settlements[0]?.status;

/** Two domains that each metered the same workflow by themselves, the partner without its last task. */
async function twoDomains(theirCounts: readonly (readonly [number, number])[]) {
  const [ops, partner] = await Promise.all([domain(OPS), domain(PARTNER)]);
  const wid = v4();
  await setTariff(ops.client, ops.finance, PARTNER, [wid]);
  await ops.finance.start(
    modelRun([
      [12_000, 1500],
      [1000, 100],
    ]),
    { wid },
  );
  await partner.finance.start(modelRun(theirCounts), { wid });
  await Promise.all([metered(ops.client, 2), metered(partner.client, theirCounts.length)]);
  return { ops, partner, wid };
}

describe("two domains settle", () => {
  it("[XDA-16] [XDA-18] [XDA-21] [XDA-49] over files: statement, dispute, correction, statement again, acceptance, confirmation", async () => {
    const { ops, partner } = await twoDomains([
      [11_000, 1500],
      [1000, 100],
    ]);
    await settle(ops, "statement");
    const { answer, report } = await handOver(ops, partner, PARTNER);
    expect(answer).toMatchObject({ taken: 1, refused: [] });
    expect(report).toMatchObject({ domain: OPS, records: 2, tariffs: 1, settlements: 1, pinned: null });
    const [stated] = (await partner.client.accounting.settlements()).settlements;
    expect(stated).toMatchObject({ status: "stated", side: "payer", amount: "0.063", check: { problems: [] } });

    // Two ledgers, metered apart: the payer counted 1,000 input tokens less in one task.
    const compared = await partner.client.accounting.reconcile({ domain: OPS });
    expect(compared.counts).toEqual({ matched: 7, missing_here: 0, missing_there: 0, quantity: 1, price: 0 });
    expect(compared.lines[0]).toMatchObject({ kind: "quantity", ours: "11000", theirs: "12000", difference: "-1000" });
    expect(compared.differences).toContainEqual({ resource: "llm_input_token", unit: "token", difference: "-1000" });
    await settle(partner, "dispute", { disputes: compared.disputes });
    expect(await statusOf(partner)).toBe("disputed");

    expect((await handOver(partner, ops, OPS, true)).answer).toMatchObject({ taken: 1, refused: [] });
    const [disputed] = (await ops.client.accounting.settlements()).settlements;
    expect(disputed?.disputes).toMatchObject([{ kind: "quantity", expected: "11000", resource: "llm_input_token" }]);
    // From the other side the same line has the other sign.
    const mirrored = await ops.client.accounting.reconcile({ domain: PARTNER });
    expect(mirrored.lines[0]).toMatchObject({ kind: "quantity", difference: "1000" });

    const record = must(disputed?.disputes[0]?.jti ?? null, "a dispute names a record");
    const items = [{ resource: "llm_input_token", difference: "-1000" }];
    const order = await financeToken(ops.client, ops.finance, "usage-correction+jwt", { record, items });
    await ops.client.accounting.correct({ token: order });
    const { records } = await metered(ops.client, 3);
    expect(records[0]).toMatchObject({ correctionOf: record, seq: 2 });
    expect(records.find(({ jti }) => jti === record)?.state).toBe("corrected");
    await settle(ops, "statement");

    expect((await handOver(ops, partner, PARTNER)).answer).toMatchObject({ taken: 1, refused: [] });
    expect((await partner.client.accounting.reconcile({ domain: OPS })).counts).toMatchObject({
      matched: 8,
      quantity: 0,
    });
    await settle(partner, "accept");
    expect((await handOver(partner, ops, OPS)).answer).toMatchObject({ taken: 1, refused: [] });
    await settle(ops, "confirm");
    expect(await statusOf(ops)).toBe("confirmed");
    expect((await handOver(ops, partner, PARTNER)).answer).toMatchObject({ taken: 1, refused: [] });
    const [closed] = (await partner.client.accounting.settlements()).settlements;
    expect(closed).toMatchObject({ status: "confirmed", amount: "0.06", round: 1 });
    expect(closed?.steps.map(({ phase }) => phase)).toEqual(["statement", "dispute", "statement", "accept", "confirm"]);
    const states = (await ops.client.accounting.records({})).records.map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["settled"]));

    // Both logs, messages of the other domain's people in them, verify from their own bytes.
    for (const { client } of [ops, partner]) {
      let text = "";
      for await (const chunk of await client.audit.export()) text += chunk.text;
      const log = parseExport(text);
      expect(log.ok && (await verifyExport(log.value, await createSha256())).firstBad).toBeNull();
    }

    const focus = await ops.client.accounting.focus({ format: "csv", payer: PARTNER });
    expect(focus).toMatchObject({ rows: 5, problems: [] });
    expect(focus.text).toContain("Correction");
    ops.close();
    partner.close();
  });

  it("[XDA-45] [XDA-S6] takes no ledger that was changed, cut, of another key than the pinned one, or signed for another file", async () => {
    const { ops, partner, wid } = await twoDomains([[1, 1]]);
    await settle(ops, "statement");
    const { text, answer } = await handOver(ops, partner, PARTNER);
    expect(answer.taken).toBe(1);
    const file = JSON.parse(text);
    const inspected = (change: object) =>
      codeOf(partner.client.accounting.inspectLedger({ text: JSON.stringify({ ...file, ...change }) }));
    const [first, second] = file.records;
    expect(await inspected({ records: [second] })).toBe("usage_gap");
    expect(await inspected({ records: [first, first, second] })).toBe("token_replayed");
    expect(
      await inspected({
        records: [`${first.slice(0, -20)}${first.at(-20) === "A" ? "B" : "A"}${first.slice(-19)}`, second],
      }),
    ).toBe("token_signature_invalid");
    expect(await inspected({ identities: file.identities.slice(0, 1) })).toBe("token_key_unknown");
    expect(await inspected({ domain: "other.example" })).toBe("ledger_malformed");
    expect(await codeOf(ops.client.accounting.inspectLedger({ text }))).toBe("ledger_own");
    expect(await codeOf(handOver(ops, partner, PARTNER, false, { records_count: 7 }))).toBe("object_hash_mismatch");
    // Somebody else who calls themselves the same, with a ledger that is sound in itself.
    const impostor = await domain(OPS);
    await setTariff(impostor.client, impostor.finance, PARTNER, [wid]);
    await impostor.finance.start(modelRun([[5, 5]]), { wid });
    await metered(impostor.client, 1);
    expect(await codeOf(handOver(impostor, partner, PARTNER))).toBe("ledger_key_changed");
    impostor.close();
    ops.close();
    partner.close();
  });

  it("[XDA-43] [XDA-44] [XDA-45] lets each party say only its own, finance only, and nobody accept what their copies do not come to", async () => {
    const { ops, partner } = await twoDomains([[1, 1]]);
    // Used before the statement, and metered after it.
    const release = ops.hold();
    await setTariff(ops.client, ops.finance, PARTNER, undefined, { tariff_id: "t-all" });
    const late = await ops.finance.start(modelRun([[7, 7]]));
    await until(ops.client, async () =>
      (await ops.client.workflow.get({ wid: late.wid })).workflow.status === "finished" ? true : null,
    );
    expect(await codeOf(settle(ops, "statement", { amount_total: "1" }))).toBe("settlement_mismatch");
    const viewer = await enrolledOperator(ops.client, "Vic", ["auditor"]);
    const asViewer = { ...ops, finance: viewer };
    expect(await codeOf(settle(asViewer, "statement"))).toBe("accounting_unauthorized");
    await settle(ops, "statement");
    expect(await codeOf(settle(ops, "accept"))).toBe("settlement_wrong_party");
    const { text } = await ops.client.accounting.ledger({ domain: PARTNER, own: false });
    const { settlements } = JSON.parse(text);
    // A message that came without its ledger is of nobody who is known.
    expect(await codeOf(partner.client.accounting.settle({ token: settlements[0] }))).toBe("token_key_unknown");
    await handOver(ops, partner, PARTNER);
    // Stated again, with what was metered meanwhile: the payer's copies do not come to that before they have its record.
    await settle(partner, "dispute", { disputes: [{ jti: v4(), kind: "missing", evidence: [] }] });
    expect((await handOver(partner, ops, OPS)).answer).toMatchObject({ taken: 1, refused: [] });
    release();
    await metered(ops.client, 1, late.wid);
    await settle(ops, "statement");
    const again: { settlements: string[] } = JSON.parse(
      (await ops.client.accounting.ledger({ domain: PARTNER, own: false })).text,
    );
    await partner.client.accounting.settle({ token: must(again.settlements[1] ?? null, "it is in the ledger") });
    expect(await codeOf(settle(partner, "accept"))).toBe("settlement_mismatch");
    await handOver(ops, partner, PARTNER);
    await settle(partner, "accept");
    // Their finance signs settlements here and nothing else, a stop neither.
    const { client: here } = partner;
    const { pepId } = await here.identity.describe();
    const nowS = Math.floor(Date.now() / 1000);
    const stop = await ops.finance.signal("stop", { kind: "domain", id: PARTNER }, { aud: [pepId], iat: nowS });
    expect(await codeOf(here.override.signal({ token: stop }))).toBe("token_key_restricted");
    ops.close();
    partner.close();
  });
});

describe("a time that is not over", () => {
  it("[XDA-50] is neither drafted nor stated, nor is a statement about it taken in", async () => {
    const { ops, partner } = await twoDomains([[1, 1]]);
    const to = Math.floor(Date.now() / 1000) + 7200;
    const about = { payer: PARTNER, currency: "EUR", from: 0, to };
    expect(await codeOf(ops.client.accounting.draft(about))).toBe("settlement_period_open");
    expect(await codeOf(settle(ops, "statement", { period: { from: 0, to } }))).toBe("settlement_period_open");
    expect((await ops.client.accounting.settlements()).settlements).toEqual([]);
    // What could be drafted is the same about the time that is over.
    expect((await ops.client.accounting.draft({ ...about, to: Math.floor(Date.now() / 1000) })).payee).toBe(OPS);
    await settle(ops, "statement");
    expect((await handOver(ops, partner, PARTNER)).answer).toMatchObject({ taken: 1, refused: [] });
    ops.close();
    partner.close();
  });
});

describe("limits and orders of finance", () => {
  it("[XDA-S5] marks what uses over three times what such an action uses in the middle", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const usual = Array.from({ length: 5 }, () => [100, 10] as const);
    await alice.start(modelRun([...usual, [300, 10], [301, 10]]));
    const { records } = await metered(client, 7);
    expect(records.filter(({ unusual }) => unusual).map(({ taskName }) => taskName)).toEqual(["build-6"]);
    host.close();
  });

  it("[XDA-15] [ACP-29] shows limits with what is used of them, and the gateway refuses beyond", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const run = modelRun([
      [400, 100],
      [400, 100],
      [400, 100],
    ]);
    const { wid } = await alice.start(run, {
      change: (policy) => ({
        ...policy,
        dag: {
          ...policy.dag,
          nodes: policy.dag.nodes.map((node) =>
            node.id === "a0" ? { ...node, constraints: { max_tokens: 1000 } } : node,
          ),
        },
      }),
    });
    await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.refused === 1 ? true : null));
    const { limits } = await client.accounting.limits();
    expect(limits).toMatchObject([{ name: "max_tokens", value: "1000", used: "1000", share: 1, wid }]);
    expect((await metered(client, 2)).records.some(({ overLimit }) => overLimit)).toBe(false);
    expect((await client.workflow.get({ wid })).workflow.counts).toMatchObject({ done: 2, refused: 1 });
    host.close();
  });

  it("[XDA-18] [XDA-17] takes tariffs and corrections of finance only, of versions that grow, and within what was used", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const vic = await enrolledOperator(client, "Vic", ["auditor"]);
    expect(await codeOf(setTariff(client, vic, "console.local"))).toBe("accounting_unauthorized");
    await setTariff(client, alice, "console.local", undefined, { version: 2 });
    expect(await codeOf(setTariff(client, alice, "console.local", undefined, { version: 1 }))).toBe("tariff_version");
    expect(await codeOf(setTariff(client, alice, "console.local", undefined, { version: 2, valid_from: 1 }))).toBe(
      "tariff_version",
    );
    await alice.start(modelRun([[100, 10]]));
    const { records } = await metered(client, 1);
    const record = must(records[0], "it is metered").jti;
    const correct = async (difference: string, resource = "llm_input_token") => {
      const items = [{ resource, difference }];
      const token = await financeToken(client, alice, "usage-correction+jwt", { record, items });
      return codeOf(client.accounting.correct({ token }));
    };
    expect(await correct("-101")).toBe("usage_correction_range");
    expect(await correct("0")).toBe("usage_correction_range");
    expect(await correct("-1", "gpu")).toBe("usage_unit");
    expect(await correct("-60")).toBe("taken");
    await metered(client, 2);
    expect(await correct("-41")).toBe("usage_correction_range");
    const { tariffs } = await client.accounting.tariffs();
    expect(tariffs).toMatchObject([{ inForce: true, records: 2, tariff: { version: 2 }, by: alice.subject }]);
    host.close();
  });
});
