import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page } from "vitest/browser";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { addStylesOf } from "../ui/styles.fixture.ts";
import { Toasts, toast } from "../ui/toast.tsx";
import { clearToasts } from "../ui/toast-region.tsx";
import { toldHeight } from "../ui/told-height.ts";
import { StopNote } from "./stop-report.tsx";

const SOURCES = import.meta.glob<string>("./*.tsx", { query: "?raw", import: "default", eager: true });

/** The lower edge as on a phone: status bar above the navigation. */
const [STATUS_PX, NAVIGATION_PX] = [49, 56];
const SHELL = [
  ["--shell-bottom", `${STATUS_PX + NAVIGATION_PX}px`],
  ["--notice-bottom", `${NAVIGATION_PX}px`],
  ["--notice-height", `${STATUS_PX}px`],
] as const;

let styles: HTMLStyleElement;
beforeEach(async () => {
  styles = await addStylesOf(SOURCES);
  for (const [name, value] of SHELL) document.documentElement.style.setProperty(name, value);
});
afterEach(() => {
  cleanup();
  styles.remove();
  for (const [name] of SHELL) document.documentElement.style.removeProperty(name);
});

const tellBanners = toldHeight("--banners");
const boxOf = (element: Element): DOMRect => element.getBoundingClientRect();
const overlap = (a: DOMRect, b: DOMRect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const stopNote = (): DOMRect => boxOf(screen.getByText("acknowledged 3/4").closest(".border-stop") as Element);
const toastNote = (): DOMRect => boxOf(screen.getByRole("alertdialog", { name: "Not recorded" }));

/** A stop was pressed and something failed, while a dialog with more than fits is open, or none is. */
async function withNotes(isOpen: boolean): Promise<void> {
  render(
    <>
      <div ref={tellBanners} data-testid="banners" style={{ position: "absolute", top: 48, left: 0, right: 0 }}>
        <div style={{ height: 180 }}>Stop in force</div>
      </div>
      <Toasts />
      <Dialog
        title="Release a stop"
        size="lg"
        isOpen={isOpen}
        onOpenChange={() => {}}
        footer={<Button>Release</Button>}
      >
        <div style={{ height: 3000 }} />
      </Dialog>
      <StopNote onDismiss={() => {}}>
        <p>acknowledged 3/4</p>
        <p>verified 2/4</p>
      </StopNote>
    </>,
  );
  toast({ title: "Not recorded", detail: "It will be tried again.", tone: "critical" });
  await screen.findByText("Not recorded");
}

describe.each([
  { width: 390, height: 844 },
  { width: 820, height: 700 },
  { width: 1440, height: 900 },
])("notes on a screen of $width px", ({ width, height }) => {
  beforeEach(() => page.viewport(width, height));
  afterEach(() => clearToasts());

  it("cover nothing of an open dialog, which leaves them the room", async () => {
    await withNotes(true);
    const dialog = screen.getByRole("dialog", { name: "Release a stop" });
    await waitFor(() => {
      for (const note of [stopNote(), toastNote()]) {
        expect(overlap(note, boxOf(dialog))).toBe(false);
        expect(note.top).toBeGreaterThanOrEqual(0);
        expect(note.bottom).toBeLessThanOrEqual(height);
      }
      expect(overlap(stopNote(), toastNote())).toBe(false);
    });
    expect(boxOf(screen.getByRole("button", { name: "Release" })).bottom).toBeLessThanOrEqual(height - 105);
    expect(boxOf(dialog).height).toBeGreaterThan(200);
  });

  it("cover nothing of the banners", async () => {
    await withNotes(false);
    await waitFor(() => {
      for (const note of [stopNote(), toastNote()])
        expect(overlap(note, boxOf(screen.getByTestId("banners")))).toBe(false);
      expect(overlap(stopNote(), toastNote())).toBe(false);
    });
  });

  it("lie over the status bar and nothing else, one at a time, and are read whole on request", async () => {
    const [top, bottom] = [height - STATUS_PX - NAVIGATION_PX, height - NAVIGATION_PX];
    await withNotes(false);
    const long = "It was refused: the terms that were signed are no longer those in force. ".repeat(4);
    toast({ title: "Refused", detail: long, tone: "critical" });
    toast({ title: "Copied", tone: "neutral" });
    await screen.findByText("Copied");
    expect(screen.getAllByRole("alertdialog")).toHaveLength(1);
    expect(screen.getByRole("alertdialog")).toHaveTextContent("2 more");
    await waitFor(() => {
      const box = boxOf(screen.getByRole("alertdialog"));
      expect(box.top).toBeGreaterThanOrEqual(top);
      expect(box.bottom).toBeLessThanOrEqual(bottom);
    });
    // What passes gives way; what is critical comes back, and has to be closed.
    screen.getByRole("button", { name: "Close" }).click();
    const cut = await screen.findByRole("button", { name: "Read all" });
    expect(boxOf(screen.getByRole("alertdialog")).top).toBeGreaterThanOrEqual(top);
    cut.click();
    await screen.findByRole("button", { name: "Less" });
    expect(boxOf(screen.getByRole("alertdialog", { name: "Refused" })).bottom).toBeLessThanOrEqual(bottom);
    const words = screen.getByText(/^It was refused/).parentElement as Element;
    expect(words.scrollWidth).toBe(words.clientWidth);
    screen.getByRole("button", { name: "Close" }).click();
    expect(await screen.findByRole("alertdialog", { name: "Not recorded" })).not.toHaveTextContent("more");
  });
});
