import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { userEvent as user } from "vitest/browser";
import { fakeHost, showShell } from "./shell.fixture.tsx";
import { StatusBar } from "./status-bar.tsx";
import { TopBar } from "./top-bar.tsx";

afterEach(cleanup);

const nothing = (): void => undefined;
const bar = <TopBar onOpenPalette={nothing} onOpenHelp={nothing} onSignIn={nothing} />;

describe("the top bar", { timeout: 60_000 }, () => {
  it("has a control for the domain, which says that there is one, its log and its head", async () => {
    showShell(fakeHost(), bar);
    await user.click(await screen.findByRole("button", { name: "console.local, trust domain" }));
    const facts = await screen.findByRole("dialog", { name: "Trust domain" });
    await waitFor(() => expect(facts).toHaveTextContent("This console has one trust domain."));
    await waitFor(() => expect(facts).toHaveTextContent("spiffe://console.local/log"));
    expect(facts).toHaveTextContent("120 entries");
  });

  it("[XDA-2] lists the other domains, leads to the log of each, and says whose log is in view", async () => {
    const others = async () => ["core.example", "metro.example"];
    showShell(fakeHost({ domains: others }), bar, "/timeline?domain=core.example");
    await user.click(await screen.findByRole("button", { name: "core.example, trust domain" }));
    const facts = await screen.findByRole("dialog", { name: "Trust domain" });
    await waitFor(() => expect(facts).toHaveTextContent("3 trust domains, each with a log of its own."));
    expect(facts).toHaveTextContent("core.example121 entries, in view");
    const link = await screen.findByRole("link", { name: "metro.example" });
    expect(link.getAttribute("href")).toBe("/timeline?domain=metro.example");
    expect(screen.queryByRole("link", { name: "core.example" })).toBeNull();
  });

  it("tells workflows that are not read from none", async () => {
    let fails = true;
    const read = Promise.withResolvers<void>();
    const host = fakeHost({
      workflows: async () => {
        await read.promise;
        if (fails) throw new Error("gone");
        return [];
      },
    });
    const wid = "0195400c-0000-7000-8000-00000000000a";
    const { queries } = showShell(host, bar, `/watch?wid=${wid}`);
    const choices = async () =>
      [...(await screen.findByRole("combobox", { name: "Workflow" })).querySelectorAll("option")].map(
        (option) => option.textContent,
      );
    expect(await choices()).toEqual(["Reading the workflows …", "0195400c…00000a"]);
    await act(async () => read.resolve());
    await waitFor(async () => expect((await choices())[0]).toBe("Workflows could not be read"));
    fails = false;
    await act(() => queries.invalidateQueries({ queryKey: [["workflow"]] }));
    await waitFor(async () => expect(await choices()).toEqual(["No workflow yet", "unknown · 0195400c…00000a"]));
  });
});

describe("the status bar", () => {
  it("shows every age, also where there is little room", async () => {
    showShell(fakeHost(), <StatusBar />);
    const ages = async (name: RegExp) => (await screen.findByRole("button", { name })).textContent;
    await waitFor(async () => expect(await ages(/Storage/)).toMatch(/12.4 MB.*now/));
    for (const [name, age] of [
      [/Connection/, "1 min"],
      [/Log/, "4 min"],
      [/Signed head/, /4\d s/],
    ] as const) {
      const item = await screen.findByRole("button", { name });
      const shown = [...item.querySelectorAll("span")].filter((part) => !part.className.includes("sr-only"));
      expect(shown.some((part) => (part.textContent ?? "").match(age) !== null)).toBe(true);
    }
    expect(screen.getByText("read")).toBeVisible();
    expect(screen.getByText("read").className).not.toContain("hidden");
  });
});
