import { useCallback, useState } from "react";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { UsageRecordView } from "../../api/contract/accounting.ts";
import type { SettlementView } from "../../api/contract/accounting-settling.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { type Frozen, FrozenProvider } from "../../ui/frozen.ts";
import { AccountingPane } from "./accounting-pane.tsx";
import type { AccountingSearch } from "./accounting-search.ts";
import type { UsageAnswer } from "./usage/usage-view.tsx";

export const ACCOUNT = {
  ...{ domain: "console.local", pepId: "spiffe://console.local/pep", logId: "spiffe://console.local/log" },
};
export const WID = "0195400c-0000-7000-8000-00000000000a";
export const POSITION = { domain: "console.local", size: 120, root: "R".repeat(43), atMs: Date.now() };
export const NOW_S = Math.floor(Date.now() / 1000);
export const ALICE = "spiffe://console.local/human/alice";
export const uuid = (n: number): string => `0195400c-0000-7000-8000-${String(n).padStart(12, "0")}`;
const agent = (name: string): string => `spiffe://console.local/agent/${WID}/${name}`;

const amounts = (tokens: number, cost: string, timeS: number) => ({
  ...{ tokens, calls: 2, timeS, cost: { EUR: cost }, estimated: false },
});

/** Two agents over three bars of an hour. */
export const usage = (change: Partial<UsageAnswer> = {}): UsageAnswer => ({
  position: POSITION,
  by: "agent",
  from: 1_772_064_000,
  to: 1_772_074_800,
  bucketS: 3600,
  total: amounts(13_500, "0.0585", 90),
  groups: [
    { ...amounts(12_000, "0.05", 60), key: agent("planner"), name: null, records: 2 },
    { ...amounts(1500, "0.0085", 30), key: agent("builder"), name: null, records: 2 },
  ],
  series: [
    { tokens: [12_000, 0, 0], cost: ["0.05", "0", "0"], timeS: [60, 0, 0] },
    { tokens: [500, 0, 1000], cost: ["0.0025", "0", "0.006"], timeS: [10, 0, 20] },
  ],
  unpriced: 4,
  counted: 0,
  currency: "EUR",
  meters: [],
  trouble: null,
  aside: [],
  ...change,
});

export const record = (change: Partial<UsageRecordView> = {}): UsageRecordView => ({
  ...{ jti: uuid(201), entry: 40, at: NOW_S, meter: "spiffe://console.local/meter/gateway", seq: 0, wid: WID },
  ...{
    task: uuid(2),
    taskName: "Plan the change",
    execAct: "chat",
    doneBy: null,
    consumer: agent("planner"),
    payer: "console.local",
  },
  ...{
    from: NOW_S - 60,
    to: NOW_S,
    currency: "EUR",
    correctionOf: null,
    correction: null,
    overLimit: false,
    unusual: false,
    state: "rated",
  },
  items: [
    {
      ...{ resource: "llm_input_token", quantity: "12000", unit: "token", estimated: false, model: "model-a" },
      amount: "0.036",
    },
  ],
  ...change,
});

export const settlement = (change: Partial<SettlementView> = {}): SettlementView => ({
  ...{ id: uuid(301), payee: "ops.example", payer: "console.local", side: "payer", from: 1000, to: 2000 },
  ...{
    status: "stated",
    round: 0,
    arbitration: null,
    currency: "EUR",
    amount: "0.063",
    count: 2,
    root: "A".repeat(43),
  },
  totals: [{ resource: "llm_input_token", unit: "token", quantity: "13000", amount: "0.063" }],
  ...{ statedAt: NOW_S - 10, disputableUntil: NOW_S + 600_000, disputes: [] },
  steps: [
    {
      ...{ phase: "statement", jti: uuid(401), hash: "B".repeat(43), by: "spiffe://ops.example/human/fay" },
      ...{ at: NOW_S - 10, seq: 90, reason: "" },
    },
  ],
  check: { amount: "0.063", count: 2, problems: [] },
  ...change,
});

export const url: { now: AccountingSearch } = { now: {} };

function Bench({ first }: { readonly first: AccountingSearch }) {
  const [search, setSearch] = useState<AccountingSearch>(first);
  const change = useCallback((patch: Partial<AccountingSearch>) => setSearch((now) => ({ ...now, ...patch })), []);
  url.now = search;
  return (
    <main style={{ display: "flex", flexDirection: "column", height: "100vh" }}>
      <AccountingPane search={search} setSearch={change} />
    </main>
  );
}

const never = async (): Promise<never> => {
  throw new Error("not asked here");
};

/** The pane over a host that answers so; `roles` of whoever is signed in. */
export async function show(
  answers: object,
  first: AccountingSearch = {},
  roles: readonly string[] = ["finance"],
  frozen: Frozen | null = null,
) {
  const accounting = {
    accounts: async () => ({ accounts: [ACCOUNT] }),
    usage: async () => usage(),
    records: async () => ({ position: POSITION, total: 1, records: [record()] }),
    limits: async () => ({ position: POSITION, limits: [] }),
    tariffs: async () => ({ position: POSITION, tariffs: [] }),
    settlements: async () => ({ position: POSITION, settlements: [], peers: [] }),
    ...{ setTariff: never, correct: never, draft: never, settle: never, ledger: never, inspectLedger: never },
    ...{ importLedger: never, reconcile: never, focus: never },
    ...answers,
  };
  const identity = { describe: async () => ({ operators: [{ kid: "k", roles: [...roles] }] }) };
  const client = { accounting, identity } as unknown as SignalboxClient; // The client's type is a proxy's, which a plain object never is.
  const session = await signedIn(client, {
    ...{ subject: ALICE, name: "Alice" },
    ...{ logId: "spiffe://console.local/log", pepId: "spiffe://console.local/pep" },
  });
  const queries = renderSignedIn(
    client,
    session,
    <FrozenProvider value={frozen}>
      <Bench first={first} />
    </FrozenProvider>,
  );
  return queries;
}
