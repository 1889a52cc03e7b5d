import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { must } from "../app/base/assert.ts";
import { toBase64url, utf8 } from "../app/base/bytes.ts";
import type { Json } from "../app/base/json.ts";
import { benchProfile, benchResult, sha256, TASK_SET } from "../app/protocol/behavior/bench.fixture.ts";
import { generateSigner } from "../app/protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../app/protocol/jose/sign-token.ts";
import { KNOWN_TYPS } from "../app/protocol/token-types.ts";
import { runCli } from "./cli.ts";

const vectors = new URL("../e2e/fixtures/vectors/", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, vectors), "utf8")) as T;

async function run(command: string, ...values: readonly unknown[]) {
  async function* input() {
    for (const value of values) yield utf8(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
  }
  const lines: unknown[] = [];
  const result = await runCli(command.split(" "), input(), async (line) => {
    expect(line).toMatch(/^[^\n]*\n$/);
    lines.push(JSON.parse(line));
  });
  return { lines, problem: result.ok ? null : result.error };
}

describe("jws verify", () => {
  interface JwsFile {
    testGroups: { key?: Json; keys?: Json[]; tests: { jws: Json; result: "valid" | "invalid" }[] }[];
  }

  it.each([
    ["wycheproof/json_web_signature_test.json", 188, 1],
    ["wycheproof/json_web_key_test.json", 11, 0],
  ])("[COM-1] [COM-4] answers all of %s, a code with every no", async (path, cases, accepted) => {
    const lines = read<JwsFile>(path).testGroups.flatMap(({ key, keys, tests }) =>
      tests.map(({ jws }) => ({ jws, jwk: key ?? keys?.[0] ?? null })),
    );
    const { lines: answers, problem } = await run("jws verify", ...lines);
    expect(problem).toBeNull();
    expect(answers).toHaveLength(cases);
    expect(answers.filter((answer) => JSON.stringify(answer) === '{"ok":true}')).toHaveLength(accepted);
    for (const answer of answers)
      expect(answer).toEqual(
        (answer as { ok: boolean }).ok ? { ok: true } : { ok: false, code: expect.stringMatching(/^token_[a-z_]+$/) },
      );
  });

  it("[COM-4] accepts the Ed25519 example of RFC 8037 under its key, and under no other", async () => {
    const jws =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    const { key: other } = must(read<Record<string, { key: Json }>>("rfc7515/examples.json")["A.3"], "an EC key");
    expect((await run("jws verify", { jws, jwk }, { jws, jwk: other }, { jws, jwk: {} })).lines).toEqual([
      { ok: true },
      { ok: false, code: "token_alg_forbidden" },
      { ok: false, code: "token_alg_forbidden" },
    ]);
  });

  it.each([
    ["{}", /line 2: jws: /],
    ['{"jws":"a.b.c"}', /line 2: jwk: /],
    ['{"jws":"a.b.c","jwk":{},"kid":"x"}', /line 2: Unrecognized key/],
    ["[]", /line 2: \P{Cc}+$/u],
    ["\u001b[2J", /^jws verify: line 2: \P{Cc}+$/u],
  ])("stops at the line %s after the answers before it", async (line, message) => {
    const { lines, problem } = await run("jws verify", { jws: "", jwk: {} }, line, { jws: "", jwk: {} });
    expect(lines).toEqual([{ ok: false, code: "token_malformed" }]);
    expect(problem).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });
});

/** ect.md section (g). */
const EXECUTOR = "spiffe://ops.example/agent/executor";
const PLANNER = "spiffe://ops.example/agent/planner";
const EXAMPLE =
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImV4ZWMrand0Iiwia2lkIjoiYWdlbnQtYS0yMDI2In0.eyJpc3MiOiJzcGlmZmU6Ly9vcHMuZXhhbXBsZS9hZ2VudC9wbGFubmVyIiwiYXVkIjpbInNwaWZmZTovL29wcy5leGFtcGxlL2FnZW50L2V4ZWN1dG9yIiwic3BpZmZlOi8vb3BzLmV4YW1wbGUvbGVkZ2VyIl0sImlhdCI6MTc3MjA2NDAwMCwiZXhwIjoxNzcyMDY0NjAwLCJqdGkiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJ3aWQiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMGEiLCJleGVjX2FjdCI6InBsYW5fY2hhbmdlIiwicHJlZCI6W10sImlucF9oYXNoIjoicndvN2FwLUVhNk5wSXRYcF9WQjN6TjNCdW1NMVY5LXRKd2M5UW4tc1lDWSIsIm91dF9oYXNoIjoieTlpOG9EZzNsN3Fnek1kZWN1aE5lRENoS1ZfVDRYaE8zWXlTMnY3Q251RSIsImVjdF9leHQiOnsicG9sIjoiY2hhbmdlLXBvbGljeS12MyIsInBvbF9kZWNpc2lvbiI6ImFwcHJvdmVkIiwicG9sX2VuZm9yY2VyIjoic3BpZmZlOi8vb3BzLmV4YW1wbGUvcGRwIn19.xgMnoVGrS7K8t23wEbxa9z_tyFSqhB03W_IoiA-0yoPU7y5WaTHQXHh-V3n-bCG27V4kSll9_zSucRb3OZ_2iA";
const EXAMPLE_JWK = {
  kty: "EC",
  crv: "P-256",
  x: "q3ia4Y9KuRkJKgMZR12a7pO52fVeQqkVIGl4tkD8FtQ",
  y: "5tN1RC2cjMHTvmgutCay4Tq-6llAPU0B5DsEGgpHa2k",
  kid: "agent-a-2026",
};
const example = (change: object = {}) => ({
  token: EXAMPLE,
  type: "exec+jwt",
  jwks: { keys: [EXAMPLE_JWK] },
  audience: EXECUTOR,
  at: 1_772_064_010,
  ...change,
});

interface TokenAnswer {
  ok: boolean;
  code: string | null;
  steps: { step: number; name: string; ok: boolean | null; detail: string }[];
}
const verified = async (...lines: readonly unknown[]): Promise<TokenAnswer[]> => {
  const { lines: answers, problem } = await run("token verify", ...lines);
  expect(problem).toBeNull();
  return answers as TokenAnswer[];
};

describe("token verify", () => {
  it("[COM-1] [COM-2] [INV-4] [INV-5] tells the thirteen steps of the published ECT, as of its time", async () => {
    const [answer] = await verified(example());
    expect(answer).toMatchObject({ ok: true, code: null });
    expect(answer?.steps.map(({ step, ok }) => [step, ok])).toEqual(
      Array.from({ length: 13 }, (_, at) => [at + 1, true]),
    );
    expect(answer?.steps[7]).toEqual({ step: 8, name: "signature", ok: true, detail: "passed" });
    // What there was nothing to check against is not shown as checked.
    expect(answer?.steps[9]?.detail).toContain("does not say whose key it is");
    expect(answer?.steps[12]?.detail).toContain("nothing to compare with");
  });

  it("[COM-1] [COM-2] [INV-4] names the first step that fails, and none after it as passed", async () => {
    const other = { ...EXAMPLE_JWK, sub: EXECUTOR };
    const cases: [object, string, number][] = [
      [{ token: "a".repeat(16_385) }, "token_too_large", 1],
      [{ token: "hello" }, "token_malformed", 2],
      [{ token: `${toBase64url(utf8("[]"))}.e30.AA` }, "token_malformed", 3],
      [{ type: "intent+jwt" }, "token_wrong_type", 4],
      [{ jwks: [] }, "token_key_unknown", 6],
      [{ jwks: [{ ...EXAMPLE_JWK, use: "enc" }] }, "token_key_unknown", 6],
      [{ jwks: [{ ...EXAMPLE_JWK, revoked_at: 1_772_064_010 }] }, "token_key_revoked", 7],
      [{ token: EXAMPLE.replace(/.{4}$/, "AAAA") }, "token_signature_invalid", 8],
      [{ jwks: [other] }, "token_issuer_mismatch", 10],
      [{ audience: [PLANNER] }, "token_audience_mismatch", 11],
      [{ audience: undefined }, "token_audience_mismatch", 11],
      [{ at: 1_772_064_700 }, "token_expired", 12],
      [{ at: 1_772_063_900 }, "token_not_yet_valid", 12],
    ];
    const answers = await verified(...cases.map(([change]) => example(change)));
    for (const [index, [, code, step]] of cases.entries()) {
      const answer = must(answers[index], "an answer a line");
      expect([answer.ok, answer.code]).toEqual([false, code]);
      expect(answer.steps.map(({ ok }) => ok)).toEqual(
        Array.from({ length: 13 }, (_, at) => (at + 1 < step ? true : at + 1 === step ? false : null)),
      );
    }
    const [today] = await verified(example({ at: undefined }));
    expect(today?.code).toBe("token_expired");
  });

  it("[COM-4] [COM-5] [ECT-21] takes EdDSA, several keys, and an ECT under its legacy type", async () => {
    const { signer, jwk } = await generateSigner("EdDSA");
    const claims = {
      iss: PLANNER,
      aud: EXECUTOR,
      iat: 1_772_064_000,
      exp: 1_772_064_600,
      jti: "0195400c-0000-7000-8000-000000000009",
      exec_act: "plan",
      par: [],
    };
    const token = await signToken("wimse-exec+jwt", claims, signer);
    const { kid: _kid, ...bare } = jwk;
    const rsa = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "other" };
    for (const keys of [[jwk], [EXAMPLE_JWK, rsa, bare], [{ ...bare, sub: PLANNER }]])
      expect(await verified(example({ token, jwks: { keys } }))).toMatchObject([{ ok: true }]);
    const [bound] = await verified(example({ token, jwks: [{ ...jwk, sub: PLANNER }] }));
    expect(bound?.steps[9]?.detail).toBe("passed");
    const act = await signToken("act+jwt", { ...claims, pred: [], par: undefined }, signer);
    expect(await verified(example({ token: act, jwks: [jwk] }))).toMatchObject([{ code: "token_wrong_type" }]);
  });

  it("[COM-1] knows every type of the family that is built, and refuses the shape of each by step 9", async () => {
    const { signer, jwk } = await generateSigner("ES256");
    const iat = 1_772_064_000;
    for (const type of KNOWN_TYPS) {
      const token = await signToken(type, { iss: PLANNER, iat }, signer);
      const [answer] = await verified({ token, type: `application/${type}`, jwks: [jwk], at: iat });
      expect([type, answer?.code, answer?.steps[8]?.ok]).toEqual([type, "token_claim_invalid", false]);
    }
  });

  it.each([
    ["no token", example({ token: undefined }), /line 1: token: /],
    ["an unknown type", example({ type: "vote+jwt" }), /line 1: type: "vote\+jwt" is not one of exec\+jwt, /],
    ["no key set", example({ jwks: "x" }), /line 1: jwks: a JWK set, or a list of JWKs/],
    ["two keys of one name", example({ jwks: [EXAMPLE_JWK, EXAMPLE_JWK] }), /two keys are called "agent-a-2026"/],
    ["a time that is none", example({ at: -1 }), /line 1: at: /],
    ["a member that is not known", example({ typ: "x" }), /line 1: Unrecognized key/],
  ])("stops at %s", async (_what, line, message) => {
    const { lines, problem } = await run("token verify", line);
    expect(lines).toEqual([]);
    expect(problem).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });
});

