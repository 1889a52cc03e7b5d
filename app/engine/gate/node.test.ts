import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { EctClaims } from "../../protocol/ect/claims.ts";
import { nodeJti, objectNode } from "../../protocol/ect/object-node.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { type Bench, digestOf, ids } from "../engine.fixture.ts";
import type { FactOf } from "../fact.ts";
import {
  agentOf,
  aliceOf,
  codeOf,
  common,
  DEPLOY,
  effectOf,
  intentToken,
  nowS,
  requestOf,
  ruled,
  type Signing,
  sizeOf,
  statusOf,
  waiting,
} from "./gate-tokens.fixture.ts";

type Change = (node: EctClaims) => EctClaims;

/** Hands in a request or decision together with its node as somebody changed it; signed by `by`. */
async function withNode(bench: Bench, token: string, pred: readonly string[], by: Signing, change: Change = (n) => n) {
  const received = await bench.engine.receive(token);
  const { verified, fact } = must(received.ok ? received.value : null, JSON.stringify(received));
  const isDecision = fact.typ === "hitl-decision+jwt";
  const wid = must("wid" in fact.claims ? fact.claims.wid : undefined, "a workflow");
  const node = objectNode(
    { typ: fact.typ, jti: fact.claims.jti, hash: verified.digest, iss: fact.claims.iss, wid },
    {
      execAct: isDecision ? "hitl_decision" : "hitl_request",
      aud: [ids.pepId],
      pred,
      iat: nowS(bench),
      ...(isDecision ? { outcome: fact.claims.outcome } : {}),
    },
  );
  const signed = await bench.engine.receive(await signToken("exec+jwt", change(node), by.signer));
  if (!signed.ok) return signed;
  const ect = { verified: signed.value.verified, fact: signed.value.fact as FactOf<"exec+jwt"> };
  return bench.engine.submit({ kind: "token", verified, fact, node: ect });
}

const ext =
  (members: object): Change =>
  (node) => ({ ...node, ect_ext: { ...node.ect_ext, ...members } });
const oneByteOff = (digest: unknown): string =>
  `${String(digest).startsWith("A") ? "B" : "A"}${String(digest).slice(1)}`;

const WRONG: readonly [what: string, code: string, change: Change][] = [
  ["of another id", "ect_node_mismatch", (node) => ({ ...node, jti: v4() })],
  ["that names another object", "ect_node_mismatch", ext({ obj_id: v4() })],
  ["that names another type", "ect_node_mismatch", ext({ obj_typ: "acp+jwt" })],
  ["that leaves the type out", "ect_node_mismatch", ext({ obj_typ: undefined })],
  [
    "of an object of which one byte is different",
    "object_hash_mismatch",
    (node) => ext({ obj_hash: oneByteOff(node.ect_ext?.obj_hash) })(node),
  ],
  ["that leaves the digest out", "object_hash_mismatch", ext({ obj_hash: undefined })],
  ["of another act", "ect_node_mismatch", (node) => ({ ...node, exec_act: "deploy_site" })],
  ["of another workflow", "ect_node_mismatch", (node) => ({ ...node, wid: v4() })],
  ["after something else", "ect_pred_mismatch", (node) => ({ ...node, pred: [v4()] })],
];

async function asked(bench: Bench) {
  const task = bench.task("deploy");
  await bench.submit(await bench.intent(task, "deploy_site"));
  return { task, token: await bench.request(task, "deploy_site") };
}

