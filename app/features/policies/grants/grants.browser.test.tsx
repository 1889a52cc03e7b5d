import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import type { GrantRow } from "../../../api/contract/policy.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { decideAction, NO_USAGE } from "../../../protocol/acp/decide-action.ts";
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
import { GRANT_JTI, grantRow } from "./grants.fixture.ts";

afterEach(cleanup);

/** The same policy with a rule by the action's name, which one person answers. */
const ASKING: AcpClaims = {
  ...CLAIMS,
  hitl: {
    ...CLAIMS.hitl,
    rules: [
      ...CLAIMS.hitl.rules,
      {
        ...{ id: "r2", trigger: { kind: "action", patterns: ["build_site"] }, role: "operator", action: "approve" },
        ...{ approvals: 1, distinct_from_requester: true, timeout_s: 900, reason_required: true, explain: true },
        ...{ break_glass: false, commit_first: false },
      },
    ],
  },
};

const never = async (): Promise<never> => {
  throw new Error("not asked here");
};

const policies: FakePolicies = {
  list: async () => ({ position: POSITION, policies: [row()] }),
  get: async () => answerOf(3, ASKING),
  replay: never,
  revoke: never,
  decide: async ({ action: { agent, execAct } }) => {
    const nothing = {
      resources: null,
      dataClasses: null,
      protocol: null,
      domains: null,
      tokens: null,
      durationS: null,
    };
    const cost = { amount: "1", currency: "EUR" };
    const decision = decideAction(ASKING, { agent, execAct, ...nothing, cost, checkpoint: null }, () => NO_USAGE, {
      ...{ nowS: CLAIMS.iat, risk: null, confidence: null, trust: null, level: 3 },
      ...{ verdict: null, breakers: null, consensus: null },
    });
    return { position: POSITION, decision, usage: null };
  },
};

const listing = (grants: readonly GrantRow[]) => ({ grants: async () => ({ position: POSITION, grants }) });

