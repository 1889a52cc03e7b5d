import { describe, expect, it } from "vitest";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { type Bench, startedWorkflow } from "../engine.fixture.ts";

const START_S = 1_772_064_000;

/** A workflow whose `build_*` node has these limits. */
function limited(constraints: AcpClaimsInput["dag"]["nodes"][number]["constraints"]): Promise<Bench> {
  return startedWorkflow(START_S, (policy) => ({
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) => (node.id === "n3" ? { ...node, constraints } : node)),
    },
  }));
}

async function outcome(bench: Bench, name: string, needs: Parameters<Bench["intent"]>[3] = {}) {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "build_site", [], needs));
  return bench.engine.read((state) => {
    const found = state.workflows.get(bench.wid)?.tasks.get(task);
    return found?.code ?? found?.status;
  });
}

describe("limits of a node", () => {
  it("[ACP-2] [ECT-57] count what permissions have used up, in exact decimals", async () => {
    const bench = await limited({ max_cost: "0.30", currency: "EUR" });
    const cost = { amount: "0.1", currency: "EUR" };
    const outcomes = [];
    for (const name of ["a", "b", "c", "d"]) outcomes.push(await outcome(bench, name, { cost }));
    expect(outcomes).toEqual(["running", "running", "running", "acp_constraint_violated"]);
  });

  it("[ACP-2] stay used up when the engine is opened again", async () => {
    const bench = await limited({ max_tokens: 100 });
    expect(await outcome(bench, "a", { tokens: 60 })).toBe("running");
    const again = await bench.reopen();
    expect(await again.read((state) => state.workflows.get(bench.wid)?.usage.get("n3")?.tokens)).toBe(60);
    expect(await outcome(bench, "b", { tokens: 41 })).toBe("acp_constraint_violated");
    expect(await outcome(bench, "c", { tokens: 40 })).toBe("running");
  });

  it("[ACP-2] let a rate recover after its minute", async () => {
    const bench = await limited({ rate_per_min: 2 });
    expect([await outcome(bench, "a"), await outcome(bench, "b"), await outcome(bench, "c")]).toEqual([
      "running",
      "running",
      "acp_constraint_violated",
    ]);
    bench.clock.advance(60);
    expect(await outcome(bench, "d")).toBe("running");
  });

  it("[ACP-9] take what is not stated, or not known here, for too much", async () => {
    const touching = await limited({ resources: ["file:/site/*"] });
    expect(await outcome(touching, "a")).toBe("acp_constraint_violated");
    expect(await outcome(touching, "b", { resources: ["file:/site/index"] })).toBe("running");
    expect(await outcome(touching, "c", { resources: ["file:/site/index", "file:/etc/passwd"] })).toBe(
      "acp_constraint_violated",
    );
    const trusted = await limited({ min_trust: 0.1 });
    expect(await outcome(trusted, "a")).toBe("acp_constraint_violated");
  });
});
