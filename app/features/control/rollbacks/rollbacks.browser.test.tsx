import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { RollbackResidue, RollbackSummary } from "../../../api/contract/rollback.ts";
import { signedIn } from "../../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../../protocol/jose/compact.ts";
import { RollbackStatus } from "./rollback-status.tsx";
import { RollbacksView } from "./rollbacks-view.tsx";

afterEach(cleanup);

const idOf = (last: string): string => `0195400c-0000-4000-8000-${last.padStart(12, "0")}`;
const WID = idOf("a1");
const POSITION = { domain: "console.local", size: 9, root: "r", atMs: 0 };

const rollback = (last: string, runName: string, change: Partial<RollbackSummary> = {}): RollbackSummary => ({
  rbId: idOf(last),
  wid: WID,
  runName,
  target: { kind: "task", id: idOf("101") },
  keepTarget: false,
  bestEffort: true,
  phase: "confirmed",
  planHash: "A".repeat(43),
  reason: "wrong device",
  by: "spiffe://console.local/human/ada",
  cosigners: ["spiffe://console.local/human/bea"],
  requestedAt: Math.floor(Date.now() / 1000) - 60,
  deadline: 0,
  endedAt: 1,
  steps: { total: 4, over: 4, open: 0, failed: 0, residual: 0 },
  asked: [],
  unsettled: 0,
  needsPerson: false,
  lapsed: false,
  stopped: null,
  confirmedBy: null,
  ...change,
});
const left: RollbackResidue = {
  task: idOf("101"),
  index: 1,
  name: "send \u202ereport",
  agent: "spiffe://console.local/agent/mailer",
  action: "send",
  n: 4,
  why: "impossible",
  code: null,
  residue: ["<b>the mail</b> is out"],
  writes: [],
  tell: ["mailto:owner@example.com"],
  assignee: null,
  settled: null,
  reopened: null,
  handlingEntry: null,
};

const ADA = "spiffe://console.local/human/ada";
const BEA = "spiffe://console.local/human/bea";
const personOf = (subject: string) => ({ subject, name: subject.slice(-3), roles: [], statement: null, keys: [] });

interface Said {
  readonly verb: string;
  readonly n: number;
  readonly assignee?: string;
  readonly reason?: string;
}

async function show(rollbacks: readonly RollbackSummary[], residue: RollbackResidue = left) {
  const host = { down: false, shown: [] as string[], said: [] as Said[] };
  const answer = <T,>(made: T): Promise<T> =>
    host.down ? Promise.reject(new TypeError("the host does not answer")) : Promise.resolve(made);
  const client = {
    rollback: {
      list: () => answer({ position: POSITION, rollbacks }),
      show: ({ rbId }: { rbId: string }) => {
        host.shown.push(rbId);
        return answer({ position: POSITION, rollback: { endedAt: 1 }, residues: [residue] });
      },
      residue: ({ token }: { token: string }) => {
        const parsed = parseCompact(token);
        // What the page signs is the claims it was given.
        host.said.push((parsed.ok ? parsed.value.payload : {}) as unknown as Said);
        return answer({ rbId: idOf("f2"), n: 4, seq: 77 });
      },
    },
    identity: {
      people: () => answer({ position: POSITION, stated: true, people: [ADA, BEA].map(personOf) }),
    },
    // The client's type is a proxy's, which a plain object never is.
  } as unknown as SignalboxClient;
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  const queries = renderSignedIn(
    client,
    session,
    <>
      <RollbackStatus />
      <RollbacksView />
    </>,
  );
  return Object.assign(host, { refetch: () => act(() => queries.invalidateQueries()) });
}

