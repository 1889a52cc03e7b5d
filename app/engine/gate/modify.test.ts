import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Constraints } from "../../protocol/acp/narrow.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { type Bench, digestOf } from "../engine.fixture.ts";
import {
  argsDigest,
  codeOf,
  common,
  DEPLOY,
  effectOf,
  gateOf,
  intentToken,
  requestOf,
  ruled,
  sizeOf,
  statusOf,
} from "./gate-tokens.fixture.ts";

const ARGS: JsonObject = { replicas: 5, hosts: ["a", "b", "c"], site: "prod" };
const NEEDS = { cost: { amount: "20", currency: "EUR" }, resources: ["https://prod.example/a"], duration_s: 10 };
const LIMITS: Constraints = { max_cost: "50.00", currency: "EUR", resources: ["https://prod.example/*"] };

const limited = (approvals = 1) =>
  ruled([{ ...DEPLOY, approvals }], (policy) => ({
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) => (node.id === "n2" ? { ...node, constraints: LIMITS } : node)),
    },
  }));

interface Offer {
  readonly options?: readonly string[];
  readonly args?: JsonObject | undefined;
  readonly approvals?: number;
  readonly needs?: object;
}

/** A request that offers to be changed, unless said otherwise. */
async function offered(bench: Bench, offer: Offer = {}) {
  const { options = ["approve", "reject", "modify"], approvals = 1, needs = NEEDS } = offer;
  const task = bench.task("deploy");
  const hashes = { inp_hash: digestOf(`in ${task}`), args_hash: argsDigest(ARGS) };
  await bench.submit(await intentToken(bench, task, "deploy_site", { args_hash: hashes.args_hash, needs }));
  const carried = "args" in offer ? offer.args : ARGS;
  const named = { jti: task, exec_act: "deploy_site", pred: [], ...hashes, ...(carried ? { args: carried } : {}) };
  const opened = await bench.submit(await bench.request(task, "deploy_site", { task: named, options, approvals }));
  must(opened.ok ? opened : null, JSON.stringify(opened));
  return { task, request: await requestOf(bench, task) };
}

const changed = (args: JsonObject, constraints?: Constraints) => ({
  modified: { args_hash: argsDigest(args), args, ...(constraints === undefined ? {} : { constraints }) },
});

const modify = async (bench: Bench, request: string, change: object) =>
  bench.submit(await bench.decision(request, "modify", change));