const OPERATOR = "spiffe://console.local/human/alice";
const BUILDER = "spiffe://console.local/agent/builder";
const POLICY = {
  iss: OPERATOR,
  sub: OPERATOR,
  aud: "spiffe://console.local/pep",
  iat: 1_772_064_000,
  exp: 1_772_067_600,
  jti: "0195400c-0000-7000-8000-0000000000b1",
  wid: "0195400c-0000-7000-8000-00000000000a",
  acp_ver: 1,
  dag: {
    root: "op",
    self: "op",
    max_depth: 1,
    nodes: [
      { id: "op", agent: OPERATOR, actions: ["*"], delegable: true },
      {
        id: "a0",
        agent: BUILDER,
        actions: ["build_*"],
        constraints: { max_calls: 10, max_cost: "5.00", currency: "EUR" },
      },
    ],
    edges: [{ from: "op", to: "a0", kind: "delegates" }],
  },
  hitl: {
    default_on_timeout: "deny",
    rules: [
      { id: "r1", trigger: { kind: "risk", min: 0.5 }, role: "operator", action: "approve", timeout_s: 600 },
      { id: "r2", trigger: { kind: "limit", constraint: "max_calls", ratio: 0.8 }, role: "operator", action: "notify" },
    ],
  },
};
const action = { agent: BUILDER, execAct: "build_site", cost: { amount: "0.5", currency: "EUR" } };
const asked = (change: object = {}) => ({
  acp: POLICY,
  action,
  context: { risk: 0.1, nowS: 1_772_064_010 },
  ...change,
});

