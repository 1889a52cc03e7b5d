import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { REQUEST_A, REQUEST_B, REQUEST_C, WID } from "./approvals.fixture.ts";
import { claimsOf, giveTouch, hostWith, openPane, settle } from "./pane.fixture.tsx";
import { sha256Text } from "./shown-view.ts";
import { chooseUndo } from "./undo-choice.ts";

const three = () =>
  hostWith([
    { row: { request: REQUEST_A, action: "apply_change" } },
    { row: { request: REQUEST_B, action: "write_table", consequence: "reversible", reasonRequired: false } },
    { row: { request: REQUEST_C, action: "send_mail", consequence: "reversible" } },
  ]);

const TWO = [{ role: "operator", given: 1, required: 2 }];

beforeEach(() => page.viewport(1280, 800));
afterEach(() => {
  cleanup();
  chooseUndo("batches");
});

const requests = () => screen.findByRole("listbox", { name: "Requests" });
const option = async (name: RegExp) => within(await requests()).findByRole("option", { name });
const enabled = async (name: RegExp) => {
  const button = await screen.findByRole("button", { name });
  await waitFor(() => expect(button).toBeEnabled());
  return button;
};

describe("approvals pane", { timeout: 60_000 }, () => {
  it("[J1] [R7] opens the first request, moves with j and k and opens by press; each says how long it waits and has left", async () => {
    const { url } = await openPane((await three()).client);
    expect(await option(/apply_change/)).toHaveAttribute("aria-selected", "true");
    expect(await option(/apply_change/)).toHaveTextContent(/waits for \d+ d · \d:\d\d left/);
    await user.keyboard("j");
    expect(await option(/write_table/)).toHaveAttribute("aria-selected", "true");
    await user.keyboard("jjk");
    expect(url.search.request).toBe(REQUEST_B);
    // By its action alone: its name also tells the time that is left.
    await page
      .getByRole("listbox", { name: "Requests" })
      .getByRole("option", { name: /send_mail/ })
      .click();
    expect(url.search.request).toBe(REQUEST_C);
    await user.keyboard("{Escape}");
    expect(url.search.request).toBeUndefined();
  });

  it("[A4] [A6] in a flood shows what came first, a line a cause, each a key away, and goes on through what is folded", async () => {
    chooseUndo("off");
    const reversible = { consequence: "reversible" as const, reasonRequired: false };
    const rowAt = (at: number, action: string, rule: string) => ({
      row: {
        ...(at === 0 ? {} : reversible),
        ...{ request: `0195400c-0000-7000-8000-0000000000${(0x10 + at).toString(16)}`, seq: at, action },
        ...{ ruleIds: [rule], likeness: action },
      },
    });
    const { client } = await hostWith([
      rowAt(0, "restart_router", "root"),
      ...Array.from({ length: 8 }, (_, at) => rowAt(at + 1, "retry_call", "after-1")),
      ...Array.from({ length: 5 }, (_, at) => rowAt(at + 9, "poll_queue", "after-2")),
    ]);
    const { url } = await openPane(client);
    const flood = await screen.findByRole("region", { name: "Flood" });
    expect(flood).toHaveTextContent(/14 wait, of 3 causes; 1 cannot be undone/);
    expect(flood).toHaveTextContent(/Came first:\s*restart_router/);
    const shown = async () =>
      within(await requests())
        .getAllByRole("option")
        .map(({ textContent }) => textContent ?? "");
    const lines = [
      /restart_router.*came first of all/,
      /retry_call.*came first/,
      /and 7 more/,
      /poll_queue/,
      /and 4 more/,
    ];
    await waitFor(async () => expect(await shown()).toHaveLength(lines.length));
    for (const [at, text] of (await shown()).entries()) expect(text).toMatch(lines[at] ?? /nothing/);
    expect(await option(/poll_queue/)).toHaveAttribute("aria-posinset", "10");
    await user.keyboard("..");
    expect(await option(/poll_queue/)).toHaveAttribute("aria-selected", "true");
    await user.keyboard("o");
    await waitFor(async () => expect(await shown()).toHaveLength(lines.length + 4));
    await user.keyboard("jo");
    await waitFor(async () => expect(await shown()).toHaveLength(lines.length));
    // What would have been folded away gives way to the first of its group.
    expect(await option(/poll_queue/)).toHaveAttribute("aria-selected", "true");
    await user.keyboard(",");
    expect(await option(/retry_call/)).toHaveAttribute("aria-selected", "true");
    const first = url.search.request;
    await enabled(/^Approve$/);
    await user.keyboard("a");
    await waitFor(() => expect(url.search.request).not.toBe(first));
    const opened = await screen.findByRole("article", { name: "Request" });
    await waitFor(() => expect(within(opened).getByRole("heading", { level: 2 })).toHaveTextContent("retry_call"));
    await user.click(within(flood).getByRole("button", { name: "Open it" }));
    expect(await option(/restart_router/)).toHaveAttribute("aria-selected", "true");
  });

  it("[ACP-13] shows action, consequence, target, remaining time, arguments, words, lineage and what follows", async () => {
    await openPane((await three()).client);
    const request = await screen.findByRole("article", { name: "Request" });
    expect(within(request).getByRole("heading", { name: "apply_change" })).toBeVisible();
    expect(within(request).getByText("irreversible")).toBeVisible();
    expect(within(request).getByText("urn:cluster:one")).toBeVisible();
    expect(within(request).getByText(/, then denied/)).toBeVisible();
    const args = within(request).getByRole("region", { name: "Arguments" });
    expect(args.querySelector("pre")?.textContent).toContain('"replicas": 3');
    const words = within(request).getByRole("region", { name: "The agent's own words" });
    expect(words).toHaveTextContent("I am sure this is fine.");
    expect(within(request).getByRole("region", { name: "Predecessors (1)" })).toHaveTextContent("build");
    expect(within(request).getByRole("region", { name: "What follows if approved" })).toHaveTextContent(/5 in all/);
  });

  it("[ACP-13] shows what it reaches, who delegated what, what it rests on, and what differs from the last time", async () => {
    const before = { replicas: 2, service: "billing", steps: ["drain", "apply"] };
    const host = await hostWith([
      {
        previous: {
          request: REQUEST_B,
          seq: 12,
          sameAgent: true,
          state: "consumed",
          closedAt: 1_772_060_000,
          taskName: "apply change 6",
          target: "urn:cluster:two",
          canonicalArgs: JSON.stringify(before),
          argsHash: await sha256Text(JSON.stringify(before)),
        },
      },
    ]);
    await openPane(host.client);
    const region = (name: string) => screen.findByRole("region", { name });
    const last = await region("Against the last similar action");
    expect(last).toHaveTextContent("apply change 6, approved and used");
    expect(last).toHaveTextContent("Another target: urn:cluster:two then, urn:cluster:one now.");
    expect(within(last).getByRole("row", { name: "replicas 2 3" })).toBeVisible();
    expect(last).toHaveTextContent("3 places are the same.");
    const reach = await region("What follows if approved");
    expect(reach).toHaveTextContent("1 of them cannot be undone: announce");
    expect(reach).toHaveTextContent("Of 2 agents: executor (4), mailer (1).");
    expect(reach).toHaveTextContent("lets it reach these resources: urn:cluster:*");
    expect(reach).toHaveTextContent("sets no limit on its trust domains, classes of data and protocols.");
    const lineage = await region("Who allowed it");
    expect(lineage).toHaveTextContent("alice issued the policy to planner, entry 3.");
    expect(lineage).toHaveTextContent(/n1 root: planner may do \*.*n2 from n1: executor may do apply_\*, irreversible/);
    expect(lineage).toHaveTextContent("max calls 3, before 10");
    const rests = await region("Predecessors (1)");
    expect(rests).toHaveTextContent("verified: level 3, signed and in the ledger");
    expect(rests).toHaveTextContent(/named by the agent:.*asserted: not verified in this log/);
  });

  it("[F4] does not compare with stored arguments that are not those the earlier request named", async () => {
    const host = await hostWith([
      {
        previous: {
          request: REQUEST_B,
          seq: 12,
          sameAgent: false,
          state: "rejected",
          closedAt: null,
          taskName: "apply change 6",
          target: null,
          canonicalArgs: '{"replicas":2}',
          argsHash: await sha256Text("{}"),
        },
      },
    ]);
    await openPane(host.client);
    const last = await screen.findByRole("region", { name: "Against the last similar action" });
    expect(last).toHaveTextContent("by an agent of the same name in another workflow, rejected");
    await waitFor(() => expect(last).toHaveTextContent("not those its request named: not compared"));
    expect(within(last).queryByRole("table")).not.toBeInTheDocument();
  });

  it("[ACP-11] [C1] [F1] approves the irreversible in two steps with a token bound to what was shown", async () => {
    const host = await three();
    const { url, session } = await openPane(host.client, { isProtected: true });
    await enabled(/Approve/);
    await user.keyboard("a");
    const sign = await screen.findByRole("button", { name: "Sign approval" });
    expect(sign).toBeDisabled();
    expect(
      screen.getByRole("group", { name: /Approve apply_change on urn:cluster:one.*cannot be undone.*5 tasks/ }),
    ).toBeVisible();
    expect(screen.getByText("The name is not typed yet.")).toBeVisible();
    await user.keyboard("urn:cluster:one");
    expect(sign).toBeDisabled();
    expect(screen.getByText("The rule asks for a reason.")).toBeVisible();
    await user.keyboard("{Tab}looked at the plan");
    await waitFor(() => expect(sign).toBeEnabled());
    await user.keyboard("{Control>}{Enter}{/Control}");
    await giveTouch(session);
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    const detail = host.held[0]?.detail;
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({
      iss: "spiffe://console.local/human/alice",
      outcome: "approve",
      role: "operator",
      reason: "looked at the plan",
      request: { jti: REQUEST_A, hash: detail?.digest },
      bind: {
        exec_act: "apply_change",
        inp_hash: detail?.claims.task.inp_hash,
        args_hash: detail?.argsHash,
      },
      amr: ["pwd", "user"],
      touch: { kind: "passphrase", challenge: expect.stringMatching(/^[\w-]{43}$/) },
      view: { hash: expect.stringMatching(/^[\w-]{43}$/), shown_at: expect.any(Number) },
    });
    await waitFor(() => expect(url.search.request).toBe(REQUEST_B));
    expect(await screen.findByRole("link", { name: "entry 77" })).toHaveAttribute("href", "/timeline?entry=77");
  });

  it("approves the reversible without a due reason in one step", async () => {
    const host = await three();
    await openPane(host.client, { search: { request: REQUEST_B } });
    await user.click(await enabled(/^Approve$/));
    await waitFor(() => expect(host.tokens.map((token) => claimsOf(token).outcome)).toEqual(["approve"]));
  });

  it("rejects with a reason only, and Escape goes back without deciding", async () => {
    const host = await three();
    const { url } = await openPane(host.client);
    await enabled(/Reject/);
    await user.keyboard("r");
    const sign = await screen.findByRole("button", { name: "Sign rejection" });
    expect(screen.getByRole("textbox", { name: /Reason/ })).toHaveFocus();
    await user.keyboard("{Escape}");
    expect(sign).not.toBeInTheDocument();
    expect(url.search.request).toBe(REQUEST_A);
    await user.keyboard("r");
    await user.keyboard("too many replicas");
    await user.click(await enabled(/Sign rejection/));
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "reject", reason: "too many replicas" });
    // The form is gone, and with it what had the focus: the next key moves in the queue.
    await waitFor(() => expect(screen.getByRole("listbox", { name: "Requests" })).toHaveFocus());
  });

  it("[ACP-31] escalates from the menu, says whom it asks and what it is not, and shows who is asked then", async () => {
    const host = await hostWith([
      { row: { request: REQUEST_A, escalatesTo: "finance", reasonRequired: false } },
      { row: { request: REQUEST_B, action: "write_table" } },
    ]);
    const { url, choose } = await openPane(host.client);
    await enabled(/Reject/);
    const asked = () => screen.findByRole("list", { name: "Who is asked" });
    expect(await asked()).toHaveTextContent("operator: 0 of 1 approval givenfinance: is next, should it be escalated");
    await user.click(screen.getByRole("button", { name: "More …" }));
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    expect(menu).toHaveTextContent("Asks finance besides. It is no approval, you cannot decide it afterwards");
    await user.click(within(menu).getByRole("button", { name: "Escalate …" }));
    expect(
      screen.getByRole("group", { name: /Escalate apply_change .* to finance\. It is no approval/ }),
    ).toBeVisible();
    await waitFor(() => expect(screen.getByRole("textbox", { name: /Reason/ })).toHaveFocus());
    await user.keyboard("beyond my limit");
    await user.click(await enabled(/Sign escalation/));
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "escalate", reason: "beyond my limit" });
    await waitFor(() => expect(url.search.request).toBe(REQUEST_B));
    expect(await screen.findByText(/^Escalated:/)).toHaveTextContent("waits for another person");
    expect(await option(/apply_change/)).toHaveTextContent("escalated to finance");
    act(() => choose({ request: REQUEST_A }));
    expect(await screen.findByText(/Escalated to finance\./)).toBeVisible();
    expect(await asked()).toHaveTextContent("finance: escalated to, stands in");
  });

  it("aborts by a key, with a reason where it is due, but not while typing", async () => {
    const host = await three();
    const { url, choose } = await openPane(host.client);
    await enabled(/Reject/);
    await user.keyboard("e");
    expect(screen.queryByRole("button", { name: "Sign escalation" })).not.toBeInTheDocument();
    await user.keyboard("x");
    const sign = await screen.findByRole("button", { name: "Sign abort" });
    expect(sign).toBeDisabled();
    await user.keyboard("exit");
    expect(screen.getByRole("textbox", { name: /Reason/ })).toHaveValue("exit");
    await user.click(await enabled(/Sign abort/));
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "abort", reason: "exit" });
    await waitFor(() => expect(url.search.request).toBe(REQUEST_B));
    act(() => choose({ request: REQUEST_A }));
    expect(await screen.findByText(/by a stop or a revoked policy|its task ended as aborted/)).toBeVisible();
  });

  it("has its keys in the open menu too, and no escalation where nobody is left", async () => {
    await openPane((await three()).client);
    await enabled(/Reject/);
    await user.click(screen.getByRole("button", { name: "More …" }));
    const menu = await screen.findByRole("dialog", { name: "Other decisions" });
    expect(menu).toHaveTextContent("There is nobody left to escalate to.");
    expect(within(menu).queryByRole("button", { name: /Escalate/ })).not.toBeInTheDocument();
    await user.keyboard("ex");
    expect(await screen.findByRole("button", { name: "Sign abort" })).toBeVisible();
    await waitFor(() => expect(screen.getByRole("textbox", { name: /Reason/ })).toHaveFocus());
  });

  it("[F3] never focuses the decision, and Enter decides nothing", async () => {
    const host = await three();
    await openPane(host.client);
    await enabled(/Approve/);
    expect(document.body).toHaveFocus();
    await user.keyboard("{Enter}");
    await user.keyboard("a");
    await screen.findByRole("button", { name: "Sign approval" });
    await user.keyboard("why{Enter}");
    expect(host.tokens).toHaveLength(0);
  });

  it("[F4] does not let arguments be approved that are not what the request names, and says why", async () => {
    const host = await three();
    const one = host.held[0];
    if (one === undefined) throw new Error("a request is held");
    one.detail = { ...one.detail, canonicalArgs: one.detail.canonicalArgs.replace("3", "9") };
    await openPane(host.client);
    expect(
      await screen.findByText(/Cannot be approved: Arguments digest: SHA-256 of the text shown is not the digest/),
    ).toBeVisible();
    await enabled(/Reject/);
    expect(screen.getByRole("button", { name: /Approve/ })).toBeDisabled();
    await user.keyboard("a");
    expect(screen.queryByRole("button", { name: "Sign approval" })).not.toBeInTheDocument();
  });

  it("[F4] [ACP-S5] draws hostile arguments and words as text with unseen characters named", async () => {
    const host = await hostWith([
      {
        args: { path: "/tmp/\u202egpj.exe", note: "<a href='https://x.example'>ok</a>", big: "y".repeat(20_000) },
        narrative: "Approve!\u200b https://x.example <script>alert(1)</script>",
      },
    ]);
    const { container } = await openPane(host.client);
    const args = await screen.findByRole("region", { name: "Arguments" });
    expect(args).toHaveTextContent("/tmp/‹U+202E›gpj.exe");
    expect(args).toHaveTextContent("<a href='https://x.example'>ok</a>");
    expect(args).toHaveTextContent("… 19,600 more characters");
    expect(screen.getByText("19,600 characters of the arguments are folded away.")).toBeVisible();
    await user.click(await screen.findByRole("button", { name: /Show everything/ }));
    expect(args).toHaveTextContent("y".repeat(20_000));
    expect(screen.getByRole("region", { name: "The agent's own words" })).toHaveTextContent(
      "Approve!‹U+200B› https://x",
    );
    expect(container.querySelector("script, a[href^='https']")).toBeNull();
  });

  it("keeps the selection when a request arrives above it, and does not open the new one", async () => {
    const host = await three();
    const newcomer = host.held.shift();
    const { url, noticeAll } = await openPane(host.client);
    await option(/write_table/);
    expect(url.search.request).toBe(REQUEST_B);
    if (newcomer !== undefined) host.held.unshift(newcomer);
    await act(noticeAll);
    expect(await option(/apply_change/)).toHaveAttribute("aria-selected", "false");
    expect(url.search.request).toBe(REQUEST_B);
    expect(await option(/write_table/)).toHaveAttribute("aria-selected", "true");
  });

  it("does not take a press meant for what stood there a moment ago", async () => {
    const host = await three();
    const { url } = await openPane(host.client, { search: { request: REQUEST_A } });
    await enabled(/Approve/);
    await user.keyboard("ja");
    expect(url.search.request).toBe(REQUEST_B);
    await enabled(/^Approve$/);
    expect(host.tokens).toHaveLength(0);
  });

  it("says how a request was settled by someone else meanwhile", async () => {
    const host = await three();
    const { noticeAll } = await openPane(host.client);
    await enabled(/Approve/);
    await user.keyboard("r");
    const one = host.held[0];
    if (one !== undefined) settle(one, "rejected", true);
    await act(noticeAll);
    expect(await screen.findByText("Settled meanwhile: timed out")).toBeVisible();
    expect(screen.getByText(/Nobody answered in time, so it was denied/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Sign rejection" })).not.toBeInTheDocument();
  });

  it("[ACP-10] says denied by timeout when the time is over, and decides nothing any more", async () => {
    const host = await hostWith([{ row: { remainingMs: 0 } }]);
    await openPane(host.client);
    expect(await screen.findByText(/: denied unless it was answered in time/)).toBeVisible();
    const queued = await option(/apply_change/);
    expect(queued).toHaveTextContent("deadline passed; waiting for the record");
    expect(queued).not.toHaveTextContent(/denied|timed out/);
    expect(screen.getByRole("button", { name: /Reject/ })).toBeDisabled();
  });

  it("[L1] holds decisions back on a lost connection and marks what is shown as old", async () => {
    const { connection } = await openPane((await three()).client);
    await enabled(/Approve/);
    act(() => connection.setState({ state: "lost" }));
    expect(await screen.findByText(/Not current/)).toBeVisible();
    expect(screen.getByRole("button", { name: /Approve/ })).toBeDisabled();
    expect(screen.getByRole("button", { name: /Reject/ })).toBeDisabled();
  });

  it("[L2] tells an empty queue, a failed one and a request that is gone apart", async () => {
    const none = await openPane((await hostWith([])).client);
    expect(await screen.findByText("Nothing waits for a human")).toBeVisible();
    none.unmount();
    const host = await three();
    const failing = { ...host.client, gate: { ...host.client.gate, queue: () => Promise.reject(new Error("boom")) } };
    const failed = await openPane(failing as unknown as typeof host.client); // a proxy's type, which no plain object has
    expect(await screen.findByRole("alert")).toHaveTextContent("boom");
    failed.unmount();
    await openPane(host.client, { search: { request: "0195400c-0000-7000-8000-0000000000ff" } });
    expect(await screen.findByText("There is no such request in this log")).toBeVisible();
  });

  it("asks to authenticate again before a decision when the last one is too old", async () => {
    // An irreversible one asks for its person itself.
    const search = { request: REQUEST_B };
    await openPane((await three()).client, { search, authTime: Math.floor(Date.now() / 1000) - 2_000 });
    const again = await screen.findByRole("button", { name: "Authenticate again" });
    expect(screen.getByText(/the press is all that is asked of you/)).toBeVisible();
    expect(screen.getByRole("button", { name: /Approve/ })).toBeDisabled();
    await user.click(again);
    await enabled(/Approve/);
  });

  it("says that a protected key asks for its passphrase, and asks for it", async () => {
    const options = { search: { request: REQUEST_B }, authTime: 1_772_064_000, isProtected: true };
    const { session } = await openPane((await three()).client, options);
    const again = await screen.findByRole("button", { name: "Authenticate again" });
    expect(screen.getByText(/You are asked for your passphrase\./)).toBeVisible();
    await user.click(again);
    expect(session.store.getState().ask).toMatchObject({ kind: "unlock" });
    expect(screen.getByRole("button", { name: /Approve/ })).toBeDisabled();
  });

  it("[D3] hides the other person's decision until one has decided oneself", async () => {
    const host = await hostWith([{ row: { approvals: { given: 1, required: 2 }, roles: TWO } }]);
    const one = host.held[0];
    if (one === undefined) throw new Error("a request is held");
    const { claims, digest } = one.detail;
    const common = { aud: [claims.iss], iat: 1, exp: 2, jti: claims.jti, wid: claims.wid, role: "operator" };
    const bob = {
      seq: 30,
      touch: null,
      claims: {
        ...common,
        iss: "spiffe://console.local/human/bob",
        request: { jti: claims.jti, hash: digest },
        outcome: "approve" as const,
        auth_time: 1,
        amr: ["user"],
        reason: "fine by me",
        bind: { exec_act: claims.task.exec_act, inp_hash: claims.task.inp_hash },
      },
    };
    one.detail = { ...one.detail, decisions: [bob] };
    await openPane(host.client);
    expect(await screen.findByText(/It takes 2 approvals by different people/)).toBeVisible();
    expect(await screen.findByRole("option", { name: /takes 2 people/ })).toBeVisible();
    expect(within(screen.getByRole("list", { name: "Who is asked" })).getByText(/2 approvals needed/)).toBeVisible();
    for (const told of [/fine by me/, /bob/, /\d of 2/, /Approved by/, /are given/])
      expect(screen.queryByText(told)).not.toBeInTheDocument();
  });

  it("begins no approval while a rejection is being written", async () => {
    const host = await three();
    await openPane(host.client, { search: { request: REQUEST_B } });
    await enabled(/^Approve$/);
    await user.keyboard("r");
    await screen.findByRole("button", { name: "Sign rejection" });
    await user.keyboard("this must not run");
    screen.getByRole("button", { name: "Back" }).focus();
    await user.keyboard("a");
    expect(screen.getByRole("button", { name: "Sign rejection" })).toBeVisible();
    expect(host.tokens).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Back" }));
    await user.click(await enabled(/^Approve$/));
    await waitFor(() => expect(host.tokens).toHaveLength(1));
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ outcome: "approve" });
    expect(claimsOf(host.tokens[0] ?? "").reason).toBeUndefined();
  });

  it("tells what ran out of time apart from what somebody rejected, in words and in the filter", async () => {
    const host = await hostWith([
      { row: { request: REQUEST_A, action: "apply_change", state: "rejected", timedOut: true, remainingMs: null } },
      { row: { request: REQUEST_B, action: "write_table", state: "rejected", remainingMs: null } },
      { row: { request: REQUEST_C, action: "send_mail", state: "aborted", timedOut: true, remainingMs: null } },
    ]);
    const { url } = await openPane(host.client, { search: { state: "all", request: REQUEST_C } });
    expect(await screen.findByText("Nobody answered in time, so it was aborted.")).toBeVisible();
    expect(await option(/apply_change/)).toHaveTextContent("timed out");
    expect(await option(/send_mail/)).toHaveTextContent("timed out");
    expect(await option(/write_table/)).toHaveTextContent("rejected");
    expect(await option(/write_table/)).not.toHaveTextContent("timed out");
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Timed out");
    expect(url.search.state).toBe("timed_out");
    const shown = await requests();
    await waitFor(() => expect(within(shown).queryByRole("option", { name: /write_table/ })).not.toBeInTheDocument());
    expect(await option(/send_mail/)).toBeVisible();
    expect(await option(/apply_change/)).toBeVisible();
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Rejected");
    expect(await option(/write_table/)).toBeVisible();
    expect(within(await requests()).queryByRole("option", { name: /apply_change/ })).not.toBeInTheDocument();
  });

  it("counts what waits in the chosen workflow and in all of them", async () => {
    const other = "0195400c-0000-7000-8000-00000000000b";
    const host = await hostWith([{ row: { request: REQUEST_A } }, { row: { request: REQUEST_B, wid: other } }]);
    const one = await openPane(host.client, { search: { wid: other } });
    expect(await screen.findByText("1 waiting in this workflow, 2 in all")).toBeVisible();
    one.unmount();
    const none = "0195400c-0000-7000-8000-00000000000c";
    const { url } = await openPane(host.client, { search: { wid: none } });
    expect(await screen.findByText("0 waiting in this workflow, 2 in all")).toBeVisible();
    expect(screen.getByText("Nothing waits in this workflow")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all workflows" }));
    expect(url.search.wid).toBeUndefined();
    expect(await screen.findByText("2 waiting")).toBeVisible();
  });

  it("shows all requests for a link with a workflow id that is none, and says so", async () => {
    const asked: unknown[] = [];
    const host = await three();
    const queue = host.client.gate.queue.bind(host.client.gate);
    const noted = (input: never) => {
      asked.push(input);
      return queue(input);
    };
    const gate = { ...host.client.gate, queue: noted };
    await openPane({ ...host.client, gate } as unknown as typeof host.client, { search: { wid: "foo" } }); // a proxy's type, which no plain object has
    expect(await option(/apply_change/)).toBeVisible();
    expect(screen.getByRole("button", { name: "“foo” is no workflow: all are shown ×" })).toBeVisible();
    expect(asked).toHaveLength(2);
    expect(asked).toEqual(expect.arrayContaining([{ state: "pending" }, { review: "due" }]));
  });

  it("takes a request id that is none for a request that is not there", async () => {
    await openPane((await three()).client, { search: { request: "foo" } });
    expect(await screen.findByText("There is no such request in this log")).toBeVisible();
  });

  it("links to the graph only where the task is in it", async () => {
    const host = await hostWith([{ row: { request: REQUEST_A } }, { row: { request: REQUEST_B, taskIndex: -1 } }]);
    const known = await openPane(host.client, { search: { request: REQUEST_A } });
    const link = await screen.findByRole("link", { name: "in the graph" });
    expect(link).toHaveAttribute("href", `/watch?wid=${WID}&sel=t7&detail=true`);
    known.unmount();
    await openPane(host.client, { search: { request: REQUEST_B } });
    expect(await screen.findByText("(not in the stored run)")).toBeVisible();
    expect(screen.queryByRole("link", { name: "in the graph" })).not.toBeInTheDocument();
  });

  it("closes the request and resets the filter of the workflow before when another is chosen", async () => {
    const other = "0195400c-0000-7000-8000-00000000000b";
    const host = await hostWith([{ row: { request: REQUEST_A } }, { row: { request: REQUEST_B, wid: other } }]);
    const { url, choose } = await openPane(host.client, { search: { request: REQUEST_A, wid: WID, state: "all" } });
    await screen.findByRole("article", { name: "Request" });
    act(() => choose({ wid: other }));
    await waitFor(() => expect(url.search).toMatchObject({ wid: other, request: undefined, state: undefined }));
    act(() => choose({ wid: undefined, request: REQUEST_B }));
    await screen.findByRole("article", { name: "Request" });
    act(() => choose({ wid: other }));
    await option(/apply_change/);
    expect(url.search.request).toBe(REQUEST_B);
  });

  it("marks the open request as old when it cannot be read again", async () => {
    const host = await three();
    const { client } = host;
    let fails = false;
    const request = client.gate.request.bind(client.gate);
    const gate = {
      ...client.gate,
      request: (input: never) => (fails ? Promise.reject(new Error("gone")) : request(input)),
    };
    // The client's type is a proxy's, which a plain object never is.
    const { noticeAll } = await openPane({ ...client, gate } as unknown as typeof client, {
      search: { request: REQUEST_A },
    });
    await screen.findByRole("article", { name: "Request" });
    expect(screen.queryByText(/Not current/)).not.toBeInTheDocument();
    fails = true;
    await act(noticeAll);
    expect(await screen.findByText(/Not current/)).toBeVisible();
    expect(screen.getByRole("article", { name: "Request" })).toBeVisible();
  });
});