describe("rollbacks in Control", () => {
  it("[J6] [N13] [CAS-16] lists what waits for a person first, with what is left and who must be told", async () => {
    const host = await show([
      rollback("f1", "clean run"),
      rollback("f2", "waiting run", { phase: "partial", needsPerson: true }),
      rollback("f3", "confirmed run", {
        confirmedBy: { operator: "spiffe://console.local/human/bea", reason: "the owner knows" },
      }),
    ]);
    const list = await screen.findByRole("list", { name: "Rollbacks" });
    expect(screen.getByText("1 rollback waits for a person")).toBeVisible();
    const names = [...list.children].map((row) => row.textContent ?? "");
    expect(names.map((text) => /(clean|waiting|confirmed) run/.exec(text)?.[1])).toEqual([
      "waiting",
      "confirmed",
      "clean",
    ]);
    const open = await within(list).findByRole("region", { name: "What is left" });
    expect(host.shown).toEqual([idOf("f2")]);
    expect(open).toHaveTextContent(/1 task is not back as before.*could not be undone.*<b>the mail<\/b> is out/);
    expect(open).toHaveTextContent("mailto:owner@example.com");
    expect(within(list).getByRole("link", { name: "Confirm what is left, in Watch" })).toHaveAttribute(
      "href",
      `/watch?wid=${WID}&rollback=${idOf("f2")}`,
    );
    const confirmed = list.children[1] as HTMLElement; // A row of the list is an element.
    expect(confirmed).toHaveTextContent("confirmed by bea: the owner knows");
    await userEvent.click(within(confirmed).getByRole("button", { name: "What is left" }));
    expect(await within(confirmed).findByRole("region", { name: "What is left" })).toBeVisible();
    expect(list.children[2]).toHaveTextContent("Nothing is left.");
  });

  it("[CAS-33] what is left is given to somebody, and said to be dealt with in words that are signed", async () => {
    const host = await show([rollback("f2", "waiting run", { phase: "partial", needsPerson: true, unsettled: 1 })]);
    const open = await screen.findByRole("region", { name: "What is left" });
    const who = within(open).getByRole("combobox", { name: /^Who deals with it: send/ });
    await waitFor(() => expect(within(who).getAllByRole("option")).toHaveLength(3));
    await userEvent.selectOptions(who, BEA);
    await waitFor(() => expect(host.said).toMatchObject([{ verb: "assign", n: 4, assignee: BEA }]));
    await userEvent.click(within(open).getByRole("button", { name: /^Dealt with: send/ }));
    const dialog = await screen.findByRole("dialog", { name: "What is left is dealt with" });
    await userEvent.type(within(dialog).getByRole("textbox"), "all were told");
    await userEvent.click(within(dialog).getByRole("button", { name: /^Dealt with/ }));
    await waitFor(() => expect(host.said.at(-1)).toMatchObject({ verb: "settle", n: 4, reason: "all were told" }));
  });

  it("[CAS-33] what is dealt with says by whom and how, and can be opened again; what is open is told", async () => {
    await show(
      [
        rollback("f3", "confirmed run", {
          unsettled: 2,
          steps: { total: 4, over: 4, open: 0, failed: 0, residual: 3 },
        }),
      ],
      {
        ...left,
        assignee: BEA,
        settled: { by: BEA, at: 1, reason: "<i>told</i>" },
        handlingEntry: 77,
      },
    );
    expect(await screen.findByText("2 tasks left by rollbacks are open")).toBeVisible();
    expect(screen.getByText("1 of 3 left dealt with")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "What is left" }));
    const open = await screen.findByRole("region", { name: "What is left" });
    expect(open).toHaveTextContent(/dealt with.*by bea: <i>told<\/i>/);
    expect(within(open).getByRole("button", { name: /^Open again: send/ })).toBeEnabled();
    expect(within(open).queryByRole("combobox")).toBeNull();
  });

  it("[L2] does not look empty or sure when they cannot be read", async () => {
    const host = await show([]);
    expect(await screen.findByText("Nothing was ever rolled back")).toBeVisible();
    host.down = true;
    await host.refetch();
    await waitFor(() => expect(screen.getByText("Whether a rollback waits is not known")).toBeVisible());
    cleanup();
    const other = await show([rollback("f1", "clean run")]);
    await screen.findByRole("list", { name: "Rollbacks" });
    other.down = true;
    await other.refetch();
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
  });
});
