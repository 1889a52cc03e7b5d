import { describe, expect, it } from "vitest";
import { codeOf, DEPLOY, nowS, ruled, statusOf, waiting } from "./gate-tokens.fixture.ts";

const COMMIT = { ...DEPLOY, commit_first: true };

describe("a rule that asks for a verdict before the agent's words are seen", () => {
  it("[F6] [ACP-45] takes no approval without it", async () => {
    const bench = await ruled([COMMIT]);
    const { task, request } = await waiting(bench, "deploy");
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_commit_missing");
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    const committed = { outcome: "approve", at: nowS(bench) };
    expect(codeOf(await bench.submit(await bench.decision(request, "approve", { committed })))).toBe("accepted");
  });

  it("[F6] [ACP-45] is asked of everybody who approves, where one of several rules asks", async () => {
    const second = { ...DEPLOY, id: "r2", role: "finance", commit_first: true };
    const bench = await ruled([DEPLOY, second]);
    const [bob, dave] = [await bench.person("bob", ["operator"]), await bench.person("dave", ["finance"])];
    const roles = [
      { role: "operator", approvals: 1 },
      { role: "finance", approvals: 1 },
    ];
    const { request } = await waiting(bench, "deploy", { rule_ids: ["r1", "r2"], roles });
    expect(codeOf(await bench.submit(await bob.decision(request, "approve")))).toBe("hitl_commit_missing");
    const committed = { outcome: "reject", at: nowS(bench) };
    expect(codeOf(await bench.submit(await bob.decision(request, "approve", { committed })))).toBe("accepted");
    const role = { role: "finance" };
    expect(codeOf(await bench.submit(await dave.decision(request, "approve", role)))).toBe("hitl_commit_missing");
  });

  it("[F6] [ACP-45] keeps a verdict that the agent's words changed, and needs none to say no", async () => {
    const bench = await ruled([COMMIT]);
    const first = await waiting(bench, "first");
    const committed = { outcome: "reject", at: nowS(bench) };
    const given = await bench.submit(await bench.decision(first.request, "approve", { committed }));
    expect(given.ok && given.value.logged[0]?.fact.claims).toMatchObject({ committed });
    for (const [name, outcome] of [
      ["second", "reject"],
      ["third", "abort"],
    ] as const) {
      const { request } = await waiting(bench, name);
      expect(codeOf(await bench.submit(await bench.decision(request, outcome)))).toBe("accepted");
    }
  });

  it("[F6] [ACP-45] is about this request: not from before it was opened, nor from times to come", async () => {
    const bench = await ruled([COMMIT]);
    const { request } = await waiting(bench, "deploy");
    bench.clock.advance(60);
    for (const at of [nowS(bench) - 91, nowS(bench) + 31]) {
      const early = await bench.decision(request, "approve", { committed: { outcome: "approve", at } });
      expect(codeOf(await bench.submit(early))).toBe("hitl_commit_missing");
    }
    const skewed = { committed: { outcome: "approve", at: nowS(bench) + 30 } };
    expect(codeOf(await bench.submit(await bench.decision(request, "approve", skewed)))).toBe("accepted");
  });
});
