import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { FakeLog, openTimeline } from "./log.fixture.tsx";

beforeEach(async () => {
  localStorage.clear();
  await page.viewport(1280, 900);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const field = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Query" });
const option = (seq: number) => screen.findByRole("option", { name: new RegExp(`stage ${seq}$`) });
const offers = () => screen.queryByRole("listbox", { name: "What may come next" });

describe("the query of the timeline", { timeout: 60_000 }, () => {
  it("[J7] [XA-21] leads from a question to the entry without a pointer", async () => {
    const { url } = openTimeline(new FakeLog(300));
    await option(299);
    await user.keyboard("/severity>=warning seq<100{Enter}");
    expect(url.search.q).toBe("severity>=warning seq<100");
    expect(await screen.findByText("2 of 300 entries")).toBeVisible();
    await waitFor(() => expect(screen.getByRole("listbox", { name: "Log entries" })).toHaveFocus());
    await user.keyboard("j{Enter}");
    expect(url.search.entry).toBe(99);
    expect(await screen.findByRole("complementary", { name: "Entry 99" })).toBeVisible();
  });

  it("[XA-25] lists what may come next, with values of the log; arrows choose and Enter takes", async () => {
    const { url } = openTimeline(new FakeLog(300));
    await option(299);
    await user.keyboard("/sev");
    const list = await screen.findByRole("listbox", { name: "What may come next" });
    expect(within(list).getByRole("option", { name: /^severity:/ })).toBeVisible();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(field()).toHaveValue("severity:");
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{Enter}");
    expect(field()).toHaveValue("severity:warning ");
    expect(offers()).not.toBeInTheDocument();
    await user.keyboard("action:");
    const values = await screen.findByRole("listbox", { name: "What may come next" });
    expect(within(values).getByRole("option", { name: /deploy_site.*30 entries/ })).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(offers()).not.toBeInTheDocument());
    await user.keyboard("build_site{Enter}");
    expect(url.search.q).toBe("severity:warning action:build_site");
  });

  it("[XA-22] says what is wrong, where, and takes what is suggested; what was asked before stays listed", async () => {
    const { url } = openTimeline(new FakeLog(300), { q: "seq<50" });
    expect(await screen.findByText("50 of 300 entries")).toBeVisible();
    await user.click(field());
    await user.keyboard("{End} severty:warning");
    await waitFor(() => expect(field()).toHaveAccessibleDescription(/^Character 8: there is no field "severty"$/));
    expect(field()).toHaveAttribute("aria-invalid", "true");
    expect(screen.getByText("query_field_unknown")).toBeVisible();
    expect(url.search.q).toBe("seq<50");
    expect(await option(49)).toBeVisible();
    await user.click(screen.getByRole("button", { name: /^Use/ }));
    await waitFor(() => expect(url.search.q).toBe("seq<50 severity:warning"));
    expect(await screen.findByText("1 of 300 entries")).toBeVisible();
    expect(field()).not.toHaveAttribute("aria-invalid");
  });

  it("[XA-22] a link with a query that cannot be read lists nothing, and does not call that nothing found", async () => {
    const { url } = openTimeline(new FakeLog(30), { q: "(typ:exec" });
    expect(await screen.findByText("The query cannot be answered")).toBeVisible();
    expect(screen.queryByText("No entry matches")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Clear the filters" }));
    expect(url.search).toEqual({});
    expect(await option(29)).toBeVisible();
  });

  it("[XA-24] says how far the index is while it is made, and lists the rest when it is done", async () => {
    const log = new FakeLog(300);
    log.indexed = 120;
    openTimeline(log, { q: "action:deploy_site" });
    expect(await screen.findByText("Not all yet: the log is still being read for queries.")).toBeVisible();
    expect(screen.getByText("120 of 300 entries looked at, the oldest first.")).toBeVisible();
    expect(await option(113)).toBeVisible();
    log.indexed = 300;
    expect(await option(293)).toBeVisible();
    await waitFor(() => expect(screen.queryByText(/^Not all yet/)).not.toBeInTheDocument());
    expect(screen.getByText("30 of 300 entries")).toBeVisible();
  });

  it("keeps queries under names, runs, renames, removes and hands them on as links", async () => {
    const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    const { url } = openTimeline(new FakeLog(300), { q: '"stage 7"' });
    await option(7);
    await user.click(screen.getByRole("button", { name: "Saved queries" }));
    await user.fill(screen.getByRole("textbox", { name: "Save this query as" }), "Seven");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Saved as Seven.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Copy a link to Seven" }));
    await screen.findByText("The link is copied.");
    const address = new URL(copied.mock.calls[0]?.[0] ?? "");
    expect([address.pathname, JSON.parse(address.searchParams.get("q") ?? "")]).toEqual(["/timeline", '"stage 7"']);
    await user.click(screen.getByRole("button", { name: "Rename Seven" }));
    await user.fill(screen.getByRole("textbox", { name: "New name of Seven" }), "The seventh");
    await user.click(screen.getByRole("button", { name: "Rename" }));
    act(() => url.choose({ q: undefined }));
    await user.click(await screen.findByRole("button", { name: /^The seventh/ }));
    expect(url.search.q).toBe('"stage 7"');
    await user.click(screen.getByRole("button", { name: "Saved queries" }));
    await user.click(screen.getByRole("button", { name: "Remove The seventh" }));
    expect(await screen.findByText(/None yet/)).toBeVisible();
  });

  it("has its language on one page, whose examples run", async () => {
    const { url } = openTimeline(new FakeLog(300));
    await option(299);
    await user.click(screen.getByRole("button", { name: "Help on queries" }));
    const dialog = await screen.findByRole("dialog", { name: "Queries" });
    await user.click(within(dialog).getByRole("button", { name: "severity>=warning or outcome:refused" }));
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    expect(url.search.q).toBe("severity>=warning or outcome:refused");
    expect(await screen.findByText("6 of 300 entries")).toBeVisible();
  });
});