describe("the ECT of a request", () => {
  it.each(WRONG)("[ACP-14] [ACP-35] [COM-11] is refused %s, and nothing is logged", async (_what, code, change) => {
    const bench = await ruled([DEPLOY]);
    const { task, token } = await asked(bench);
    const before = await sizeOf(bench);
    expect(codeOf(await withNode(bench, token, [], agentOf(bench), change))).toBe(code);
    expect(await sizeOf(bench)).toBe(before);
    expect(await statusOf(bench, task)).toEqual(["asked", null]);
  });

  it("[ACP-14] [ACP-35] is due with it: a request alone is refused", async () => {
    const bench = await ruled([DEPLOY]);
    const { token } = await asked(bench);
    const received = await bench.engine.receive(token);
    const alone = must(received.ok ? received.value : null, "a request");
    expect(codeOf(await bench.engine.submit({ kind: "token", ...alone }))).toBe("ect_node_missing");
  });

  it("[ACP-35] [COM-10] is by the agent that asks, and by nobody else", async () => {
    const bench = await ruled([DEPLOY]);
    const { token } = await asked(bench);
    const by = aliceOf(bench);
    const foreign = await withNode(bench, token, [], by, (node) => ({ ...node, iss: by.id }));
    expect(codeOf(foreign)).toBe("ect_issuer_mismatch");
    expect(codeOf(await withNode(bench, token, [], by))).not.toBe("accepted");
  });

  it("[ACP-35] states no outcome, and follows exactly what its intent follows", async () => {
    const bench = await ruled([DEPLOY]);
    const build = bench.task("build");
    await bench.submit(await bench.intent(build, "build_site"));
    await effectOf(bench, build);
    await bench.submit(await bench.ect(build, "build_site"));
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site", [build]));
    const token = await bench.request(task, "deploy_site");
    expect(codeOf(await withNode(bench, token, [], agentOf(bench)))).toBe("ect_pred_mismatch");
    const outcome = ext({ outcome: "approve" });
    expect(codeOf(await withNode(bench, token, [build], agentOf(bench), outcome))).toBe("ect_node_mismatch");
    expect(codeOf(await withNode(bench, token, [build], agentOf(bench)))).toBe("accepted");
    const { ects, request } = await bench.engine.read((state) => ({
      ects: must(state.workflows.get(bench.wid), "the workflow").ects,
      request: state.workflows.get(bench.wid)?.tasks.get(task)?.request ?? "",
    }));
    expect(ects.get(nodeJti(request))).toMatchObject({ execAct: "hitl_request", pred: [build] });
  });

  it("[ACP-35] cannot take the place of a task whose id somebody foresaw", async () => {
    const bench = await ruled([DEPLOY]);
    const request = v4();
    const disguised = nodeJti(request);
    await bench.submit(await intentToken(bench, disguised, "build_site"));
    await effectOf(bench, disguised);
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site"));
    const opened = await bench.submit(await bench.request(task, "deploy_site", { jti: request }));
    expect(codeOf(opened)).toBe("dag_duplicate_task");
    expect(await statusOf(bench, disguised)).toEqual(["effect", null]);
  });
});

describe("a request", () => {
  it("[F5] [ACP-46] shows the target that the policy decided on, or is refused", async () => {
    const bench = await ruled([DEPLOY]);
    const task = bench.task("deploy");
    await bench.submit(await intentToken(bench, task, "deploy_site", { target: "https://prod.example/" }));
    const hashes = { inp_hash: digestOf(`in ${task}`), args_hash: digestOf(`args ${task}`) };
    const named = (target?: string) => ({
      task: { jti: task, exec_act: "deploy_site", pred: [], ...hashes, ...(target === undefined ? {} : { target }) },
    });
    for (const target of ["https://staging.example/", undefined])
      expect(codeOf(await bench.submit(await bench.request(task, "deploy_site", named(target))))).toBe(
        "hitl_bind_mismatch",
      );
    const honest = await bench.request(task, "deploy_site", named("https://prod.example/"));
    expect(codeOf(await bench.submit(honest))).toBe("accepted");
  });
});

