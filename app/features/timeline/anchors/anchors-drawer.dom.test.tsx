import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createConnectionStore } from "../../../api/client/connection.ts";
import type { AnchorView, WatchedLog } from "../../../api/contract/anchors.ts";
import { AnchorsDrawer } from "./anchors-drawer.tsx";

const ROOT = "R".repeat(43);
const OTHER = "S".repeat(43);
const NOTE =
  "console.local/log\n1234\nUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlI=\n\n\u2014 console.local/log AAAAAAA=\n";
const POSITION = { domain: "console.local", size: 1234, root: ROOT, atMs: 0 };
const LOG_KEY = "other.example/log+00000000+AQ==";
const watchedLog: WatchedLog = {
  origin: "other.example/log",
  verifierKey: LOG_KEY,
  state: "consistent",
  pinned: { size: 99, root: ROOT, seenAtMs: 0 },
  contradiction: null,
  compromisedAtMs: null,
};
const anchor: AnchorView = {
  size: 1000,
  root: ROOT,
  note: NOTE,
  witnesses: [{ name: "witness.example", timeS: 1_790_000_000, verifierKey: "witness.example+1+A" }],
  keptAtMs: 0,
  standing: "agrees",
};

/** Answers as the contract has them, and notes what was asked. */
function open({ anchors = [], logs = [] }: { anchors?: AnchorView[]; logs?: WatchedLog[] } = {}) {
  const asked: [string, unknown][] = [];
  const answer =
    <T,>(name: string, value: T) =>
    async (input: unknown): Promise<T> => {
      asked.push([name, input]);
      return value;
    };
  const checkpoint = {
    origin: "console.local/log",
    size: 1234,
    root: ROOT,
    note: NOTE,
    verifierKey: "console.local/log+1+A",
  };
  const client = {
    anchors: {
      checkpoint: answer("checkpoint", { position: POSITION, checkpoint }),
      request: answer("request", { text: `old 10\n\n${NOTE}`, size: 1234, cose: "0oRY" }),
      list: answer("list", { position: POSITION, anchors }),
      keep: answer("keep", { ...anchor, standing: "shorter" }),
      forget: answer("forget", {}),
      witness: answer("witness", { note: `${NOTE}signed`, witnessKey: "w", log: watchedLog }),
      watched: answer("watched", { witness: { name: "w", verifierKey: "w+1+A" }, logs }),
      acknowledge: answer("acknowledge", watchedLog),
      compromised: answer("compromised", watchedLog),
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <AnchorsDrawer onClose={() => undefined} />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { asked, of: (name: string) => asked.filter(([one]) => one === name).map(([, input]) => input) };
}
afterEach(cleanup);
const choose = (part: string) => userEvent.click(screen.getByRole("tab", { name: part }));
const press = (name: string | RegExp) => userEvent.click(screen.getByRole("button", { name }));
const part = (name: string) => within(screen.getByRole("region", { name }));

describe("the anchors drawer", { timeout: 60_000 }, () => {
  it("[XA-51] shows the head as text, copies it and draws it as a QR code with a name", async () => {
    const user = userEvent.setup();
    open();
    expect(await screen.findByRole("textbox", { name: "Checkpoint" })).toHaveValue(NOTE);
    expect(part("Head of this log").getByText("1,234")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Copy checkpoint" }));
    expect(await navigator.clipboard.readText()).toBe(NOTE);
    expect(screen.getByText("Copied")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show QR code" }));
    const code = screen.getByRole("img", { name: /^QR code of the checkpoint over 1,234 entries/ });
    // Version 6 at level M, which holds 85 to 106 bytes (ISO/IEC 18004), and four modules of white on each side.
    expect(new TextEncoder().encode(NOTE).length).toBeGreaterThan(84);
    expect(code.getAttribute("viewBox")).toBe("0 0 49 49");
    expect(code.querySelector("path")?.getAttribute("d")?.match(/M/g)?.length).toBeGreaterThan(500);
  });

  it("[XA-51] prints a sheet with the head, and takes it away when the browser has it", async () => {
    const print = vi.spyOn(window, "print").mockImplementation(() => {
      expect(document.querySelector(".print-sheet")?.textContent).toContain(NOTE);
    });
    open();
    await screen.findByRole("textbox", { name: "Checkpoint" });
    await press("Print …");
    expect(print).toHaveBeenCalledOnce();
    window.dispatchEvent(new Event("afterprint"));
    await waitFor(() => expect(document.querySelector(".print-sheet")).toBeNull());
    print.mockRestore();
  });

  it("[XA-53] makes a request from what the witness has seen", async () => {
    const { of } = open();
    const field = await screen.findByRole("textbox", { name: "Entries the witness has seen" });
    await userEvent.clear(field);
    expect(screen.getByRole("button", { name: "Make a request for a witness" })).toBeDisabled();
    await userEvent.type(field, "10");
    await press("Make a request for a witness");
    expect(await screen.findByRole("textbox", { name: "Request over 1,234 entries" })).toHaveValue(`old 10\n\n${NOTE}`);
    expect(of("request")).toEqual([{ old: 10 }]);
    expect(screen.getByRole("button", { name: "Copy proof as a COSE receipt" })).toBeEnabled();
  });

  it("[XA-52] keeps what came back under the keys given, and says that the log contradicts it", async () => {
    const { of } = open();
    await choose("Its anchors");
    const came = await screen.findByRole("textbox", { name: "Checkpoint that came back" });
    await userEvent.click(came);
    await userEvent.paste(NOTE.trim());
    await userEvent.click(screen.getByRole("textbox", { name: "Keys of its witnesses" }));
    await userEvent.paste(" a+1+A \nb+2+B\n");
    await press("Keep as an anchor");
    expect(await screen.findByText(/^Kept. The log contradicts it/)).toBeVisible();
    expect(of("keep")).toEqual([{ note: NOTE, witnessKeys: ["a+1+A", "b+2+B"] }]);
    expect(came).toHaveValue("");
  });

  it("[XA-52] says how the log stands to each anchor, and lets one go by two presses only", async () => {
    const { of } = open({
      anchors: [anchor, { ...anchor, size: 1300, root: OTHER, standing: "shorter", witnesses: [] }],
    });
    await choose("Its anchors");
    const [first, second] = await screen.findAllByRole("listitem");
    expect(first).toHaveTextContent("The log agrees");
    expect(first).toHaveTextContent("witness.example");
    expect(second).toHaveTextContent("The log is shorter");
    expect(second).toHaveTextContent("nobody else has signed it");
    await userEvent.click(within(second as HTMLElement).getByRole("button", { name: "Forget …" })); // a list item is one
    expect(of("forget")).toEqual([]);
    await press("Forget this anchor");
    expect(of("forget")).toEqual([{ size: 1300, root: OTHER }]);
  });

  it("[XA-53] [XA-12] signs for another log and shows what it has seen of it", async () => {
    const { of } = open({ logs: [watchedLog] });
    await choose("Witness others");
    await userEvent.click(await screen.findByRole("textbox", { name: "Request of the log" }));
    await userEvent.paste(`old 0\n\n${NOTE}`);
    await userEvent.type(screen.getByRole("textbox", { name: "Verifier key of the log" }), LOG_KEY);
    await press("Check it and sign");
    expect(await screen.findByRole("textbox", { name: "Witnessed checkpoint" })).toHaveValue(`${NOTE}signed`);
    expect(of("witness")).toEqual([{ request: `old 0\n\n${NOTE}`, logKey: LOG_KEY }]);
    expect(screen.getByRole("list", { name: "Logs watched here" })).toHaveTextContent("Consistent");
  });

  it("[XA-S2] [XA-S5] tells of a contradiction and of a stolen key, and goes on as an operator says", async () => {
    const contradiction = {
      code: "log_split_view",
      before: { size: 99, root: ROOT, seenAtMs: 0 },
      after: { size: 99, root: OTHER, seenAtMs: 1 },
    };
    const { of } = open({ logs: [{ ...watchedLog, state: "inconsistent", contradiction }] });
    await choose("Witness others");
    expect(await screen.findByText(/It has signed two roots over one number of entries/)).toBeVisible();
    expect(screen.getByText("Contradicts itself")).toBeVisible();
    await press("Go on from the earlier head");
    expect(of("acknowledge")).toEqual([{ verifierKey: LOG_KEY, from: "before" }]);
    await press("Its key was stolen …");
    expect(of("compromised")).toEqual([]);
    await press("Distrust it from now on");
    expect(of("compromised")).toEqual([{ verifierKey: LOG_KEY, atMs: expect.any(Number) }]);
  });
});
