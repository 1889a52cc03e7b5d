import { describe, expect, it } from "vitest";
import { offsetBounds, surelyApart } from "./clock-bounds.ts";
import { type BorderPolicy, checkHandoff, countersignProblem, explainHandoff } from "./handoff.ts";
import { HANDOFF_TYPE, type HandoffClaims } from "./handoff-claims.ts";
import { crossingId, importPairKey, pairwiseName } from "./pseudonym.ts";
import { strictestOf } from "./regime.ts";
import type { RegProfile } from "./stitch-claims.ts";

const ID = "0195400c-0000-7000-8000-000000000301";
const OPERATIONAL: RegProfile = {
  regime: "NIS2",
  role: "provider",
  data_classes: ["operational"],
  retention_min_s: 100,
  retention_max_s: 1000,
  transfer: "allowed",
  purpose: "incident handling",
};
const PERSONAL: RegProfile = { ...OPERATIONAL, regime: "GDPR", data_classes: ["personal"], transfer: "restricted" };
const POLICY: BorderPolicy = {
  domain: "metro.example",
  trusted: ["core.example"],
  minLevel: 2,
  regimes: ["NIS2"],
  dataClasses: ["operational", "personal"],
};
const handoff = (change: Partial<HandoffClaims> = {}): { readonly claims: HandoffClaims } =>
  ({
    claims: {
      iss: "spiffe://core.example/pep",
      aud: ["spiffe://metro.example/pep"],
      iat: 1000,
      exp: 1600,
      jti: ID,
      stitch_id: ID,
      from: "core.example",
      to: "metro.example",
      last: [{ jti: ID, hash: "A".repeat(43) }],
      lamport: 12,
      reg: [OPERATIONAL],
      level_min: 3,
      wid: ID,
      at_ms: 1_000_000,
      ...change,
    },
  }) as never; // the verified token around the claims is not looked at

describe("X1, a border crossing", () => {
  it.each([
    ["xd_untrusted_domain", { from: "other.example", iss: "spiffe://other.example/pep" }],
    ["xd_untrusted_domain", { iss: "spiffe://other.example/pep" }],
    ["xd_untrusted_domain", { to: "access.example" }],
    ["xd_level", { level_min: 1 }],
    ["xd_transfer_forbidden", { reg: [] }],
    ["xd_transfer_forbidden", { reg: [{ ...OPERATIONAL, transfer: "forbidden" as const }] }],
    ["xd_transfer_forbidden", { reg: [{ ...OPERATIONAL, data_classes: ["phi" as const] }] }],
    ["xd_transfer_forbidden", { reg: [PERSONAL] }],
  ])("[XDA-1] [XDA-4] [XDA-8] answers %s", async (code, change) => {
    expect(await checkHandoff(handoff(change), POLICY)).toMatchObject({ ok: false, error: { code } });
  });

  it("[XDA-4] checks in the order of the text: the first that fails is the answer, the rest is not reached", async () => {
    const all = handoff({ from: "other.example", level_min: 1, reg: [] });
    expect(await checkHandoff(all, POLICY)).toMatchObject({ error: { code: "xd_untrusted_domain" } });
    const told = await explainHandoff(handoff({ level_min: 1, reg: [] }), POLICY);
    expect(told.map(({ result }) => result)).toEqual(["passed", "failed", "not_reached"]);
    expect((await checkHandoff(handoff(), POLICY)).ok).toBe(true);
    const under = { ...POLICY, regimes: ["GDPR"] };
    expect((await checkHandoff(handoff({ reg: [PERSONAL] }), under)).ok).toBe(true);
  });

  it("[XDA-10] takes a countersignature of exactly this handoff by its receiver, with a higher counter, and no other", () => {
    const sent = { ...handoff(), digest: "B".repeat(43) };
    const answer = {
      iss: "spiffe://metro.example/pep",
      aud: [],
      iat: 1001,
      exp: 1600,
      jti: ID,
      stitch_id: ID,
      handoff: { jti: ID, hash: sent.digest },
      verdict: "accepted" as const,
      lamport: 13,
      wid: ID,
      heard_ms: 1,
      at_ms: 1,
    };
    expect(countersignProblem(answer, sent)).toBeNull();
    const codes = [
      { handoff: { jti: ID, hash: "C".repeat(43) } },
      { iss: "spiffe://core.example/pep" },
      // One of that domain, and not its gateway.
      { iss: "spiffe://metro.example/agent/carrier" },
      { lamport: 12 },
    ].map((change) => countersignProblem({ ...answer, ...change }, sent)?.code);
    expect(codes).toEqual(["stitch_hash_mismatch", "stitch_peer_mismatch", "stitch_peer_mismatch", "causal_violation"]);
  });

  it("[XDA-S1] is for at most 600 s, and once", () => {
    expect(HANDOFF_TYPE.maxLifetimeS(handoff().claims)).toBe(600);
    expect(HANDOFF_TYPE.replayScope(handoff().claims)).toContain(ID);
  });
});

