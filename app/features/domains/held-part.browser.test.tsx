import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { HeldQuestionView } from "../../api/contract/held-questions.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { HeldPart } from "./held-part.tsx";

const ADA = "spiffe://console.local/human/ada";
const BOB = "spiffe://console.local/human/bob";
const HASH = "H".repeat(43);
const question = (change: Partial<HeldQuestionView> = {}): HeldQuestionView => ({
  ...{ domain: "core.example", jti: "0195400c-0000-7000-8000-0000000000d1", hash: HASH, token: "a.b.c", seq: 7 },
  ...{ state: "held", at: 1_772_064_000, until: 1_772_150_400, asker: BOB, role: "auditor" },
  ...{ purpose: "compliance_audit", reason: "<b>the yearly audit</b>", page: 10, pageSize: 100, givenInHour: 1000 },
  ...{ filters: [{ name: "exec_act", value: "build_site" }], fields: ["inp_hash"], decision: null },
  ...change,
});
const preview = {
  ...{ entries: 342, claims: { inp_hash: 342 }, redacted: { audience: 12, erased: 0, transfer_forbidden: 3 } },
};
const sent: string[] = [];
let questions: HeldQuestionView[];
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  domains: {
    questions: async () => ({ position: {}, questions }),
    question: async () => ({ position: {}, question: questions[0], preview }),
    decideQuestion: async ({ token }: { token: string }) => {
      sent.push(token);
      return { domain: "core.example", outcome: "approve" };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

async function show(): Promise<void> {
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  renderSignedIn(client, session, <HeldPart />);
}
async function opened(): Promise<HTMLElement> {
  await show();
  await userEvent.click(await screen.findByRole("button", { name: "Decide …" }));
  const dialog = await screen.findByRole("dialog", { name: "Question to core.example" });
  await within(dialog).findByRole("region", { name: "What would be disclosed" });
  return dialog;
}

beforeEach(() => {
  sent.length = 0;
  questions = [question()];
});
afterEach(cleanup);

describe("a question that a domain holds back", { timeout: 30_000 }, () => {
  it("[XDA-S7] is shown whole before it is decided: who asks, what for, for what, and how much would be disclosed", async () => {
    const dialog = await opened();
    for (const words of [
      BOB.slice(0, 8),
      "as auditor",
      "Audit of compliance",
      "<b>the yearly audit</b>",
      "build_site",
      "digest of what went in",
      "from record 1,001 on",
      "1,000 records",
      "342 records would be disclosed",
      "digest of what went in of 342 records",
      "12 claims not shown to them by its rules",
      "3 entries that must not leave the domain",
    ])
      expect(dialog).toHaveTextContent(words);
  });

  it("[XDA-S7] is approved by a signature over that question and what was shown, with a reason", async () => {
    const dialog = await opened();
    const reason = within(dialog).getByRole("textbox", { name: /Why/ });
    await userEvent.type(reason, "the audit is announced");
    expect(within(dialog).getByRole("button", { name: /^Decide/ })).toBeDisabled();
    await userEvent.selectOptions(within(dialog).getByRole("combobox", { name: "Decision" }), "approve");
    await userEvent.click(within(dialog).getByRole("button", { name: /^Approve/ }));
    await waitFor(() => expect(sent).toHaveLength(1));
    const parsed = parseCompact(sent[0] ?? "");
    expect(parsed.ok && parsed.value.payload).toMatchObject({
      ...{ iss: ADA, aud: ["spiffe://core.example/pep"], domain: "core.example", outcome: "approve" },
      ...{ query: { jti: question().jti, hash: HASH }, shown: { entries: 342, claims: { inp_hash: 342 } } },
      reason: "the audit is announced",
    });
  });

  it("[XDA-S7] is not for whoever asked it to decide", async () => {
    questions = [question({ asker: ADA })];
    const dialog = await opened();
    await userEvent.type(within(dialog).getByRole("textbox", { name: /Why/ }), "mine");
    expect(dialog).toHaveTextContent("somebody else has to decide");
    expect(within(dialog).queryByRole("combobox", { name: "Decision" })).toBeNull();
    expect(within(dialog).getByRole("button", { name: /^Decide/ })).toBeDisabled();
  });

  it("[XDA-S7] shows what became of it, by whom, and how much was given of what was approved", async () => {
    const decision = { outcome: "approve" as const, by: ADA, role: "duty_manager", reason: "fine", at: 1_772_064_100 };
    questions = [question({ state: "approved", decision: { ...decision, entries: 342, given: 100 } })];
    await show();
    const row = await screen.findByRole("row", { name: /approved, to be fetched/ });
    expect(row).toHaveTextContent("100 of 342 records given");
    expect(within(row).queryByRole("button", { name: "Decide …" })).toBeNull();
  });
});
