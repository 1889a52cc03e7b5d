import { ORPCError } from "@orpc/client";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { openPane } from "../pane.fixture.tsx";
import { ALICE, claimsOf, type FakeHost, fakeHost, smallRun, WID } from "../watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 900));
afterEach(cleanup);

const agentId = (index: number): string => `spiffe://console.local/agent/${WID}/agent-${index}`;
const NOW_S = Math.floor(Date.now() / 1000);

function pauseOf(jti: string, index: number, change: Partial<OverrideSignal> = {}): OverrideSignal {
  const target = {
    agent: agentId(index),
    name: `Agent ${index}`,
    sentAtMs: null,
    deliveredAtMs: null,
    acknowledgedAtMs: null,
    compliedAtMs: null,
    verifiedAtMs: null,
    violatedAtMs: null,
    terminatedAtMs: null,
    status: "commanded" as const,
    detail: "",
    refused: null,
    state: "paused" as const,
    unfinished: [],
  };
  return {
    jti,
    seq: 60 + index,
    action: "pause",
    level: "mandatory",
    scope: { kind: "agent", id: agentId(index) },
    reason: "look first",
    by: ALICE,
    at: NOW_S,
    priority: 5,
    params: { mode: "after_task", keep_state: true },
    drill: false,
    latched: false,
    inForce: true,
    lapsed: false,
    effectUntil: null,
    remainingMs: null,
    supersedes: null,
    released: null,
    targets: [target],
    stopping: false,
    ladder: { rungs: [], next: null },
    effectsRefused: 0,
    ...change,
  };
}
const jti = (last: string): string => `0195400c-0000-7000-8000-0000000000${last}`;

/** What agent 0 calls agent 1 for, so that there is somebody below it. */
const calling = (): FakeHost => fakeHost({ run: { ...smallRun(), caller: [-1, 0, 0, 0, -1] } });

const limitsOf = (index: number, inForce: number | null) => ({
  agent: agentId(index),
  name: `Agent ${index}`,
  changes: [],
  nodes: [
    {
      node: `n${index}`,
      limits: [
        { name: "max_calls", policy: 20, inForce, delegated: 20, humanBelow: [] },
        { name: "max_cost", policy: null, inForce: null, delegated: null, humanBelow: [] },
      ],
    },
  ],
});

describe("an orderly stop of what is selected", () => {
  it("[S10] [OVR-18] takes two deliberate acts and a time after which it is immediate by itself", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.click(await screen.findByRole("button", { name: "Stop in order …" }));
    const dialog = await screen.findByRole("dialog", { name: "Stop in order" });
    expect(host.signals).toEqual([]);
    await waitFor(() =>
      expect(within(dialog).getByRole("status")).toHaveTextContent("It reaches 1 agent: 1 open task, 1 in flight"),
    );
    expect(dialog).toHaveTextContent("stopped at once, also when an agent hangs");
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "At once after" }), "10 seconds");
    await user.click(within(dialog).getByRole("textbox"));
    await user.keyboard("to change the disk{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({
      action: "stop",
      level: "mandatory",
      scope: { kind: "agent", id: agentId(1) },
      params: { mode: "orderly", grace_ms: 10_000 },
      reason: "to change the disk",
    });
  });
});

