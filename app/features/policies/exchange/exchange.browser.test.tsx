import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { decodeJwt } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setDraft } from "../../../api/client/policy-drafts.ts";
import { grantRow } from "../grants/grants.fixture.ts";
import { answerOf, CLAIMS, type FakePolicies, JTI, OLD_JTI, POSITION, row, show, url, WID } from "../pane.fixture.tsx";

const NEW_JTI = "0195400c-0000-7000-8000-0000000000c1";
const never = async (): Promise<never> => {
  throw new Error("not asked here");
};
const none = { allow: 0, gate: 0, abort: 0, refuse: 0 };

let tokens: string[];
let replayed: unknown[];
let policies: FakePolicies;
const more = {
  policy: {
    grants: async () => ({ position: POSITION, grants: [grantRow(), grantRow({ state: "expired" })] }),
    replace: async ({ token }: { readonly token: string }) => {
      tokens.push(token);
      return { seq: 140, jti: NEW_JTI, interrupted: 3 };
    },
  },
  gate: {
    queue: async () => ({
      ...{ position: POSITION, pending: 2 },
      rows: [{ state: "pending" }, { state: "pending" }, { state: "approved" }, { state: "consumed" }],
    }),
  },
  workflow: {
    get: async () => ({ position: POSITION, workflow: { counts: { asked: 0, waiting: 2, running: 1, done: 9 } } }),
  },
};

beforeEach(() => {
  tokens = [];
  replayed = [];
  policies = {
    list: async () => ({ position: POSITION, policies: [row()] }),
    get: async () => answerOf(),
    decide: never,
    revoke: never,
    replay: async (input) => {
      replayed.push(input);
      const counts = { ...none, allow: 4 };
      return {
        position: POSITION,
        intents: 4,
        decided: 4,
        before: counts,
        after: counts,
        total: 0,
        differences: [],
        tookMs: 5,
      };
    },
  };
});
afterEach(() => {
  cleanup();
  setDraft(JTI, null);
});

/** With a member that this version does not know. */
const DRAFT = JSON.stringify({ ...CLAIMS, "org.example.note": "kept" }).replace('"max_calls":10', '"max_calls":2');

describe("putting a draft in force", () => {
  it("[ACP-44] [ACP-61] shows what is interrupted, decided differently and changed before it is signed, and the outcome after", async () => {
    setDraft(JTI, DRAFT);
    await show(policies, { tab: "edit", version: "draft" }, more);
    await userEvent.click(await screen.findByRole("button", { name: "Put in force …" }));
    const dialog = await screen.findByRole("dialog", { name: "Put the draft in force" });
    expect(await within(dialog).findByText(/3 tasks/)).toBeVisible();
    expect(dialog).toHaveTextContent("(0 asked for, 2 waiting, 1 running)");
    expect(dialog).toHaveTextContent("2 open requests: ended");
    expect(dialog).toHaveTextContent("1 approval not used yet: void");
    expect(dialog).toHaveTextContent("1 standing grant in force: void");
    expect(dialog).toHaveTextContent("Site build, running");
    expect(await within(dialog).findByText(/Nothing would be decided differently, of 4 actions/)).toBeVisible();
    const [, change, ...others] = within(within(dialog).getByRole("table", { name: "Changes" })).getAllByRole("row");
    expect(others).toHaveLength(0);
    expect(change).toHaveTextContent("Node a0, max_callsat most 10 callsat most 2 calls");
    expect(replayed).toEqual([expect.objectContaining({ wid: WID })]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Sign and put in force" }));
    const done = await screen.findByRole("dialog", { name: "The draft is in force" });
    expect(done).toHaveTextContent("3 tasks were interrupted, and asked for anew under it.");
    const signed = decodeJwt(tokens[0] ?? "");
    expect(signed).toMatchObject({
      ...{ wid: WID, iss: CLAIMS.iss, replaces: { jti: JTI, hash: "H".repeat(43) } },
      dag: { nodes: [{}, { constraints: { max_calls: 2 } }, {}] },
      "org.example.note": "kept",
    });
    expect(signed.jti).not.toBe(JTI);
    expect((signed.exp ?? 0) - (signed.iat ?? 0)).toBe(CLAIMS.exp - CLAIMS.iat);
    await userEvent.click(within(done).getByRole("button", { name: "Show the new policy" }));
    await waitFor(() => expect(url.now.policy).toBe(NEW_JTI));
    expect(sessionStorage.getItem("signalbox.policy-drafts")).not.toContain(JTI);
  });

  it("[ACP-61] cannot be signed before the replay has answered, nor when that failed", async () => {
    setDraft(JTI, DRAFT);
    let answer: (error: Error) => void = () => undefined;
    policies.replay = () =>
      new Promise((_, reject) => {
        answer = reject;
      });
    await show(policies, { tab: "edit" }, more);
    await userEvent.click(await screen.findByRole("button", { name: "Put in force …" }));
    const sign = await screen.findByRole("button", { name: "Sign and put in force" });
    expect(sign).toBeDisabled();
    answer(new Error("the log is too short"));
    expect(await screen.findByRole("alert")).toHaveTextContent("the log is too short");
    expect(sign).toBeDisabled();
  });

  it("keeps the dialog with the host's words where it is refused, and the draft with it", async () => {
    setDraft(JTI, DRAFT);
    const replace = async (): Promise<never> => {
      throw new Error("the policy it replaces is not the one in force");
    };
    await show(policies, { tab: "edit" }, { ...more, policy: { ...more.policy, replace } });
    await userEvent.click(await screen.findByRole("button", { name: "Put in force …" }));
    const sign = await screen.findByRole("button", { name: "Sign and put in force" });
    await waitFor(() => expect(sign).toBeEnabled());
    await userEvent.click(sign);
    expect(await screen.findByRole("alert")).toHaveTextContent("is not the one in force");
    expect(sessionStorage.getItem("signalbox.policy-drafts")).toContain(JTI);
  });

  it("is not offered without a draft that is a policy, nor where nothing runs under the policy", async () => {
    await show(policies, { tab: "edit" }, more);
    expect(await screen.findByRole("button", { name: "Put in force …" })).toBeDisabled();
    cleanup();
    setDraft(JTI, DRAFT);
    policies.get = async () => ({ ...answerOf(), policy: row({ inForce: false, replacedBy: OLD_JTI }) });
    await show(policies, { tab: "edit" }, more);
    expect(await screen.findByText(/Another policy has taken its place/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Put in force …" })).toBeNull();
  });

  it("[ACP-44] leads from the policy before to the one in its place, and back", async () => {
    const before = row({ jti: OLD_JTI, inForce: false, replacedBy: JTI });
    const now = row({ replaces: OLD_JTI });
    policies.list = async () => ({ position: POSITION, policies: [before, now] });
    policies.get = async ({ jti }) => ({ ...answerOf(), policy: jti === OLD_JTI ? before : now });
    await show(policies, { policy: JTI }, more);
    expect(await screen.findByRole("link", { name: "the policy before" })).toHaveAttribute(
      "href",
      `/policies?policy=${OLD_JTI}`,
    );
    expect(within(screen.getByRole("grid", { name: "Policies" })).getByText("replaced")).toBeVisible();
    cleanup();
    await show(policies, { policy: OLD_JTI }, more);
    expect(await screen.findByRole("link", { name: "the policy in its place" })).toHaveAttribute(
      "href",
      `/policies?policy=${JTI}`,
    );
  });
});
