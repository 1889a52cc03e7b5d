import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicyNode } from "../../../api/contract/policy.ts";
import { examplePolicy, policyOf } from "../../../protocol/acp/acp.fixture.ts";
import { delegationOf, NODE_HEIGHT, NODE_WIDTH, placeNodes } from "./delegation.ts";
import { shownLimits, worstShare } from "./limits.ts";

describe("the delegation of a policy", () => {
  it("[ACP-1] [ACP-7] says by whose leave, what is passed on, and what was narrowed where", () => {
    const { nodes, edges } = delegationOf(examplePolicy());
    expect(nodes.map(({ id, depth, parents, narrowed }) => [id, depth, parents, narrowed])).toEqual([
      ["n1", 0, [], []],
      ["n2", 1, ["n1"], ["actions", "max_calls", "require_checkpoint"]],
    ]);
    expect(edges).toEqual([{ from: "n1", to: "n2", kind: "delegates", actions: ["apply_change"] }]);
  });

  it("[ACP-2] shows inherited limits with the node that set them, and what is used up", () => {
    const [, executor] = delegationOf(examplePolicy()).nodes;
    const used: PolicyNode = {
      id: "n2",
      constraints: [
        { name: "max_calls", value: 3, setBy: "n2", used: "2", share: 2 / 3 },
        { name: "max_cost", value: "50.00", setBy: "n1", used: "45.00", share: 0.9 },
      ],
      usage: { calls: 2, callsLastMinute: 0, cost: { EUR: "45.00" }, tokens: 0, durationS: 0 },
    };
    expect(worstShare(used)).toBe(0.9);
    expect(worstShare(undefined)).toBeNull();
    const limits = shownLimits("n2", executor?.constraints ?? [], used);
    expect(limits.map(({ words, from, usage }) => [words, from, usage?.text])).toEqual([
      ["at most 3 calls", null, "2 of 3 calls"],
      ["costs at most 50.00 EUR", "n1", "45.00 of 50.00 EUR"],
      ["reaches only the trust domain ops.example", "n1", undefined],
      ["only with a checkpoint", null, undefined],
    ]);
  });

  it("is placed so that no two nodes overlap and what is passed on runs to the right", () => {
    const wide = fc.integer({ min: 0, max: 60 }).chain((children) =>
      fc.record({
        children: fc.constant(children),
        grandchildren: fc.array(fc.nat(Math.max(0, children - 1)), { maxLength: children === 0 ? 0 : 20 }),
      }),
    );
    fc.assert(
      fc.property(wide, ({ children, grandchildren }) => {
        const node = (id: string) => ({ id, agent: `spiffe://a.example/${id}`, actions: ["a"], delegable: true });
        const ids = Array.from({ length: children }, (_, index) => `c${index}`);
        const below = grandchildren.map((parent, index) => [`c${parent}`, `g${index}`] as const);
        const policy = policyOf(
          [node("r"), ...ids.map(node), ...below.map(([, id]) => node(id))],
          [],
          [...ids.map((id) => ["r", id] as const), ...below],
        );
        const delegation = delegationOf(policy);
        const placed = placeNodes(delegation.nodes);
        const boxes = [...placed.at.values()];
        expect(boxes).toHaveLength(policy.dag.nodes.length);
        boxes.forEach((box, index) => {
          const free = boxes
            .slice(index + 1)
            .every((other) => Math.abs(box.x - other.x) >= NODE_WIDTH || Math.abs(box.y - other.y) >= NODE_HEIGHT);
          expect(free).toBe(true);
          expect(box.x + NODE_WIDTH <= placed.width && box.y + NODE_HEIGHT <= placed.height && box.y >= 0).toBe(true);
        });
        for (const { from, to } of delegation.edges)
          expect((placed.at.get(to)?.x ?? 0) - (placed.at.get(from)?.x ?? 0)).toBeGreaterThan(NODE_WIDTH);
      }),
      { numRuns: 40 },
    );
  });
});