describe("a pause of what is selected", () => {
  it("[J4] [OVR-18] takes the key p, a reason and Enter, and is given to the agent after its task", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    expect(host.played).toEqual([]);
    await waitFor(() =>
      expect(within(dialog).getByRole("status")).toHaveTextContent("It reaches 1 agent: 1 open task, 1 in flight"),
    );
    expect(within(dialog).getByRole("button", { name: "Pause" })).toBeDisabled();
    await user.keyboard("look first{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({
      action: "pause",
      level: "mandatory",
      scope: { kind: "agent", id: agentId(1) },
      params: { mode: "after_task", keep_state: true },
      reason: "look first",
    });
    expect(claimsOf(host.signals[0] ?? "")).not.toHaveProperty("effect_until");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("leaves the key p to the playback while nothing is selected", async () => {
    const host = fakeHost();
    await openPane(host);
    await screen.findByTitle("split");
    await user.keyboard("p");
    await waitFor(() => expect(host.played).toHaveLength(1));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("[S9] [S13] reaches those below by a signal each, or one task, or the workflow, at once and for a time", async () => {
    const host = calling();
    await openPane(host, { wid: WID, sel: "t0" });
    await screen.findByTitle("split");
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    expect(dialog).toHaveTextContent("Not reached: 1 agent that they call or delegate to.");
    await user.click(within(dialog).getByRole("radio", { name: "and the 1 below" }));
    expect(dialog).not.toHaveTextContent("Not reached");
    expect(dialog).toHaveTextContent("2 signals, one for each");
    await user.click(within(dialog).getByRole("radio", { name: "At once" }));
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Until" }), "15 minutes");
    await user.click(within(dialog).getByRole("textbox"));
    await user.keyboard("both{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(2));
    const claims = host.signals.map((token) => claimsOf(token));
    expect(claims.map(({ scope }) => scope)).toEqual([0, 1].map((index) => ({ kind: "agent", id: agentId(index) })));
    expect(new Set(claims.map((one) => one.iat)).size).toBe(1);
    for (const one of claims) {
      expect(one).toMatchObject({ params: { mode: "now" } });
      expect(Number(one.effect_until) - Number(one.iat)).toBe(900);
    }
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.keyboard("p");
    const again = await screen.findByRole("dialog", { name: "Pause" });
    await user.click(await within(again).findByRole("radio", { name: "This task" }));
    await user.click(within(again).getByRole("textbox"));
    await user.keyboard("only this{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(3));
    expect(claimsOf(host.signals[2] ?? "").scope).toEqual({
      kind: "task",
      id: "0195400c-0000-4000-8000-000000000100",
    });
  });

  it("[OVR-36] [S9] reaches everybody of that name in all workflows, and says how many there are elsewhere", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t0" });
    await screen.findByTitle("split");
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    const name = agentId(0).split("/").at(-1) ?? "";
    await user.click(within(dialog).getByRole("radio", { name: `Everywhere: all named ${name}` }));
    expect(await within(dialog).findByText(/Whoever of that name starts/)).toBeVisible();
    await user.click(within(dialog).getByRole("textbox"));
    await user.keyboard("all of them{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "").scope).toEqual({ kind: "group", id: name });
  });

  it("tells which of several signals was refused, and gives only that one again", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t0-1" });
    await screen.findByTitle("split");
    const data = { type: "about:blank", title: "Too many", status: 429, detail: "30 a minute", code: "override_rate" };
    const giving = vi.spyOn(host.client.override, "signal");
    giving.mockResolvedValueOnce({ jti: WID, latchedAtMs: null, targets: 1, recorded: true });
    giving.mockRejectedValueOnce(new ORPCError("TOO_MANY_REQUESTS", { defined: true, data }));
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    await user.keyboard("two{Enter}");
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(/30 a minute.*Wait a minute/);
    expect(dialog).toHaveTextContent("1 of 2 signals were given and hold.");
    await user.click(within(dialog).getByRole("button", { name: "Pause" }));
    await waitFor(() => expect(giving).toHaveBeenCalledTimes(3));
    expect(claimsOf(giving.mock.calls[2]?.[0].token ?? "").scope).toEqual({ kind: "agent", id: agentId(1) });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});

describe("an order that is being signed", () => {
  it("[S7] cannot seem to be taken back: there is no way out until it has an outcome, which is told", async () => {
    const host = fakeHost();
    const url = await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    const given = Promise.withResolvers<never>();
    vi.spyOn(host.client.override, "signal").mockReturnValueOnce(given.promise);
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    await user.keyboard("look first{Enter}");
    await within(dialog).findByRole("button", { name: "Pausing …" });
    for (const button of within(dialog).getAllByRole("button")) expect(button).toBeDisabled();
    await user.keyboard("{Escape}");
    expect(dialog).toBeInTheDocument();
    // Something else takes the dialog away.
    act(() => url.change?.({ sel: undefined }));
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    given.reject(new TypeError("Failed to fetch"));
    expect(await screen.findByText(/^Refused, or not answered: Pause$/)).toBeVisible();
  });
});

describe("an order for too many", () => {
  it("[S9] says that it goes further than what is selected", async () => {
    const tasks = Array.from({ length: 30 }, (_, agent) => ({ name: `task ${agent}`, action: "work", agent }));
    const host = fakeHost({ run: runGraphOf(tasks, []), states: tasks.map(() => "running" as const) });
    await openPane(host, { wid: WID, sel: "t0-28", view: "table" });
    await screen.findByRole("grid");
    await user.keyboard("p");
    const dialog = await screen.findByRole("dialog", { name: "Pause" });
    expect(within(dialog).getByRole("alert")).toHaveTextContent("This goes further than what is selected");
    await waitFor(() =>
      expect(within(dialog).getByRole("status")).toHaveTextContent("It reaches 30 agents: 30 open tasks, 30 in flight"),
    );
  });
});

describe("orders in force", () => {
  it("[J4] [OVR-27] name who has not reached a safe point, and the key r resumes exactly the set paused", async () => {
    const host = fakeHost();
    const [first, second] = [pauseOf(jti("a1"), 0), pauseOf(jti("a2"), 1, { priority: 7 })];
    const [target] = second.targets;
    if (target === undefined) throw new Error("no target");
    const open = { ...second, targets: [{ ...target, state: "pausing" as const, unfinished: [jti("ff")] }] };
    const older = pauseOf(jti("b1"), 1, { reason: "another one", at: NOW_S - 600 });
    host.overrides = [older, first, open, pauseOf(jti("d1"), 0, { drill: true })];
    await openPane(host);
    const strip = await screen.findByRole("region", { name: "Orders in force" });
    expect(within(strip).getAllByRole("listitem")).toHaveLength(2);
    expect(strip).toHaveTextContent(/Pausing.*Agent 0, Agent 1.*1 not at a safe point: Agent 1 \(1 task\)/);
    await screen.findByTitle("split");
    await user.keyboard("r");
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    expect(dialog).toHaveTextContent("Another signal holds on: Agent 1 will not go on yet.");
    await user.keyboard("done{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(2));
    const claims = host.signals.map((token) => claimsOf(token));
    expect(claims.map(({ action, params, priority }) => ({ action, params, priority }))).toEqual([
      { action: "resume", params: { of: jti("a1") }, priority: 5 },
      { action: "resume", params: { of: jti("a2") }, priority: 7 },
    ]);
  });

  it("[S13] end what was looked at or nothing: an order that is over is never taken for another one", async () => {
    const host = fakeHost();
    const other = pauseOf(jti("b1"), 1, { reason: "another one", at: NOW_S - 600 });
    host.overrides = [other, pauseOf(jti("a1"), 0)];
    const { refetch } = await openPane(host);
    await screen.findByRole("region", { name: "Orders in force" });
    await screen.findByTitle("split");
    await user.keyboard("r");
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    await user.keyboard("go on");
    expect(within(dialog).getByRole("button", { name: "Resume" })).toBeEnabled();
    host.overrides = [other];
    await refetch();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("This order is over");
    expect(dialog).not.toHaveTextContent("another one");
    expect(within(dialog).getByRole("button", { name: "Resume" })).toBeDisabled();
    await user.keyboard("{Enter}");
    expect(within(dialog).getByRole("button", { name: "Resume" })).toBeDisabled();
    expect(host.signals).toEqual([]);
  });

  it("[S13] end no signal that has come to the order since it was looked at", async () => {
    const host = fakeHost();
    const first = pauseOf(jti("a1"), 0);
    host.overrides = [first];
    const { refetch } = await openPane(host);
    await screen.findByRole("region", { name: "Orders in force" });
    await screen.findByTitle("split");
    await user.keyboard("r");
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    await user.keyboard("go on");
    host.overrides = [first, pauseOf(jti("a2"), 1)];
    await refetch();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("This order has changed");
    expect(within(dialog).getByRole("button", { name: "Resume" })).toBeDisabled();
    await user.click(within(dialog).getByRole("button", { name: "Show it as it is now" }));
    expect(dialog).toHaveTextContent("Agent 0, Agent 1");
    await user.click(within(dialog).getByRole("button", { name: "Resume" }));
    await waitFor(() => expect(host.signals).toHaveLength(2));
    expect(host.signals.map((token) => claimsOf(token).params)).toEqual([{ of: jti("a1") }, { of: jti("a2") }]);
  });

  it("[S14] show a changed limit with the time until it reverts, and undo it", async () => {
    const host = fakeHost();
    host.overrides = [
      pauseOf(jti("c1"), 1, {
        action: "modify",
        params: { set: { max_calls: 5 }, only_narrow: true },
        effectUntil: NOW_S + 900,
        remainingMs: 125_000,
      }),
    ];
    await openPane(host);
    const strip = await screen.findByRole("region", { name: "Orders in force" });
    expect(strip).toHaveTextContent(/Limit changed.*Agent 1.*max_calls = 5.*reverts in 2 min 0\d s unless confirmed/);
    expect(within(strip).getByRole("link", { name: "Confirm in Control" })).toBeVisible();
    await user.click(within(strip).getByRole("button", { name: /^Undo/ }));
    await screen.findByRole("dialog", { name: "Undo a change of limits" });
    await user.keyboard("not needed{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({ action: "release", params: { of: jti("c1") } });
  });

  it("[L2] stay in view, marked as old, when they cannot be read again", async () => {
    const host = fakeHost();
    host.overrides = [pauseOf(jti("a1"), 0)];
    const { refetch } = await openPane(host);
    const strip = await screen.findByRole("region", { name: "Orders in force" });
    host.down = true;
    await refetch();
    expect(await within(strip).findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(strip).toHaveTextContent("Paused");
  });
});

describe("a change of a limit", () => {
  it("[S14] shows old, new, range and who is affected, and reverts by itself unless told otherwise", async () => {
    const host = fakeHost();
    host.limits = [limitsOf(0, 20), limitsOf(1, 12)];
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.keyboard("e");
    const value = await screen.findByRole("textbox", { name: "New value: calls at most" });
    const dialog = screen.getByRole("dialog", { name: "Change a limit" });
    expect(value).toHaveFocus();
    expect(dialog).toHaveTextContent("Range: 12 or less");
    await user.keyboard("15");
    expect(dialog).toHaveTextContent("Wider than what holds for 1 node");
    expect(within(dialog).getByRole("button", { name: "Change" })).toBeDisabled();
    await user.clear(value);
    await user.keyboard("5");
    expect(within(dialog).getByRole("table")).toHaveTextContent(/1 node is affected.*Agent 1 n120125/);
    expect(dialog).toHaveTextContent("Nobody else is affected");
    await user.keyboard("{Tab}slow down{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    const claims = claimsOf(host.signals[0] ?? "");
    expect(claims).toMatchObject({
      action: "modify",
      scope: { kind: "agent", id: agentId(1) },
      params: { set: { max_calls: 5 }, only_narrow: true },
    });
    expect(Number(claims.effect_until) - Number(claims.iat)).toBe(900);
  });

  it("[S14] [F5] keeps the limit that a value was typed for, whatever is set meanwhile", async () => {
    const host = fakeHost();
    host.limits = [limitsOf(0, 20), limitsOf(1, 12)];
    const { refetch } = await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.keyboard("e");
    const value = await screen.findByRole("textbox", { name: "New value: calls at most" });
    await user.keyboard("5");
    const { nodes, ...agent } = limitsOf(1, null);
    const [node] = nodes;
    const [calls, cost] = node?.limits ?? [];
    host.limits = [{ ...agent, nodes: [{ ...node, limits: [calls, { ...cost, inForce: "9", delegated: "9" }] }] }];
    await refetch();
    const dialog = screen.getByRole("dialog", { name: "Change a limit" });
    await waitFor(() => expect(within(dialog).getByRole("table")).toHaveTextContent(/Agent 1 n120.*5$/));
    expect(within(dialog).getByRole("combobox", { name: "Limit" })).toHaveValue("max_calls");
    expect(value).toHaveValue("5");
    expect(within(dialog).getByRole("textbox", { name: "New value: calls at most" })).toBe(value);
  });

  it("[OVR-S4] [OVR-29] takes a second person where it widens, and is not given beyond what was delegated", async () => {
    const host = fakeHost();
    host.limits = [limitsOf(0, 20), limitsOf(1, 12)];
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.keyboard("e");
    const value = await screen.findByRole("textbox", { name: "New value: calls at most" });
    const dialog = screen.getByRole("dialog", { name: "Change a limit" });
    const change = () => within(dialog).getByRole("button", { name: "Change" });
    await user.fill(within(dialog).getByRole("textbox", { name: "Why is it changed? (recorded)" }), "more work");
    await user.fill(value, "15");
    expect(within(dialog).getByRole("alert")).toHaveTextContent("A wider limit takes two people.");
    expect(dialog).toHaveTextContent(/1 node is affected.*Agent 1 n1201215/);
    expect(change()).toBeDisabled();
    await user.fill(value, "21");
    expect(dialog).toHaveTextContent("Further than what was delegated to Agent 1: 20 or less.");
    expect(change()).toBeDisabled();
    await user.fill(value, "9");
    expect(within(dialog).queryByRole("alert")).toBeNull();
    expect(change()).toBeEnabled();
    expect(host.signals).toEqual([]);
  });

  it("[S14] is of the whole workflow and stays where that is chosen", async () => {
    const host = fakeHost();
    host.limits = [limitsOf(0, 20), limitsOf(1, null)];
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.keyboard("e");
    await user.click(await screen.findByRole("radio", { name: "The whole workflow" }));
    const dialog = screen.getByRole("dialog", { name: "Change a limit" });
    expect(dialog).toHaveTextContent("Every agent of the workflow is affected.");
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Limit" }), "cost at most");
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Reverts" }), "never: until it is undone");
    const value = within(dialog).getByRole("textbox", { name: "New value: cost at most" });
    await user.fill(value, "much");
    expect(dialog).toHaveTextContent("This is no value of the limit.");
    await user.fill(value, "2.50");
    await user.fill(within(dialog).getByRole("textbox", { name: "Why is it changed? (recorded)" }), "budget");
    await user.click(within(dialog).getByRole("button", { name: "Change" }));
    await waitFor(() => expect(host.signals).toHaveLength(1));
    const claims = claimsOf(host.signals[0] ?? "");
    expect(claims).toMatchObject({ scope: { kind: "workflow", id: WID }, params: { set: { max_cost: "2.50" } } });
    expect(claims).not.toHaveProperty("effect_until");
  });

  it("[L2] says that the limits could not be read", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    host.down = true;
    await user.keyboard("e");
    const dialog = await screen.findByRole("dialog", { name: "Change a limit" });
    expect(await within(dialog).findByRole("alert")).toBeVisible();
  });
});

describe("a takeover", () => {
  it("[OVR-S4] takes a second person: without one in this profile it says so and is not given", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t1" });
    await screen.findByTitle("split");
    await user.click(await screen.findByRole("button", { name: "Take over …" }));
    const dialog = await screen.findByRole("dialog", { name: "Take over" });
    expect(within(dialog).getByRole("alert")).toHaveTextContent("A takeover takes two people.");
    await user.fill(within(dialog).getByRole("textbox"), "by hand");
    expect(within(dialog).getByRole("button", { name: "Take over" })).toBeDisabled();
    expect(host.signals).toEqual([]);
  });

  it("[OVR-30] [OVR-18] lists the steps that wait, and carries one out in two acts, with a reason", async () => {
    const host = fakeHost();
    host.overrides = [
      pauseOf(jti("e1"), 1, {
        action: "takeover",
        params: {},
        effectUntil: NOW_S + 900,
        remainingMs: 900_000,
        priority: 6,
      }),
    ];
    host.due = [{ task: jti("f1"), index: 3, agent: agentId(1), takeover: jti("e1") }];
    await openPane(host);
    const strip = await screen.findByRole("region", { name: "Orders in force" });
    expect(strip).toHaveTextContent(/Taken over.*Agent 1/);
    expect(within(strip).queryByRole("button", { name: /^Resume/ })).toBeNull();
    const steps = await screen.findByRole("region", { name: "Steps that wait" });
    expect(within(steps).getByRole("status")).toHaveTextContent("1 step waits for an operator");
    await user.click(within(steps).getByRole("button", { name: "Carry out sift 3" }));
    await screen.findByRole("dialog", { name: "Carry out one step" });
    await user.keyboard("checked{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({
      action: "resume",
      scope: { kind: "task", id: jti("f1") },
      params: { of: jti("e1") },
      priority: 6,
      reason: "checked",
    });
  });
});
