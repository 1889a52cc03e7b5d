import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { entryRow, START } from "../entry-row.fixture.ts";
import { FakeLog, openTimeline } from "../log.fixture.tsx";
import { lanesOf } from "./lanes.ts";
import { laneLog } from "./lanes-part.fixture.ts";
import { AXIS_PX, ROW_PX } from "./rows.ts";
import { xOf } from "./scene.ts";
import { wholeSpan } from "./view.ts";

beforeEach(async () => {
  localStorage.clear();
  await page.viewport(1280, 900);
});
afterEach(cleanup);

const A = "spiffe://console.local/agent/a";
const B = "spiffe://console.local/agent/b";
const WID = "0195400c-0000-7000-8000-00000000000a";

/** Six entries of two agents, ten seconds apart; each follows from the one before, and two of them are a burst. */
function smallLog(): FakeLog {
  const log = new FakeLog(0);
  for (let seq = 0; seq < 6; seq += 1) {
    const severity = seq === 3 ? "warning" : seq === 4 ? "critical" : "info";
    const receivedAt = START + seq * 10;
    log.rows.push(
      entryRow(seq, { iss: seq % 2 === 0 ? A : B, wid: WID, receivedAt, severity, taskName: `stage ${seq}` }),
    );
    if (seq > 0) log.causes.set(seq, [seq - 1]);
  }
  return log;
}

const drawing = () => screen.findByRole("application", { name: "Lanes: entries over time" });
const told = () => screen.getByText(/^Entry \d/, { selector: "[role=status]" });
const isPainted = (element: HTMLElement): boolean => {
  const canvas = element.querySelector("canvas");
  const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  return pixels.some((value) => value !== 0);
};

