import { describe, expect, it } from "vitest";
import { digestOf, EXAMPLE, uuid } from "./accounting.fixture.ts";
import { checkUsageRecord, FIRST_LINK, type KnownUsage } from "./check-record.ts";
import type { UsageRecordClaims } from "./usage-record.ts";

const known = (change: Partial<KnownUsage> = {}): KnownUsage => ({
  chain: FIRST_LINK,
  task: { agent: EXAMPLE.consumer, wid: EXAMPLE.wid, from: EXAMPLE.period.from, to: EXAMPLE.period.to },
  charged: () => [],
  knows: () => false,
  ...change,
});
const code = (change: Partial<UsageRecordClaims>, of: Partial<KnownUsage> = {}): string => {
  const checked = checkUsageRecord({ ...EXAMPLE, ...change }, known(of));
  return checked.ok ? "ok" : checked.error.code;
};
const [item] = EXAMPLE.items;

describe("X6", () => {
  it("[XDA-14] [XDA-15] takes the record of example (g)", () => {
    expect(code({})).toBe("ok");
  });

  it("[XDA-20] [XDA-S6] takes each place in a metering point's chain once, in order, linked to the one before", () => {
    const chain = { seq: 4, prev: digestOf("three") };
    expect(code({ seq: 4, prev: chain.prev }, { chain })).toBe("ok");
    expect(code({ seq: 3, prev: chain.prev }, { chain })).toBe("token_replayed");
    expect(code({ seq: 5, prev: chain.prev }, { chain })).toBe("usage_gap");
    expect(code({ seq: 4, prev: digestOf("two") }, { chain })).toBe("usage_chain_broken");
  });

  it("[XDA-15] takes no record about a task that is not there, another agent's, another workflow's, or of another time", () => {
    expect(code({}, { task: null })).toBe("usage_unattributed");
    expect(code({ consumer: "spiffe://partner.example/agent/other" })).toBe("usage_unattributed");
    expect(code({ wid: uuid(77) })).toBe("usage_unattributed");
    const { to } = EXAMPLE.period;
    expect(code({ period: { from: to + 300, to: to + 310 } })).toBe("ok");
    expect(code({ period: { from: to + 301, to: to + 310 } })).toBe("usage_unattributed");
  });

  it("[XDA-20] charges no moment of a task twice for a resource: periods are half-open", () => {
    const { from, to } = EXAMPLE.period;
    const charged = (resource: string) => (resource === "llm_output_token" ? [{ from, to }] : []);
    expect(code({}, { charged })).toBe("usage_overlap");
    expect(code({ period: { from: to, to: to + 1 } }, { charged })).toBe("ok");
    expect(code({ period: { from: from - 1, to: from } }, { charged })).toBe("ok");
    expect(code({ period: { from: to - 1, to: to + 1 } }, { charged })).toBe("usage_overlap");
    expect(code({ items: item === undefined ? [] : [item] }, { charged })).toBe("ok");
  });

  it("[XDA-14] knows the one unit of each resource", () => {
    expect(code({ items: [{ resource: "cpu", quantity: "1", unit: "call", estimated: false }] })).toBe("usage_unit");
    expect(code({ items: [{ resource: "toString", quantity: "1", unit: "call", estimated: false }] })).toBe(
      "usage_unit",
    );
  });

  it("[XDA-18] takes a correction of a record it knows, and of no other", () => {
    expect(code({ correction_of: uuid(1) })).toBe("usage_unattributed");
    expect(code({ correction_of: uuid(1) }, { knows: (jti) => jti === uuid(1), task: null })).toBe("ok");
  });
});
