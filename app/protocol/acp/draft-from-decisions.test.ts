import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acpClaimsSchema } from "./claims.ts";
import { type ActionDecision, decideAction, NO_USAGE } from "./decide-action.ts";
import { type DecidedAlike, draftFromDecisions } from "./draft-from-decisions.ts";

const ALICE = "spiffe://console.local/human/alice";
const WID = "0195400c-0000-7000-8000-00000000000a";
const agent = (name: string): string => `spiffe://console.local/agent/${WID}/${name}`;

interface Shape {
  readonly writer: readonly string[];
  readonly helper?: readonly string[];
  readonly consequence?: "reversible" | "irreversible";
  readonly trigger?: object;
  readonly approvals?: number;
}

function policyOf({ writer, helper = ["look"], consequence = "reversible", trigger, approvals = 1 }: Shape) {
  const rule = { role: "operator", action: "approve", approvals, trigger };
  return acpClaimsSchema.parse({
    ...{ iss: ALICE, sub: ALICE, aud: "spiffe://console.local/pep", iat: 1000, exp: 2000, wid: WID, acp_ver: 1 },
    jti: "0195400c-0000-7000-8000-0000000000b1",
    dag: {
      ...{ root: "op", self: "op", max_depth: 1 },
      nodes: [
        { id: "op", agent: ALICE, actions: ["*"], delegable: true },
        { id: "w", agent: agent("writer"), actions: writer, consequence },
        { id: "h", agent: agent("helper"), actions: helper },
      ],
      edges: ["w", "h"].map((to) => ({ from: "op", to, kind: "delegates" })),
    },
    hitl: {
      default_on_timeout: "deny",
      rules: [
        {
          id: "by-name",
          ...rule,
          ...(trigger === undefined ? { trigger: { kind: "action", patterns: ["mail"] } } : {}),
        },
        ...(consequence === "irreversible"
          ? [{ id: "grave", ...rule, trigger: { kind: "consequence", at_least: "irreversible" } }]
          : []),
      ],
    },
  });
}

const alike = (change: Partial<DecidedAlike> = {}): DecidedAlike => ({
  ...{ agent: agent("writer"), execAct: "mail", ruleIds: ["by-name"], outcome: "approved" },
  ...change,
});

function decide(policy: ReturnType<typeof policyOf>, who: string, execAct: string): ActionDecision {
  const nothing = { resources: null, dataClasses: null, protocol: null, domains: null, cost: null, tokens: null };
  return decideAction(policy, { agent: who, execAct, ...nothing, durationS: null, checkpoint: null }, () => NO_USAGE, {
    ...{
      nowS: 1500,
      risk: null,
      confidence: null,
      trust: null,
      level: 3,
      verdict: null,
      breakers: null,
      consensus: null,
    },
  });
}

