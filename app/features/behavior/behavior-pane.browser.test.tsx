import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { behaviorOrderClaimsSchema } from "../../protocol/behavior/order.ts";
import {
  agent,
  BAD,
  fleet,
  idOf,
  NOW_S,
  POSITION,
  page,
  proof,
  reach,
  show,
  url,
  uuid,
  windowView,
} from "./pane.fixture.tsx";

afterEach(cleanup);

const taking = (tokens: string[]) => ({
  order: async ({ token }: { token: string }) => {
    tokens.push(token);
    return { seq: 130, jti: "j" };
  },
});
/** In their order. Whether each is hidden is not asked: of 200 that takes a second. */
const tiles = async () => [...(await screen.findByRole("list", { name: "Agents", hidden: true })).children];
const termOf = (root: HTMLElement, term: string): string =>
  within(root).getByText(term, { selector: "dt" }).nextElementSibling?.textContent ?? "";

describe("the fleet", () => {
  it("[A9] [L1] has the one abnormal agent of 200 first, by name in its place, found by one key, with its state in words and an age", async () => {
    await show({});
    const user = userEvent.setup();
    const all = await tiles();
    expect(all).toHaveLength(200);
    expect(all[0]).toHaveTextContent(/^agent-117nonconformantseverity 55 min$/);
    expect(screen.getByLabelText(/^nonconformant 1:/)).toBeVisible();
    expect(screen.getByLabelText(/^conformant 194:/)).toBeVisible();
    await user.keyboard("o");
    await waitFor(() => expect(url.now.sort).toBe("name"));
    expect((await tiles())[117]).toHaveTextContent(/^agent-117nonconformant/);
    await user.keyboard("n");
    expect(document.activeElement).toHaveTextContent(/^agent-117nonconformant/);
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement).toHaveTextContent(/^agent-118conformant/);
    await user.keyboard("{ArrowLeft}{Enter}");
    await waitFor(() => expect(url.now.agent).toBe(idOf("agent-117")));
  });

  it("[BEH-9] [BEH-10] [A9] gives every state a word and a shape of its own, in colour only what asks for somebody", async () => {
    const states = ["conformant", "unverified", "drifting", "nonconformant", "stale", "quarantined"] as const;
    await show({
      fleet: async () => ({ position: POSITION, agents: states.map((state) => agent(`a-${state}`, state)) }),
    });
    const all = await tiles();
    expect(all.map((tile) => tile.textContent)).toEqual(
      ["nonconformant", "quarantined", "drifting", "stale", "unverified", "conformant"].map((state) =>
        expect.stringContaining(`a-${state}${state}`),
      ),
    );
    const shapes = all.map((tile) => tile.querySelector("svg")?.innerHTML);
    expect(new Set(shapes).size).toBe(states.length);
    const colours = all.map((tile) => [...(tile.querySelector("svg")?.classList ?? [])].at(-1));
    expect(colours.slice(4)).toEqual(["text-muted", "text-muted"]);
    expect(colours.slice(0, 4)).not.toContain("text-muted");
  });

  it("shows, narrows and orders the same as a table, in the URL, and says what a filter leaves", async () => {
    const few = [...fleet().slice(0, 10), ...fleet().slice(112, 118)];
    await show({ fleet: async () => ({ position: POSITION, agents: few }) });
    const user = userEvent.setup();
    await user.click(await screen.findByRole("radio", { name: "Table" }));
    const table = await screen.findByRole("table", { name: "Agents" });
    expect(within(table).getAllByRole("row")).toHaveLength(17);
    expect(within(table).getAllByRole("row")[1]).toHaveTextContent(
      /agent-117nonconformant5 min1\.000\.61 \(0\.02 to 0\.09, 95%\)no alarmnot known0\.621builder v31/,
    );
    await user.click(screen.getByRole("radio", { name: /^unverified 1:/ }));
    expect(within(screen.getByRole("table", { name: "Agents" })).getAllByRole("row")).toHaveLength(2);
    await user.type(screen.getByRole("searchbox"), "117");
    expect(await screen.findByText("No agent here is unverified")).toBeVisible();
    expect(url.now).toMatchObject({ as: "table", state: "unverified", q: "117" });
    await user.click(screen.getByRole("button", { name: "Show all 16 agents" }));
    expect(url.now).toMatchObject({ state: undefined, q: undefined });
  });

  it("[L1] [S9] keeps the focus on an agent when the order changes, orders about that one, and says when it is not current", async () => {
    const [a, b] = [agent("a", "conformant"), agent("b", "conformant")];
    const read = vi.fn(async () => ({ position: POSITION, agents: [a, b] }));
    const queries = await show({ fleet: read });
    const user = userEvent.setup();
    (await tiles())[0]?.querySelector("button")?.focus();
    read.mockResolvedValue({ position: POSITION, agents: [a, { ...b, state: "drifting" }] });
    await act(() => queries.invalidateQueries({ queryKey: [["behavior"]] }));
    await waitFor(async () => expect((await tiles())[0]).toHaveTextContent(/^bdrifting/));
    expect(document.activeElement).toHaveTextContent(/^aconformant/);
    await user.keyboard("q");
    const dialog = await screen.findByRole("dialog", { name: "Quarantine an agent" });
    expect(termOf(dialog, "Agent")).toContain(idOf("a"));
    await user.keyboard("{Escape}");
    read.mockRejectedValue(new Error("gone"));
    await act(() => queries.invalidateQueries({ queryKey: [["behavior"]] }));
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(await tiles()).toHaveLength(2);
  });

  it("[N21] [A9] [F8] says by shape and word whether each agent is proven, in colour only what is not any more, and narrows to it", async () => {
    const names = ["aged", "failed", "never", "open", "proven"];
    const results = { aged: "passed", failed: "failed", never: null, open: "inconclusive", proven: "passed" } as const;
    await show(
      { fleet: async () => ({ position: POSITION, agents: names.map((name) => agent(name, "conformant")) }) },
      {
        proofs: (Object.keys(results) as (keyof typeof results)[]).map(
          (
            name, // its own keys
          ) => proof(name, results[name], name === "aged" ? NOW_S - 60 : name === "proven" ? NOW_S + 86_400 : null),
        ),
      },
    );
    const user = userEvent.setup();
    // What failed asks for somebody, and stands first.
    await waitFor(async () => expect((await tiles())[0]).toHaveTextContent(/^failed.*self-test failed/));
    const marks = new Map(
      (await tiles()).map((tile) => [tile.textContent?.split("conformant")[0], tile.querySelectorAll("svg")[1]]),
    );
    expect(new Set([...marks.values()].map((mark) => mark?.innerHTML)).size).toBe(5);
    const coloured = [...marks].filter(([, mark]) => mark?.classList.contains("text-muted") === false);
    expect(coloured.map(([name]) => name).toSorted()).toEqual(["aged", "failed", "open"]);
    await user.selectOptions(screen.getByRole("combobox", { name: "Self-test" }), "proof aged: 1");
    expect((await tiles()).map((tile) => tile.textContent)).toEqual([expect.stringMatching(/^aged.*proof aged/)]);
    expect(url.now.proof).toBe("aged");
    await user.click(screen.getByRole("radio", { name: "Table" }));
    const table = within(await screen.findByRole("table", { name: "Agents" }));
    expect(table.getAllByRole("row")).toHaveLength(2);
    expect(table.getAllByRole("row")[1]).toHaveTextContent(/proof aged/);
  });

  it("[BEH-27] [BEH-67] [BEH-9] shows what other domains assert as their word, and takes a result that somebody brings", async () => {
    const brought: string[] = [];
    const pin = { jti: uuid(3), seq: 8, by: idOf("ada"), until: NOW_S + 86_400, endedSeq: null };
    const common = { by: "spiffe://ops.example/verifier", domain: "ops.example", issuedAt: NOW_S - 60, at: NOW_S, pin };
    const ear = {
      ...{ typ: "ear", until: NOW_S - 120, status: "contraindicated", verdict: "nonconformant", compliance: 0.2 },
      ...{ drift: 0.5, trust: 0.1, window: { from: 1, to: 2 }, reasons: 2 },
      profile: { profile_id: "theirs", version: 4, hash: "H".repeat(43) },
    };
    const bench = { typ: "bench", benchId: "small-run", version: 1, score: 75, runs: 3, environment: {} };
    const results = [
      { ...common, jti: uuid(1), subject: "spiffe://ops.example/agent/executor", seq: 30, said: ear },
      { ...common, jti: uuid(2), subject: "spiffe://ops.example/agents", seq: 31, said: { ...bench, held: null } },
      {
        ...{ ...common, jti: uuid(4), subject: "spiffe://ops.example/agent/b", seq: 32, pin: { ...pin, endedSeq: 40 } },
        said: { ...bench, held: { order: uuid(9), problems: ["its score does not follow"] } },
      },
    ];
    const verifiers = [{ subject: common.by, about: ["ops.example"], until: pin.until, seq: 8 }];
    await show(
      {
        asserted: async () => ({ position: POSITION, results, verifiers }),
        submitEvidence: async ({ token }: { token: string }) => {
          brought.push(token);
          return { seq: 33, jti: uuid(5), problem: null };
        },
      },
      { search: { view: "others" } },
    );
    const user = userEvent.setup();
    const rows = within(await screen.findByRole("table", { name: "Asserted by other domains" })).getAllByRole("row");
    expect(rows[1]).toHaveTextContent(
      /the verifier of ops\.exampleasserted: nonconformant.*has run out.*pinned in entry 8$/,
    );
    expect(rows[1]?.querySelector("svg")).toHaveClass("text-critical");
    expect(rows[2]).toHaveTextContent(/asserted: score 75\.0.*Not checked: this log has no such benchmark/);
    expect(rows[3]).toHaveTextContent(/its score does not follow.*ended in 40$/);
    await user.click(screen.getByLabelText(/^A result of another domain/));
    await user.paste(" a.b.c ");
    await user.click(screen.getByRole("button", { name: "Check and keep it" }));
    expect(await screen.findByText("Kept in entry 33.")).toBeVisible();
    expect(brought).toEqual(["a.b.c"]);
    cleanup();
    await show(
      { asserted: async () => ({ position: POSITION, results: [], verifiers: [] }) },
      { search: { view: "others" } },
    );
    expect(await screen.findByText("No verifier of another domain is pinned")).toBeVisible();
    expect(screen.queryByRole("form")).toBeNull();
  });

  it("[L2] tells an empty fleet from one that could not be read", async () => {
    await show({ fleet: async () => ({ position: POSITION, agents: [] }) });
    expect(await screen.findByText("No agent was seen yet")).toBeVisible();
    cleanup();
    await show({ fleet: () => Promise.reject(new Error("broken")) });
    expect(await screen.findByRole("alert")).toHaveTextContent("broken");
    expect(screen.queryByText("No agent was seen yet")).toBeNull();
  });
});

