import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { AskedQuestionView } from "../../api/contract/held-questions.ts";
import type { DomainAnswer } from "../../api/contract/trail-answer.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { AskPart } from "./ask-part.tsx";
import { redactionWords } from "./ask-words.ts";

const ADA = "spiffe://console.local/human/ada";
const WID = "0195400c-0000-7000-8000-00000000000a";
const TASK = "0195400c-0000-7000-8000-0000000000d1";
const answerOf = (domain: string, change: Partial<DomainAnswer> = {}): DomainAnswer => ({
  ...{ domain, state: "answered", code: null, detail: "", complete: true, token: null, rounded: false, next: null },
  ...{ entries: [], gaps: [], external: [], redacted: { audience: 0, erased: 0, transfer_forbidden: 0 } },
  ...change,
});
const sent: string[] = [];
let answers: DomainAnswer[];
let questions: AskedQuestionView[];
const HASH = "H".repeat(43);
const askedOf = (domain: string, change: Partial<AskedQuestionView> = {}): AskedQuestionView => ({
  ...{ domain, token: "a.b.c", asker: ADA, askedAt: 1_772_064_000, state: "asked", code: null, detail: "" },
  ...{ held: null, fetchPage: null },
  asks: {
    ...{ purpose: "compliance_audit", role: "auditor", reason: "<b>the yearly audit</b>", wid: WID },
    ...{ agents: ["spiffe://core.example/agent/a"], fields: ["inp_hash"], page: 0, page_size: 50 },
  },
  ...change,
});
const heldAs = (change: Partial<NonNullable<AskedQuestionView["held"]>> = {}): AskedQuestionView["held"] => ({
  ...{ jti: TASK, hash: HASH, until: Math.floor(Date.now() / 1000) + 3600, approved: null, given: 0, decision: null },
  ...change,
});
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  domains: {
    asked: async () => ({ position: {}, questions }),
    ask: async ({ token }: { token: string }) => {
      sent.push(token);
      return { position: {}, answers, complete: answers.every(({ complete }) => complete) };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

async function show(): Promise<void> {
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  renderSignedIn(client, session, <AskPart domains={["core.example", "metro.example"]} own="core.example" wid={WID} />);
}
const claimsOf = (token: string | undefined): Readonly<Record<string, unknown>> => {
  const parsed = parseCompact(token ?? "");
  return parsed.ok ? parsed.value.payload : {};
};
async function ask(): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: "Ask …" }));
  const dialog = await screen.findByRole("dialog", { name: "Ask other domains" });
  await userEvent.selectOptions(within(dialog).getByRole("combobox", { name: "Purpose" }), "incident_investigation");
  await userEvent.type(within(dialog).getByRole("textbox", { name: /What do you need it for/ }), "the link is down");
  await userEvent.click(within(dialog).getByRole("button", { name: /^Ask/ }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
}

beforeEach(() => {
  sent.length = 0;
  questions = [];
  answers = [
    answerOf("core.example", {
      entries: [
        {
          ...{ jti: TASK, wid: WID, execAct: "<b>build</b>", outcome: "failure", at: 1_772_064_000, hidden: 1 },
          ...{ actor: "spiffe://core.example/agent/a", disclosed: [{ name: "inp_hash", value: "H".repeat(43) }] },
        },
      ],
      redacted: { audience: 2, erased: 1, transfer_forbidden: 3 },
      gaps: [{ after: TASK, before: null, reason: "crossing_dangling" }],
      external: [{ stitchId: TASK, domain: "metro.example" }],
      next: 1,
      complete: false,
    }),
    answerOf("metro.example", { state: "silent", code: "domain_silent", detail: "no answer", complete: false }),
  ];
});
afterEach(cleanup);

describe("asking other domains", { timeout: 30_000 }, () => {
  it("[XDA-7] [XDA-12] asks for nothing without a purpose and a reason, and signs both", async () => {
    await show();
    await userEvent.click(screen.getByRole("button", { name: "Ask …" }));
    const dialog = await screen.findByRole("dialog", { name: "Ask other domains" });
    const reason = within(dialog).getByRole("textbox", { name: /What do you need it for/ });
    await userEvent.type(reason, "the link is down");
    expect(within(dialog).getByRole("button", { name: /^Ask/ })).toBeDisabled();
    await userEvent.selectOptions(within(dialog).getByRole("combobox", { name: "Purpose" }), "authority_request");
    expect(within(dialog).getByRole("checkbox", { name: "core.example (this console)" })).toBeChecked();
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "metro.example" }));
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "references to evidence" }));
    await userEvent.click(within(dialog).getByRole("button", { name: /^Ask/ }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claimsOf(sent[0])).toMatchObject({
      ...{ iss: ADA, aud: ["spiffe://core.example/pep"], wid: WID, purpose: "authority_request" },
      ...{ reason: "the link is down", fields: ["inp_hash", "out_hash"], page: 0 },
    });
  });

  it("[XDA-3] [XDA-11] shows each domain by itself: what it shows, what it keeps back by reason, gaps, and who was silent", async () => {
    await show();
    await ask();
    const core = await screen.findByRole("region", { name: "core.example" });
    expect(screen.getByText(/^Not complete/)).toBeInTheDocument();
    for (const words of [
      "2 claims not shown to you by its rules",
      "1 claim erased: only digests are left",
      "3 entries that must not leave the domain",
      "nobody has answered",
      "The trail goes on in metro.example",
      "<b>build</b>",
      "digest of what went in",
      "1 claim only as digests",
    ])
      expect(core).toHaveTextContent(words);
    const metro = screen.getByRole("region", { name: "metro.example" });
    expect(metro).toHaveTextContent("did not answer");
    expect(metro).toHaveTextContent("domain_silent");
  });

  it("[XDA-7] [XDA-S7] goes on with the next page of the domain that has one, and says where what is held waits", async () => {
    await show();
    await ask();
    answers = [answerOf("core.example", { state: "held", code: "query_approval_needed", complete: false })];
    await userEvent.click(await screen.findByRole("button", { name: "Ask for the next page …" }));
    const dialog = await screen.findByRole("dialog", { name: "Ask other domains" });
    await userEvent.click(within(dialog).getByRole("button", { name: /^Ask/ }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(claimsOf(sent[1])).toMatchObject({ aud: ["spiffe://core.example/pep"], page: 1, wid: WID });
    expect(await screen.findByText(/once it is approved, fetch the answer there/)).toBeInTheDocument();
  });

  it("[XDA-77] shows after a reload what was asked and what became of it, and fetches what was approved as it was asked", async () => {
    const decision = { by: "spiffe://console.local/human/bob", reason: "<i>announced</i>" };
    questions = [
      askedOf("core.example", {
        state: "approved",
        fetchPage: 3,
        held: heldAs({ approved: 342, given: 100, decision }),
      }),
      askedOf("metro.example", { state: "waiting", held: heldAs() }),
      askedOf("access.example", { state: "refused", held: heldAs({ decision }) }),
      askedOf("old.example", { state: "approved", fetchPage: 0, held: heldAs({ approved: 5, until: 1_772_064_000 }) }),
      askedOf("mute.example", { state: "silent", code: "domain_silent", detail: "no answer" }),
      askedOf("other.example", { asker: "spiffe://console.local/human/eve" }),
    ];
    await show();
    const row = (name: string) => screen.findByRole("row", { name: new RegExp(`^${name}`) });
    const core = await row("core.example");
    for (const words of [
      "approved, to be fetched",
      "100 of 342 records given",
      "<b>the yearly audit</b>",
      "<i>announced</i>",
    ])
      expect(core).toHaveTextContent(words);
    for (const [name, state] of [
      ["metro.example", "waits for approval"],
      ["access.example", "refused"],
    ] as const) {
      expect(await row(name)).toHaveTextContent(state);
      expect(within(await row(name)).queryByRole("button", { name: /Ask|Fetch/ })).toBeNull();
    }
    expect(await row("old.example")).toHaveTextContent("expired");
    expect(within(await row("old.example")).queryByRole("button", { name: /Fetch/ })).toBeNull();
    expect(await row("mute.example")).toHaveTextContent("no answer");
    expect(screen.queryByText("other.example")).toBeNull();

    answers = [answerOf("core.example", { next: 4, complete: false })];
    await userEvent.click(within(core).getByRole("button", { name: "Fetch the answer" }));
    await userEvent.click(await screen.findByRole("button", { name: "Ask for the next page …" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(await screen.findByText(/page 5 of an answer/)).toBeInTheDocument();
    const asked = {
      ...questions[0]?.asks,
      held: { jti: TASK, hash: HASH },
      iss: ADA,
      aud: ["spiffe://core.example/pep"],
    };
    expect(claimsOf(sent[0])).toMatchObject({ ...asked, page: 3 });
    expect(claimsOf(sent[1])).toMatchObject({ ...asked, page: 4 });

    // What is asked again keeps the filters that have no field, and says so.
    await userEvent.click(within(await row("mute.example")).getByRole("button", { name: "Ask again …" }));
    const dialog = await screen.findByRole("dialog", { name: "Ask other domains" });
    expect(dialog).toHaveTextContent("its other filters too: Agents");
  });

  it("[XDA-11] says that an answer is complete only where it is", async () => {
    answers = [answerOf("core.example"), answerOf("metro.example")];
    await show();
    await ask();
    expect(await screen.findByText(/^Complete: every domain/)).toBeInTheDocument();
    expect(screen.getAllByText("Nothing was kept back of what you asked for")).toHaveLength(2);
  });

  it("[XDA-S8] says of rounded counts that they are no more than that", () => {
    const redacted = { audience: 8, erased: 0, transfer_forbidden: 0 };
    expect(redactionWords({ redacted, rounded: true })).toEqual(["up to 8 claims not shown to you by its rules"]);
  });
});
