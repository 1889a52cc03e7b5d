import { ORPCError } from "@orpc/client";
import type { QueryClient } from "@tanstack/react-query";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useCallback, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { ControlPane, controlKeys } from "./control-pane.tsx";
import type { ControlSearch } from "./control-search.ts";

const SENT_MS = 1_772_064_050_000;
const target = (name: string, change: Partial<OverrideSignal["targets"][number]> = {}) => ({
  agent: `spiffe://console.local/agent/${name}`,
  name,
  sentAtMs: SENT_MS,
  deliveredAtMs: SENT_MS + 4,
  acknowledgedAtMs: null,
  compliedAtMs: null,
  verifiedAtMs: null,
  violatedAtMs: null,
  terminatedAtMs: null,
  status: "commanded" as const,
  detail: "",
  refused: null,
  state: "stopped" as const,
  unfinished: [],
  ...change,
});
const signal = (jti: string, change: Partial<OverrideSignal> = {}): OverrideSignal => ({
  jti,
  seq: 42,
  action: "stop",
  level: "emergency",
  scope: { kind: "domain", id: "console.local" },
  reason: "wrong device",
  by: "spiffe://console.local/human/ada",
  at: SENT_MS / 1000,
  priority: 5,
  params: { mode: "immediate" },
  drill: false,
  latched: true,
  inForce: true,
  lapsed: false,
  effectUntil: null,
  remainingMs: null,
  supersedes: null,
  released: null,
  targets: [
    target("alpha", { status: "verified", acknowledgedAtMs: SENT_MS + 9, verifiedAtMs: SENT_MS + 1001 }),
    target("beta", { status: "violated", acknowledgedAtMs: SENT_MS + 11, violatedAtMs: SENT_MS + 900 }),
  ],
  stopping: false,
  ladder: { rungs: [], next: null },
  effectsRefused: 3,
  ...change,
});
const STOP = "0195400c-0000-7000-8000-0000000000a1";
const OLD = "0195400c-0000-7000-8000-0000000000b2";

const PAUSE = "0195400c-0000-7000-8000-0000000000d4";
const CHANGE = "0195400c-0000-7000-8000-0000000000e5";
const TASK = "0195400c-0000-4000-8000-000000000101";
const WID = "0195400c-0000-4000-8000-00000000000a";
const pauseOf = (change: Partial<OverrideSignal>): OverrideSignal =>
  signal(PAUSE, {
    action: "pause",
    level: "mandatory",
    scope: { kind: "workflow", id: WID },
    params: { mode: "after_task", keep_state: true },
    latched: false,
    ...change,
  });
