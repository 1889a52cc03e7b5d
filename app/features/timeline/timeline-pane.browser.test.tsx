import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { v5 as uuidV5 } from "uuid";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { entryRow } from "./entry-row.fixture.ts";
import { FakeLog, openTimeline } from "./log.fixture.tsx";

beforeEach(async () => {
  localStorage.clear();
  await page.viewport(1280, 900);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const list = () => screen.findByRole("listbox", { name: "Log entries" });
const option = (seq: number) => screen.findByRole("option", { name: new RegExp(`stage ${seq}$`) });
const entriesShown = () => within(screen.getByRole("listbox", { name: "Log entries" })).getAllByRole("option");
const seqsInView = (): number[] => screen.getAllByRole("option").map((row) => Number(row.id.replace("entry-", "")));

describe("timeline pane", { timeout: 60_000 }, () => {
  it("[J7] lists the newest entries first and opens one by keyboard: token, verification, proof and links", async () => {
    const log = new FakeLog(300);
    const { url } = openTimeline(log);
    await option(299);
    expect(screen.getByText("300 entries")).toBeVisible();
    await user.keyboard("jj{Enter}");
    expect(url.search.entry).toBe(298);
    const drawer = await screen.findByRole("complementary", { name: "Entry 298" });
    expect(await within(drawer).findByText("2 of 2 steps passed, as of its receipt")).toBeVisible();
    expect(await within(drawer).findByText("followed on this page up to the root")).toBeVisible();
    expect(within(drawer).getByText("exec_act")).toBeVisible();
    await user.keyboard("j");
    expect(url.search.entry).toBe(297);
    await user.click(await screen.findByRole("button", { name: "entry 296" }));
    expect(url.search.entry).toBe(296);
    await user.keyboard("{Escape}");
    expect(url.search.entry).toBeUndefined();
  });

  it("does not call an inclusion proof followed that does not lead to the root", async () => {
    const log = new FakeLog(40);
    const honest = log.entry.bind(log);
    vi.spyOn(log, "entry").mockImplementation((seq) => {
      const entry = honest(seq);
      return { ...entry, leaf: honest(seq - 1).leaf };
    });
    openTimeline(log, { entry: 12 });
    expect(await screen.findByText("the path does not lead to the root")).toBeVisible();
  });

  it("filters by type, action and text, all of it in the URL, and clears", async () => {
    const { url } = openTimeline(new FakeLog(300));
    await option(299);
    await user.selectOptions(screen.getByRole("combobox", { name: "Action" }), "deploy_site (30)");
    expect(url.search.action).toBe("deploy_site");
    expect(await screen.findByText("30 of 300 entries")).toBeVisible();
    await user.keyboard("/");
    await user.keyboard("stage 29");
    await waitFor(() => expect(url.search.q).toBe("stage 29"));
    expect(await screen.findByText("1 of 300 entries")).toBeVisible();
    expect(await option(293)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(url.search).toEqual({});
    expect(await screen.findByText("300 entries")).toBeVisible();
  });

  it("says in plain words what the console itself names, and marks what is missing", async () => {
    const log = new FakeLog(3);
    log.rows[1] = entryRow(1, { typ: "missing", action: "missing", outcome: null, iss: null, severity: "critical" });
    log.rows[2] = entryRow(2, { typ: "acp-revocation+jwt", action: "revoke_policy", severity: "warning" });
    openTimeline(log);
    expect(await option(1)).toHaveTextContent(/^critical.*missing entry.*no entry is stored here/);
    expect(await option(2)).toHaveTextContent(/^warning.*policy revocation.*revokes a policy/);
  });

  it("follows new entries at the top", async () => {
    const log = new FakeLog(300);
    const { notice } = openTimeline(log);
    await option(299);
    log.append(3);
    await act(notice);
    expect(await option(302)).toBeVisible();
    expect(screen.queryByRole("button", { name: /new entr/ })).not.toBeInTheDocument();
  });

  it("keeps what one reads in place when entries arrive, and says how many", async () => {
    const log = new FakeLog(1_200);
    const { notice } = openTimeline(log);
    await option(1_199);
    const scroller = await list();
    scroller.scrollTop = 3_200;
    expect(await option(1_095)).toBeVisible();
    const top = screen.getByRole("option", { name: /stage 1095$/ }).getBoundingClientRect().top;
    log.append(7);
    await act(notice);
    const button = await screen.findByRole("button", { name: "7 new entries" });
    expect(screen.getByRole("option", { name: /stage 1095$/ }).getBoundingClientRect().top).toBe(top);
    await user.click(button);
    expect(await option(1_206)).toBeVisible();
    await waitFor(() => expect(screen.queryByRole("button", { name: /new entr/ })).not.toBeInTheDocument());
  });

  it("mounts only what is in view of 100,000 entries, reads on as one scrolls, and opens a link into the middle", async () => {
    const log = new FakeLog(100_000);
    vi.spyOn(log, "entry").mockImplementation(() => {
      throw new Error("not asked here");
    });
    const first = openTimeline(log);
    await option(99_999);
    expect(entriesShown().length).toBeLessThan(60);
    const read = log.calls.length;
    (await list()).scrollTop = 480 * 32;
    expect(await option(99_515)).toBeVisible();
    await waitFor(() => expect(log.calls.length).toBeGreaterThan(read));
    first.unmount();
    openTimeline(log, { entry: 50_000 });
    expect(await option(50_000)).toHaveAttribute("aria-selected", "true");
    expect(screen.getByRole("button", { name: "To the newest" })).toBeVisible();
    await waitFor(() => expect(seqsInView()).toContain(50_004));
  });

  it("[XA-20] answers the five questions apart, with progress, and remembers the head", async () => {
    const log = new FakeLog(60);
    openTimeline(log);
    await option(59);
    await user.keyboard("v");
    expect(await screen.findByText("All five questions are answered yes, for 60 entries.")).toBeVisible();
    const answers = within(screen.getByRole("list", { name: "Answers" })).getAllByRole("listitem");
    expect(answers.map((answer) => answer.textContent?.split(":")[0])).toEqual([
      "Authentic",
      "Included",
      "Consistent",
      "Complete",
      "Plausible",
    ]);
    expect(answers.every((answer) => within(answer).queryByText("passed") !== null)).toBe(true);
    expect(screen.getByText("Head at 60 entries remembered.")).toBeVisible();
    log.append(5);
    await user.click(screen.getByRole("button", { name: "Verify again" }));
    expect(await screen.findByText("the log grew out of the head remembered at 60 entries")).toBeVisible();
  });

  it("[XA-20] [C2] names the first bad entry, says what is unaffected, and never shows an unmade check as passed", async () => {
    const log = new FakeLog(60);
    log.bad = { seq: 41, code: "log_leaf_mismatch", detail: "the entry's bytes do not give its leaf" };
    const { url } = openTimeline(log);
    await option(59);
    await user.keyboard("v");
    expect(await screen.findByText("Entry 41 is the first bad one")).toBeVisible();
    expect(screen.getByText(/The 41 entries before it are unaffected\./)).toBeVisible();
    expect(screen.getByText("log_leaf_mismatch")).toBeVisible();
    const answers = within(screen.getByRole("list", { name: "Answers" }));
    expect(answers.queryByText("passed")).not.toBeInTheDocument();
    expect(answers.getAllByText("not checked")).toHaveLength(4);
    expect(answers.getAllByText("failed")).toHaveLength(1);
    expect(screen.queryByText(/remembered\.$/)).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "entry 41" }));
    expect(url.search.entry).toBe(41);
    expect(await screen.findByText("The last verification named this entry as the first bad one.")).toBeVisible();
  });

  it("[C2] finds a log that was rewritten as a whole, until somebody accepts it", async () => {
    const log = new FakeLog(60);
    openTimeline(log);
    await option(59);
    await user.keyboard("v");
    await screen.findByText("Head at 60 entries remembered.");
    log.salt = "forged ";
    log.append(4);
    await user.click(screen.getByRole("button", { name: "Verify again" }));
    expect(await screen.findByText("This is not the log that was verified here before.")).toBeVisible();
    expect(screen.queryByText(/All five questions/)).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /Trust this log/ }));
    await user.click(await screen.findByRole("button", { name: "Forget it and trust this log" }));
    await user.click(screen.getByRole("button", { name: "Verify again" }));
    expect(await screen.findByText(/the log grew out of the head remembered at 64 entries/)).toBeVisible();
  });

  it("[XA-19] exports the whole log to a file", async () => {
    const blobs: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      blobs.push(blob as Blob);
      return "blob:test";
    });
    const clicked: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
      clicked.push(this.download);
    });
    vi.stubGlobal("showSaveFilePicker", undefined);
    openTimeline(new FakeLog(12));
    await option(11);
    await user.keyboard("e");
    await waitFor(() => expect(blobs).toHaveLength(1));
    expect(JSON.parse((await blobs[0]?.text()) ?? "")).toEqual({ entries: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] });
    expect(clicked[0]).toMatch(/^signalbox-log-console\.local-12-\d{8}-\d{6}Z\.json$/);
    vi.unstubAllGlobals();
  });

  it("[XA-19] verifies a file and says what it claims to be, apart from what holds", async () => {
    openTimeline(new FakeLog(12));
    await option(11);
    await user.click(screen.getByRole("button", { name: "Verify" }));
    await user.upload(await screen.findByLabelText("Exported log"), new File(['{"x":1}'], "other.json"));
    expect(await screen.findByText("spiffe://elsewhere/log")).toBeVisible();
    expect(screen.getByText("other.json")).toBeVisible();
    expect(await screen.findAllByRole("list", { name: "Answers" })).toHaveLength(2);
  });

  it("[L2] tells an empty log, a failed one and a filter without matches apart", async () => {
    const empty = openTimeline(new FakeLog(0));
    expect(await screen.findByText("The log is empty")).toBeVisible();
    empty.unmount();
    const log = new FakeLog(20);
    log.failing = new Error("storage is gone");
    const failed = openTimeline(log);
    expect(await screen.findByRole("alert")).toHaveTextContent("storage is gone");
    log.failing = null;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await option(19)).toBeVisible();
    failed.unmount();
    const { url } = openTimeline(new FakeLog(20), { q: "nothing has this" });
    expect(await screen.findByText("No entry matches")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear the filters" }));
    expect(url.search).toEqual({});
  });

  it("[F4] [A9] shows names from outside as text and says severity in words", async () => {
    const log = new FakeLog(5);
    log.rows[4] = entryRow(4, { taskName: "<b>x</b>\u202e", severity: "critical" });
    const { container } = openTimeline(log);
    const row = await screen.findByRole("option", { name: /critical.*<b>x<\/b>‹U\+202E›/ });
    expect(row).toBeVisible();
    expect(container.querySelector("b")).toBeNull();
  });

  it("keeps the place one reads at in the URL, and a reload shows it again", async () => {
    const log = new FakeLog(1_200);
    const first = openTimeline(log);
    await option(1_199);
    (await list()).scrollTop = 3_200;
    await waitFor(() => expect(first.url.search).toEqual({ at: 1_099 }));
    expect(seqsInView()).toContain(1_099);
    const { search } = first.url;
    first.unmount();
    const again = openTimeline(log, { ...search, entry: 1_190 });
    await option(1_099);
    const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top;
    const fromTop = (): number =>
      topOf(screen.getByRole("option", { name: /stage 1099$/ })) - topOf(screen.getByRole("listbox"));
    // Also after the rows above it have come in.
    await waitFor(() => expect(log.calls.some((call) => call.startsWith("oldest"))).toBe(true));
    await waitFor(() => expect(Math.abs(fromTop())).toBeLessThan(70));
    await user.click(screen.getByRole("button", { name: "To the newest" }));
    expect(await option(1_199)).toBeVisible();
    await waitFor(() => expect(again.url.search.at).toBeUndefined());
  });

  it("does not read the log anew while one scrolls", async () => {
    const log = new FakeLog(1_200);
    const { url } = openTimeline(log);
    await option(1_199);
    const read = log.calls.filter((call) => call.endsWith(" 500")).length;
    (await list()).scrollTop = 1_600;
    await waitFor(() => expect(url.search.at).toBeDefined());
    (await list()).scrollTop = 3_200;
    await waitFor(() => expect(url.search.at).toBe(1_099));
    expect(log.calls.filter((call) => call.endsWith(" 500"))).toHaveLength(read);
  });

  it("verifies by a link, and keeps the verification in the URL while it is in view", async () => {
    const { url } = openTimeline(new FakeLog(60), { verify: true });
    expect(await screen.findByText("All five questions are answered yes, for 60 entries.")).toBeVisible();
    await user.keyboard("{Escape}");
    expect(url.search.verify).toBeUndefined();
    expect(screen.queryByRole("complementary", { name: "Verify the log" })).not.toBeInTheDocument();
    await user.keyboard("v");
    expect(url.search.verify).toBe(true);
  });

  it("leaves the entry and the filters of a workflow behind when another is chosen", async () => {
    const log = new FakeLog(40);
    const [one, other] = ["0195400c-0000-7000-8000-00000000000a", "0195400c-0000-7000-8000-00000000000b"];
    log.workflows = [one, other];
    log.rows[7] = entryRow(7, { wid: one });
    log.rows[8] = entryRow(8, { wid: other });
    const { url } = openTimeline(log, { wid: one, entry: 7, action: "build_site", q: "stage", typ: "exec+jwt" });
    await screen.findByRole("complementary", { name: "Entry 7" });
    act(() => url.choose({ wid: other }));
    await waitFor(() => expect(url.search).toEqual({ wid: other, typ: "exec+jwt" }));
    act(() => url.choose({ wid: undefined, typ: undefined, entry: 8 }));
    await screen.findByText("watch it");
    act(() => url.choose({ wid: other }));
    await option(8);
    expect(url.search.entry).toBe(8);
  });

  it("links an entry to its task in Watch", async () => {
    const log = new FakeLog(10);
    const wid = "0195400c-0000-7000-8000-00000000000a";
    log.workflows = [wid];
    log.tasks = { ids: ["x", "y"], names: ["stage 3", "stage 3"] };
    log.rows[3] = entryRow(3, { wid, task: uuidV5("y", wid) });
    openTimeline(log, { entry: 3 });
    const link = await screen.findByRole("link", { name: "watch its task" });
    expect(link).toHaveAttribute("href", `/watch?wid=${wid}&sel=t1&detail=true`);
  });

  it("does not show filters whose values could not be read as a log without any", async () => {
    const log = new FakeLog(10);
    log.failingFacets = new Error("gone");
    openTimeline(log);
    expect(await screen.findByRole("option", { name: "any action (values not read)" })).toBeInTheDocument();
    log.failingFacets = null;
    await user.click(screen.getByRole("button", { name: "Values not read: try again" }));
    expect(await screen.findByRole("option", { name: "deploy_site (1)" })).toBeInTheDocument();
    expect(screen.getByRole("option", { name: "any action" })).toBeInTheDocument();
  });

  it("goes to a time by keyboard, and says which entries its bars count", async () => {
    const log = new FakeLog(2_000);
    const { url } = openTimeline(log);
    await option(1_999);
    expect(screen.getByText(/^read/)).toHaveTextContent(/read (just now|\d+ s ago)/);
    const axis = screen.getByRole("slider", { name: "Time axis: entries over time" });
    axis.focus();
    await user.keyboard("{Home}{Shift>}{ArrowRight}{/Shift}{ArrowRight}");
    expect(axis.getAttribute("aria-valuetext")).toMatch(/about \d+ entries/);
    expect(url.search.at).toBeUndefined();
    await user.keyboard("{Enter}");
    expect(url.search.at).toBeGreaterThan(120);
    expect(url.search.at).toBeLessThan(150);
    expect(url.search.entry).toBeUndefined();
    const { at = 0 } = url.search;
    await waitFor(() => expect(screen.getByRole("option", { name: new RegExp(`stage ${at}$`) })).toBeVisible());
    act(() => url.choose({ at: undefined, typ: "exec+jwt" }));
    expect(
      await screen.findByText("Strong bars: the 500 read so far of 1,000 matching entries. Pale bars: the whole log."),
    ).toBeVisible();
    act(() => url.choose({ typ: undefined, action: "deploy_site" }));
    expect(await screen.findByText("Strong bars: all 200 matching entries. Pale bars: the whole log.")).toBeVisible();
  });
});
