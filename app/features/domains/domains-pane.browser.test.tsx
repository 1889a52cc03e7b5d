import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useCallback, useState } from "react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { CrossingDetail, CrossingView, DomainView, PeerTrustView } from "../../api/contract/domains.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { offsetWords } from "./domain-words.ts";
import { DomainsPane } from "./domains-pane.tsx";
import type { DomainsSearch } from "./domains-search.ts";

const ADA = "spiffe://console.local/human/ada";
const WID = "0195400c-0000-7000-8000-00000000000a";
const DANGLING = "0195400c-0000-7000-8000-0000000000d1";
const VERIFIED = "0195400c-0000-7000-8000-0000000000d2";
const HASH = "H".repeat(43);
const position = { domain: "console.local", size: 60, root: "R".repeat(43), atMs: Date.now() };

const trustOf = (basis: PeerTrustView["basis"], change: Partial<PeerTrustView> = {}): PeerTrustView => ({
  ...{ of: "core.example", domain: "metro.example", basis },
  until: basis === "asserted" ? null : 1_803_600_000,
  ...change,
});
const domainOf = (domain: string, change: Partial<DomainView> = {}): DomainView => ({
  domain,
  kind: "beside",
  reg: {
    regime: "NIS2",
    role: "provider",
    data_classes: ["operational"],
    retention_min_s: 86_400 * 180,
    retention_max_s: 86_400 * 365,
    transfer: "allowed",
    purpose: "network",
  },
  policy: {
    minLevel: 3,
    regimes: ["NIS2"],
    dataClasses: ["operational"],
    trusted: [trustOf("pinned")],
    pairwise: true,
  },
  state: "open",
  detail: "",
  checked: 9,
  size: 12,
  root: HASH,
  sth: { size: 12, iat: 1_772_064_000 },
  gatewayKid: "kid",
  gatewayUntil: Math.floor(Date.now() / 1000) + 86_400 * 300,
  ...change,
});
const crossingOf = (stitchId: string, change: Partial<CrossingView> = {}): CrossingView => ({
  stitchId,
  wid: WID,
  from: "core.example",
  to: "metro.example",
  state: "verified",
  code: null,
  detail: "both logs prove it",
  missing: [],
  since: 1_772_064_000,
  lamport: { out: 2, in: 3 },
  handling: { flagged: null, assigned: null, resolved: null },
  ...change,
});
const dangling = crossingOf(DANGLING, {
  state: "dangling",
  code: "crossing_dangling",
  detail: "it was not completed within 600 s",
  missing: ["countersign", "in"],
  lamport: { out: 2, in: null },
});