const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(atob((token?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));

const style = document.createElement("style");
let signals: OverrideSignal[];
const sent: string[] = [];
const revoked: string[] = [];
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  workflow: { get: async () => ({ policy: { jti: CHANGE, hash: "h" } }) },
  rollback: { list: async () => ({ rollbacks: [] }) },
  policy: {
    revoke: async ({ token }: { token: string }) => {
      revoked.push(token);
      return {};
    },
  },
  drill: {
    history: async () => ({ drills: [] }),
    proven: async () => ({ controls: [], selfTests: { failed: 0, overdue: 0, nextDueAt: null } }),
  },
  override: {
    list: async () => ({
      position: { domain: "console.local", size: 60, root: "r", atMs: Date.now() },
      signals,
      latched: 1,
    }),
    signal: async ({ token }: { token: string }) => {
      sent.push(token);
      return { jti: OLD, latchedAtMs: null, targets: 0, recorded: true };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

/** The URL as the router would keep it, and what the shell does to it. */
let url: ControlSearch;
let choose: (patch: Partial<ControlSearch>) => void;

function Bench({ first }: { readonly first: ControlSearch }) {
  const [search, setSearch] = useState<ControlSearch>(first);
  choose = useCallback((patch) => setSearch((now) => ({ ...now, ...patch })), []);
  url = search;
  return <ControlPane search={search} setSearch={choose} />;
}

async function show(first: ControlSearch = {}): Promise<QueryClient> {
  const session = await signedIn(client, {
    subject: "spiffe://console.local/human/ada",
    name: "Ada",
    logId: "l:og",
    pepId: "p:ep",
  });
  const queries = renderSignedIn(client, session, <Bench first={first} />);
  return queries;
}

beforeEach(() => {
  sent.length = 0;
  revoked.length = 0;
  signals = [
    signal(OLD, {
      latched: false,
      inForce: false,
      at: SENT_MS / 1000 + 60,
      reason: "older",
      released: {
        how: "released",
        by: "spiffe://console.local/human/bo",
        at: SENT_MS / 1000 + 90,
        reason: "checked",
        seq: 50,
      },
      targets: [],
    }),
    signal(STOP),
  ];
  // The theme is not loaded here, and the virtual list needs a height to show rows in.
  style.textContent = '[role="grid"] { height: 400px; overflow: auto }';
  document.head.append(style);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const rowOf = async (name: string): Promise<HTMLElement> => {
  const row = within(await screen.findByRole("grid", { name: "Targets" }))
    .getByText(name)
    .closest('[role="row"]');
  if (!(row instanceof HTMLElement)) throw new Error(`no row ${name}`);
  return row;
};

describe("the control pane", () => {
  it("[OVR-19] shows each fact of a target in a column of its own, with its time after the command", async () => {
    await show();
    const heads = within(await screen.findByRole("grid", { name: "Targets" })).getAllByRole("columnheader");
    expect(heads.map((head) => head.textContent)).toEqual([
      "Agent",
      "Status",
      "State now",
      "Sent",
      "Delivered",
      "Acknowledged",
      "Complied",
      "Verified",
      "Violated",
      "Terminated",
      "Detail",
    ]);
    const cells = within(await rowOf("alpha")).getAllByRole("gridcell");
    expect(cells.slice(1, 10).map((cell) => cell.textContent)).toEqual([
      "verified",
      "stopped",
      "0 ms",
      "+4 ms",
      "+9 ms",
      "—not known",
      "+1,001 ms",
      "—not known",
      "—not known",
    ]);
  });

  it("[S7] puts what is violated first, by shape and word", async () => {
    await show();
    const rows = within(await screen.findByRole("grid", { name: "Targets" })).getAllByRole("row");
    expect(rows[1]).toHaveTextContent("beta");
    expect(within(rows[1] as HTMLElement).getByText("violated")).toBeVisible();
    expect(screen.getByText("acknowledged 2/2 · verified 1/2 · VIOLATED 1")).toBeVisible();
  });

  it("[S4] releases only with a reason, by another verb, and says that it starts nothing", async () => {
    const user = userEvent.setup();
    await show();
    await user.click(await screen.findByRole("button", { name: "Release …" }));
    const dialog = screen.getByRole("dialog", { name: "Release a stop" });
    expect(dialog).toHaveTextContent("Releasing starts nothing.");
    expect(dialog).toHaveTextContent("1 of 2 not verified as stopped");
    expect(dialog).toHaveTextContent("signs this as Ada. Your key is not protected: the press is all that is asked");
    expect(within(dialog).getByRole("button", { name: "Release" })).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "found the cause");
    await user.click(within(dialog).getByRole("button", { name: "Release" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    const claims = JSON.parse(atob((sent[0]?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    expect(claims).toMatchObject({
      action: "release",
      params: { of: STOP },
      level: "mandatory",
      reason: "found the cause",
    });
  });

  it("moves among signals by arrow keys and shows why an old one was released", async () => {
    const user = userEvent.setup();
    await show();
    const list = await screen.findByRole("grid", { name: "Signals" });
    const [first] = within(list).getAllByRole("row", { selected: true });
    first?.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("region", { name: "Selected signal" })).toHaveTextContent("starts nothing");
    expect(screen.getByText("checked")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Release …" })).toBeNull();
  });

  it("says that a stop holds although the log has not recorded it", async () => {
    signals = [signal(STOP, { seq: null })];
    await show();
    expect(await screen.findByText("not in the log; the stop holds all the same")).toBeVisible();
  });

  it("[OVR-S1] says what was wrong with a stop that halted all the same", async () => {
    signals = [signal(STOP, { code: "override_unauthorized" })];
    await show();
    const detail = await screen.findByRole("region", { name: "Selected signal" });
    expect(detail).toHaveTextContent(/Wrong with it.*not shown to be allowed to.*it halted all the same/);
    signals = [signal(STOP)];
    cleanup();
    await show();
    expect(await screen.findByRole("region", { name: "Selected signal" })).not.toHaveTextContent("Wrong with it");
  });

  it("[L2] shows a failed load as a failure, never as nothing stopped", async () => {
    vi.spyOn(client.override, "list").mockRejectedValue(new DOMException("closed", "AbortError"));
    await show();
    expect(await screen.findByRole("alert")).toHaveTextContent("connection_lost");
    expect(screen.queryByText(/Nothing is stopped/)).toBeNull();
  });

  it("says that there is no such signal instead of offering to release another one", async () => {
    const user = userEvent.setup();
    await show({ signal: "0195400c-0000-7000-8000-0000000000ff" });
    expect(await screen.findByText("No such signal in this log")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Release …" })).toBeNull();
    expect(screen.queryByRole("grid", { name: "Targets" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Go to the first signal" }));
    expect(await screen.findByRole("button", { name: "Release …" })).toBeVisible();
    expect(url.signal).toBe(STOP);
  });

  it("[S7] [A6] keeps the signal in view when a stop arrives or is violated, tells of it beside it, and opens it by n", async () => {
    const user = userEvent.setup();
    signals = [signal(STOP, { targets: [] }), pauseOf({ targets: [target("gamma")] })];
    const queries = await show();
    await screen.findByText("wrong device", { selector: "section *" });
    expect(url.signal).toBe(STOP);
    const newer = signal("0195400c-0000-7000-8000-0000000000c3", { reason: "the new one", at: SENT_MS / 1000 + 500 });
    signals = [newer, ...signals];
    await act(() => queries.invalidateQueries());
    expect((await screen.findAllByText("the new one")).length).toBeGreaterThan(0);
    expect(screen.getByRole("region", { name: "Selected signal" })).toHaveTextContent("wrong device");
    expect(screen.getByRole("region", { name: "Selected signal" })).not.toHaveTextContent("the new one");
    expect(screen.getByText("New:").parentElement).toHaveTextContent(
      "New: stop · everything in console.local · acknowledged 2/2 · verified 1/2 · VIOLATED 1",
    );
    const first = () => within(screen.getByRole("grid", { name: "Signals" })).getAllByRole("row")[1];
    expect(first()).toHaveTextContent(/new.*stop/);
    await user.keyboard("n");
    expect(url.signal).toBe(newer.jti);
    await waitFor(() => expect(screen.queryByText("New:")).toBeNull());
    // A pause that was seen before and is violated now is told again, by name and with the way to it, past any filter.
    act(() => choose({ only: "stop" }));
    signals = [newer, signal(STOP, { targets: [] }), pauseOf({ targets: [target("gamma", { status: "violated" })] })];
    await act(() => queries.invalidateQueries());
    expect((await screen.findByText("Worse now:")).parentElement).toHaveTextContent(/pause after the task/);
    await user.click(screen.getByRole("button", { name: "Open it" }));
    expect(url).toMatchObject({ signal: PAUSE, only: undefined });
    await waitFor(() => expect(screen.queryByText("Worse now:")).toBeNull());
    expect(screen.getByRole("region", { name: "Selected signal" })).toHaveTextContent(/pause after the task/);
  });

  it("shows what touches the chosen workflow, and the way to everything", async () => {
    const user = userEvent.setup();
    const [mine, other] = ["0195400c-0000-7000-8000-00000000000a", "0195400c-0000-7000-8000-00000000000b"];
    const ofOther = signal(OLD, { scope: { kind: "workflow", id: other }, reason: "of the other", at: 9e9 });
    const ofAgent = signal("0195400c-0000-7000-8000-0000000000c3", {
      scope: { kind: "agent", id: `spiffe://console.local/agent/${mine}/alpha` },
      reason: "of an agent",
    });
    signals = [ofOther, signal(STOP), ofAgent];
    await show({ wid: mine });
    const list = await screen.findByRole("grid", { name: "Signals" });
    expect(screen.getByText("Only what touches workflow 0195400c: 2 of 3 signals")).toBeVisible();
    expect(within(list).queryByText("of the other")).toBeNull();
    expect(within(list).getByText("of an agent")).toBeInTheDocument();
    act(() => choose({ signal: OLD }));
    expect(await screen.findByText("This signal does not touch the workflow")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all" }));
    expect(screen.getByRole("region", { name: "Selected signal" })).toHaveTextContent("of the other");
    act(() => choose({ wid: mine }));
    await waitFor(() => expect(url.signal).toBe(STOP));
    signals = [ofOther];
    cleanup();
    await show({ wid: mine });
    expect(await screen.findByText("No signal touches this workflow")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all 1 signals" }));
    expect(await screen.findByRole("grid", { name: "Signals" })).toBeVisible();
  });

  it("keeps the filter of the targets in the URL", async () => {
    const user = userEvent.setup();
    await show({ targets: "violated" });
    const targets = await screen.findByRole("grid", { name: "Targets" });
    expect(within(targets).getAllByRole("row")).toHaveLength(2);
    await user.click(screen.getByRole("radio", { name: "Not verified 1" }));
    expect(url.targets).toBe("open");
    const which = screen.getByRole("radiogroup", { name: "Which targets" });
    await user.click(within(which).getByRole("radio", { name: "All 2" }));
    expect(url.targets).toBeUndefined();
    expect(within(targets).getAllByRole("row")).toHaveLength(3);
  });

  it("[OVR-19] [OVR-27] shows a pause in force as in force, with its time left and who has not reached a safe point", async () => {
    signals = [
      pauseOf({
        effectUntil: SENT_MS / 1000 + 900,
        remainingMs: 754_000,
        targets: [
          target("alpha", {
            state: "paused",
            status: "verified",
            acknowledgedAtMs: SENT_MS + 9,
            verifiedAtMs: SENT_MS + 99,
          }),
          target("beta", {
            state: "pausing",
            status: "acknowledged",
            acknowledgedAtMs: SENT_MS + 9,
            unfinished: [TASK],
          }),
        ],
      }),
    ];
    await show();
    const [row] = within(await screen.findByRole("grid", { name: "Signals" })).getAllByRole("row", { selected: true });
    expect(row).toHaveTextContent(/in force12 min \d\d s left/);
    expect(row).toHaveTextContent("pause after the task under way");
    const open = screen.getByRole("region", { name: "Not at a safe point" });
    expect(open).toHaveTextContent("1 of 2 agents have not reached a safe point");
    expect(open).toHaveTextContent(/beta.*task.*0195/);
    expect(within(await rowOf("beta")).getByText("not at a safe point")).toBeVisible();
    expect(within(await rowOf("alpha")).getByText("paused")).toBeVisible();
    expect(screen.queryByText("Effects refused")).toBeNull();
  });

  it("[S13] [OVR-15] resumes exactly one pause, with its priority, and says who stays held by another", async () => {
    const user = userEvent.setup();
    signals = [
      pauseOf({ priority: 7, targets: [target("alpha", { state: "paused" }), target("beta", { state: "paused" })] }),
      signal(STOP, { scope: { kind: "agent", id: target("beta").agent }, targets: [target("beta")] }),
    ];
    await show({ signal: PAUSE });
    await screen.findByRole("grid", { name: "Targets" });
    await user.keyboard("r");
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    expect(dialog).toHaveTextContent("Exactly what this signal holds goes on");
    expect(dialog).toHaveTextContent("1 of 2 stay held by another signal: beta");
    await user.type(within(dialog).getByRole("textbox"), "checked");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claimsOf(sent[0])).toMatchObject({
      action: "resume",
      scope: { kind: "workflow", id: WID },
      params: { of: PAUSE },
      priority: 7,
      reason: "checked",
    });
  });

  it("[S14] confirms a change of limits, which otherwise reverts, and undoes it by another verb", async () => {
    const user = userEvent.setup();
    const change = signal(CHANGE, {
      action: "modify",
      latched: false,
      scope: { kind: "workflow", id: WID },
      params: { set: { max_calls: 5 }, only_narrow: true },
      effectUntil: SENT_MS / 1000 + 900,
      remainingMs: 61_000,
      targets: [target("alpha", { state: "constrained" })],
    });
    signals = [change];
    await show();
    const detail = await screen.findByRole("region", { name: "Selected signal" });
    expect(detail).toHaveTextContent("max_calls = 5");
    expect(detail).toHaveTextContent(/Reverts in1 min 0\d s/);
    await user.click(within(detail).getByRole("button", { name: /^Confirm/ }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm a change of limits" });
    await user.type(within(dialog).getByRole("textbox"), "it is right");
    await user.click(within(dialog).getByRole("button", { name: /^Confirm/ }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claimsOf(sent[0])).toMatchObject({
      action: "modify",
      params: { set: { max_calls: 5 }, only_narrow: true },
      supersedes: CHANGE,
    });
    expect(claimsOf(sent[0])).not.toHaveProperty("effect_until");
    await user.click(within(detail).getByRole("button", { name: /^Undo/ }));
    const undo = await screen.findByRole("dialog", { name: "Undo a change of limits" });
    await user.type(within(undo).getByRole("textbox"), "no need");
    await user.click(within(undo).getByRole("button", { name: /^Undo/ }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(claimsOf(sent[1])).toMatchObject({ action: "release", params: { of: CHANGE } });
  });

  it("[OVR-S4] [S14] a limit that may be wider is confirmed by two people: alone it is not given", async () => {
    const user = userEvent.setup();
    signals = [
      signal(CHANGE, {
        action: "modify",
        latched: false,
        scope: { kind: "workflow", id: WID },
        params: { set: { max_calls: 50 }, only_narrow: false },
        effectUntil: SENT_MS / 1000 + 900,
        remainingMs: 61_000,
        targets: [target("alpha", { state: "constrained" })],
      }),
    ];
    await show();
    const detail = await screen.findByRole("region", { name: "Selected signal" });
    await user.click(within(detail).getByRole("button", { name: /^Confirm/ }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm a change of limits" });
    expect(within(dialog).getByRole("alert")).toHaveTextContent(/takes two people\. Nobody else has a key/);
    await user.type(within(dialog).getByRole("textbox"), "it is right");
    expect(within(dialog).getByRole("button", { name: /^Confirm/ })).toBeDisabled();
    await user.keyboard("{Enter}");
    expect(sent).toEqual([]);
  });

  it("[OVR-15] tells why an end was refused, and keeps what was typed", async () => {
    const user = userEvent.setup();
    const data = {
      type: "about:blank",
      title: "Refused",
      status: 409,
      detail: "it stands above",
      code: "override_outranked",
    };
    vi.spyOn(client.override, "signal").mockRejectedValue(new ORPCError("CONFLICT", { defined: true, data }));
    signals = [pauseOf({})];
    await show();
    await user.click(await screen.findByRole("button", { name: /^Resume/ }));
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    await user.type(within(dialog).getByRole("textbox"), "mine");
    await user.click(within(dialog).getByRole("button", { name: /^Resume/ }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(
      /it stands above.*higher rank.*override_outranked/,
    );
    expect(within(dialog).getByRole("textbox")).toHaveValue("mine");
  });

  it("[OVR-10] [OVR-25] shows a refused advice with its words, and a drill as a drill that nothing can end", async () => {
    const user = userEvent.setup();
    const refused = { code: "not_possible", alternatives: "ask\u202eme" };
    signals = [
      pauseOf({ drill: true, inForce: false }),
      signal(OLD, {
        action: "advise",
        level: "advisory",
        latched: false,
        inForce: false,
        targets: [target("alpha", { refused })],
      }),
    ];
    await show({ signal: PAUSE });
    expect(await screen.findByText("A drill.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Resume/ })).toBeNull();
    await user.keyboard("j");
    expect(url.signal).toBe(OLD);
    expect(await rowOf("alpha")).toHaveTextContent(/refused, not_possible/);
    expect(await rowOf("alpha")).not.toHaveTextContent("\u202e");
  });

  it("narrows the list to a kind, in the URL, and says so where a link names another one", async () => {
    const user = userEvent.setup();
    signals = [pauseOf({}), signal(STOP)];
    await show();
    await user.click(await screen.findByRole("radio", { name: "Pauses 1" }));
    await waitFor(() => expect(url).toMatchObject({ only: "pause", signal: PAUSE }));
    expect(within(screen.getByRole("grid", { name: "Signals" })).getAllByRole("row")).toHaveLength(2);
    await user.click(screen.getByRole("radio", { name: "Takeovers 0" }));
    expect(await screen.findByText("No takeover here")).toBeVisible();
    act(() => choose({ signal: STOP }));
    expect(await screen.findByText("This signal is not among those shown")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all signals" }));
    expect(await screen.findByRole("button", { name: "Release …" })).toBeVisible();
  });

  it("[N1] [J3] lists who is not stopped, and revokes what they act under by x and Enter", async () => {
    const user = userEvent.setup();
    const liar = `spiffe://console.local/agent/${WID}/liar`;
    signals = [
      signal(STOP, {
        targets: [{ ...target("liar", { status: "violated", violatedAtMs: SENT_MS + 900 }), agent: liar }],
      }),
    ];
    await show();
    const note = await screen.findByRole("region", { name: "Stragglers" });
    expect(note).toHaveTextContent("1 of 1 not where the order wants them");
    expect(note).toHaveTextContent("liar: went on against the order");
    await user.keyboard("x");
    const dialog = await screen.findByRole("dialog", { name: "Revoke a policy" });
    expect(dialog).toHaveTextContent("Every agent of workflow 0195400c loses what it may do.");
    expect(within(dialog).getByRole("textbox")).toHaveValue("Not where a stop wants them: liar");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(revoked).toHaveLength(1));
    expect(claimsOf(revoked[0])).toMatchObject({ acp: { jti: CHANGE, hash: "h" } });
    expect(sent).toEqual([]);
  });

  it("[N1] stops who has not acknowledged a pause by one key, without asking again", async () => {
    const user = userEvent.setup();
    signals = [
      pauseOf({
        targets: [target("alpha"), target("beta", { acknowledgedAtMs: SENT_MS + 9, status: "acknowledged" })],
      }),
    ];
    await show();
    const note = await screen.findByRole("region", { name: "Stragglers" });
    expect(note).toHaveTextContent("alpha: has not acknowledged");
    expect(note).not.toHaveTextContent("beta");
    await user.keyboard("x");
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claimsOf(sent[0])).toMatchObject({
      action: "stop",
      level: "emergency",
      scope: { kind: "agent", id: target("alpha").agent },
    });
    expect(await within(note).findByText("the stop holds")).toBeVisible();
  });

  it("[S10] shows of an orderly stop who still ends something and when it becomes immediate, and releases it only afterwards", async () => {
    signals = [
      signal(STOP, {
        level: "mandatory",
        params: { mode: "orderly", grace_ms: 60_000 },
        stopping: true,
        remainingMs: 25_000,
        targets: [
          target("alpha", {
            status: "acknowledged",
            acknowledgedAtMs: SENT_MS + 9,
            state: "stopping",
            unfinished: [TASK],
          }),
        ],
      }),
    ];
    await show();
    const detail = await screen.findByRole("region", { name: "Selected signal" });
    expect(within(detail).getByRole("heading", { name: /stop in order/ })).toBeVisible();
    expect(detail).toHaveTextContent(/At once in\s*25/);
    expect(within(detail).getByRole("region", { name: "Not at a safe point" })).toHaveTextContent("alpha");
    expect(within(detail).queryByRole("button", { name: /Release/ })).toBeNull();
    // It has acknowledged, and may take its time.
    expect(within(detail).queryByRole("region", { name: "Stragglers" })).toBeNull();
  });

  it("names the arrow keys in its help", () => {
    expect(controlKeys.map(({ keys }) => keys).join(" ")).toMatch(/ArrowUp ArrowDown/);
  });
});