describe("a draft made of decisions", () => {
  it("[ACP-60] takes the rule away that names only what was approved each time", () => {
    const made = draftFromDecisions(policyOf({ writer: ["mail", "print"] }), alike());
    expect(made).toMatchObject({
      ok: true,
      value: { changes: [{ kind: "rule_removed", rule: "by-name" }], alsoFor: [] },
    });
    if (made.ok) expect(decide(made.value.claims, agent("writer"), "mail").effect).toBe("allow");
  });

  it("[ACP-60] writes a prefix out as the other actions that somebody may do", () => {
    const trigger = { kind: "action", patterns: ["m*", "print"] };
    const made = draftFromDecisions(policyOf({ writer: ["mail", "move", "mark_*"], trigger }), alike());
    expect(made).toMatchObject({
      value: { changes: [{ kind: "rule_narrowed", rule: "by-name", patterns: ["move", "mark_*", "print"] }] },
    });
  });

  it("[ACP-60] says for whom else the action is asked about no more", () => {
    const made = draftFromDecisions(policyOf({ writer: ["mail"], helper: ["mail"] }), alike());
    expect(made).toMatchObject({ value: { alsoFor: [agent("helper")] } });
  });

  it.each([
    [
      "is asked for by its consequence",
      { trigger: { kind: "consequence", at_least: "reversible" } },
      "rule_not_by_action",
    ],
    ["needs several people", { approvals: 2 }, "several_people"],
    [
      "is named by a node's prefix as wide as the rule's",
      { writer: ["m*"], trigger: { kind: "action", patterns: ["m*"] } },
      "pattern_too_wide",
    ],
    ["cannot be undone", { consequence: "irreversible" }, "irreversible"],
  ] as const)("[ACP-60] [ACP-15] makes none of what %s", (_, shape, code) => {
    expect(draftFromDecisions(policyOf({ writer: ["mail"], ...shape }), alike())).toMatchObject({ error: { code } });
  });

  it("[ACP-60] makes none of a rule that the policy has not or that names it no more, or of none", () => {
    const policy = policyOf({ writer: ["mail"] });
    const narrowed = policyOf({ writer: ["mail"], trigger: { kind: "action", patterns: ["print"] } });
    expect(draftFromDecisions(narrowed, alike())).toMatchObject({ error: { code: "no_rule", subject: "by-name" } });
    expect(draftFromDecisions(policy, alike({ ruleIds: ["gone"] }))).toMatchObject({ error: { code: "rule_unknown" } });
    expect(draftFromDecisions(policy, alike({ ruleIds: [] }))).toMatchObject({ error: { code: "no_rule" } });
  });

  it("[ACP-60] takes away from the agent what was rejected each time, and the node that has nothing left", () => {
    const rejected = alike({ outcome: "rejected" });
    const kept = draftFromDecisions(policyOf({ writer: ["mail", "print"] }), rejected);
    expect(kept).toMatchObject({ value: { changes: [{ kind: "action_removed", node: "w" }] } });
    const emptied = draftFromDecisions(policyOf({ writer: ["mail"] }), rejected);
    expect(emptied).toMatchObject({ value: { changes: [{ kind: "node_removed", node: "w" }] } });
    for (const made of [kept, emptied])
      if (made.ok) expect(decide(made.value.claims, agent("writer"), "mail").effect).toBe("refuse");
    expect(draftFromDecisions(policyOf({ writer: ["ma*"] }), rejected)).toMatchObject({
      error: { code: "pattern_too_wide", subject: "w" },
    });
    expect(draftFromDecisions(policyOf({ writer: ["print"] }), rejected)).toMatchObject({
      error: { code: "action_not_named" },
    });
  });

  it("[ACP-60] decides everything else as before", () => {
    const action = fc.constantFrom("mail", "move", "mark_a", "mark_b", "print", "look");
    const pattern = fc.constantFrom("mail", "move", "m*", "ma*", "mark_*", "print", "*");
    const actions = fc.uniqueArray(fc.constantFrom("mail", "move", "mark_a", "mark_*", "print", "m*"), {
      minLength: 1,
    });
    let drafts = 0;
    fc.assert(
      fc.property(
        actions,
        actions,
        fc.uniqueArray(pattern, { minLength: 1 }),
        action,
        fc.constantFrom("approved" as const, "rejected" as const),
        (writer, helper, patterns, execAct, outcome) => {
          const policy = policyOf({ writer, helper, trigger: { kind: "action", patterns } });
          const { ruleIds } = decide(policy, agent("writer"), execAct);
          const made = draftFromDecisions(policy, alike({ execAct, ruleIds, outcome }));
          if (!made.ok) return;
          drafts += 1;
          const after = decide(made.value.claims, agent("writer"), execAct).effect;
          expect(after).toBe(outcome === "approved" ? "allow" : "refuse");
          for (const who of [agent("writer"), agent("helper")])
            for (const other of ["mail", "move", "mark_a", "mark_b", "print", "look", "mx"]) {
              if (other === execAct && (who === agent("writer") || made.value.alsoFor.includes(who))) continue;
              expect(decide(made.value.claims, who, other).effect).toBe(decide(policy, who, other).effect);
            }
        },
      ),
    );
    expect(drafts).toBeGreaterThan(5);
  });
});