describe("the lanes", { timeout: 60_000 }, () => {
  it("[J7] [XA-70] [XA-72] are drawn, gone through by keyboard from entry to entry and from cause to effect, and open one", async () => {
    const { url } = openTimeline(smallLog(), { view: "lanes" });
    const element = await drawing();
    await waitFor(() => expect(isPainted(element)).toBe(true));
    expect(
      within(screen.getByRole("list", { name: "Lanes" }))
        .getAllByRole("listitem")
        .map((lane) => lane.textContent),
    ).toEqual(["console.local6", "a1critical3", "b1warning3"]);
    await user.keyboard("jjj");
    await waitFor(() => expect(told()).toHaveTextContent(/^Entry 2, .*task stage 2, by a/));
    await user.keyboard("]");
    await waitFor(() => expect(told()).toHaveTextContent(/^Entry 3, warning/));
    // Written twice it is the bracket itself.
    await user.keyboard("[[[[");
    await waitFor(() => expect(told()).toHaveTextContent(/^Entry 1/));
    expect(url.search.entry).toBeUndefined();
    await user.keyboard("{Enter}");
    expect(url.search.entry).toBe(1);
    expect(await screen.findByRole("complementary", { name: "Entry 1" })).toBeVisible();
    await user.keyboard("j");
    await waitFor(() => expect(url.search.entry).toBe(2));
    await user.keyboard("{Escape}");
    expect(url.search.entry).toBeUndefined();
  });

  it("[XA-70] [XA-76] zoom and move by keys and by the ends of the window, and keep it in the link", async () => {
    const { url } = openTimeline(smallLog(), { view: "lanes" });
    const element = await drawing();
    await waitFor(() => expect(isPainted(element)).toBe(true));
    act(() => element.focus());
    await user.keyboard("++");
    await waitFor(() => expect(url.search.vp).toMatch(/^\d+(\.\d+)?-\d+(\.\d+)?$/));
    const [from = 0, to = 0] = (url.search.vp ?? "").split("-").map(Number);
    expect(to - from).toBeCloseTo(52_000 / 4, -1);
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(Number((url.search.vp ?? "").split("-")[0])).toBeCloseTo(from + (to - from) / 10, -1));
    const end = screen.getByRole("slider", { name: "End of the view" });
    const before = Number(end.getAttribute("aria-valuenow"));
    act(() => end.focus());
    await user.keyboard("{ArrowRight}");
    expect(Number(end.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
    act(() => element.focus());
    await user.keyboard("0");
    await waitFor(() => expect(url.search.vp).toBeUndefined());
  });

  it("[J7] [XA-70] open what is pressed, and look closer at several that lie together", async () => {
    const log = smallLog();
    log.rows.push(...[6, 7, 8].map((seq) => entryRow(seq, { iss: A, receivedAt: START + 5000 })));
    const { url } = openTimeline(log, { view: "lanes" });
    const element = await drawing();
    await waitFor(() => expect(isPainted(element)).toBe(true));
    const own = laneLog(log.rows.map((row) => ({ at: row.receivedAt, actor: row.iss })));
    const lanes = lanesOf([own], { by: "agent", closed: new Set() });
    const whole = wholeSpan(lanes) ?? { fromMs: 0, toMs: 1 };
    const at = (seq: number, row: number) => ({
      x: xOf({ ...whole, widthPx: element.clientWidth }, own.ms[seq] ?? 0),
      y: AXIS_PX + (row + 0.5) * ROW_PX,
    });
    await user.hover(element, { position: at(7, 1) });
    expect(await screen.findByRole("tooltip")).toHaveTextContent("3 entries within a second, press to look closer");
    await user.hover(element, { position: at(3, 2) });
    expect(await screen.findByText(/^Entry 3, warning, exec, deploy_site, success, task stage 3, by b/)).toBeVisible();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("tooltip")).not.toBeInTheDocument();
    await user.click(element, { position: at(7, 1) });
    await waitFor(() => expect(url.search.vp).toBeDefined());
    const [from = 0, to = 0] = (url.search.vp ?? "").split("-").map(Number);
    expect(to - from).toBeLessThan(2_000);
    expect(url.search.entry).toBeUndefined();
    const near = xOf({ fromMs: from, toMs: to, widthPx: element.clientWidth }, own.ms[7] ?? 0);
    await user.click(element, { position: { x: near, y: at(7, 1).y } });
    await waitFor(() => expect(url.search.entry).toBe(7));
  });

  it("[XA-72] [XA-73] [XA-74] [A9] say in words what they draw: causes, the critical path, bursts and gaps", async () => {
    const log = smallLog();
    log.rows.push(
      entryRow(6, {
        typ: "missing",
        action: "missing",
        outcome: null,
        iss: null,
        severity: "critical",
        receivedAt: START + 50,
      }),
    );
    const { url } = openTimeline(log, { view: "lanes", entry: 2 });
    await drawing();
    await user.click(screen.getByRole("button", { name: "Findings" }));
    expect(url.search.find).toBe("causes");
    const findings = await screen.findByRole("region", { name: "Findings" });
    const buttons = () =>
      within(findings)
        .getAllByRole("button")
        .map((button) => button.textContent);
    expect(within(findings).getByText("Follows from (2)")).toBeVisible();
    expect(within(findings).getByText("Leads to (3)")).toBeVisible();
    expect(buttons()[0]).toMatch(/^1after build_site/);
    await user.click(within(findings).getByRole("tab", { name: "Critical path" }));
    expect(await within(findings).findByText(/The longest chain of causes: 6 entries over 50 s/)).toBeVisible();
    await user.click(within(findings).getByRole("tab", { name: "Bursts (1)" }));
    expect(buttons()).toEqual([expect.stringMatching(/^3warning1st of deploy_site.*3 over 20 s, 2 critical$/)]);
    await user.click(within(findings).getByRole("tab", { name: "Gaps (1)" }));
    expect(buttons()).toEqual([expect.stringMatching(/^6criticalnot stored:.*1 entry$/)]);
    await user.click(within(findings).getAllByRole("button")[0] as HTMLElement);
    expect(url.search.entry).toBe(6);
  });

  it("[XA-76] have a table for a twin: the same groups, order, selection and signs", async () => {
    const { url } = openTimeline(smallLog(), { group: "agent", find: "bursts", order: "oldest" });
    const grid = await screen.findByRole("grid", { name: "Log entries in groups" });
    const lines = () =>
      within(grid)
        .getAllByRole("row")
        .slice(1)
        .map((row) => row.textContent ?? "");
    await waitFor(() => expect(lines()).toHaveLength(8));
    expect(lines()[0]).toBe("a3");
    expect(
      lines()
        .filter((line) => line.includes("stage"))
        .map((line) => /stage \d/.exec(line)?.[0]),
    ).toEqual(["stage 0", "stage 2", "stage 4", "stage 1", "stage 3", "stage 5"]);
    expect(lines().find((line) => line.includes("stage 3"))).toContain("1st of a burst");
    await user.keyboard("jj");
    await waitFor(() => expect(within(grid).getByRole("row", { selected: true })).toHaveTextContent("stage 2"));
    await user.keyboard("{Enter}");
    expect(url.search.entry).toBe(2);
    await user.click(within(grid).getByRole("button", { name: /^a ?3$/ }));
    await waitFor(() => expect(lines()).toHaveLength(5));
    await user.keyboard("l");
    expect(url.search.view).toBe("lanes");
    expect(await drawing()).toBeInTheDocument();
  });

  it("[XA-74] [XA-76] have their findings and signs in the plain list as well", async () => {
    const { url } = openTimeline(smallLog(), { order: "oldest" });
    await screen.findByRole("option", { name: /stage 3$/ });
    await user.keyboard("f");
    expect(url.search.find).toBe("bursts");
    const findings = await screen.findByRole("region", { name: "Findings" });
    expect(await screen.findByRole("option", { name: /stage 3\s*1st of a burst$/ })).toBeVisible();
    await user.click(within(findings).getByRole("tab", { name: "Critical path" }));
    await user.click(screen.getByRole("option", { name: /stage 2/ }));
    expect(await screen.findByRole("option", { name: /stage 2\s*critical path$/ })).toBeVisible();
    expect(screen.getByRole("option", { name: /stage 3\s*1st of a burst, critical path$/ })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Findings" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Findings" })).not.toBeInTheDocument());
    expect(await screen.findByRole("option", { name: /stage 3$/ })).toBeVisible();
  });

  it("[XA-75] stand beside those of another run, each from its start, with the tasks that differ in a table", async () => {
    const log = smallLog();
    const other = "0195400c-0000-7000-8000-00000000000b";
    log.workflows = [WID, other];
    log.tasks = { ids: ["x", "y"], names: ["x", "y"] };
    log.rows.splice(0);
    const add = (wid: string, at: number, task: string, change: Parameters<typeof entryRow>[1]) =>
      log.rows.push(
        entryRow(log.rows.length, {
          wid,
          task,
          taskName: task.slice(1),
          receivedAt: START + at,
          iss: `urn:${wid}/one`,
          ...change,
        }),
      );
    for (const [wid, side, from, tookS, outcome] of [
      [WID, "a", 0, 3, "success"],
      [other, "b", 600, 9, "failure"],
    ] as const) {
      add(wid, from, `${side}x`, { typ: "intent+jwt" });
      add(wid, from, `${side}y`, { typ: "intent+jwt" });
      add(wid, from + tookS, `${side}x`, { typ: "exec+jwt", outcome: "success" });
      add(wid, from + tookS, `${side}y`, { typ: "exec+jwt", outcome });
    }
    const { url } = openTimeline(log, { view: "lanes", wid: WID });
    await drawing();
    await user.selectOptions(screen.getByRole("combobox", { name: "Compare with" }), "Compare with nightly 0195400c");
    expect([url.search.vs, url.search.find]).toEqual([other, "differences"]);
    const lanes = within(screen.getByRole("list", { name: "Lanes" })).getAllByRole("listitem");
    expect(lanes.map((lane) => lane.textContent)).toEqual(["Aone4", "Bone4"]);
    const table = await screen.findByRole("table");
    const lines = within(table)
      .getAllByRole("row")
      .slice(1)
      .map((row) => row.textContent);
    expect(lines).toEqual([
      "yother outcomesuccess, 3.0 s, entry 3failure, 9.0 s, entry 7",
      "x6.0 s longer in Bsuccess, 3.0 s, entry 2success, 9.0 s, entry 6",
    ]);
    await user.click(within(table).getByRole("button", { name: /^failure/ }));
    expect(url.search.entry).toBe(7);
  });

  it("[N11] [XA-72] hold the logs of other domains, with the steps over the border and clocks that are apart", async () => {
    const log = smallLog();
    log.others.set("core.example", [
      { at: START + 25, wid: WID, actor: "spiffe://core.example/agent/c", name: "reboot" },
      { at: START + 26, wid: WID, actor: "spiffe://core.example/agent/c", causes: [0] },
    ]);
    log.steps.push(["console.local 2", "core.example 0"], ["core.example 0", "core.example 1"]);
    log.apart.push("core.example");
    openTimeline(log, { view: "lanes", wid: WID, entry: 2, find: "causes" });
    await drawing();
    const lanes = () =>
      within(screen.getByRole("list", { name: "Lanes" }))
        .getAllByRole("listitem")
        .map((lane) => lane.textContent);
    // Of the other log nothing matches the workflow's filter here: its lanes are there, and empty.
    await waitFor(() => expect(screen.getByText("Crosses a border")).toBeVisible());
    expect(lanes()).toEqual(["console.local6", "a1critical3", "b1warning3"]);
    const findings = screen.getByRole("region", { name: "Findings" });
    const across = within(findings).getByRole("button", { name: /into core\.example: build/ });
    await user.click(across);
    expect(await screen.findByText(/core\.example: Entry 0, exec, build, task reboot, by c/)).toBeVisible();
    expect(screen.getByRole("link", { name: "open it in its log" })).toHaveAttribute(
      "href",
      "/timeline?domain=core.example&entry=0",
    );
    await user.click(within(findings).getByRole("button", { name: /out of console\.local: build_site/ }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "open it in its log" })).not.toBeInTheDocument());
  });

  it("[L7] say of a domain whose clock is apart that its times tell no order, and fold it", async () => {
    const log = smallLog();
    log.others.set("core.example", [{ at: START + 25, actor: "spiffe://core.example/agent/c" }]);
    log.apart.push("core.example");
    openTimeline(log, { view: "lanes" });
    await drawing();
    const fold = await screen.findByRole("button", { name: /^core\.example/ });
    expect(fold).toHaveTextContent("core.exampleclock apart1");
    expect(fold).toHaveAttribute("aria-expanded", "true");
    await user.click(fold);
    await waitFor(() =>
      expect(screen.getByRole("button", { name: /^core\.example/ })).toHaveAttribute("aria-expanded", "false"),
    );
    expect(screen.queryByText("c")).not.toBeInTheDocument();
  });

  it("[BEH-60] [XA-76] show what the recording notes beside the steps, as its own word, drawn, listed and in the table", async () => {
    const log = smallLog();
    log.rows.splice(0);
    log.workflows = [WID];
    const noted = {
      step: 3,
      agent: "b",
      named: "Assistant\u202e",
      category: "Wrong tool",
      text: "asked nobody",
      source: "t.json",
    };
    log.tasks = {
      ids: ["x", "y"],
      names: ["x", "y"],
      blame: [
        { ...noted, task: "y", cause: true },
        { ...noted, task: null, step: 9, cause: false },
      ],
    };
    for (const [task, typ] of [
      ["ax", "intent+jwt"],
      ["ay", "intent+jwt"],
      ["ay", "exec+jwt"],
    ] as const)
      log.rows.push(entryRow(log.rows.length, { wid: WID, task, typ, taskName: task.slice(1), iss: A }));
    const { url } = openTimeline(log, { view: "lanes", wid: WID });
    await waitFor(async () => expect(isPainted(await drawing())).toBe(true));
    expect(await screen.findByText("The recording of this workflow notes 2 steps to blame.")).toBeVisible();
    act(() => screen.getByRole("button", { name: "Annotated as the cause" }).focus());
    await user.keyboard("{Enter}");
    expect(url.search.find).toBe("annotated");
    const findings = await screen.findByRole("region", { name: "Findings" });
    expect(within(findings).getByRole("tab", { name: "Annotated (2)", selected: true })).toBeVisible();
    expect(within(findings).getByText(/It is no finding of this console/)).toBeVisible();
    const list = within(findings).getByRole("list", { name: "Annotated steps" });
    expect(list).toHaveTextContent("Wrong tool: asked nobody");
    expect(list).toHaveTextContent("the recording has no such step");
    expect(within(list).getByRole("link", { name: "watch step 3" })).toHaveAttribute(
      "href",
      `/watch?wid=${WID}&sel=t1&detail=true`,
    );
    // The step's own entry, not the request for it, and no character of its words turns the line round.
    const line = within(list).getByRole("button");
    expect(line).toHaveTextContent(/^2.*annotated as the cause:.*step 3, Assistant‹U\+202E›$/);
    act(() => line.focus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(url.search.entry).toBe(2));
    act(() => url.choose({ view: undefined, group: "agent" }));
    const grid = await screen.findByRole("grid", { name: "Log entries in groups" });
    await waitFor(() =>
      expect(within(grid).getByRole("row", { name: /annotated as the cause/ })).toHaveAttribute(
        "aria-selected",
        "true",
      ),
    );
  });

  it("[J7] show of the log what the query leaves, and say when that is nothing", async () => {
    const { url } = openTimeline(smallLog(), { view: "lanes", q: "severity>=warning" });
    await drawing();
    const lanes = () =>
      within(screen.getByRole("list", { name: "Lanes" }))
        .getAllByRole("listitem")
        .map((lane) => lane.textContent);
    await waitFor(() => expect(lanes()).toEqual(["console.local2", "b1warning1", "a1critical1"]));
    act(() => url.choose({ q: "by:nobody" }));
    expect(await screen.findByText("No entry of 6 matches.")).toBeVisible();
  });
});