let crossings: CrossingView[];
let domains: DomainView[];
const sent: string[] = [];
const detailOf = (crossing: CrossingView): CrossingDetail => ({
  crossing,
  tokens: [
    { part: "out", domain: "core.example", seq: 7, digest: HASH, token: "a.b.c", claims: { note: "<b>bold</b>" } },
  ],
  compared: [
    { what: "Handoff, as each log holds it", sender: HASH, receiver: "G".repeat(43), agree: false },
    { what: "Countersigned handoff", sender: HASH, receiver: null, agree: false },
  ],
  trust: [trustOf("declared", { of: "metro.example", domain: "core.example" }), trustOf("asserted")],
  judged: { sender: { version: 0, hash: HASH }, receiver: null },
  steps: [{ step: 1, check: "from a domain that is trusted here", result: "passed" }],
  offset: {
    a: "core.example",
    b: "metro.example",
    lowMs: 4960,
    highMs: 5100,
    contradictory: false,
    apart: true,
    messages: 4,
  },
  retention: {
    minS: 86_400,
    maxS: 60,
    conflict: "kept for at least 86400 s by one regime and at most 60 s by another",
  },
});
const client = {
  host: {
    status: async () => ({
      position: { ...position, size: 77 },
      sth: null,
      integrity: { state: "intact", checkedSize: 70, checkedAtMs: null, report: null },
    }),
  },
  identity: {
    describe: async () => ({ operators: [{ kid: "k" }] }),
    people: async () => ({ position, stated: true, people: [{ subject: ADA, name: "Ada", roles: [], keys: [] }] }),
  },
  domains: {
    list: async () => ({
      position,
      domains,
      offsets:
        domains.length > 1
          ? [
              {
                a: "core.example",
                b: "metro.example",
                lowMs: 4960,
                highMs: 5100,
                contradictory: false,
                apart: true,
                messages: 4,
              },
            ]
          : [],
    }),
    asked: async () => ({ position, questions: [] }),
    questions: async () => ({ position, questions: [] }),
    borders: async () => ({ position, borders: [] }),
    erasures: async () => ({ position, erasures: [] }),
    crossings: async ({ state }: { state?: string }) => ({
      position,
      crossings: crossings.filter((crossing) => state === undefined || crossing.state === state),
      gaps: [],
      counts: { conflict: 0, dangling: 1, refused: 0, announced: 0, matched: 0, verified: 1 },
    }),
    crossing: async ({ stitchId }: { stitchId: string }) => ({
      position,
      detail: detailOf(crossings.find((crossing) => crossing.stitchId === stitchId) ?? dangling),
    }),
    handle: async ({ token }: { token: string }) => {
      sent.push(token);
      return { seq: 61, finding: "crossing" };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

let url: DomainsSearch;

function Bench({ first }: { readonly first: DomainsSearch }) {
  const [search, setSearch] = useState<DomainsSearch>(first);
  url = search;
  return (
    <DomainsPane search={search} setSearch={useCallback((patch) => setSearch((now) => ({ ...now, ...patch })), [])} />
  );
}

async function show(first: DomainsSearch = {}): Promise<void> {
  const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: "p:ep" });
  renderSignedIn(client, session, <Bench first={first} />);
}

beforeEach(() => {
  sent.length = 0;
  crossings = [dangling, crossingOf(VERIFIED)];
  domains = [
    domainOf("console.local", { kind: "console", reg: null, policy: null }),
    domainOf("core.example"),
    domainOf("metro.example", { state: "unread", size: null, root: null, sth: null, detail: "storage is away" }),
  ];
});
afterEach(cleanup);

const claimsOf = (token: string | undefined): Readonly<Record<string, unknown>> => {
  const parsed = parseCompact(token ?? "");
  return parsed.ok ? parsed.value.payload : {};
};

describe("the domains pane", { timeout: 30_000 }, () => {
  it("[XDA-1] [XDA-11] shows each domain with its log, regime and policy, and one that cannot be read as that", async () => {
    await show();
    const table = await screen.findByRole("table", { name: "Domains of this console" });
    await waitFor(() =>
      expect(within(table).getByRole("row", { name: /^console\.local/ })).toHaveTextContent("77 entries, 70 checked"),
    );
    const core = within(table).getByRole("row", { name: /^core\.example/ });
    expect(core).toHaveTextContent("12 entries, 9 checked");
    expect(core).toHaveTextContent("NIS2, provider");
    expect(core).toHaveTextContent("level 3 or higher · operational");
    expect(within(table).getByRole("row", { name: /^metro\.example/ })).toHaveTextContent("cannot be read");
  });

  it("[XDA-33] [L7] shows the offset of two clocks as the interval it is known to be in, and what it means for the order", async () => {
    await show();
    const table = await screen.findByRole("table", { name: "Offset of the domains' clocks" });
    expect(table).toHaveTextContent("between +4,960 ms and +5,100 ms");
    expect(table).toHaveTextContent("times of the two tell no order");
    const none = { lowMs: null, highMs: null, contradictory: false, apart: false, messages: 0 };
    expect(offsetWords(none)).toBe("not known: nothing has crossed");
    expect(offsetWords({ ...none, messages: 1, highMs: -20 })).toBe("at most −20 ms");
    expect(offsetWords({ ...none, messages: 2, contradictory: true })).toBe(
      "not known: what crossed contradicts itself",
    );
  });

  it("[N11] [XDA-S1] lists what asks for somebody with what is missing, and narrows by state", async () => {
    await show();
    const table = await screen.findByRole("table", { name: "Border crossings" });
    expect(within(table).getAllByRole("row")[1]).toHaveTextContent("dangling");
    expect(table).toHaveTextContent(
      "the countersignature in the receiver's log, the receiver's audit token are missing",
    );
    await userEvent.click(screen.getByRole("radio", { name: "Verified 1" }));
    await waitFor(() =>
      expect(screen.getByRole("table", { name: "Border crossings" })).not.toHaveTextContent("dangling"),
    );
    expect(url.state).toBe("verified");
    await userEvent.keyboard("j");
    expect(url.crossing).toBe(VERIFIED);
  });

  it("[XDA-10] [XDA-9] holds both sides of a crossing against each other, token for token", async () => {
    await show({ crossing: DANGLING });
    const table = await screen.findByRole("table", { name: "What both sides say, held against each other" });
    const [, differ, half] = within(table).getAllByRole("row");
    expect(differ).toHaveTextContent(/no$/);
    expect(half).toHaveTextContent("not there");
    expect(half).toHaveTextContent(/not yet$/);
    expect(screen.getByRole("region", { name: "Selected crossing" })).toHaveTextContent(
      "the regimes contradict each other",
    );
    await userEvent.click(screen.getByText("the sender's audit token"));
    expect(await screen.findByText(/<b>bold<\/b>/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "entry 7" }).getAttribute("href")).toBe(
      "/timeline?domain=core.example&entry=7",
    );
  });

  it("[N11] [XDA-32] assigns a finding to somebody and resolves it, each signed over what was found", async () => {
    await show({ crossing: DANGLING });
    await userEvent.click(await screen.findByRole("button", { name: "Assign …" }));
    const assign = await screen.findByRole("dialog", { name: "Assign" });
    await within(assign).findByRole("option", { name: "Ada" });
    await userEvent.selectOptions(within(assign).getByRole("combobox", { name: "To" }), ADA);
    await userEvent.type(within(assign).getByRole("textbox"), "ask metro");
    await userEvent.click(within(assign).getByRole("button", { name: /^Assign/ }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claimsOf(sent[0])).toMatchObject({
      ...{ iss: ADA, finding: "crossing", item: DANGLING, code: "crossing_dangling", verb: "assign", to: ADA },
      note: "ask metro",
    });
    await userEvent.click(await screen.findByRole("button", { name: "Resolve …" }));
    const resolve = await screen.findByRole("dialog", { name: "Resolve" });
    await userEvent.type(within(resolve).getByRole("textbox"), "metro was away");
    await userEvent.click(within(resolve).getByRole("button", { name: /^Resolve/ }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(claimsOf(sent[1])).toMatchObject({ verb: "resolve", reason: "metro was away", code: "crossing_dangling" });
  });

  it("[XDA-2] says how other domains come about where there is one only", async () => {
    domains = domains.slice(0, 1);
    await show();
    expect(await screen.findByText("This console has one domain so far")).toBeInTheDocument();
    expect(screen.queryByRole("table", { name: "Border crossings" })).toBeNull();
  });
});
