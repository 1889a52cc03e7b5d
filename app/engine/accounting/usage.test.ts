import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { EXAMPLE_TARIFF } from "../../protocol/audit/accounting/accounting.fixture.ts";
import { meterIdOf } from "../../protocol/audit/accounting/ids.ts";
import type { Settlement } from "../../protocol/audit/accounting/settlement-state.ts";
import { FIRST_PREV, type UsageRecordClaims } from "../../protocol/audit/accounting/usage-record.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { type Bench, ids, startedWorkflow } from "../engine.fixture.ts";

const START_S = 1_772_064_000;

/** A workflow whose builds may use 100 model tokens in all, with a metering point. */
async function meteredWorkflow() {
  const bench = await startedWorkflow(START_S, (policy) => ({
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) => (node.id === "n3" ? { ...node, constraints: { max_tokens: 100 } } : node)),
    },
  }));
  const { signer, jwk } = await generateSigner();
  const subject = meterIdOf("console.local", "gateway");
  const command = { kind: "enrol", subject, name: "Meter", jwk, kid: signer.kid, lifetimeS: 86_400 } as const;
  must((await bench.engine.submit(command)).ok || null, "the metering point is enrolled");
  return { bench, meter: signer };
}

/** What the metering point says of a task; the answer's code, or `taken`. */
async function record(
  { bench, meter }: { readonly bench: Bench; readonly meter: Signer },
  task: string,
  tokens: number,
  change: Partial<UsageRecordClaims> = {},
): Promise<string> {
  const at = Math.floor(bench.clock.nowMs() / 1000);
  const iss = meterIdOf("console.local", "gateway");
  const chain = await bench.engine.read((state) => ({
    ...(state.accounting.chains.get(iss) ?? { seq: 0, prev: FIRST_PREV }),
  }));
  const claims = {
    ...{ iss, aud: [ids.logId], iat: at, exp: at + 3600, jti: v4(), wid: bench.wid, mp_id: "gateway" },
    ...{ consumer: bench.agentId, payer: "console.local", task, period: { from: at, to: at + 1 }, ...chain },
    items: [{ resource: "llm_output_token", quantity: String(tokens), unit: "token", estimated: false }],
    ...change,
  };
  const answer = await bench.submit(await signToken("usage-record+jwt", claims, meter));
  return answer.ok ? "taken" : answer.error.code;
}

async function asked(bench: Bench, name: string, tokens: number): Promise<string | undefined> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "build_site", [], { tokens }));
  return bench.engine.read((state) => {
    const found = state.workflows.get(bench.wid)?.tasks.get(task);
    return found?.code ?? found?.status;
  });
}

describe("what was metered", () => {
  it("[XDA-41] [ACP-24] counts against the limit where an agent said that it would use less, also after a restart", async () => {
    const metered = await meteredWorkflow();
    const { bench } = metered;
    expect(await asked(bench, "a", 10)).toBe("running");
    expect(await record(metered, bench.task("a"), 95)).toBe("taken");
    expect(await asked(bench, "b", 6)).toBe("acp_constraint_violated");
    expect(await asked(bench, "c", 5)).toBe("running");
    const [limit] = await bench.engine.read((state) => [...state.accounting.records.values()]);
    expect(limit?.overLimit).toBe(false);
    const again = await bench.reopen();
    const now = await bench.engine.read((state) =>
      structuredClone([state.accounting, state.workflows.get(bench.wid)?.usage]),
    );
    expect(await again.read((state) => [state.accounting, state.workflows.get(bench.wid)?.usage])).toEqual(now);
  });

  it("[XDA-41] is marked where it is more than the limit, which is then used up", async () => {
    const metered = await meteredWorkflow();
    const { bench } = metered;
    await asked(bench, "a", 1);
    expect(await record(metered, bench.task("a"), 1000)).toBe("taken");
    expect(await bench.engine.read((state) => [...state.accounting.records.values()][0]?.overLimit)).toBe(true);
    expect(await asked(bench, "b", 0)).toBe("acp_constraint_violated");
  });

  it("[XDA-14] [XDA-20] [XDA-S6] is taken from the declared metering point only, once, in its order", async () => {
    const metered = await meteredWorkflow();
    const { bench } = metered;
    await asked(bench, "a", 1);
    const task = bench.task("a");
    const jti = v4();
    expect(await record(metered, task, 5, { jti })).toBe("taken");
    expect(await record(metered, task, 5, { jti })).toBe("token_replayed");
    expect(await record(metered, task, 5)).toBe("usage_overlap");
    const at = Math.floor(bench.clock.nowMs() / 1000);
    expect(await record(metered, task, 5, { period: { from: at + 1, to: at + 2 }, seq: 7 })).toBe("usage_gap");
    expect(await record(metered, v4(), 5)).toBe("usage_unattributed");
    expect(await record(metered, task, 5, { mp_id: "other" })).toBe("meter_unknown");
    expect(await record({ bench, meter: bench.agent }, task, 5)).toBe("token_issuer_mismatch");
    expect(await record(metered, task, 5, { correction_of: jti })).toBe("usage_correction_unordered");
  });

  it("[XDA-50] [XDA-52] of a time that was stated meanwhile is taken in the time after it, however late it is metered", async () => {
    const metered = await meteredWorkflow();
    const { bench } = metered;
    await asked(bench, "a", 1);
    const at = Math.floor(bench.clock.nowMs() / 1000);
    const [closed, payer] = [at + 7200, "partner.example"];
    const late = (from: number) =>
      record(metered, bench.task("a"), 5, {
        ...{ payer, period: { from, to: from + 1 } },
        tariff: { id: EXAMPLE_TARIFF.tariff_id, version: EXAMPLE_TARIFF.version, hash: EXAMPLE_TARIFF.hash },
      });
    expect(await late(closed)).toBe("usage_unattributed");
    await bench.engine.read(({ accounting }) => {
      const account = { payer };
      accounting.tariffs.push({ tariff: EXAMPLE_TARIFF, account, by: "fay", at, seq: 0, reason: "" });
      const statement = { currency: EXAMPLE_TARIFF.currency };
      const parties = { payee: ids.domain, payer, status: "confirmed" };
      // Only what is looked at.
      accounting.settlements.set("s", { ...parties, period: { from: 0, to: closed }, statement } as Settlement);
    });
    expect(await late(closed + 301)).toBe("usage_unattributed");
    expect(await late(closed)).toBe("taken");
  });
});
