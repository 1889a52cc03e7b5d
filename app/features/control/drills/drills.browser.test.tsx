import { ORPCError } from "@orpc/client";
import type { QueryClient } from "@tanstack/react-query";
import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useCallback, useState } from "react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { DrillNowView, DrillView, ProofView } from "../../../api/contract/drill.ts";
import { signedIn } from "../../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../../operator/signed-in-pane.fixture.tsx";
import type { ControlSearch } from "../control-search.ts";
import { DrillStatus } from "./drill-status.tsx";
import { DrillsView } from "./drills-view.tsx";

const WID = "0195400c-0000-4000-8000-00000000000a";
const STOP = "0195400c-0000-7000-8000-0000000000a1";
const ADA = "spiffe://console.local/human/ada";
const DAY_S = 86_400;
const nowS = Math.floor(Date.now() / 1000);

const SCORE: NonNullable<DrillView["score"]> = {
  result: "passed",
  reasons: [],
  clock: "host_ms",
  agents: 3,
  command: { jti: STOP, by: ADA, at_ms: 9000, named: 3 },
  acknowledged: { agents: 3, first_ms: 9004, last_ms: 9015 },
  verified: { agents: 2, first_ms: 10_001, last_ms: 10_002 },
  violated: { agents: 1, first_ms: 9328, last_ms: 9328 },
  terminated: null,
  unconfirmed: 0,
  violations: [{ agent: `spiffe://console.local/agent/${WID}/drill-1`, at_ms: 9328 }],
  missed: [],
  acted: [],
  refused_calls: 2,
  seen: [
    { at_ms: 9001, state: "commanded", agents: 3 },
    { at_ms: 9328, state: "violated", agents: 1 },
  ],
  at: nowS - 60,
  seq: 77,
};
const drill = (change: Partial<DrillView> = {}): DrillView => ({
  wid: WID,
  script: "one-lies",
  size: 3,
  by: ADA,
  startedAt: nowS - 70,
  seq: 12,
  againDays: 7,
  score: SCORE,
  ...change,
});
const proof = (control: ProofView["control"], change: Partial<ProofView> = {}): ProofView => ({
  control,
  last: null,
  againDays: 7,
  dueAt: null,
  overdue: true,
  ...change,
});
const provenAt = (at: number): Partial<ProofView> => ({
  last: { at, seq: 77, how: "drill", wid: WID },
  dueAt: at + 7 * DAY_S,
  overdue: at + 7 * DAY_S <= nowS,
});
const NOW: DrillNowView = {
  elapsedMs: 2000,
  limitMs: 90_000,
  commandMs: null,
  scoredByMs: null,
  agents: 3,
  named: 0,
  states: { commanded: 0, acknowledged: 0, verified: 0, violated: 0, unconfirmed: 0 },
  acted: 0,
};