describe("policy decide", () => {
  it("[ACP-20] allows, holds, refuses, with every reason; the same line twice gives the same answer", async () => {
    const lines = [
      asked(),
      asked(),
      asked({ context: { risk: 0.7 } }),
      asked({ context: {} }),
      asked({ usage: { calls: 8 } }),
      asked({ usage: { cost: { EUR: "4.75" } } }),
      asked({ action: { ...action, cost: undefined } }),
      asked({ action: { ...action, execAct: "deploy_site" } }),
    ];
    const { lines: answers, problem } = await run("policy decide", ...lines);
    expect(problem).toBeNull();
    expect(answers[0]).toEqual({
      effect: "allow",
      code: null,
      constraint: null,
      node: "a0",
      ruleIds: [],
      strongest: null,
      roles: [],
      timeoutS: null,
      reasons: [
        { step: "action", subject: "a0", result: "passed", detail: "node a0 lets the agent do this" },
        { step: "constraint", subject: "max_calls", result: "passed", detail: "1 of 10 calls", ratio: 0.1 },
        { step: "constraint", subject: "max_cost", result: "passed", detail: "0.5 of 5.00 EUR", ratio: 0.1 },
        { step: "constraint", subject: "currency", result: "passed", detail: "amounts are in EUR" },
        { step: "rule", subject: "r1", result: "not_matched", detail: expect.any(String) },
        { step: "rule", subject: "r2", result: "not_matched", detail: expect.any(String) },
      ],
    });
    expect(answers[1]).toEqual(answers[0]);
    const gate = { effect: "gate", ruleIds: ["r1"], roles: [{ role: "operator", approvals: 1 }], timeoutS: 600 };
    expect(answers[2]).toMatchObject(gate);
    expect(answers[3]).toMatchObject(gate);
    expect(answers[4]).toMatchObject({ effect: "allow", ruleIds: ["r2"], strongest: "notify" });
    for (const at of [5, 6])
      expect(answers[at]).toMatchObject({
        effect: "refuse",
        code: "acp_constraint_violated",
        constraint: "max_cost",
      });
    expect(answers[7]).toMatchObject({ effect: "refuse", code: "acp_action_denied", node: null });
  });

  it("takes a compact token for its claims, of that type only", async () => {
    const { signer } = await generateSigner("EdDSA");
    const acp = await signToken("acp+jwt", POLICY, signer);
    expect((await run("policy decide", asked({ acp }))).lines).toMatchObject([{ effect: "allow" }]);
    const other = await signToken("intent+jwt", POLICY, signer);
    expect((await run("policy decide", asked({ acp: other }))).problem?.message).toContain("acp: token_wrong_type: ");
  });

  const constrained = (constraints: object) => ({
    ...POLICY,
    dag: { ...POLICY.dag, nodes: [{ ...POLICY.dag.nodes[0], constraints }, POLICY.dag.nodes[1]] },
  });

  it.each([
    ["no policy", { acp: {} }, /acp: acp_claim_invalid: /],
    ["[ACP-9] a constraint nobody knows", { acp: constrained({ mood: 1 }) }, /acp: acp_unknown_constraint: /],
    ["a policy in a circle", { acp: { ...POLICY, dag: { ...POLICY.dag, root: "x" } } }, /acp: acp_dag_dangling: /],
    ["a text that is no token", { acp: "x" }, /acp: token_malformed: /],
    ["no action", { action: undefined }, /line 1: action: /],
    ["an action of no agent", { action: { execAct: "x" } }, /line 1: action\.agent: /],
    ["a protocol nobody speaks", { action: { ...action, protocol: "smtp" } }, /line 1: action\.protocol: /],
    [
      "a cost that is none",
      { action: { ...action, cost: { amount: "-1", currency: "EUR" } } },
      /action\.cost\.amount: /,
    ],
    ["a member that is misspelt", { action: { ...action, exec_act: "x" } }, /line 1: action: Unrecognized key/],
    ["a negative usage", { usage: { calls: -1 } }, /line 1: usage\.calls: /],
    ["a usage of nothing known", { usage: { money: 1 } }, /line 1: usage: Unrecognized key/],
    ["a risk beyond all", { context: { risk: 2 } }, /line 1: context\.risk: /],
    ["a verdict nobody gives", { context: { verdict: "nice" } }, /line 1: context\.verdict: /],
    ["a level that is none", { context: { level: 4 } }, /line 1: context\.level: /],
  ])("%s ends the run", async (_what, change, message) => {
    const { lines, problem } = await run("policy decide", asked(change));
    expect(lines).toEqual([]);
    expect(problem).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });
});

