import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { must } from "../../../base/assert.ts";
import { fakeHost, renderWith } from "../watch.fixture.tsx";
import { StoredRuns } from "./stored-runs.tsx";

afterEach(cleanup);

function openWith(change: (host: ReturnType<typeof fakeHost>) => void) {
  const host = fakeHost();
  const run = must(host.workflows[0], "the host has a workflow").run;
  host.stored = [{ ...run, name: "my \u202egnp.exe run" }];
  change(host);
  const onChosen = vi.fn();
  return { host, onChosen, ...renderWith(host, null, <StoredRuns onChosen={onChosen} />) };
}

describe("stored runs", () => {
  it("[F4] name what would be forgotten without characters that reorder the name", async () => {
    openWith(() => undefined);
    expect(
      await screen.findByRole("button", { name: "Forget the stored run my ‹U+202E›gnp.exe run" }),
    ).toBeInTheDocument();
  });

  it("are forgotten only after a second press, which is told what is lost", async () => {
    const user = userEvent.setup();
    const { host } = openWith(() => undefined);
    await user.click(await screen.findByRole("button", { name: /^Forget the stored run/ }));
    const question = screen.getByRole("alert");
    expect(question).toHaveTextContent("Deletes the recording of 5 tasks from this browser.");
    expect(question).toHaveTextContent("its file has to be loaded again");
    expect(host.forgotten).toEqual([]);
    await user.click(within(question).getByRole("button", { name: "Keep it" }));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByRole("button", { name: /^Forget the stored run/ })).toHaveFocus();
    await user.click(screen.getByRole("button", { name: /^Forget the stored run/ }));
    await user.click(screen.getByRole("button", { name: /^Forget my/ }));
    await waitFor(() => expect(screen.queryByRole("listitem")).toBeNull());
    expect(host.forgotten).toHaveLength(1);
  });

  it("[L2] are not shown as none when they could not be read", async () => {
    openWith((host) => {
      host.down = true;
    });
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
  });

  it("[L1] are said to be old when they could not be read again", async () => {
    const { host, refetch } = openWith(() => undefined);
    await screen.findByRole("button", { name: "Start" });
    host.down = true;
    await refetch();
    expect(await screen.findByText(/^Not current/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Start" })).toBeInTheDocument();
  });
});
