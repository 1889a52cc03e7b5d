import { describe, expect, it } from "vitest";
import { type AcpClaims, hitlRuleSchema, triggerSchema } from "../../protocol/acp/claims.ts";
import { CONSTRAINT_NAMES } from "../../protocol/acp/narrow.ts";
import { escalationSentence, ruleSentence } from "./rules/rule-words.ts";
import { agentName, limitWords, listed } from "./words.ts";

const HITL: AcpClaims["hitl"] = { default_on_timeout: "deny", rules: [] };
const sentence = (rule: object): string =>
  ruleSentence(
    hitlRuleSchema.parse({ id: "r", trigger: { kind: "always" }, role: "finance", action: "approve", ...rule }),
    HITL,
  );

describe("a rule in words", () => {
  it.each<[object, string]>([
    [
      {},
      "Every action waits until one person of the role “finance” approves it, with a reason; without an answer within 15 min 00 s it is denied.",
    ],
    [
      { trigger: { kind: "limit", constraint: "max_cost", ratio: 0.9 }, action: "pause", reason_required: false },
      "An action that brings max_cost to 90 % or more pauses its agent until one person of the role “finance” approves it; without an answer within 15 min 00 s it is denied.",
    ],
    [
      {
        trigger: { kind: "action", patterns: ["deploy_*", "delete_*"] },
        action: "escalate",
        approvals: 3,
        timeout_s: 30,
        on_timeout: "abort",
      },
      "Every deploy_* or delete_* is escalated and waits until 3 people of the role “finance” approve it, with a reason; without an answer within 30 s the workflow is aborted.",
    ],
    [{ action: "abort" }, "Every action is aborted; the role “finance” answers for it."],
    [{ action: "notify" }, "Every action goes ahead, and the role “finance” is told."],
    [
      { trigger: { kind: "domain", external: true }, distinct_from_requester: false, timeout_s: 5 },
      "An action that reaches another trust domain waits until one person of the role “finance” approves it, with a reason; without an answer within 5.0 s it is denied. The requester may be one of them.",
    ],
  ])("[ACP-6] is one sentence from its members: %j", (rule, expected) => {
    expect(sentence(rule)).toBe(expected);
  });

  it("[ACP-6] exists for every kind of trigger", () => {
    const kinds = triggerSchema.options.map((option) => option.shape.kind.value);
    const members = {
      patterns: ["a"],
      at_least: "reversible",
      min: 0.7,
      below: 0.5,
      constraint: "max_calls",
      ratio: 1,
    };
    const lists = { external: true, verdict_in: ["drifting"], state_in: ["half_open"], outcome_in: ["no_quorum"] };
    for (const kind of kinds) {
      // Every choice of members: a trigger takes exactly its own.
      const trigger: object[] = [{ kind }];
      for (const [name, value] of Object.entries({ ...members, ...lists }))
        trigger.push(...trigger.map((one) => ({ ...one, [name]: value })));
      const valid = trigger.find((one) => triggerSchema.safeParse(one).success);
      expect(sentence({ trigger: valid })).toMatch(/^[A-Z].+ waits until one person of the role “finance” approves it/);
    }
  });

  it("says who is asked when nobody answers", () => {
    expect(escalationSentence(HITL)).toBeNull();
    expect(escalationSentence({ ...HITL, escalation: [{ role: "duty", after_s: 300 }] })).toBe(
      "Where nobody answers, others are asked: after 5 min 00 s “duty”.",
    );
  });

  it("[F4] shows what a name of the token hides", () => {
    expect(sentence({ role: "fin\u202eance" })).toContain("“fin‹U+202E›ance”");
    expect(agentName("spiffe://a.example/agent/x\u200b")).toBe("x‹U+200B›");
    expect(listed(["a\u0000"])).toBe("a‹U+0000›");
  });
});

describe("a limit in words", () => {
  it("[ACP-2] exists for every constraint, and carries its unit", () => {
    for (const name of CONSTRAINT_NAMES)
      expect(limitWords(name, name === "require_checkpoint" ? true : 1)).not.toMatch(/_/);
    expect(limitWords("max_cost", "50.00", "EUR")).toBe("costs at most 50.00 EUR");
    expect(limitWords("max_calls", 1)).toBe("at most 1 call");
    expect(limitWords("domains", ["a.example", "b.example"])).toBe(
      "reaches only the trust domains a.example and b.example",
    );
  });
});
