import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import {
  answerOf,
  BUILDER,
  CLAIMS,
  DEPLOYER,
  type FakePolicies,
  JTI,
  POSITION,
  row,
  show,
  url,
} from "../pane.fixture.tsx";

afterEach(() => {
  cleanup();
  setDraft(JTI, null);
});

const [grave] = CLAIMS.hitl.rules;
const ASKING: AcpClaims = {
  ...CLAIMS,
  hitl: {
    ...CLAIMS.hitl,
    rules: [
      ...CLAIMS.hitl.rules,
      ...(grave === undefined
        ? []
        : [{ ...grave, id: "r2", trigger: { kind: "action" as const, patterns: ["build_site"] }, approvals: 1 }]),
    ],
  },
};
const never = async (): Promise<never> => {
  throw new Error("not asked here");
};
const gate = (likeness: string, agent: string, action: string, rule: string) => ({
  ...{ likeness, agent, action, ruleIds: [rule], state: "consumed", approvals: { given: 1, required: 1 } },
  ...{ timedOut: false, modified: false, breakGlass: null },
});

describe("what was decided the same way each time", () => {
  it("[N5] [R2] [ACP-60] becomes a draft and its replay by one press; what cannot be undone never does", async () => {
    const replayed: unknown[] = [];
    const counts = { allow: 3, gate: 0, abort: 0, refuse: 0 };
    const policies: FakePolicies = {
      list: async () => ({ position: POSITION, policies: [row()] }),
      get: async () => answerOf(3, ASKING),
      ...{ decide: never, revoke: never },
      replay: async (input) => {
        replayed.push(input);
        return {
          position: POSITION,
          intents: 3,
          decided: 3,
          before: counts,
          after: counts,
          total: 0,
          differences: [],
          tookMs: 5,
        };
      },
    };
    const rows = [
      ...[1, 2, 3, 4].map(() => gate("a", BUILDER, "build_site", "r2")),
      ...[1, 2, 3].map(() => gate("b", DEPLOYER, "deploy_site", "r1")),
    ];
    await show(policies, { tab: "rules" }, { gate: { queue: async () => ({ position: POSITION, rows, pending: 0 }) } });
    const section = await screen.findByRole("region", { name: "Decided the same way each time" });
    const [first, second] = await within(section).findAllByRole("listitem");
    expect(first).toHaveTextContent("4 of 4 approved: build_site by builder");
    expect(first).toHaveTextContent("rule r2 goes away, because it names nothing else.");
    expect(second).toHaveTextContent("No policy can be made of it: it cannot be undone");
    expect(within(second as HTMLElement).queryByRole("button")).toBeNull();
    await userEvent.click(within(first as HTMLElement).getByRole("button", { name: "Make this a policy …" }));
    expect(await screen.findByText(/Nothing would be decided differently, of 3 actions/)).toBeVisible();
    expect(url.now).toMatchObject({ policy: JTI, version: "draft", tab: "replay", replay: "now" });
    expect(replayed).toHaveLength(1);
    expect(replayed[0]).toMatchObject({ claims: { hitl: { rules: [{ id: "r1" }] } } });
    await userEvent.click(screen.getByRole("tab", { name: "Rules" }));
    expect(await screen.findByText(/the rule that asked does not ask about it any more/)).toBeVisible();
  });
});