describe("an approval of less than was asked for", () => {
  it("[ACP-36] lets only the changed arguments run, and the task's ECT names them", async () => {
    const bench = await limited();
    const { task, request } = await offered(bench);
    const fewer = { ...ARGS, replicas: 2, hosts: ["a", "c"] };
    const jti = v4();
    expect(codeOf(await modify(bench, request, { jti, ...changed(fewer) }))).toBe("accepted");
    expect((await gateOf(bench, request)).modified).toMatchObject({ args: fewer, argsHash: argsDigest(fewer) });
    const started = await effectOf(bench, task);
    const [record] = must(started.ok ? started.value.logged : null, "the effect");
    expect(record?.fact.claims).toMatchObject({ kind: "effect_started", data: { args_hash: argsDigest(fewer) } });
    const ect = (args?: string) =>
      signToken(
        "exec+jwt",
        {
          ...common(bench, bench.agentId),
          jti: task,
          wid: bench.wid,
          exec_act: "deploy_site",
          pred: [nodeJti(jti)],
          inp_hash: digestOf(`in ${task}`),
          ect_ext: { acp_ref: bench.acp, ...(args === undefined ? {} : { [ECT_EXT.args]: args }) },
        },
        bench.agent,
      );
    for (const other of [undefined, argsDigest(ARGS), argsDigest({ ...fewer, replicas: 1 })])
      expect(codeOf(await bench.submit(await ect(other)))).toBe("hitl_bind_mismatch");
    expect(codeOf(await bench.submit(await ect(argsDigest(fewer))))).toBe("accepted");
  });

  it.each<[string, JsonObject]>([
    ["a larger number", { ...ARGS, replicas: 6 }],
    ["a number on the other side of zero", { ...ARGS, replicas: -1 }],
    ["one element more", { ...ARGS, hosts: ["a", "b", "c", "d"] }],
    ["another element", { ...ARGS, hosts: ["a", "x"] }],
    ["another order", { ...ARGS, hosts: ["c", "a"] }],
    ["another word", { ...ARGS, site: "staging" }],
    ["one member less", { replicas: 5, hosts: ["a"] }],
    ["one member more", { ...ARGS, force: true }],
    ["a number as text", { ...ARGS, replicas: "4" }],
  ])("[ACP-36] is refused with %s, and the request waits", async (_what, args) => {
    const bench = await limited();
    const { task, request } = await offered(bench);
    expect(codeOf(await modify(bench, request, changed(args)))).toBe("acp_widening");
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
  });

  it("[ACP-36] [ACP-11] [C1] is refused where a digest is not that of its arguments", async () => {
    const bench = await limited();
    const { request } = await offered(bench);
    const before = await sizeOf(bench);
    const forged = { modified: { args_hash: argsDigest({ ...ARGS, replicas: 2 }), args: { ...ARGS, replicas: 3 } } };
    const token = await bench.decision(request, "modify", forged);
    expect(codeOf(await bench.engine.receive(token))).toBe("object_hash_mismatch");
    const task = bench.task("other");
    const hashes = { inp_hash: digestOf(`in ${task}`), args_hash: argsDigest(ARGS) };
    const lying = { jti: task, exec_act: "deploy_site", pred: [], ...hashes, args: { ...ARGS, site: "staging" } };
    const shown = await bench.request(task, "deploy_site", { task: lying });
    expect(codeOf(await bench.engine.receive(shown))).toBe("object_hash_mismatch");
    expect(await sizeOf(bench)).toBe(before);
  });

  it("[ACP-36] is refused where nothing is changed, also with limits that are in force already or none", async () => {
    const bench = await limited();
    const { request } = await offered(bench);
    for (const limits of [undefined, {}, { max_cost: "50.00" }, LIMITS])
      expect(codeOf(await modify(bench, request, changed(ARGS, limits)))).toBe("acp_widening");
    expect(codeOf(await bench.submit(await bench.decision(request, "modify")))).toBe("acp_widening");
  });

  it("[ACP-36] is refused where a limit is wider than the one in force", async () => {
    const bench = await limited();
    const { request } = await offered(bench);
    const wider: Constraints[] = [
      { max_cost: "50.01" },
      { max_cost: "1.00", currency: "USD" },
      { resources: ["https://*"] },
      { resources: ["https://prod.example/*", "https://other.example/"] },
    ];
    for (const limits of wider)
      expect(codeOf(await modify(bench, request, changed({ ...ARGS, replicas: 1 }, limits)))).toBe("acp_widening");
  });

  it("[ACP-36] [ACP-29] decides the action anew under its limits: what does not fit does not run", async () => {
    const bench = await limited();
    const { task, request } = await offered(bench);
    expect(codeOf(await modify(bench, request, changed(ARGS, { max_cost: "19.99" })))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["refused", "acp_constraint_violated"]);
    expect((await gateOf(bench, request)).status).toBe("expired");
  });

  it("[ACP-36] [ACP-22] limits that it fits let it run, in the currency that is in force", async () => {
    const bench = await limited();
    const { task, request } = await offered(bench);
    const limits: Constraints = { max_cost: "20", max_duration_s: 10, resources: ["https://prod.example/a"] };
    expect(codeOf(await modify(bench, request, changed(ARGS, limits)))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });

  it("[ACP-36] needs the offer, and the arguments with it", async () => {
    for (const offer of [{ options: ["approve", "reject"] }, { args: undefined }]) {
      const bench = await limited();
      const { request } = await offered(bench, offer);
      expect(codeOf(await modify(bench, request, changed({ ...ARGS, replicas: 1 })))).toBe("hitl_outcome_not_offered");
    }
  });

  it("[D4] [ACP-36] is nobody's where several approve: all sign the same", async () => {
    const bench = await limited(2);
    const [bob, carol] = [await bench.person("bob", ["operator"]), await bench.person("carol", ["operator"])];
    const { task, request } = await offered(bench, { approvals: 2 });
    const less = changed({ ...ARGS, replicas: 1 });
    expect(codeOf(await bench.submit(await bob.decision(request, "modify", less)))).toBe("hitl_outcome_not_offered");
    await bench.submit(await bob.decision(request, "approve"));
    expect(codeOf(await bench.submit(await carol.decision(request, "modify", less)))).toBe("hitl_outcome_not_offered");
    expect(codeOf(await bench.submit(await carol.decision(request, "approve", less)))).toBe("hitl_bind_mismatch");
    await bench.submit(await carol.decision(request, "approve"));
    expect(await statusOf(bench, task)).toEqual(["running", null]);
    expect((await gateOf(bench, request)).modified).toBeNull();
  });

  it("[ACP-36] [BEH-63] leaves the task no name for a value that a person has changed", async () => {
    const bench = await limited();
    const named = { "/hosts/0": "a".repeat(22), "/replicas": "5".repeat(22), "/site": "p".repeat(22) };
    const { task, request } = await offered(bench, { needs: { ...NEEDS, named } });
    const saidOf = () =>
      bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.intent?.needs?.named);
    expect(await saidOf()).toEqual(named);
    expect(codeOf(await modify(bench, request, changed({ ...ARGS, hosts: ["b", "c"], replicas: 2 })))).toBe("accepted");
    expect(await saidOf()).toEqual({ "/site": named["/site"] });
  });

  it("[ACP-11] an approval, a rejection and an escalation change nothing", async () => {
    const bench = await limited();
    const { request } = await offered(bench);
    for (const outcome of ["approve", "reject", "abort", "escalate"]) {
      const token = await bench.decision(request, outcome, changed({ ...ARGS, replicas: 1 }));
      expect(codeOf(await bench.submit(token))).toBe("hitl_bind_mismatch");
    }
  });
});
