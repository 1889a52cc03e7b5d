import { v4 } from "uuid";
import { expect, it } from "vitest";
import { enrolledOperator, type TestClient, until } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { systemClock } from "../../base/system.ts";
import { tariffHash } from "../../protocol/audit/accounting/tariff.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import { metered as meteredHere, type Operator, setTariff, tokensTariff } from "../metering.fixture.ts";
import { createRunStore } from "../run-store.ts";
import { type BorderMeteringPorts, createBorderMetering } from "./border-metering.ts";
import { besideOthers } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";

const CORE = "core.example";
const METRO = "metro.example";

/** What core begins, metro does in two steps, and core ends: with what each asked a model. */
function across(): RecordedRun {
  const run = runAcross([
    ["plan", CORE, []],
    ["carry", METRO, ["plan"]],
    ["more", METRO, ["carry"]],
    ["verify", CORE, ["more"]],
  ]);
  const usage = { inputTokens: 1000, outputTokens: 100, cost: null };
  return { ...run, tasks: run.tasks.map((task) => ({ ...task, usage, args: { model: "model-a" } })) };
}

/** Waits of metering are short, and the clock can be set ahead so that a time is over. */
function handClock() {
  let aheadMs = 0;
  const clock: Clock = {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + aheadMs,
    after: (delayMs, callback) => systemClock.after(delayMs === 500 ? 5 : delayMs, callback),
  };
  return { clock, later: () => (aheadMs = 20_000) };
}

const nowS = (): number => Math.floor(Date.now() / 1000);

/** What a person of the console signs for one of its domains. */
const signed = (by: Operator, of: string, typ: string, claims: object): Promise<string> =>
  signToken(
    typ,
    {
      ...{ iss: by.subject, aud: [`spiffe://${of}/pep`], iat: nowS(), exp: nowS() + 120, jti: v4(), role: "finance" },
      ...{ reason: "test", auth_time: nowS(), amr: ["swk", "user"], ...claims },
    },
    by.signer,
  );

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "taken",
    (error: { data?: { code?: string } }) => error.data?.code ?? String(error),
  );

const metered = (client: TestClient, of: string, count: number) =>
  until(client, async () => {
    const found = await client.accounting.records({ of, limit: 200 });
    return found.total >= count ? found.records : null;
  });

async function priced(client: TestClient, by: Operator, of: string, payer: string) {
  const body = { ...tokensTariff, tariff_id: `for-${payer.split(".")[0] ?? ""}` };
  const tariff = { ...body, hash: tariffHash(body, await createSha256()) };
  return client.accounting.setTariff({ of, token: await signed(by, of, "tariff+jwt", { tariff, account: { payer } }) });
}

async function handOver(client: TestClient, by: Operator, from: string, to: string) {
  const { text } = await client.accounting.ledger({ of: from, domain: to, own: true });
  const report = await client.accounting.inspectLedger({ of: to, text });
  const token = await signed(by, to, "ledger-import+jwt", {
    ...{ domain: report.domain, log_kid: report.logKid, ledger: report.digest },
    ...{ records_count: report.records, records_root: report.root, keys: report.keys },
  });
  return client.accounting.importLedger({ of: to, text, token });
}

/** Signs what a side says of the settlement as it is now; what it answers when it is given to its domain. */
async function message(
  client: TestClient,
  by: Operator,
  of: string,
  phase: string,
  period: { from: number; to: number },
  more: object = {},
): Promise<() => Promise<unknown>> {
  const [known] = (await client.accounting.settlements({ of })).settlements;
  const draft = await (known === undefined
    ? client.accounting.draft({ of, payer: CORE, currency: "EUR", ...period }).then(({ figures }) => figures)
    : { ...known, adjustments: [] });
  const last = known?.steps.at(-1);
  const token = await signed(by, of, "settlement+jwt", {
    ...{ aud: [`spiffe://${METRO}/log`, `spiffe://${CORE}/log`], settlement_id: known?.id ?? v4(), phase },
    ...{ payee: METRO, payer: CORE, period, records_root: draft.root, records_count: draft.count },
    ...{ totals: draft.totals, amount_total: draft.amount, currency: "EUR", adjustments: draft.adjustments },
    ...(last === undefined ? {} : { answers: { jti: last.jti, hash: last.hash } }),
    ...more,
  });
  return () => client.accounting.settle({ of, token });
}

