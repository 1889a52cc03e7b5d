import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256, taskId, WID } from "../ect/ect.fixture.ts";
import {
  type AskedEntry,
  answerQuery,
  cutPage,
  isTrailComplete,
  type OwnTrail,
  selectPage,
  toldOf,
} from "./answer-query.ts";
import { EXAMPLE_AUDIT } from "./audit.fixture.ts";
import { type AuditQueryClaims, auditQueryClaimsSchema, authoriseQuery, harvestProblem } from "./audit-query.ts";
import { type AuditTokenClaims, auditTokenClaimsSchema } from "./audit-token.ts";
import { readDisclosure, sealClaims, splitSd } from "./disclosure.ts";
import type { Audience } from "./reveal.ts";
import type { DisclosureClaim, RegProfile } from "./stitch-claims.ts";

const QUERY: AuditQueryClaims = {
  iss: "spiffe://console.example/human/ada",
  aud: ["spiffe://ops.example/pep"],
  iat: 1000,
  exp: 1200,
  jti: taskId(0xa1),
  purpose: "incident_investigation",
  depth: 8,
  page: 0,
  page_size: 100,
  role: "operator",
  auth_time: 990,
  amr: ["swk", "user"],
};
const REG: RegProfile = {
  regime: "NIS2",
  role: "provider",
  data_classes: ["operational"],
  retention_min_s: 1,
  retention_max_s: 9,
  transfer: "allowed",
  purpose: "network",
};
const RULES: DisclosureClaim = {
  policy_id: "xd-1",
  pairwise: false,
  default: "hash_only",
  audience_rules: [{ role: "operator", reveal: ["inp_hash"] }],
};
const ASKER = { domain: "console.example", role: "operator" };
const TRAIL: OwnTrail = { domain: "ops.example", has: () => true, isAnswered: () => true };
const HASH = "A".repeat(43);

async function entry(at: number, change: Partial<AuditTokenClaims> = {}): Promise<AskedEntry> {
  const claims = auditTokenClaimsSchema.parse({
    ...{ ...EXAMPLE_AUDIT, jti: taskId(at), iat: 1000 + at, pred: [], inp_hash: HASH, reg: [REG], disclosure: RULES },
    ...change,
  });
  const sealed = await sealClaims(claims, ["inp_hash", "evidence"], { sha256 });
  const { claims: left, disclosures } = must(sealed.ok ? sealed.value : null, "sealed");
  return { seq: at, compact: `token${at}`, claims: left, level: 3, kept: { disclosures, erased: [] } };
}
const answerOf = (query: AuditQueryClaims, audience: Audience, held: readonly AskedEntry[], trail: OwnTrail) =>
  answerQuery(query, audience, selectPage(query, held), trail);
const entries = (count: number, change: Partial<AuditTokenClaims> = {}) =>
  Promise.all(Array.from({ length: count }, (_, at) => entry(at + 1, change)));
const tokensOf = (texts: readonly string[]): string[] => texts.map((text) => text.split("~")[0] ?? "");
const stitch = (direction: "out" | "in", peer: string) => ({
  ...{ stitch_id: taskId(0x51), direction, peer, local_wid: WID, handoff_hash: HASH, lamport: 2 },
});

describe("a question to another domain", () => {
  it("[XDA-12] is none without a purpose", () => {
    const { purpose: _, ...without } = QUERY;
    expect(auditQueryClaimsSchema.safeParse(QUERY).success).toBe(true);
    expect(auditQueryClaimsSchema.safeParse(without).success).toBe(false);
    expect(auditQueryClaimsSchema.safeParse({ ...QUERY, page_size: 501 }).success).toBe(false);
    expect(auditQueryClaimsSchema.safeParse({ ...QUERY, depth: 9 }).success).toBe(false);
    expect(auditQueryClaimsSchema.safeParse({ ...QUERY, from: 2, to: 1 }).success).toBe(false);
  });

  it.each([
    ["a purpose it does not answer for", { purpose: "curiosity" }, true],
    ["a purpose that is a name every object has", { purpose: "constructor" }, true],
    ["a role it does not answer to", { role: "viewer" }, true],
    ["a role that is not held", {}, false],
    ["an authentication of long ago", { auth_time: 99 }, true],
  ])("[XDA-12] is denied for %s", (_, change, holdsRole) => {
    const policy = { incident_investigation: ["operator"] };
    expect(authoriseQuery(QUERY, { holdsRole: true }, policy).ok).toBe(true);
    expect(authoriseQuery({ ...QUERY, ...change }, { holdsRole }, policy)).toMatchObject({
      ok: false,
      error: { code: "query_denied" },
    });
  });

  it("[XDA-S7] needs an approval for more than 1,000 entries in an hour, whatever the pages", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(500), fc.boolean(), (given, more, approved) => {
        const problem = harvestProblem({ given, approved }, more);
        expect(problem?.code ?? null).toBe(given + more > 1000 && !approved ? "query_approval_needed" : null);
      }),
      { numRuns: 200 },
    );
  });
});