describe("the page of an agent", () => {
  const BUILDER = { search: { agent: idOf("builder") } };

  it("[BEH-20] [BEH-S1] [F4] gives the verdict with its reasons, each with its task, gravest first, and the hidden one marked", async () => {
    await show({}, BUILDER);
    const verdict = await screen.findByRole("region", { name: "Verdict of the newest window" });
    expect(termOf(verdict, "Verdict")).toBe("nonconformant");
    expect(termOf(verdict, "Drift")).toMatch(/^0\.61 \(0\.52 to 0\.69, 95%\)/);
    expect(termOf(verdict, "Sequential test")).toBe("alarm: 31.00 of 20.00");
    expect(termOf(verdict, "Seen by")).toContain("they do not agree");
    const rows = within(screen.getByRole("table", { name: "Reasons" }))
      .getAllByRole("row")
      .slice(1);
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining("forbidden:delete_allforbidden actionno observer told of it5, gravest"),
      expect.stringContaining("secret-then-sendcame after what it must never follow3, mediumSend <b>it</b>‹U+202E›"),
      expect.stringContaining("ship-after-test"),
      expect.stringContaining("driftdriftnoneno single task"),
    ]);
    const order = within(screen.getByRole("list", { name: "Broken rules of order" })).getAllByRole("listitem");
    expect(order.map((item) => item.textContent)).toEqual([
      expect.stringContaining("secret-then-send"),
      expect.stringContaining("ship-after-test"),
    ]);
    const mix = within(screen.getByRole("table", { name: "Actions seen and expected" }))
      .getAllByRole("rowheader")
      .map((cell) => [cell.textContent, cell.parentElement?.lastElementChild?.textContent]);
    expect(mix).toEqual([
      ["most telling: delete_all", "50%"],
      ["most telling: write_state", "30%"],
      ["most telling: plan", "10%"],
      ["read_state", "10%"],
    ]);
  });

  it("has every figure of the charts in a table, and looks at older windows by j and k", async () => {
    await show({}, BUILDER);
    const user = userEvent.setup();
    await screen.findByRole("region", { name: "Drift over time" });
    await user.keyboard("v");
    const table = await screen.findByRole("table", { name: "Windows" });
    expect(within(table).getAllByRole("row")[1]).toHaveTextContent(/nonconformant0\.61 .*alarm: 31\.00 of 20\.00/);
    await user.keyboard("j");
    const older = await screen.findByRole("region", { name: "Verdict of an older window" });
    expect(termOf(older, "Verdict")).toBe("conformant");
    expect(screen.getByText("No rule was broken in this window.")).toBeVisible();
    expect(url.now.window).toBe(windowView(7).seq);
    await user.keyboard("k");
    expect(await screen.findByRole("region", { name: "Verdict of the newest window" })).toBeVisible();
    await user.keyboard("c");
    const both = await screen.findByRole("table", { name: "This window and the last good one" });
    expect(within(both).getByRole("row", { name: /^Verdict/ })).toHaveTextContent("Verdictnonconformantconformant");
    const acts = within(screen.getByRole("table", { name: "Actions of the window" }))
      .getAllByRole("row")
      .slice(1);
    expect(acts.map((row) => row.textContent)).toEqual([
      "delete_all40% (16)0%+40%",
      "write_state0% (0)40%−40%",
      "read_state60% (24)60%0%",
    ]);
    await user.keyboard("u");
    await waitFor(() => expect(url.now.agent).toBeUndefined());
  });

  it("[BEH-S7] reads raw evidence only for the role auditor, and never by itself", async () => {
    let reads = 0;
    const row = {
      ...{ typ: "bet", jti: BAD.ear, hash: "h", iss: idOf("x"), observer: "sidecar", wid: null, window: null },
      ...{ samples: 40, compliance: 1, drift: null, violations: 0, prev: null, chain: "gap", bets: [] },
      ...{ verdict: null, status: null, seq: 80, at: BAD.at },
      problem: { code: "bet_stale", detail: "another nonce" },
    };
    const evidence = async () => {
      reads += 1;
      return { position: POSITION, evidence: [row] };
    };
    await show({ evidence }, { search: { agent: idOf("builder"), part: "evidence" } });
    expect(await screen.findByText("Raw evidence is for the role auditor")).toBeVisible();
    expect(screen.getByText(/This needs the role auditor/)).toBeVisible();
    expect(reads).toBe(0);
    cleanup();
    await show({ evidence }, { ...BUILDER, roles: ["auditor"] });
    await screen.findByRole("region", { name: "Drift over time" });
    expect(reads).toBe(0);
    await userEvent.click(screen.getByRole("radio", { name: "Evidence" }));
    const line = (await screen.findAllByRole("row"))[1];
    expect(line).toHaveTextContent(/refusedanother nonce bet_stale.*a gap: the one before is not in this log/);
    expect(reads).toBe(1);
  });

  it("[BEH-14] [S9] quarantines by one key and Enter, with what it touches, and does not wait for the counting", async () => {
    const tokens: string[] = [];
    await show({ ...taking(tokens), reach: () => new Promise(() => undefined) }, BUILDER);
    const user = userEvent.setup();
    await screen.findByRole("region", { name: "Drift over time" });
    await user.keyboard("q");
    const dialog = await screen.findByRole("dialog", { name: "Quarantine an agent" });
    expect(within(dialog).getByText(/you need not wait for it/)).toBeVisible();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(tokens).toHaveLength(1));
    const claims = behaviorOrderClaimsSchema.parse(decodeJwt(tokens[0] ?? ""));
    expect(claims).toMatchObject({ agent: idOf("builder"), order: "quarantine", role: "operator" });
    expect(claims.reason).toBe("nonconformant: compliance 0.00, drift 0.61 (0.52 to 0.69, 95%), 4 reasons");
    cleanup();
    await show({}, BUILDER);
    await userEvent.click(await screen.findByRole("button", { name: "Quarantine …" }));
    const touched = await screen.findByRole("region", { name: "What it touches" });
    expect(
      ["Instances", "Tasks under way", "Leases cut", "Breakers toward it"].map((term) => termOf(touched, term)),
    ).toEqual(["1 instance in 1 workflow", "1 task, which end as they end", "1 lease", "2 breakers held open"]);
  });

  const quarantined = (change: object = {}) =>
    page({
      agent: agent("builder", "quarantined", {
        quarantine: {
          cause: "order",
          by: "spiffe://console.local/human/bo",
          at: BAD.at,
          seq: 91,
          reason: "it deletes",
        },
      }),
      ...change,
    });

  it("[S7] shows what was commanded apart from what of it is in force", async () => {
    await show(
      { agent: async () => quarantined(), reach: async () => ({ position: POSITION, instances: reach(true) }) },
      BUILDER,
    );
    const part = await screen.findByRole("region", { name: "Quarantine" });
    expect(termOf(part, "Commanded")).toMatch(/^by bo, .*entry 91$/);
    const inForce = within(await within(part).findByRole("list", { name: "In force" })).getAllByRole("listitem");
    expect(inForce.map((item) => item.textContent)).toEqual([
      "New tasks and starts are refused",
      "1 lease cut, none is open",
      "2 of 2 breakers toward it held open",
      "Nothing of it is under way",
    ]);
    cleanup();
    await show({ agent: async () => quarantined() }, BUILDER);
    expect(await screen.findByText("1 lease still open")).toBeVisible();
    expect(screen.getByText("0 of 2 breakers toward it held open")).toBeVisible();
    expect(screen.getByText("1 task still under way")).toBeVisible();
  });

  it("[BEH-14] releases only on a new version of the profile or a build, by who may, with a reason", async () => {
    const tokens: string[] = [];
    const user = userEvent.setup();
    await show({ agent: async () => quarantined(), ...taking(tokens) }, BUILDER);
    await user.click(await screen.findByRole("button", { name: "Release …" }));
    const at = within(await screen.findByRole("dialog", { name: "Release from quarantine" }));
    await user.type(at.getByLabelText("Why is it released? (recorded)"), "repaired");
    expect(at.getByRole("button", { name: "Release" })).toBeDisabled();
    await user.click(at.getByRole("radio", { name: "A new version of its profile" }));
    expect(at.getByText(/There is no newer version than the one it was judged by/)).toBeVisible();
    expect(at.getByRole("button", { name: "Release" })).toBeDisabled();
    await user.click(at.getByRole("radio", { name: "A repaired build" }));
    await user.type(at.getByLabelText("Which build"), "2026.11.26");
    await user.click(at.getByRole("button", { name: "Release" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(behaviorOrderClaimsSchema.parse(decodeJwt(tokens[0] ?? ""))).toMatchObject({
      ...{ order: "release", basis: { build: "2026.11.26" }, reason: "repaired" },
    });
    cleanup();
    const old = windowView(9, { profile: { ...BAD.profile, version: 2 } });
    await show({ agent: async () => quarantined({ windows: [old] }) }, { ...BUILDER, roles: ["auditor"] });
    await user.click(await screen.findByRole("button", { name: "Release …" }));
    const again = within(await screen.findByRole("dialog", { name: "Release from quarantine" }));
    expect(again.getByText(/builder, version 3, in force .*; it was judged by version 2/)).toBeVisible();
    await user.type(again.getByLabelText("Why is it released? (recorded)"), "repaired");
    expect(again.getByText(/This needs the role operator or duty manager or safety officer/)).toBeVisible();
    expect(again.getByRole("button", { name: "Release" })).toBeDisabled();
  });

  it("[XA-43] orders nothing in the past", async () => {
    const frozen = { nowMs: Date.now(), why: "the past is shown", search: { asof: 3 } };
    await show({}, { ...BUILDER, frozen });
    expect(await screen.findByRole("button", { name: /^Quarantine …/ })).toBeDisabled();
    await userEvent.keyboard("q");
    expect(screen.queryByRole("dialog")).toBeNull();
    cleanup();
    await show(
      { fleet: async () => ({ position: POSITION, agents: fleet().slice(110, 120) }) },
      { frozen, search: { as: "table" } },
    );
    for (const button of await screen.findAllByRole("button", { name: /^Quarantine/ })) expect(button).toBeDisabled();
  });
});