const settle = async (...of: Parameters<typeof message>): Promise<unknown> => (await message(...of))();

it("[XDA-80] [XDA-81] [XDA-16] [XDA-20] [XDA-40] what a domain did for another is metered once by each, in its own log, and settled by two people", async () => {
  const storage = createMemoryStorage();
  const { clock, later } = handClock();
  const opened = await besideOthers(() => false, { metering: { everyMs: 5 }, clock }, storage);
  const { client } = opened;
  const fay = await enrolledOperator(client, "Fay");
  const gus = await enrolledOperator(client, "Gus");
  const vic = await enrolledOperator(client, "Vic", ["auditor"]);
  // The domains are there from the first workflow on; nothing is priced yet.
  const first = await fay.start(across(), { speed: 1000 });
  await until(client, async () => ((await client.accounting.accounts()).accounts.length === 3 ? true : null));
  const unpriced = await metered(client, METRO, 2);
  expect(unpriced.map(({ taskName, payer, state, seq }) => [taskName, payer, state, seq])).toEqual([
    ["more", CORE, "metered", 1],
    ["carry", CORE, "metered", 0],
  ]);
  expect(unpriced[0]?.items.map(({ resource, quantity }) => [resource, quantity])).toEqual([
    ["api_call", "1"],
    ["llm_input_token", "1000"],
    ["llm_output_token", "100"],
    ["agent_time", "1"],
  ]);
  const counted = await metered(client, CORE, 2);
  expect(counted.map(({ taskName, payer, meter }) => [taskName, payer, meter.includes("counter-metro")])).toEqual([
    ["more", CORE, true],
    ["carry", CORE, true],
  ]);

  expect(await codeOf(priced(client, vic, METRO, CORE))).toBe("accounting_unauthorized");
  await priced(client, fay, METRO, CORE);
  await fay.start(across(), { speed: 1000 });
  const [newest] = await metered(client, METRO, 4);
  expect(newest).toMatchObject({ state: "rated", currency: "EUR", payer: CORE });
  await metered(client, CORE, 4);
  expect((await client.accounting.usage({ of: METRO, by: "domain", buckets: 1 })).total.cost).toEqual({ EUR: "0.009" });
  // The console's own accounts are as they would be without: each task once.
  await meteredHere(client, 8);
  expect((await client.accounting.usage({ by: "agent", buckets: 1 })).total).toMatchObject({ calls: 8, cost: {} });

  // What one domain counts of another's work it tells that one only.
  const told = async (domain: string) => (await client.accounting.ledger({ of: CORE, domain, own: true })).records;
  expect([await told(METRO), await told("access.example")]).toEqual([4, 0]);
  // A ledger in the name of a domain of this console is of its log, or of nobody.
  const impostor = await openedHost({ trustDomain: METRO });
  const forged = await impostor.client.accounting.ledger({ domain: CORE, own: true });
  expect(await codeOf(client.accounting.inspectLedger({ of: CORE, text: forged.text }))).toBe("ledger_key_changed");
  expect(await codeOf(client.accounting.inspectLedger({ text: forged.text }))).toBe("ledger_key_changed");
  impostor.host.close();
  await handOver(client, fay, METRO, CORE);
  const both = await client.accounting.reconcile({ of: CORE, domain: METRO });
  expect([both.counts, both.total]).toEqual([
    { matched: 16, missing_here: 0, missing_there: 0, quantity: 0, price: 0 },
    16,
  ]);
  // A tariff for another asker leaves that for this one as it is.
  await priced(client, fay, METRO, "access.example");
  expect((await client.accounting.tariffs({ of: METRO })).tariffs.map(({ inForce }) => inForce)).toEqual([true, true]);
  later();
  const period = { from: 0, to: nowS() + 10 };
  // They speak for the console's domains, and for nobody outside it.
  const foreign = await signed(fay, METRO, "settlement+jwt", {
    ...{ aud: [`spiffe://${METRO}/log`], settlement_id: v4(), phase: "statement", payee: "far.example", payer: METRO },
    ...{ period, records_root: "A".repeat(43), records_count: 1, totals: [], amount_total: "1", currency: "EUR" },
    adjustments: [],
  });
  expect(await codeOf(client.accounting.settle({ of: METRO, token: foreign }))).toBe("settlement_wrong_party");
  // And each of them in its own log first: what a domain never said is in nobody else's.
  const unsaid = await signed(fay, CORE, "settlement+jwt", {
    ...{ aud: [`spiffe://${CORE}/log`], settlement_id: v4(), phase: "statement", payee: METRO, payer: CORE, period },
    ...{ records_root: "A".repeat(43), records_count: 1, totals: [], amount_total: "9", currency: "EUR" },
    adjustments: [],
  });
  expect(await codeOf(client.accounting.settle({ of: CORE, token: unsaid }))).toBe("settlement_wrong_party");
  await settle(client, fay, METRO, "statement", period);
  const [stated] = (await client.accounting.settlements({ of: CORE })).settlements;
  expect(stated).toMatchObject({ side: "payer", payee: METRO, amount: "0.009", count: 2, check: { problems: [] } });
  expect(await codeOf(settle(client, fay, CORE, "accept", period))).toBe("settlement_self_agreement");
  const steps = async (of: string) =>
    (await client.accounting.settlements({ of })).settlements.flatMap((one) => one.steps.map(({ jti }) => jti));
  const [firstStated] = await steps(METRO);
  const disputes = [{ jti: must(newest, "it is metered").jti, kind: "quantity", evidence: [] }];
  await settle(client, gus, CORE, "dispute", period, { disputes });
  // Both answer the dispute at once: one of them is the answer, in both logs.
  const answers = [
    await message(client, fay, METRO, "statement", period, { prev_settlement: firstStated }),
    await message(client, gus, CORE, "accept", period),
  ];
  const codes = await Promise.all(answers.map((say) => codeOf(say())));
  expect(codes.toSorted()).toEqual(["settlement_outdated", "taken"]);
  expect(await steps(CORE)).toEqual(await steps(METRO));
  expect(await steps(CORE)).toHaveLength(3);
  if (codes[0] === "taken") await settle(client, gus, CORE, "accept", period);
  expect(await codeOf(settle(client, gus, METRO, "confirm", period))).toBe("settlement_self_agreement");
  await settle(client, fay, METRO, "confirm", period);
  expect((await client.accounting.settlements({ of: CORE })).settlements[0]?.status).toBe("confirmed");

  // A difference is an object: what finance corrects on one side is found by the other.
  const record = must(unpriced[1], "it is metered").jti;
  const items = [{ resource: "llm_input_token", difference: "-10" }];
  await client.accounting.correct({
    of: METRO,
    token: await signed(gus, METRO, "usage-correction+jwt", { record, items }),
  });
  await metered(client, METRO, 5);
  await handOver(client, gus, METRO, CORE);
  expect((await client.accounting.reconcile({ of: CORE, domain: METRO, kind: "quantity" })).lines).toMatchObject([
    { taskName: "carry", ours: "1000", theirs: "990", difference: "10", wid: first.wid },
  ]);
  // Of what is only counted a correction is in no sum either.
  const beside = must(counted[1], "it is counted").jti;
  await client.accounting.correct({
    of: CORE,
    token: await signed(fay, CORE, "usage-correction+jwt", { record: beside, items }),
  });
  await metered(client, CORE, 5);
  expect(await client.accounting.usage({ of: CORE, by: "agent", buckets: 1 })).toMatchObject({
    ...{ counted: 5, total: { tokens: 0 } },
  });
  expect(await codeOf(client.accounting.usage({ of: METRO, by: "agent", buckets: 1, at: 3 }))).toBe("domain_past");
  expect(await codeOf(client.accounting.usage({ of: "far.example", by: "agent", buckets: 1 }))).toBe("domain_not_here");
  opened.host.close();

  // A new start finds all of it metered.
  const again = await besideOthers(() => false, { metering: { everyMs: 5 }, clock }, storage);
  await until(again.client, async () =>
    (await again.client.accounting.accounts()).accounts.length === 3 ? true : null,
  );
  const desk = await again.desk();
  desk.metering.look([first.wid]);
  await desk.settled();
  expect((await again.client.accounting.records({ of: METRO })).total).toBe(5);
  again.host.close();
});