describe("standing grants", () => {
  it("[ACP-40] shows what is in force first, with what is left of it, and ended ones when they are asked for", async () => {
    const used = grantRow({ jti: JTI, state: "used_up", uses: 10, execAct: "build_docs" });
    await show(policies, { show: "grants" }, { policy: listing([used, grantRow()]) });
    const grid = await screen.findByRole("grid", { name: "In force" });
    const [first, ...others] = within(grid).getAllByRole("row");
    expect(others).toHaveLength(0);
    expect(first).toHaveTextContent("builder may do build_site");
    expect(first).toHaveTextContent("Answers rule r2 in place of operator");
    expect(first).toHaveTextContent("Given by alice 10 min ago, because: the nightly build");
    expect(first).toHaveTextContent(/(59 min \d\d s|1 h 00 min) left, until/);
    expect(within(grid).getByRole("meter", { name: "Uses: 3 of 10 uses, 7 left, 30 %" })).toBeInTheDocument();
    expect(screen.queryByText("used up")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show 1 ended" }));
    expect(within(screen.getByRole("grid", { name: "Ended" })).getByText("used up")).toBeVisible();
    expect(document.body.textContent).not.toMatch(/always/i);
  });

  it("[ACP-40] reads as expired once its time is over, before the host says so", async () => {
    await show(
      policies,
      { show: "grants" },
      { policy: listing([grantRow({ until: Math.floor(Date.now() / 1000) - 1 })]) },
    );
    expect(await screen.findByText("No standing grant is in force")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show 1 ended" }));
    expect(screen.getByText("expired")).toBeVisible();
  });

  it("[ACP-41] ends one by key with a reason, signed for exactly that grant", async () => {
    const tokens: string[] = [];
    const revokeGrant = async ({ token }: { readonly token: string }) => {
      tokens.push(token);
      return { seq: 130, jti: GRANT_JTI };
    };
    await show(policies, { show: "grants" }, { policy: { ...listing([grantRow()]), revokeGrant } });
    await screen.findByRole("grid", { name: "In force" });
    await userEvent.keyboard("jx");
    const dialog = await screen.findByRole("dialog", { name: "End a standing grant" });
    expect(url.now.grant).toBe(GRANT_JTI);
    expect(within(dialog).getByRole("button", { name: "End it for good" })).toBeDisabled();
    await userEvent.keyboard("no longer needed");
    await userEvent.click(within(dialog).getByRole("button", { name: "End it for good" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(decodeJwt(tokens[0] ?? "")).toMatchObject({
      grant: { jti: GRANT_JTI, hash: "G".repeat(43) },
      ...{ reason: "no longer needed", role: "operator", iss: "spiffe://console.local/human/alice" },
    });
  });

  it("[ACP-41] keeps the dialog open with the host's words where ending is refused", async () => {
    const revokeGrant = async (): Promise<never> => {
      throw new Error("it is revoked already");
    };
    await show(policies, { show: "grants" }, { policy: { ...listing([grantRow()]), revokeGrant } });
    await userEvent.click(await screen.findByRole("button", { name: /^End the grant for build_site/ }));
    await userEvent.keyboard("x");
    await userEvent.click(screen.getByRole("button", { name: "End it for good" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("it is revoked already");
    expect(screen.getByRole("button", { name: "End it for good" })).toBeEnabled();
  });

  it("says that it could not be read, and afterwards that it is old", async () => {
    let answers: "no" | "yes" = "no";
    const grants = async () => {
      if (answers === "no") throw new Error("the store is full of holes");
      return { position: POSITION, grants: [grantRow()] };
    };
    const queries = await show(policies, { show: "grants" }, { policy: { grants } });
    expect(await screen.findByRole("alert")).toHaveTextContent("the store is full of holes");
    answers = "yes";
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("grid", { name: "In force" });
    answers = "no";
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(screen.getByRole("grid", { name: "In force" })).toBeVisible();
  });

  it("goes between policies and grants by key", async () => {
    await show(policies, {}, { policy: listing([]) });
    await screen.findByRole("grid", { name: "Policies" });
    await userEvent.keyboard("s");
    expect(await screen.findByText("No standing grant is in force")).toBeVisible();
    await userEvent.keyboard("s");
    expect(await screen.findByRole("grid", { name: "Policies" })).toBeVisible();
  });
});

describe("giving a standing grant", () => {
  it("[ACP-40] says what will be allowed and what never is, and signs exactly that", async () => {
    const tokens: string[] = [];
    const grant = async ({ token }: { readonly token: string }) => {
      tokens.push(token);
      return { seq: 131, jti: GRANT_JTI };
    };
    const first = { tab: "try", agent: BUILDER, act: "build_site", target: "https://site.example/a" } as const;
    await show(policies, first, { policy: { ...listing([grantRow()]), grant } });
    await userEvent.click(await screen.findByRole("button", { name: "Give a standing grant …" }));
    const dialog = await screen.findByRole("dialog", { name: "Give a standing grant" });
    const allowed = within(dialog).getByRole("region", { name: "What is allowed" });
    expect(allowed).toHaveTextContent("10 times at most, for 1 h 00 min from your signature");
    expect(allowed).toHaveTextContent("one approval by the role operator, asked for by rule r2");
    expect(allowed).toHaveTextContent("https://site.example/a");
    expect(within(dialog).getByRole("region", { name: "Never covered" })).toHaveTextContent("cannot be undone");
    expect(dialog.textContent).not.toMatch(/always/i);
    const sign = within(dialog).getByRole("button", { name: "Sign and give it" });
    expect(sign).toBeDisabled();
    const uses = within(dialog).getByRole("textbox", { name: "Uses, at most" });
    await userEvent.clear(uses);
    await userEvent.type(uses, "101");
    await userEvent.type(within(dialog).getByRole("textbox", { name: /^Why need nobody/ }), "nightly");
    expect(uses).toBeInvalid();
    expect(sign).toBeDisabled();
    await userEvent.clear(uses);
    await userEvent.type(uses, "5");
    await userEvent.selectOptions(within(dialog).getByRole("combobox", { name: "For" }), "1800");
    await userEvent.click(sign);
    await waitFor(() => expect(url.now).toMatchObject({ show: "grants", grant: GRANT_JTI }));
    const claims = decodeJwt(tokens[0] ?? "");
    expect(claims).toMatchObject({
      ...{ agent: BUILDER, exec_act: "build_site", rule_ids: ["r2"], max_uses: 5, reason: "nightly" },
      ...{ acp: { jti: JTI, hash: "H".repeat(43) }, resources: ["https://site.example/a"], role: "operator" },
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(1800);
  });

  it("[ACP-40] is not offered for what cannot be undone", async () => {
    await show(policies, { tab: "try", agent: DEPLOYER, act: "deploy_site" });
    expect(await screen.findByText(/No standing grant can answer for it: what cannot be undone/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Give a standing grant …" })).toBeNull();
  });
});
