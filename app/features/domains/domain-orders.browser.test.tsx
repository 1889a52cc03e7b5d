import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { BorderView, ErasureView } from "../../api/contract/domain-orders.ts";
import { must } from "../../base/assert.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { BorderPart } from "./border/border-part.tsx";
import { ErasurePart } from "./erasure/erasure-part.tsx";

const ADA = "spiffe://console.local/human/ada";
const BOB = "spiffe://console.local/human/bob";
const CORE = "core.example";
const HASH = "H".repeat(43);
const JTI = "0195400c-0000-7000-8000-0000000000d1";
const AGENT = "spiffe://console.local/agent/w/builder";
const policy: BorderView["inForce"]["policy"] = {
  reg: {
    ...{ regime: "NIS2", role: "provider", data_classes: ["operational"], transfer: "allowed", purpose: "network" },
    ...{ retention_min_s: 86_400, retention_max_s: 864_000 },
  },
  takes: { level_min: 3, regimes: ["NIS2"], data_classes: ["operational", "public"] },
  works_with: ["metro.example"],
  jurisdictions: ["EU"],
  disclosure: {
    ...{ policy_id: "xd-1", pairwise: true, default: "hash_only" },
    audience_rules: [{ role: "auditor", reveal: ["evidence"] }],
  },
};
const wider = { ...policy, disclosure: { ...policy.disclosure, pairwise: false } };
const proposal = {
  ...{ jti: JTI, hash: "P".repeat(43), by: BOB, reason: "<b>a partner asks</b>", seq: 9, at: 1_772_064_000 },
  ...{ until: 1_772_150_400, state: "waiting" as const, version: 1, policy: wider, widens: ["disclosure.pairwise"] },
};
const sent: string[] = [];
let borders: BorderView[];
let erasures: ErasureView[];
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  domains: {
    borders: async () => ({ position: {}, borders }),
    erasures: async () => ({ position: {}, erasures }),
    subjects: async () => ({ position: {}, subjects: [{ subject: AGENT, records: 7 }] }),
    erasurePreview: async ({ domain, about }: { domain: string; about: object }) => ({
      position: {},
      preview: {
        ...{ domain, about, shown: { records: 4, claims: { inp_hash: 4, evidence: 3 }, root: "R".repeat(43) } },
        ...{ stays: { legal_hold: 1, retention: 2, gone: 0, none: 0 }, freeFrom: 1_772_064_000 },
      },
    }),
    apart: async () => ({
      position: {},
      record: {
        ...{ jti: JTI, hash: HASH, subject: AGENT, hidden: 3, kept: [], held: false },
        erasedBy: { jti: JTI, seq: 12, by: BOB, at: 1_772_064_000 },
      },
    }),
    order: async ({ token }: { token: string }) => {
      sent.push(token);
      return { domain: CORE, kind: "erase", seq: 10, border: { version: 0, hash: HASH }, doneSeq: null };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

async function show(): Promise<void> {
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  renderSignedIn(
    client,
    session,
    <>
      <BorderPart />
      <ErasurePart domains={[CORE]} />
    </>,
  );
}
const signed = async (count: number) => {
  await waitFor(() => expect(sent).toHaveLength(count));
  const parsed = parseCompact(sent[count - 1] ?? "");
  return parsed.ok ? parsed.value.payload : {};
};
const opened = async (button: string, title: string): Promise<HTMLElement> => {
  await userEvent.click(await screen.findByRole("button", { name: button }));
  return screen.findByRole("dialog", { name: title });
};
const why = (dialog: HTMLElement) => userEvent.type(within(dialog).getByRole("textbox", { name: /Why/ }), "asked for");

beforeEach(() => {
  sent.length = 0;
  borders = [{ domain: CORE, inForce: { version: 0, hash: HASH, policy, signed: null }, earlier: [], proposals: [] }];
  erasures = [];
});
afterEach(cleanup);

describe("orders about a domain", { timeout: 60_000 }, () => {
  it("[XDA-72] [XDA-73] a border policy is changed on a form that shows the difference before it is signed, and what of it is wider", async () => {
    await show();
    const row = await screen.findByRole("row", { name: /core\.example.*version 0/ });
    expect(row).toHaveTextContent("nobody: it came with the domain");
    const dialog = await opened("Change …", "Border policy of core.example");
    const form = within(dialog);
    await why(dialog);
    expect(form.getByRole("button", { name: /^Put in force/ })).toBeDisabled();
    await userEvent.click(
      within(form.getByRole("group", { name: "Classes of data that are taken" })).getByRole("checkbox", {
        name: "public",
      }),
    );
    const changes = await form.findByRole("table", { name: "What changes" });
    expect(within(changes).getByRole("row", { name: /Takes classes of data/ })).toHaveTextContent(
      "operational, publicoperationalno",
    );
    expect(dialog).toHaveTextContent("in force with your signature");
    const auditor = within(form.getByRole("group", { name: "Audience auditor" }));
    await userEvent.click(auditor.getByRole("checkbox", { name: "digest of what went in" }));
    expect(within(changes).getByRole("row", { name: /Shown to the role auditor/ })).toHaveTextContent("wider");
    await userEvent.click(form.getByRole("button", { name: /^Propose/ }));
    expect(await signed(1)).toMatchObject({
      ...{ iss: ADA, aud: ["spiffe://core.example/pep"], domain: CORE, role: "safety_officer", reason: "asked for" },
      order: {
        ...{ kind: "border_policy", version: 1, follows: HASH, widens: ["audience role:auditor"] },
        policy: {
          ...{ reg: policy.reg, takes: { level_min: 3, regimes: ["NIS2"], data_classes: ["operational"] } },
          disclosure: { audience_rules: [{ role: "auditor", reveal: ["evidence", "inp_hash"] }] },
        },
      },
    });
  });

  it("[XDA-73] a wider one is confirmed by another person who is shown what it widens, and by nobody for themselves", async () => {
    borders = borders.map((border) => ({ ...border, proposals: [proposal] }));
    await show();
    const dialog = await opened("Look and confirm …", "Version 1 for core.example");
    expect(within(dialog).getByRole("row", { name: /Hands on names of the pair alone/ })).toHaveTextContent("wider");
    expect(dialog).toHaveTextContent("<b>a partner asks</b>");
    await why(dialog);
    await userEvent.click(within(dialog).getByRole("button", { name: /^Confirm/ }));
    expect(await signed(1)).toMatchObject({ order: { kind: "confirm", proposal: { jti: JTI, hash: proposal.hash } } });
    cleanup();
    // A later one hides none that waits for somebody else.
    const later = { ...proposal, by: ADA, jti: JTI.replace("d1", "d3") };
    borders = borders.map((border) => ({ ...border, proposals: [later, proposal] }));
    await show();
    const buttons = await screen.findAllByRole("button", { name: "Look and confirm …" });
    expect(buttons).toHaveLength(2);
    await userEvent.click(must(buttons[0], "the later one"));
    const own = await screen.findByRole("dialog", { name: "Version 1 for core.example" });
    await why(own);
    expect(own).toHaveTextContent("somebody else has to confirm it");
    expect(within(own).getByRole("button", { name: /^Confirm/ })).toBeDisabled();
  });

  it("[XDA-13] [XDA-76] what would be erased and what stays and why is shown before it is signed, exactly; what was erased says by which entry", async () => {
    const order = { domain: CORE, jti: JTI, seq: 12, at: 1_772_064_000, by: BOB, reason: "a request", endedSeq: null };
    erasures = [
      {
        ...order,
        kind: "erase",
        about: { subject: AGENT },
        shown: { records: 2, claims: { evidence: 2 }, root: HASH },
        doneSeq: 13,
      },
      {
        ...order,
        kind: "legal_hold",
        jti: JTI.replace("d1", "d2"),
        about: { subject: AGENT },
        shown: null,
        doneSeq: null,
      },
    ];
    await show();
    const table = await screen.findByRole("table", { name: "Erasures and legal holds" });
    expect(within(table).getByRole("row", { name: /^erased/ })).toHaveTextContent(
      "2 recordsreferences to evidence of 2 records",
    );
    expect(within(table).getByRole("row", { name: /^legal hold in force/ })).toHaveTextContent(
      "nothing of these is erased",
    );
    const dialog = await opened("Erase or hold …", "Erase or hold what records keep apart");
    const form = within(dialog);
    await why(dialog);
    expect(form.getByRole("button", { name: /^Erase/ })).toBeDisabled();
    await form.findByRole("option", { name: /7 records/ });
    await userEvent.selectOptions(form.getByRole("combobox", { name: "Records of" }), AGENT);
    const would = await form.findByRole("region", { name: "What would be erased" });
    for (const words of [
      "Erased of 4 records, for good",
      "digest of what went in of 4 records",
      "Stays: 1 record under a legal hold",
      "Stays: 2 records kept for longer by a regime",
      "answers, packs or copies is out of reach",
      "this console's log has whole",
    ])
      expect(would).toHaveTextContent(words);
    await userEvent.type(form.getByRole("textbox", { name: "Only the record at entry" }), "7");
    expect(await form.findByText(/Erased by order, entry 12/)).toBeInTheDocument();
    await userEvent.clear(form.getByRole("textbox", { name: "Only the record at entry" }));
    await waitFor(() => expect(form.getByRole("button", { name: /^Erase/ })).toBeEnabled());
    await userEvent.click(form.getByRole("button", { name: /^Erase/ }));
    expect(await signed(1)).toMatchObject({
      order: { kind: "erase", about: { subject: AGENT }, shown: { records: 4, claims: { inp_hash: 4, evidence: 3 } } },
    });
  });
});