describe("regimes of one record", () => {
  it("[XDA-9] applies the strictest: the longest that must be kept, the shortest that may be", () => {
    const both = strictestOf([OPERATIONAL, { ...PERSONAL, retention_min_s: 300, retention_max_s: 600 }]);
    expect(both).toMatchObject({
      regimes: ["GDPR", "NIS2"],
      transfer: "restricted",
      retentionMinS: 300,
      retentionMaxS: 600,
      conflict: null,
    });
    expect(both.dataClasses).toEqual(["operational", "personal"]);
  });

  it("[XDA-9] reports regimes of which one keeps what another has deleted", () => {
    const torn = strictestOf([OPERATIONAL, { ...PERSONAL, retention_min_s: 0, retention_max_s: 99 }]);
    expect(torn.conflict?.code).toBe("retention_conflict");
  });
});

describe("pairwise names", () => {
  const TASK = { jti: ID, hash: "A".repeat(43) };
  const [CORE_METRO, CORE_ACCESS] = [
    ["core.example", "metro.example"],
    ["core.example", "access.example"],
  ] as const;
  const keyOf = (fill: number) => importPairKey(new Uint8Array(32).fill(fill));

  it("[XDA-S3] are equal for a pair in both directions, and tell two receivers nothing when they compare", async () => {
    const [first, second] = await Promise.all([keyOf(1), keyOf(2)]);
    const there = await pairwiseName(first, CORE_METRO, TASK);
    expect(await pairwiseName(first, ["metro.example", "core.example"], TASK)).toEqual(there);
    const names = [
      there,
      await pairwiseName(second, CORE_ACCESS, TASK),
      // Even under one key another pair has other names.
      await pairwiseName(first, CORE_ACCESS, TASK),
      await pairwiseName(second, CORE_METRO, TASK),
    ];
    expect(new Set(names.flatMap(({ jti, hash }) => [jti, hash])).size).toBe(8);
    for (const { jti } of names)
      expect(jti).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(JSON.stringify(names)).not.toContain(ID);
    expect(JSON.stringify(names)).not.toContain(TASK.hash);
  });

  it("[XDA-S3] cannot be made by a receiver that guesses the id of the task: the digest of its record is in them", async () => {
    const key = await keyOf(1);
    const real = await pairwiseName(key, CORE_METRO, TASK);
    const guessed = await pairwiseName(key, CORE_METRO, { ...TASK, hash: "B".repeat(43) });
    expect([guessed.jti === real.jti, guessed.hash === real.hash]).toEqual([false, false]);
    const of = { from: "core.example", to: "metro.example" };
    const crossing = await crossingId(key, { ...of, last: [TASK.hash] });
    expect(await crossingId(key, { ...of, last: [TASK.hash] })).toBe(crossing);
    expect(await crossingId(key, { ...of, last: [guessed.hash] })).not.toBe(crossing);
    expect(await crossingId(await keyOf(2), { ...of, last: [TASK.hash] })).not.toBe(crossing);
  });
});

describe("how far two domains' clocks are apart", () => {
  const there = (sentMs: number, heardMs: number) => ({ way: "there" as const, sentMs, heardMs });
  const back = (sentMs: number, heardMs: number) => ({ way: "back" as const, sentMs, heardMs });

  it("[L7] is bounded from both sides by what crosses, and by nothing else", () => {
    expect(offsetBounds([])).toMatchObject({ lowMs: null, highMs: null, messages: 0 });
    expect(offsetBounds([there(1000, 6100)])).toMatchObject({ lowMs: null, highMs: 5100 });
    // 5 s ahead; 100 ms there, 40 ms back.
    const both = offsetBounds([there(1000, 6100), back(6150, 1190)]);
    expect(both).toMatchObject({ lowMs: 4960, highMs: 5100, contradictory: false });
    expect([surelyApart(both, 500), surelyApart(offsetBounds([there(0, 600)]), 500)]).toEqual([true, false]);
  });

  it("[L7] says so where the bounds contradict each other, and then trusts neither clock", () => {
    const set = offsetBounds([there(1000, 1100), back(9000, 1200)]);
    expect([set.contradictory, surelyApart(set, 500)]).toEqual([true, true]);
  });
});