it("[XDA-80] who pays the console for a task is not billed for it inside", async () => {
  const { clock } = handClock();
  const { client, host, desk } = await besideOthers(() => false, { metering: { everyMs: 5 }, clock });
  const fay = await enrolledOperator(client, "Fay");
  await fay.start(across(), { speed: 1000 });
  await until(client, async () => ((await client.accounting.accounts()).accounts.length === 3 ? true : null));
  await metered(client, METRO, 2);
  await priced(client, fay, METRO, CORE);
  const wid = v4();
  await setTariff(client, fay, CORE, [wid]);
  await fay.start(across(), { speed: 1000, wid });
  const records = await metered(client, METRO, 4);
  expect(records.map((record) => [record.wid === wid, record.state])).toEqual([
    [true, "metered"],
    [true, "metered"],
    [false, "metered"],
    [false, "metered"],
  ]);
  await meteredHere(client, 4, wid);
  expect((await client.accounting.usage({ by: "domain", buckets: 1, wid })).total.cost).toEqual({ EUR: "0.018" });
  await (await desk()).settled();
  host.close();
});

it("[XDA-80] [XDA-52] a domain that has no record of its tasks yet holds up no other, and nobody asks again all the time", async () => {
  const sha256 = await createSha256();
  const storage = createMemoryStorage();
  const runs = createRunStore(storage.objects, sha256);
  const late = Array.from({ length: 70 }, (_, at) => [`late-${at}`, "access.example", ["plan"]] as const);
  const added = await runs.add(runAcross([["plan", CORE, []], ...late, ["carry", METRO, ["plan"]]]));
  const { digest } = must(added.ok ? added.value : null, "a run");
  const planned = await runs.plan(digest);
  const plan = must(planned.ok ? planned.value : null, "a plan");
  const wid = v4();
  const { jtis } = runs.jtis(wid, plan);
  // As far as it is looked at: every task has ended, and is metered wherever somebody asks.
  const ect = { iat: 1000, seq: 1 };
  const tasks = new Map(jtis.map((jti) => [jti, { jti, agent: "a", execAct: "chat", status: "done", at: 1000, ect }]));
  const record = { correctionOf: null, period: { from: 999, to: 1000 } };
  const accounting = {
    byTask: new Map(jtis.map((jti) => [jti, [jti]])),
    records: new Map(jtis.map((jti) => [jti, { ...record, task: jti }])),
    ...{ corrections: new Map(), settlements: new Map() },
  };
  const state = { workflows: new Map([[wid, { wid, run: digest, drill: null, tasks }]]), accounting };
  const asked = new Map<string, number>();
  const hosts = new Map(
    [CORE, METRO, "access.example"].map((domain) => {
      const read = async (reading: (of: unknown) => unknown) => {
        asked.set(domain, (asked.get(domain) ?? 0) + 1);
        return reading(state);
      };
      const audit = () => (domain === "access.example" ? undefined : {});
      return [domain, { domain, ledger: { audit }, host: { engine: { read }, ports: { clock: systemClock } } }];
    }),
  );
  const waiting: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    after: (_delayMs, then) => {
      waiting.push(then);
      return () => undefined;
    },
  };
  const metering = createBorderMetering({
    engine: { read: async (reading: (of: unknown) => unknown) => reading(state), ids: { domain: "console.local" } },
    ...{ runs, clock, ids: { uuid: v4 }, sha256, changed: () => undefined },
    hosts: { get: (domain: string) => hosts.get(domain), all: () => [...hosts.values()] },
  } as unknown as BorderMeteringPorts); // what it asks of them here
  metering.look([wid]);
  let rounds = 0;
  for (let next = waiting.shift(); next !== undefined && rounds < 5; next = waiting.shift(), rounds += 1) {
    next();
    await metering.settled();
  }
  expect([rounds, metering.trouble(METRO)]).toEqual([1, null]);
  // Beside corrections and messages metro is asked about its task, and access about none.
  expect((asked.get(METRO) ?? 0) - (asked.get("access.example") ?? 0)).toBe(1);
});