describe("X4, a domain's answer", () => {
  it("[XDA-3] [XDA-7] has the entries asked for, each with the disclosures that are released and no others", async () => {
    const held = await entries(3);
    const answer = answerOf(QUERY, ASKER, held, TRAIL);
    expect(tokensOf(answer.entries)).toEqual(["token1", "token2", "token3"]);
    for (const text of answer.entries) {
      const split = splitSd(text);
      const names = must(split.ok ? split.value : null, "split").disclosures.map((one) => {
        const read = readDisclosure(one);
        return read.ok ? read.value.name : read.error.code;
      });
      expect(names).toEqual(["inp_hash"]);
    }
    expect(answer).toMatchObject({ redacted: { audience: 3, erased: 0, transfer_forbidden: 0 }, rounded: false });
    expect([answer.complete, answer.next]).toEqual([true, null]);
  });

  it("[XDA-7] is the same entries in pages as at once, and says where it goes on", async () => {
    const held = await entries(7);
    const all: string[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const answer = answerOf({ ...QUERY, page: next, page_size: 3 }, ASKER, held.toReversed(), TRAIL);
      // None of them is all of it, the last one neither.
      expect(answer.complete).toBe(false);
      all.push(...tokensOf(answer.entries));
      next = answer.next;
    }
    expect(all).toEqual(held.map(({ compact }) => compact));
  });

  it.each([
    ["wid", { wid: taskId(0xff) }, { wid: WID }],
    ["stitch_id", { stitch_id: taskId(0x51) }, {}],
    ["exec_act", { exec_act: "other" }, { exec_act: "apply_change" }],
    ["outcome", { outcome: "failure" }, { outcome: "success" }],
    ["agents", { agents: ["spiffe://ops.example/agent/other"] }, { agents: [EXAMPLE_AUDIT.iss] }],
    ["from", { from: 1002 }, { from: 1001 }],
    ["to", { to: 1000 }, { to: 1001 }],
    ["min_level", { min_level: 3 }, { min_level: 2 }],
  ])("[XDA-7] narrows by %s", async (_, misses, hits) => {
    const held = [{ ...(await entry(1)), level: 2 as const }];
    expect(answerOf({ ...QUERY, ...misses }, ASKER, held, TRAIL).entries).toEqual([]);
    expect(answerOf({ ...QUERY, ...hits }, ASKER, held, TRAIL).entries).toHaveLength(1);
  });

  it("[XDA-70] [XDA-8] is cut off where no more may be told, what does not leave counts for nothing, and the page is due again", async () => {
    const kept = await entry(1, { reg: [{ ...REG, transfer: "forbidden" }] });
    const whole = { page: [kept, await entry(2), await entry(3), await entry(4)], next: 8 };
    const about = { query: { ...QUERY, page: 7 }, audience: ASKER, domain: TRAIL.domain };
    const cut = (most: number) => {
      const { page, next } = cutPage(whole, most, about);
      return [page.length, toldOf(page, ASKER, TRAIL.domain), next];
    };
    expect([cut(1), cut(2), cut(3)]).toEqual([
      [2, 1, 7],
      [3, 2, 7],
      [4, 3, 8],
    ]);
  });

  it("[XDA-8] keeps back whole what must not leave, and counts it; its own domain is shown it", async () => {
    const held = [...(await entries(2)), await entry(9, { reg: [REG, { ...REG, transfer: "forbidden" }] })];
    const answer = answerOf(QUERY, ASKER, held, TRAIL);
    expect([tokensOf(answer.entries), answer.redacted.transfer_forbidden]).toEqual([["token1", "token2"], 1]);
    const own = answerOf(QUERY, { ...ASKER, domain: "ops.example" }, held, TRAIL);
    expect([own.entries.length, own.redacted.transfer_forbidden]).toEqual([3, 0]);
  });

  it("[XDA-S8] rounds what it counts up to powers of two where a policy asks for it, and says so", async () => {
    const held = await entries(5, { disclosure: { ...RULES, policy_id: "xd-2" } });
    const answer = answerOf(QUERY, ASKER, held, TRAIL);
    expect([answer.rounded, answer.redacted.audience]).toEqual([true, 8]);
  });

  it("[XDA-11] tells of tasks it has no record of, of crossings nobody answered, and where the trail goes on", async () => {
    const gone = taskId(0x77);
    const held = [
      await entry(1, { pred: [gone] }),
      await entry(2, { stitch: stitch("out", "partner.example") }),
      await entry(3, { pred: [gone], stitch: { ...stitch("in", "third.example"), stitch_id: taskId(0x52) } }),
    ];
    const answer = answerOf(QUERY, ASKER, held, {
      ...TRAIL,
      has: (_wid, jti) => jti !== gone,
      isAnswered: () => false,
    });
    expect(answer.gaps).toEqual([
      { after: gone, before: taskId(1), reason: "predecessor_missing" },
      { after: taskId(2), reason: "crossing_dangling" },
    ]);
    expect(answer.external).toEqual([
      { stitch_id: taskId(0x51), domain: "partner.example" },
      { stitch_id: taskId(0x52), domain: "third.example" },
    ]);
    expect(answer.complete).toBe(false);
  });
});

describe("the answers of several domains together", () => {
  const reply = (domain: string, change: object = {}) => ({
    ...{ domain, state: "answered" as const, complete: true, external: [] },
    ...change,
  });
  const core = reply("core.example", { external: [{ domain: "metro.example" }] });

  it("[XDA-11] are complete only where every domain that the trail goes on in has answered, in full", () => {
    expect(isTrailComplete([core, reply("metro.example")])).toBe(true);
    expect(isTrailComplete([core])).toBe(false);
    expect(isTrailComplete([core, reply("metro.example", { complete: false })])).toBe(false);
    for (const state of ["silent", "denied"] as const)
      expect(isTrailComplete([core, reply("metro.example", { state, complete: false })])).toBe(false);
  });
});
