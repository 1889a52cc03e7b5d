import { describe, expect, it } from "vitest";
import { failureDomainSchema } from "./claims.ts";
import {
  createDomain,
  type DomainSeen,
  type FailureDomain,
  ISOLATION_MS,
  isolateDomain,
  judgeDomain,
  leafDomains,
  releaseDomain,
} from "./failure-domain.ts";

const CALM: DomainSeen = { members: 4, failing: 0, borderOpen: 0, borderNotClosed: 0 };
const at = (state: FailureDomain["state"]): FailureDomain => ({ state, sinceMs: 0 });

describe("failure domain", () => {
  it.each<[FailureDomain["state"], Partial<DomainSeen>, FailureDomain["state"], string | undefined]>([
    ["normal", {}, "normal", undefined],
    ["normal", { borderOpen: 1, borderNotClosed: 1 }, "degraded", "border"],
    ["degraded", { borderOpen: 1, borderNotClosed: 1 }, "degraded", undefined],
    ["degraded", {}, "normal", "border"],
    ["degraded", { failing: 2 }, "normal", "border"],
    ["degraded", { failing: 3, borderOpen: 1 }, "isolated", "members_failing"],
    ["normal", { failing: 3 }, "isolated", "members_failing"],
    ["recovering", { borderNotClosed: 1 }, "recovering", undefined],
    ["recovering", {}, "normal", "border"],
    ["recovering", { failing: 3, borderNotClosed: 2 }, "isolated", "members_failing"],
    ["isolated", {}, "isolated", undefined],
  ])("%s, seeing %j, is %s", (state, seen, next, reason) => {
    const moved = judgeDomain(at(state), { ...CALM, ...seen }, 1000);
    expect([moved.domain.state, moved.change?.reason]).toEqual([next, reason]);
  });

  it("[CAS-19] an isolated domain waits for an operator, or for 300 s, whatever its members do", () => {
    const { domain, change } = isolateDomain(createDomain(0), "cascade", 5000);
    expect(change).toMatchObject({ from: "normal", to: "isolated", border: "isolate" });
    expect(judgeDomain(domain, CALM, 5000 + ISOLATION_MS - 1).change).toBeNull();
    expect(isolateDomain(domain, "operator", 6000).change).toBeNull();
    const byTimer = judgeDomain(domain, { ...CALM, failing: 4 }, 5000 + ISOLATION_MS);
    expect(byTimer.change).toMatchObject({ to: "recovering", reason: "timer", border: "release" });
    expect(releaseDomain(domain, 6000).change).toMatchObject({
      to: "recovering",
      reason: "operator",
      border: "release",
    });
    expect(releaseDomain(at("degraded"), 6000).change).toBeNull();
  });
});

describe("leaf domains", () => {
  const domain = (domain_id: string, members: string[], parent?: string) =>
    failureDomainSchema.parse({
      domain_id,
      members,
      ...(parent === undefined ? {} : { parent }),
      max_concurrency: 1,
      queue_max: 0,
      queue_timeout_ms: 1,
      on_breach: "shed",
      border_breakers: [],
    });

  it("each agent is in exactly one", () => {
    const found = leafDomains([domain("all", []), domain("a", ["x:1", "x:2"], "all"), domain("b", ["x:3"], "all")]);
    expect(found.ok && [...found.value]).toEqual([
      ["x:1", "a"],
      ["x:2", "a"],
      ["x:3", "b"],
    ]);
  });

  it.each([
    ["two of a name", [domain("a", []), domain("a", [])]],
    ["a parent that is not there", [domain("a", [], "b")]],
    ["a round", [domain("a", [], "b"), domain("b", [], "a")]],
    ["an agent in two", [domain("a", ["x:1"]), domain("b", ["x:1"])]],
    ["an agent in one that has others inside", [domain("a", ["x:1"]), domain("b", [], "a")]],
  ])("refuses %s", (_what, domains) => {
    const found = leafDomains(domains);
    expect(found.ok ? "taken" : found.error.code).toBe("domain_config_invalid");
  });
});