describe("--help", () => {
  const help = async (...args: readonly string[]): Promise<string> => {
    let text = "";
    async function* nothing(): AsyncGenerator<Uint8Array> {}
    expect(
      await runCli(args, nothing(), async (line) => {
        text += line;
      }),
    ).toEqual({ ok: true, value: undefined });
    return text;
  };

  it("lists the commands, and says what each takes, with its defaults", async () => {
    const all = await help("--help");
    for (const command of ["jcs", "merkle verify-inclusion", "jws verify", "token verify", "policy decide"]) {
      expect(all).toContain(`\n  ${command} `);
      expect(await help(...command.split(" "), "--help")).toMatch(new RegExp(`^${command}: .+\\n`));
    }
    expect(await help("policy", "decide", "--help")).toContain("default null, not stated");
    expect(await help("token", "verify", "--help")).toContain("default now");
  });
});

describe("bench verify", () => {
  const ids = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => `0195400c-0000-4000-8000-${String(from + at).padStart(12, "0")}`);
  const ALICE = "spiffe://console.local/human/alice";
  const PEP = "spiffe://console.local/pep";

  /** An order over one item with a warm-up and three repetitions, its starts, and what came of it. */
  async function benchmark() {
    const [pep, alice] = [await generateSigner(), await generateSigner()];
    const jwks = [
      { ...pep.jwk, sub: PEP },
      { ...alice.jwk, sub: ALICE },
    ];
    const wids = ids(100, 4);
    const starts = await Promise.all(
      wids.map((wid) => signToken("exec+jwt", { iss: ALICE, wid, exec_act: "run_start", jti: wid }, alice.signer)),
    );
    const profile = benchProfile();
    const started = benchResult();
    const ordered = {
      ...{ iss: ALICE, aud: [PEP], iat: started.started_at - 1, exp: started.started_at + 200, jti: started.order },
      ...{ profile, hash: started.bench.hash, subject: started.subject, wids, task_set: TASK_SET, reason: "as agreed" },
      ...{ role: "operator", auth_time: started.started_at - 9, amr: ["swk"] },
    };
    const order = (change: object = {}) => signToken("bench-order+jwt", { ...ordered, ...change }, alice.signer);
    const runs = wids.slice(1).map((jti, at) => ({ jti, hash: tokenDigest(starts[at + 1] ?? "", sha256) }));
    const result = (change: object = {}, signer = pep.signer) =>
      signToken("bench-result+jwt", { ...started, runs, ...change }, signer);
    return { jwks, starts, order, result, alice, profile };
  }

  it("[BEH-15] [BEH-45] [BEH-69] [BEH-S5] holds a result against its order, its profile, its starts and its own figures, and stops at what is none", async () => {
    const { jwks, starts, order, result, alice, profile } = await benchmark();
    const line = { result: await result(), order: await order(), jwks };
    const codes = async (change: object) => {
      const { lines, problem } = await run("bench verify", { ...line, ...change });
      expect(problem).toBeNull();
      return (lines[0] as { code: string | null }).code; // what it always answers with
    };
    const { lines } = await run("bench verify", { ...line, profile, starts });
    expect(lines).toMatchObject([{ ok: true, code: null }]);
    expect((lines[0] as { checks: { ok: boolean }[] }).checks.map(({ ok }) => ok)).toEqual(Array(7).fill(true)); // its checks
    expect(await codes({})).toBeNull();
    expect(await codes({ profile: { ...profile, seed: 8 } })).toBe("object_hash_mismatch");
    expect(await codes({ order: await order({ hash: "A".repeat(43) }) })).toBe("object_hash_mismatch");
    expect(await codes({ result: await result({ score: 80 }) })).toBe("bench_contradicts");
    expect(await codes({ result: await result({ subject: "spiffe://console.local/agent/x" }) })).toBe(
      "bench_mark_mismatch",
    );
    expect(await codes({ result: await result({ environment: { machine: "server" } }) })).toBe("bench_contradicts");
    expect(await codes({ starts: starts.toReversed() })).toBe("object_hash_mismatch");
    // By the person instead of by who was ordered to run it; by a key that signs for another.
    expect(await codes({ result: await result({ iss: ALICE }, alice.signer) })).toBe("bench_mark_mismatch");
    expect(await codes({ result: await result({}, alice.signer) })).toBe("token_issuer_mismatch");
    // What there was nothing to check with is no yes.
    expect((await run("bench verify", line)).lines).toMatchObject([{ ok: null, code: null }]);
    // Where the key set binds a key to nobody, somebody signed, and nobody can tell who.
    const unbound = jwks.map(({ sub: _sub, ...jwk }) => jwk);
    const forged = await run("bench verify", { ...line, jwks: unbound, result: await result({}, alice.signer) });
    expect((forged.lines[0] as { checks: { ok: boolean | null }[] }).checks.slice(0, 2).map(({ ok }) => ok)).toEqual([
      null,
      null,
    ]);
    expect(await run("bench verify", { result: 1 })).toMatchObject({ lines: [], problem: { exitCode: 1 } });
    const help: string[] = [];
    await runCli(["bench", "verify", "--help"], (async function* () {})(), async (text) => void help.push(text));
    expect(help.join("")).toContain("exit code 0: every line was answered");
  });

  it("[BEH-50] [BEH-69] says whether it is comparable with an earlier one, and the reason where it is not", async () => {
    const { jwks, order, result } = await benchmark();
    const line = { result: await result(), order: await order(), jwks };
    const jti = "0195400c-0000-4000-8000-000000000099";
    const compared = async (change: object) => {
      const { lines } = await run("bench verify", { ...line, before: await result({ jti, ...change }) });
      return (lines[0] as { comparable: unknown }).comparable; // what it always answers with
    };
    expect(await compared({})).toMatchObject({
      ok: true,
      changes: [{ metric: "task_completion", movement: "same" }, {}],
    });
    expect(await compared({ environment: { machine: "laptop", "host.cores": "2" } })).toMatchObject({
      ...{ ok: false, code: "bench_not_comparable", detail: expect.stringContaining('host.cores is "2" and "8"') },
    });
    const bench = { bench_id: "small-run", version: 2, hash: "A".repeat(43) };
    expect(await compared({ bench })).toMatchObject({ ok: false, detail: expect.stringContaining("version 2") });
  });
});
