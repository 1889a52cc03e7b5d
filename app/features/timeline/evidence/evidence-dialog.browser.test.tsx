import { cleanup, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { signedIn } from "../../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../../protocol/jose/compact.ts";
import { VerifyFile } from "../verify-file.tsx";
import { EvidenceDialog } from "./evidence-dialog.tsx";
import { chainsView } from "./page/lists.ts";
import { VerifiedPack } from "./verified-pack.tsx";

const WID = "0195400c-0000-7000-8000-00000000000a";
const who = {
  subject: "spiffe://console.local/human/ada",
  name: "Ada",
  logId: "spiffe://console.local/log",
  pepId: "spiffe://console.local/pep",
};
const position = { domain: "console.local", size: 41, root: "A".repeat(43), atMs: Date.now() };
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function open(audit: object, shown: React.ReactNode, domains: readonly object[] = []) {
  const client = {
    audit,
    domains: { list: async () => ({ position, domains, offsets: [] }) },
    identity: { describe: async () => ({ ...who, trustDomain: "console.local" }) },
    workflow: { list: async () => ({ position, workflows: [{ wid: WID, run: { name: "nightly" } }] }) },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const session = await signedIn(client, who);
  renderSignedIn(client, session, shown);
}

/** What a token asks for, without its common claims. */
function askedBy(token: string) {
  const parsed = parseCompact(token);
  const { purpose, selection, leave_out, redact, iss } = parsed.ok ? parsed.value.payload : {};
  return { purpose, selection, leave_out, redact, iss };
}

describe("the dialog for an evidence pack", () => {
  it("[XA-33] signs nothing without a purpose, then asks for exactly what was chosen and writes what comes", async () => {
    const user = userEvent.setup();
    const blobs: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      blobs.push(blob as Blob); // only blobs are made here
      return "blob:test";
    });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    vi.stubGlobal("showSaveFilePicker", undefined);
    const tokens: string[] = [];
    const onClose = vi.fn();
    const evidence = async ({ token }: { token: string }) => {
      tokens.push(token);
      return (async function* chunks() {
        yield { text: '{"signalbox_pack":1', done: 0, total: 41 };
        yield { text: "}", done: 41, total: 41 };
      })();
    };
    await open(
      { evidence },
      <EvidenceDialog position={position} expression="typ:acp" matching={2} onClose={onClose} />,
    );
    const dialog = await screen.findByRole("dialog", { name: "Evidence pack" });
    const go = screen.getByRole("button", { name: "Sign and export" });
    expect(go).toBeDisabled();
    expect(dialog).toHaveTextContent("Entries that are not selected");
    await user.type(screen.getByLabelText(/^What for/), " The auditor asked ");
    await user.click(screen.getByRole("checkbox", { name: /^Leave the recordings out/ }));
    expect(dialog).toHaveTextContent("Recordings: their digests stay");
    await user.selectOptions(screen.getByLabelText("Evidence of"), WID);
    await user.click(go);
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(tokens.map(askedBy)).toEqual([
      {
        iss: who.subject,
        purpose: "The auditor asked",
        selection: { kind: "workflow", wid: WID },
        leave_out: ["recordings"],
      },
    ]);
    expect(await blobs[0]?.text()).toBe('{"signalbox_pack":1}');
  });

  it("[XA-37] a file that entries were taken out of says so beside who allowed what", () => {
    expect(chainsView([], 0)).not.toHaveTextContent("taken out");
    expect(chainsView([], 2)).toHaveTextContent(
      "2 entries were taken out of this file. Actions, refusals, stops and decisions may be among them.",
    );
  });

  it("[XA-37] takes entries out by their places, of the whole log too, and says what that means", async () => {
    const user = userEvent.setup();
    vi.stubGlobal("showSaveFilePicker", undefined);
    const tokens: string[] = [];
    const evidence = async ({ token }: { token: string }) => {
      tokens.push(token);
      throw new Error("not made here");
    };
    await open({ evidence }, <EvidenceDialog position={position} expression="" matching={null} onClose={vi.fn()} />);
    await user.type(await screen.findByLabelText(/^What for/), "Review");
    const field = screen.getByLabelText("Take out these entries");
    await user.type(field, "7, 3 x");
    expect(screen.getByRole("button", { name: "Sign and export" })).toBeDisabled();
    await user.clear(field);
    await user.type(field, "7, 3 7");
    expect(screen.getByRole("dialog")).toHaveTextContent("2 entries that you take out");
    await user.click(screen.getByRole("button", { name: "Sign and export" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(tokens.map(askedBy)).toMatchObject([{ redact: [7, 3], selection: { kind: "query", expression: "seq>=0" } }]);
  });

  it("[XA-33] says why it was not made, and keeps nothing half-written", async () => {
    const user = userEvent.setup();
    const made = vi.spyOn(URL, "createObjectURL");
    vi.stubGlobal("showSaveFilePicker", undefined);
    const evidence = async () => {
      throw new Error("the log cannot be written");
    };
    await open({ evidence }, <EvidenceDialog position={position} expression="" matching={null} onClose={vi.fn()} />);
    await user.type(await screen.findByLabelText(/^What for/), "Review");
    await user.click(screen.getByRole("button", { name: "Sign and export" }));
    expect(await screen.findByText(/the log cannot be written/)).toBeVisible();
    expect(made).not.toHaveBeenCalled();
    expect(screen.getByRole("button", { name: "Sign and export" })).toBeEnabled();
  });

  it("[XA-33] asks whichever log was chosen for its own pack, and for its own workflows or all of it", async () => {
    const user = userEvent.setup();
    vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:test");
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    vi.stubGlobal("showSaveFilePicker", undefined);
    const asked: { token: string; domain: string }[] = [];
    const onClose = vi.fn();
    const evidence = async (input: { token: string; domain: string }) => {
      asked.push(input);
      return (async function* chunks() {
        yield { text: "{}", done: 7, total: 7 };
      })();
    };
    const log = (domain: string, size: number) => ({ domain, size, state: "open" });
    await open(
      { evidence },
      <EvidenceDialog position={position} expression="typ:acp" matching={2} onClose={onClose} />,
      [log("console.local", 41), log("core.example", 7)],
    );
    await user.selectOptions(await screen.findByLabelText("Whose log"), "core.example");
    expect(screen.getByRole("option", { name: "The whole log, 7 entries" })).toBeInTheDocument();
    expect(screen.queryByRole("option", { name: /What the query means/ })).toBeNull();
    await user.type(screen.getByLabelText(/^What for/), "Review");
    await user.click(screen.getByRole("button", { name: "Sign and export" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(asked.map(({ domain }) => domain)).toEqual(["core.example"]);
    const parsed = parseCompact(asked[0]?.token ?? "");
    expect(parsed.ok && parsed.value.payload).toMatchObject({
      ...{ aud: ["spiffe://core.example/pep"], selection: { kind: "all" } },
    });
  });
});

it("[XA-34] [F4] a pack that was dropped is told with its five answers and its first bad place, its words as text", async () => {
  const passed = { result: "passed", detail: "as far as it went" };
  const report = {
    ...{
      logId: "spiffe://elsewhere/log",
      logKey: "K".repeat(43),
      checked: 3,
      entries: 41,
      treeSize: 41,
      root: "R".repeat(43),
    },
    ...{ authentic: passed, included: { result: "failed", detail: "no leaf" }, consistent: passed, complete: passed },
    ...{ plausible: passed, backdated: [], ownKey: null, atMs: Date.now(), tookMs: 5 },
    firstBad: { seq: 4, code: "log_leaf_mismatch", detail: "<b>no</b> leaf\u202e", place: "entries.4" },
  };
  const stated = {
    ...{ domain: "elsewhere", exportedAt: 1_772_064_000, exportedBy: "spiffe://elsewhere/human/x" },
    ...{ purpose: "<i>why</i>", selection: { kind: "all" } },
  };
  const verifyPack = async () =>
    (async function* events() {
      yield { type: "progress", checked: 3, total: 41 };
      yield { type: "report", stated, report };
    })();
  await open({ verifyPack }, <VerifiedPack name="pack.html" text="{}" onCancel={() => undefined} />);
  expect(await screen.findByText("entries.4")).toBeVisible();
  expect(screen.getByText("<i>why</i>")).toBeVisible();
  expect(screen.getByText(/<b>no<\/b> leaf/)).toHaveTextContent("‹U+202E›");
  expect(screen.getByRole("list", { name: "Answers" }).children).toHaveLength(5);
  expect(screen.getByText("another log: compare it")).toBeVisible();
});

it("[XA-78] shows how far the verification of a file is, and ends it when it is left", async () => {
  let left = false;
  const waiting = async (_input: unknown, { signal }: { signal: AbortSignal }) =>
    (async function* events() {
      yield { type: "progress", checked: 3, total: 12 };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      left = true;
    })();
  await open({ verifyExport: waiting, verifyPack: waiting }, <VerifyFile />);
  for (const text of ['{"entries":[]}', '{"signalbox_pack":1}']) {
    left = false;
    await userEvent.upload(screen.getByLabelText("Exported log"), new File([text], "file.json"));
    expect(await screen.findByText("25 %")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
    await expect.poll(() => left).toBe(true);
    expect(screen.queryByRole("alert")).toBeNull();
  }
});