let drills: DrillView[];
let controls: ProofView[];
let now: DrillNowView;
let fails: boolean;
let place: "workers" | "thread";
let others: { wid: string; status: string }[];
let listFails: boolean;
let provenFails: boolean;
const given: { acp: string; start: string }[] = [];
const tested: string[] = [];
const aborted: string[] = [];
const position = () => ({ domain: "console.local", size: 60, root: "r", atMs: Date.now() });
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  workflow: {
    list: async () => (listFails ? Promise.reject(new Error("gone")) : { position: position(), workflows: others }),
  },
  override: {
    signal: async ({ token }: { token: string }) => {
      tested.push(token);
      return { jti: STOP, latchedAtMs: null, targets: 3, recorded: true };
    },
  },
  drill: {
    scripts: async () => ({
      place,
      scripts: [
        { id: "one-lies", sizes: { min: 2, max: 12, usual: 4 }, limitS: 90, faults: [{ kind: "lie", agents: 1 }] },
        { id: "mixed-fleet", sizes: { min: 20, max: 50, usual: 50 }, limitS: 120, faults: [] },
      ],
    }),
    prepare: async ({ wid, size }: { wid: string; size: number }) => ({
      wid,
      digest: "d".repeat(43),
      pepId: "spiffe://console.local/pep",
      action: "drill_step",
      agents: Array.from({ length: size }, (_, at) => ({
        agent: `spiffe://console.local/agent/${wid}/drill-${at + 1}`,
        delegatedBy: at === 1 ? 0 : null,
      })),
    }),
    start: async (tokens: { acp: string; start: string }) => {
      given.push(tokens);
      return { wid: WID, seq: 12 };
    },
    abort: async ({ wid }: { wid: string }) => {
      aborted.push(wid);
      return { wid };
    },
    state: async () => ({ position: position(), drill: drills[0], now }),
    history: async ({ only }: { only?: "running" }) => {
      if (fails)
        throw new ORPCError("UNAVAILABLE", {
          status: 503,
          data: { type: "t", title: "Unavailable", status: 503, code: "storage_busy", detail: "busy" },
        });
      return { position: position(), drills: drills.filter(({ score }) => only === undefined || score === null) };
    },
    selfTests: async () => ({ position: position(), place, agents: [], workflows: [] }),
    proven: async () =>
      provenFails
        ? Promise.reject(new Error("gone"))
        : { position: position(), controls, selfTests: { failed: 0, overdue: 0, nextDueAt: null } },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

let url: ControlSearch;
function Bench({ first }: { readonly first: ControlSearch }) {
  const [search, setSearch] = useState<ControlSearch>(first);
  const set = useCallback((patch: Partial<ControlSearch>) => setSearch((before) => ({ ...before, ...patch })), []);
  url = search;
  return (
    <>
      <DrillStatus />
      <DrillsView search={search} setSearch={set} />
    </>
  );
}

async function show(first: ControlSearch = { view: "drills" }): Promise<QueryClient> {
  const session = await signedIn(client, {
    subject: ADA,
    name: "Ada",
    logId: "l:og",
    pepId: "spiffe://console.local/pep",
  });
  const queries = renderSignedIn(client, session, <Bench first={first} />);
  await act(async () => undefined);
  return queries;
}

const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(atob((token?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));

beforeEach(() => {
  drills = [drill()];
  controls = [proof("stop", provenAt(nowS - 60)), proof("release"), proof("pause")];
  now = NOW;
  fails = false;
  place = "workers";
  others = [];
  [listFails, provenFails] = [false, false];
  for (const list of [given, tested, aborted]) list.length = 0;
});
afterEach(cleanup);

describe("the drills in Control", () => {
  it("[S12] [C5] says of each control when it was proven last and when it is due, and how the last drill went", async () => {
    await show();
    const proven = await screen.findByRole("region", { name: "Proven on" });
    expect(within(proven).getByRole("row", { name: /^Stop proven/ })).toHaveTextContent("a passed drill");
    expect(within(proven).getByRole("row", { name: /^Release never proven/ })).toHaveTextContent(
      "Release the stop of a drill",
    );
    const result = screen.getByRole("region", { name: "Drill: An agent lies, 3 agents" });
    for (const words of ["passed", "9.0 s", "3 of 3, the last one 15 ms after the stop", "1 of 3, the last one 328 ms"])
      expect(result).toHaveTextContent(words);
    expect(within(result).getByRole("row", { name: "328 ms VIOLATED 1" })).toBeVisible();
    expect(within(result).getByRole("link", { name: /^Entry 77 of the log/ })).toHaveAttribute(
      "href",
      "/timeline?entry=77",
    );
    expect(screen.getByText("Stop proven 1 min ago")).toBeVisible();
  });

  it("[S12] a drill in which what was to go wrong left no trace says that it has not tested finding it", async () => {
    await show();
    const note = /did not show: the agent was stopped before it went on/;
    expect(await screen.findByRole("region", { name: /^Drill: An agent lies/ })).not.toHaveTextContent(note);
    cleanup();
    drills = [drill({ score: { ...SCORE, violated: null, violations: [], refused_calls: 0 } })];
    await show();
    expect(await screen.findByRole("region", { name: /^Drill: An agent lies/ })).toHaveTextContent(note);
  });

  it("[S12] is overdue by shape and words once its days are over, and never proven is not proven", async () => {
    controls = [proof("stop", { ...provenAt(nowS - 8 * DAY_S), overdue: false })];
    await show();
    expect(await screen.findByText("Drill overdue: stop last proven 8 d ago")).toBeVisible();
    expect(screen.getByRole("row", { name: /^Stop overdue/ })).toBeVisible();
    cleanup();
    controls = [proof("stop")];
    await show();
    expect(await screen.findByText("Stop never proven: drill it")).toBeVisible();
  });

  it("[OVR-25] [N25] starts what was chosen by a policy and a start that says it is a drill", async () => {
    await show();
    const user = userEvent.setup();
    const size = await screen.findByLabelText("Agents (2 to 12)");
    await user.clear(size);
    await user.type(size, "13");
    expect(screen.getByText("A whole number from 2 to 12")).toBeVisible();
    expect(screen.getByRole("button", { name: "Sign and start the drill" })).toBeDisabled();
    await user.clear(size);
    await user.type(size, "2");
    const days = screen.getByLabelText("Drill again within (days)");
    await user.clear(days);
    await user.type(days, "3{Enter}");
    await expect.poll(() => given).toHaveLength(1);
    expect(claimsOf(given[0]?.start)).toMatchObject({
      iss: ADA,
      exec_act: "run_start",
      ect_ext: { "org.signalbox.drill": { script: "one-lies", size: 2, again_days: 3 } },
    });
    expect(claimsOf(given[0]?.acp).dag).toMatchObject({
      edges: [
        { from: "operator", to: "a0" },
        { from: "a0", to: "a1" },
      ],
    });
    await expect.poll(() => url.drill).toBe(WID);
  });

  it("[S12] asks for the stop that one would use in earnest, and says whom else that would stop", async () => {
    drills = [drill({ score: null })];
    others = [
      { wid: WID, status: "running" },
      { wid: STOP, status: "running" },
    ];
    await show();
    const running = await screen.findByRole("region", { name: "Running drill" });
    expect(
      await within(running).findByText("Your part: stop all 3 agents of it, as you would in earnest."),
    ).toBeVisible();
    expect(within(running).queryByRole("button", { name: /^Stop/ })).toBeNull();
    expect(await within(running).findByText(/1 workflow that is no drill runs, too/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Sign and start the drill" })).toBeDisabled();
    const user = userEvent.setup();
    await user.click(within(running).getByRole("button", { name: "Pause" }));
    await expect.poll(() => claimsOf(tested[0]).params).toMatchObject({ mode: "now", drill: true });
    await user.click(within(running).getByRole("button", { name: "Abort the drill" }));
    await expect.poll(() => aborted).toEqual([WID]);
  });

  it("[L2] [S12] what could not be read again is not known: that nothing else runs, and that the stop is proven", async () => {
    drills = [drill({ score: null })];
    const queries = await show();
    const running = await screen.findByRole("region", { name: "Running drill" });
    expect(await within(running).findByText(/^Nothing else runs/)).toBeVisible();
    listFails = true;
    await act(() => queries.invalidateQueries());
    expect(await within(running).findByText(/is not known: nothing did, read/)).toBeVisible();
    expect(within(running).queryByText(/^Nothing else runs/)).toBeNull();
    drills = [drill()];
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText("Stop proven 1 min ago")).toBeVisible();
    provenFails = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText(/^Whether the stop is proven is not known, last read/)).toBeVisible();
    fails = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText("Whether a drill runs is not known")).toBeVisible();
  });

  it("[N25] says where its agents run: in the thread of a host, a fault is milder", async () => {
    await show();
    expect(
      await screen.findByText(/are started in real workers beside whatever else runs, under a policy/),
    ).toBeVisible();
    cleanup();
    place = "thread";
    await show();
    expect(
      await screen.findByText(/one that hangs is only deaf, and one that crashes only silent, under/),
    ).toBeVisible();
  });

  it("[S7] shows what is known of its agents, and those that the stop left out", async () => {
    drills = [drill({ score: null })];
    now = {
      ...NOW,
      commandMs: 3000,
      named: 2,
      states: { ...NOW.states, violated: 1, acknowledged: 1 },
      acted: 1,
    };
    await show();
    const running = await screen.findByRole("region", { name: "Running drill" });
    expect(await within(running).findByText(/It names 2 of 3 agents. Stop the others, too./)).toBeVisible();
    expect(within(running).getByRole("list", { name: "Agents by what is known" })).toHaveTextContent(
      "1 VIOLATED1 acknowledged",
    );
    expect(within(running).getByText("1 agent that was not named went on acting.")).toBeVisible();
  });

  it("[C5] lists what was drilled, by result and by keyboard, and says why one was failed", async () => {
    const failed = {
      ...SCORE,
      result: "failed" as const,
      reasons: ["not_commanded" as const],
      command: null,
      seen: [],
    };
    drills = [drill(), drill({ wid: STOP, script: "crash", score: failed })];
    await show();
    const user = userEvent.setup();
    const rows = () => within(screen.getByRole("grid", { name: "Drills" })).getAllByRole("row");
    expect(await screen.findByRole("radio", { name: "Failed 1" })).toBeVisible();
    const first = rows().find((row) => row.getAttribute("aria-selected") === "true");
    first?.focus();
    await user.keyboard("{ArrowDown}");
    expect(url.drill).toBe(STOP);
    expect(screen.getByRole("region", { name: "Drill: An agent crashes, 3 agents" })).toHaveTextContent(
      "No stop was given in time.",
    );
    await user.click(screen.getByRole("radio", { name: "Aborted 0" }));
    expect(screen.getByText("None of that kind.")).toBeVisible();
  });

  it("[L2] says that the drills could not be read, and that no such drill is known, instead of looking empty", async () => {
    fails = true;
    await show();
    expect(await screen.findByText("storage_busy")).toBeVisible();
    cleanup();
    fails = false;
    await show({ view: "drills", drill: "nothing" });
    expect(await screen.findByText("No such drill in this log")).toBeVisible();
  });
});
