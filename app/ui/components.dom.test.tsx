import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { X } from "lucide-react";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Button, IconButton } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { GoLink } from "./go-link.tsx";
import { Identifier } from "./identifier.tsx";
import { Mark } from "./mark.tsx";
import { Segmented } from "./segmented.tsx";
import { Select } from "./select.tsx";
import { Loading } from "./states.tsx";
import { TextField } from "./text-field.tsx";
import { Toasts, toast } from "./toast.tsx";
import { UntrustedText } from "./untrusted-text.tsx";

afterEach(cleanup);

function Both() {
  const [free, setFree] = useState(true);
  return (
    <>
      <Dialog title="Must" isOpen={!free} isDismissable={false} onOpenChange={() => setFree(true)}>
        stay
      </Dialog>
      <Dialog title="May" isOpen={free} onOpenChange={setFree}>
        go
      </Dialog>
    </>
  );
}

/** A dialog that waits for something, and the one that takes its place. */
function Waiting() {
  const [shows, setShows] = useState<"none" | "waits" | "asks">("none");
  const close = (): void => setShows("none");
  return (
    <>
      <button type="button" onClick={() => setShows("waits")}>
        Change
      </button>
      {shows === "waits" ? (
        <Dialog key="waits" title="Reading" isOpen onOpenChange={close}>
          <button type="button" onClick={() => setShows("asks")}>
            It is there
          </button>
        </Dialog>
      ) : null}
      {shows === "asks" ? (
        <Dialog key="asks" title="Change" isOpen onOpenChange={close}>
          ask
        </Dialog>
      ) : null}
    </>
  );
}

describe("components", () => {
  it("give the focus back to where it came from, also after a dialog that took another's place", async () => {
    const user = userEvent.setup();
    render(<Waiting />);
    await user.click(screen.getByRole("button", { name: "Change" }));
    await user.click(screen.getByRole("button", { name: "It is there" }));
    await user.click(await screen.findByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Change" })).toHaveFocus());
  });

  it("[F4] renders markup of an agent as text and bounds its length", async () => {
    const user = userEvent.setup();
    const { container } = render(<UntrustedText text={`<img src=x onerror=alert(1)>\u202e${"y".repeat(500)}`} />);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toContain("<img src=x onerror=alert(1)>‹U+202E›");
    await user.click(screen.getByRole("button", { name: "… 129 more characters" }));
    expect(container.textContent).toContain("y".repeat(500));
  });

  it("presses with the keyboard and shows its key", async () => {
    const user = userEvent.setup();
    const pressed = vi.fn();
    render(
      <Button onPress={pressed} shortcut="a">
        Approve
      </Button>,
    );
    await user.tab();
    await user.keyboard("{Enter}");
    expect(pressed).toHaveBeenCalledOnce();
    expect(screen.getByRole("button", { name: "Approve" })).toHaveAttribute("aria-keyshortcuts", "a");
  });

  it("is disabled while something is missing, and says what", () => {
    render(<Button whyNot="Give the reason first.">Sign</Button>);
    const button = screen.getByRole("button", { name: "Sign" });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription("Give the reason first.");
  });

  it("names an icon button for everybody", () => {
    render(<IconButton label="Close" icon={X} onPress={() => undefined} />);
    expect(screen.getByRole("button", { name: "Close" })).toBeVisible();
  });

  it("[A9] says a state in words beside the shape", () => {
    render(<Mark shape="triangle" tone="critical" label="violated" />);
    expect(screen.getByText("violated")).toBeVisible();
  });

  it("copies an identifier whole and says so", async () => {
    const user = userEvent.setup();
    const value = "0195400c-0000-7000-8000-0000000000a1";
    render(<Identifier value={value} label="signal" />);
    await user.click(screen.getByRole("button", { name: "signal 0195400c…0000a1, copy" }));
    expect(await navigator.clipboard.readText()).toBe(value);
    expect(screen.getByRole("status")).toHaveTextContent("copied");
  });

  it("closes a dialog with Escape and keeps a mandatory one open", async () => {
    const user = userEvent.setup();
    render(<Both />);
    expect(screen.getByRole("dialog", { name: "May" })).toBeVisible();
    await user.keyboard("{Escape}");
    await user.keyboard("{Escape}");
    expect(screen.getByRole("dialog", { name: "Must" })).toBeVisible();
  });

  it("chooses by keyboard in a select and among segments", async () => {
    const user = userEvent.setup();
    const chosen = vi.fn();
    const items = [
      { id: "a", name: "Alpha" },
      { id: "b", name: "Beta" },
    ];
    render(<Select label="Letter" items={items} selectedKey="a" onSelectionChange={chosen} />);
    await user.selectOptions(screen.getByRole("combobox", { name: "Letter" }), "Beta");
    expect(chosen).toHaveBeenCalledWith("b");
    const segment = vi.fn();
    render(<Segmented<string> label="View" options={items} selected="a" onChange={segment} />);
    await user.click(screen.getByRole("radio", { name: "Beta" }));
    expect(segment).toHaveBeenCalledWith("b");
  });

  it("ties an error to its field", () => {
    render(<TextField label="Reason" value="" onChange={() => undefined} errorMessage="Say why." />);
    expect(screen.getByRole("textbox", { name: "Reason" })).toHaveAccessibleDescription(/Say why\./);
    expect(screen.getByRole("textbox", { name: "Reason" })).toBeInvalid();
  });

  it("links to a pane without a router by a plain address", () => {
    render(
      <GoLink to="/timeline" search={{ entry: 12, wid: undefined }}>
        entry 12
      </GoLink>,
    );
    expect(screen.getByRole("link", { name: "entry 12" })).toHaveAttribute("href", "/timeline?entry=12");
  });

  it("[L2] says at once what is loading where nothing else is on screen, otherwise only to who listens", () => {
    render(<Loading what="the domains" atOnce />);
    expect(screen.getByText("Loading the domains …")).toBeVisible();
    cleanup();
    render(<Loading what="the domains" />);
    expect(screen.getByRole("status")).toHaveTextContent("Loading the domains");
    expect(screen.queryByText("Loading the domains …")).toBeNull();
  });

  it("announces a toast", async () => {
    render(<Toasts />);
    toast({ title: "Recorded", detail: "entry 12", tone: "neutral" });
    expect(await screen.findByRole("alertdialog", { name: /Recorded/ })).toBeVisible();
  });
});