describe("the ECT of a decision", () => {
  const OF_DECISIONS = [
    ...WRONG.filter(([, code]) => code !== "ect_pred_mismatch"),
    ["of another outcome", "ect_node_mismatch", ext({ outcome: "reject" })],
    ["without its outcome", "ect_node_mismatch", ext({ outcome: undefined })],
    ["that does not follow its request", "ect_pred_mismatch", (node: EctClaims) => ({ ...node, pred: [] })],
  ] as const;

  it.each(OF_DECISIONS)(
    "[ACP-14] [ACP-35] [COM-11] is refused %s, and the request waits",
    async (_what, code, change) => {
      const bench = await ruled([DEPLOY]);
      const { task, request } = await waiting(bench, "deploy");
      const before = await sizeOf(bench);
      const token = await bench.decision(request, "approve");
      const given = await withNode(bench, token, [nodeJti(request)], aliceOf(bench), change);
      expect(codeOf(given)).toBe(code);
      expect(await sizeOf(bench)).toBe(before);
      expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    },
  );

  it("[ACP-35] [C8] goes in with it and with the permission, in one frame and in that order", async () => {
    const bench = await ruled([DEPLOY]);
    const { request } = await waiting(bench, "deploy");
    const given = await bench.submit(await bench.decision(request, "approve"));
    const { logged } = must(given.ok ? given.value : null, JSON.stringify(given));
    expect(logged.map(({ fact }) => fact.typ)).toEqual(["hitl-decision+jwt", "exec+jwt", "record+jwt"]);
    expect(logged[2]?.fact.claims).toMatchObject({ kind: "permitted", data: { request } });
  });

  it("[ACP-35] of an agent's is no work: handed in by itself it is refused", async () => {
    const bench = await ruled([DEPLOY]);
    const claims = objectNode(
      { typ: "hitl-decision+jwt", jti: v4(), hash: digestOf("decision"), iss: bench.agentId, wid: bench.wid },
      { execAct: "hitl_decision", aud: [ids.pepId], pred: [], iat: nowS(bench), outcome: "approve" },
    );
    expect(codeOf(await bench.submit(await signToken("exec+jwt", claims, bench.agent)))).toBe("ect_act_reserved");
  });
});

describe("the ECT of a task that people approved", () => {
  const twoRules = [{ ...DEPLOY, approvals: 2 }];

  it("[ACP-14] [ACP-35] follows every decision that approved it", async () => {
    const bench = await ruled(twoRules);
    const [bob, carol] = [await bench.person("bob", ["operator"]), await bench.person("carol", ["operator"])];
    const { task, request } = await waiting(bench, "deploy", { approvals: 2 });
    const [one, two] = [v4(), v4()];
    await bench.submit(await bob.decision(request, "approve", { jti: one }));
    await bench.submit(await carol.decision(request, "approve", { jti: two }));
    await effectOf(bench, task);
    for (const pred of [[], [nodeJti(one)], [nodeJti(two)], [nodeJti(one), nodeJti(two), nodeJti(request)]])
      expect(codeOf(await bench.submit(await bench.ect(task, "deploy_site", pred)))).toBe("ect_pred_mismatch");
    const both = await bench.ect(task, "deploy_site", [nodeJti(two), nodeJti(one)]);
    expect(codeOf(await bench.submit(both))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["done", null]);
  });

  it("[ACP-35] names the policy it ran under, by its digest", async () => {
    const bench = await ruled([DEPLOY]);
    const build = bench.task("build");
    await bench.submit(await bench.intent(build, "build_site"));
    await effectOf(bench, build);
    const ect = (acpRef: object | undefined) =>
      signToken(
        "exec+jwt",
        {
          ...common(bench, bench.agentId),
          jti: build,
          wid: bench.wid,
          exec_act: "build_site",
          pred: [],
          inp_hash: digestOf(`in ${build}`),
          ect_ext: acpRef === undefined ? {} : { acp_ref: acpRef },
        },
        bench.agent,
      );
    for (const wrong of [undefined, { jti: bench.acp.jti }, { ...bench.acp, hash: oneByteOff(bench.acp.hash) }])
      expect(codeOf(await bench.submit(await ect(wrong)))).toBe("ect_acp_mismatch");
    expect(codeOf(await bench.submit(await ect(bench.acp)))).toBe("accepted");
  });

  it("[ACP-35] a request is known by its ECT, which anybody can name before it is there", async () => {
    const bench = await ruled([DEPLOY]);
    const { task } = await waiting(bench, "deploy");
    const request = await requestOf(bench, task);
    expect(nodeJti(request)).toBe(nodeJti(request));
    expect(nodeJti(request)).not.toBe(nodeJti(task));
    expect(nodeJti(request)).toMatch(/^[\da-f]{8}-[\da-f]{4}-5/);
  });
});
