import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { tariffBodySchema } from "../../protocol/audit/accounting/tariff.ts";
import { ACCOUNT, ALICE, POSITION, record, settlement, show, url, usage, uuid } from "./pane.fixture.tsx";

afterEach(cleanup);

const cells = (table: HTMLElement): string[][] =>
  within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => [...row.children].map((cell) => cell.textContent ?? ""));

describe("usage", () => {
  it("[XDA-15] [XDA-17] shows cost and tokens by agent, and over time by a table with the numbers of the chart", async () => {
    await show({});
    const groups = await screen.findByRole("table", { name: "Usage by agent" });
    expect(cells(groups)).toEqual([
      ["planner", "0.05 EUR", "12,000 tokens", "2", "1 min 00 s"],
      ["builder", "0.0085 EUR", "1,500 tokens", "2", "30 s"],
    ]);
    expect(screen.getByText(/0.0585 EUR/)).toBeVisible();
    await userEvent.keyboard("v");
    const time = await screen.findByRole("table", { name: "Usage over time" });
    expect(cells(time).map(([, all]) => all)).toEqual(["0.0525 EUR", "0.006 EUR"]);
    await userEvent.click(screen.getByRole("button", { name: "builder" }));
    expect(cells(time).map(([, all, own]) => [all, own])).toEqual([
      ["0.0525 EUR", "0.0025 EUR"],
      ["0.006 EUR", "0.006 EUR"],
    ]);
    await userEvent.click(screen.getByRole("radio", { name: "Tokens" }));
    expect(cells(screen.getByRole("table", { name: "Usage over time" })).map(([, all]) => all)).toEqual([
      "12,500 tokens",
      "1,000 tokens",
    ]);
    await userEvent.click(within(time).getAllByRole("button", { name: "Look closer" })[1] ?? time);
    expect(url.now).toMatchObject({ from: 1_772_071_200, to: 1_772_074_800, measure: "tokens", as: "table" });
    await userEvent.keyboard("z");
    expect(url.now.from).toBeUndefined();
  });

  it("[XDA-19] [XDA-S5] tells estimates, use beyond a limit, and unusual use apart, in words", async () => {
    const [item] = record().items;
    const marked = record({
      overLimit: true,
      unusual: true,
      items: item === undefined ? [] : [{ ...item, estimated: true }],
    });
    await show({ records: async () => ({ position: POSITION, total: 1, records: [marked] }) });
    const table = await screen.findByRole("table", { name: "Usage records" });
    for (const words of [/estimated/, /more than its limit/, /over 3 times the usual/, /0.036 EUR/])
      expect(table).toHaveTextContent(words);
  });

  it("[XDA-22] says that nothing was metered, that metering fails, and that a read failed, each as what it is", async () => {
    await show({ usage: async () => usage({ groups: [], series: [] }) });
    expect(await screen.findByText("Nothing was metered yet")).toBeVisible();
    cleanup();
    await show({ usage: async () => usage({ trouble: "no room" }) });
    expect(await screen.findByRole("alert")).toHaveTextContent(
      /not metered at the moment.*no room.*Nothing else waits/,
    );
    cleanup();
    await show({ usage: () => Promise.reject(new Error("gone")) });
    expect(await screen.findByRole("button", { name: "Try again" })).toBeVisible();
  });

  it("[XDA-18] orders a correction by finance, and by nobody else", async () => {
    const tokens: string[] = [];
    const correct = async ({ token }: { token: string }) => {
      tokens.push(token);
      return { seq: 130, undelivered: null };
    };
    await show({ correct });
    await userEvent.click(await screen.findByRole("button", { name: "Correct the record of Plan the change" }));
    const dialog = await screen.findByRole("dialog", { name: "Correct a usage record" });
    const sign = within(dialog).getByRole("button", { name: "Sign the order" });
    await userEvent.type(within(dialog).getByLabelText("Input tokens, difference"), "1e3");
    await userEvent.type(within(dialog).getByLabelText("Why (recorded)"), "counted twice");
    expect(within(dialog).getByText("A decimal, such as -12.5")).toBeVisible();
    expect(sign).toBeDisabled();
    await userEvent.clear(within(dialog).getByLabelText("Input tokens, difference"));
    await userEvent.type(within(dialog).getByLabelText("Input tokens, difference"), "-1000");
    await userEvent.click(sign);
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(decodeJwt(tokens[0] ?? "")).toMatchObject({
      ...{ record: uuid(201), role: "finance", reason: "counted twice" },
      items: [{ resource: "llm_input_token", difference: "-1000" }],
    });
    cleanup();
    await show({ correct }, {}, ["auditor"]);
    await userEvent.click(await screen.findByRole("button", { name: "Correct the record of Plan the change" }));
    expect(await screen.findByText("This needs the role finance.")).toBeVisible();
  });
});

describe("tariffs", () => {
  it("[XDA-17] are checked field by field, and signed as they were typed", async () => {
    const tokens: string[] = [];
    const setTariff = async ({ token }: { token: string }) => {
      tokens.push(token);
      return { seq: 130, undelivered: null };
    };
    await show({ setTariff }, { view: "tariffs" });
    await userEvent.click(await screen.findByRole("button", { name: "Set a tariff …" }));
    const dialog = await screen.findByRole("dialog", { name: "Set a tariff" });
    const at = within(dialog);
    await userEvent.click(at.getByRole("button", { name: "Sign the tariff" }));
    expect(tokens).toHaveLength(0);
    expect(at.getByText("Lower-case letters, digits and hyphens")).toBeVisible();
    expect(at.getAllByText("A decimal, such as 0.000003")).toHaveLength(2);
    await userEvent.type(at.getByLabelText("Name"), "t-2026");
    await userEvent.click(at.getByRole("button", { name: "Remove Output tokens" }));
    await userEvent.type(at.getByLabelText(/^Price/), "0.000003");
    await userEvent.click(at.getByRole("button", { name: "Add a tier" }));
    await userEvent.type(at.getByLabelText(/^Tier 1: up to/), "1000");
    await userEvent.type(at.getByLabelText("Tier 1: price"), "0.000005");
    await userEvent.type(at.getByLabelText("Why (recorded)"), "the new year");
    await userEvent.click(at.getByRole("button", { name: "Sign the tariff" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    const claims = decodeJwt<{ tariff: object }>(tokens[0] ?? "");
    expect(tariffBodySchema.safeParse(claims.tariff).success).toBe(true);
    expect(claims).toMatchObject({
      ...{ account: { payer: "console.local" }, reason: "the new year", role: "finance" },
      tariff: {
        ...{ tariff_id: "t-2026", version: 1, currency: "EUR", hash: expect.stringMatching(/^[\w-]{43}$/) },
        lines: [{ resource: "llm_input_token", price: "0.000003", tiers: [{ upto: "1000", price: "0.000005" }] }],
      },
    });
  });
});

describe("what the log did not take", () => {
  it("[XDA-52] [XDA-51] is told task by task with the reason, and a correction that is not the ordered one line by line", async () => {
    const aside = [
      {
        ...{ wid: uuid(1), task: uuid(2), taskName: "summarise", order: null },
        code: "usage_unit",
        detail: "in yards",
      },
    ];
    const lines = [
      { resource: "llm_input_token", ordered: "-5", recorded: "-4", differs: true },
      { resource: "llm_output_token", ordered: "1", recorded: "1", differs: false },
    ];
    const corrected = {
      ...record(),
      correctionOf: uuid(7),
      correction: { order: uuid(8), by: "spiffe://console.local/human/fay", lines },
    };
    await show({
      usage: async () => ({ ...usage(), aside }),
      records: async () => ({ position: POSITION, total: 1, records: [corrected] }),
    });
    const row = (await screen.findByRole("rowheader", { name: "summarise" })).closest("tr");
    expect(row).toHaveTextContent("in yards usage_unit");
    const list = await screen.findByRole("list", { name: "Not as ordered" });
    expect(
      within(list)
        .getAllByRole("listitem")
        .map(({ textContent }) => textContent),
    ).toEqual([expect.stringContaining("Input tokens: -5 ordered, -4 recorded")]);
  });
});

describe("a statement", () => {
  it("[XDA-50] is about the last month that is over, and never about a time that is not", async () => {
    const asked: { from: number; to: number }[] = [];
    const draft = async (about: { from: number; to: number }) => {
      asked.push(about);
      return { position: POSITION, payee: "console.local", figures: { count: 0 } };
    };
    const account = { payer: "partner.example" };
    const tariffs = async () => ({ position: POSITION, tariffs: [{ account, tariff: { currency: "EUR" } }] });
    await show({ draft, tariffs }, { view: "settlements" });
    await userEvent.click(await screen.findByRole("button", { name: "Make a statement …" }));
    const at = within(await screen.findByRole("dialog", { name: "Make a statement" }));
    await at.findByText(/^Nothing was charged to/);
    expect(asked).toHaveLength(1);
    const until = at.getByLabelText("Until before (UTC)");
    await userEvent.clear(until);
    await userEvent.type(until, "2999-01-01");
    expect(until).toHaveAccessibleDescription(/This time is not over yet/);
    expect(at.getByRole("button", { name: "Sign the statement" })).toBeDisabled();
    await userEvent.click(at.getByRole("button", { name: "This month, up to now" }));
    await waitFor(() => expect(asked.at(-1)?.from).toBe(asked[0]?.to));
    expect(asked.every(({ to }) => to * 1000 <= Date.now())).toBe(true);
  });
});

describe("settlements", () => {
  const listing = (change: Parameters<typeof settlement>[0] = {}) => ({
    settlements: async () => ({ position: POSITION, settlements: [settlement(change)], peers: [] }),
  });
  const taking = (tokens: string[]) => ({
    settle: async ({ token }: { token: string }) => {
      tokens.push(token);
      return { seq: 130, undelivered: null };
    },
  });

  it("[XDA-44] [XDA-21] accepts only what the own copies come to, signed over the statement it answers", async () => {
    const tokens: string[] = [];
    await show({ ...listing(), ...taking(tokens) }, { view: "settlements" });
    await userEvent.click(await screen.findByRole("button", { name: "Accept …" }));
    await userEvent.click(await screen.findByRole("button", { name: "Sign: accept" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(decodeJwt(tokens[0] ?? "")).toMatchObject({
      ...{ phase: "accept", amount_total: "0.063", role: "finance" },
      answers: { jti: uuid(401), hash: "B".repeat(43) },
    });
    cleanup();
    const check = { amount: "0.06", count: 1, problems: ["it counts 2 records, the ledger has 1"] };
    await show(listing({ check }), { view: "settlements" });
    expect(await screen.findByText("Your copies come to 0.06 instead of 0.063")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Accept …" })).toBeNull();
    cleanup();
    await show(listing({ check: null, disputableUntil: 1 }), { view: "settlements" });
    expect(await screen.findByText(/It cannot be disputed any more. Saying nothing accepts nothing./)).toBeVisible();
    for (const name of ["Accept …", "Dispute …"]) expect(screen.queryByRole("button", { name })).toBeNull();
  });

  it("[XDA-16] disputes the records on which the ledgers differ, those that are left in", async () => {
    const tokens: string[] = [];
    const disputes = [1, 2].map((n) => ({
      ...{ jti: uuid(n), kind: "quantity" as const, resource: "llm_input_token", expected: "11000", evidence: [] },
    }));
    const reconcile = async () => ({ disputes, lines: [], counts: {}, differences: [], total: 0, ledgerAt: 1 });
    await show({ ...listing(), ...taking(tokens), reconcile }, { view: "settlements" });
    await userEvent.click(await screen.findByRole("button", { name: "Dispute …" }));
    const [first] = await screen.findAllByRole("checkbox", { name: /quantity of input tokens, 11,000 by our ledger/ });
    await userEvent.click(first ?? document.body);
    await userEvent.click(screen.getByRole("button", { name: "Sign: dispute" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(decodeJwt(tokens[0] ?? "")).toMatchObject({ phase: "dispute", disputes: [{ jti: uuid(2) }] });
  });

  it("[XDA-21] asks for an arbitrator after two rounds, and takes finance for none", async () => {
    const draft = async () => ({
      ...{ position: POSITION, payee: "console.local" },
      figures: { root: "A".repeat(43), count: 2, totals: [], amount: "0.06", adjustments: [], adjustmentsRoot: null },
    });
    const stuck = listing({
      side: "payee",
      payee: "console.local",
      payer: "ops.example",
      status: "arbitration",
      round: 2,
    });
    await show({ ...stuck, draft }, { view: "settlements" });
    expect(await screen.findByText("needs an arbitrator")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Say what was arbitrated …" }));
    expect(await screen.findByText("This needs the role duty manager or safety officer.")).toBeVisible();
    const sign = screen.getByRole("button", { name: "Sign: say what was arbitrated" });
    expect(sign).toBeDisabled();
    expect(sign).toHaveAccessibleDescription("This needs the role duty manager or safety officer.");
  });

  it("[XDA-82] shows the accounts of another domain of the console, for which nobody speaks who spoke for the other side", async () => {
    const asked: unknown[] = [];
    const tokens: string[] = [];
    const of = (domain: string) => ({ domain, pepId: `spiffe://${domain}/pep`, logId: `spiffe://${domain}/log` });
    const metro = { position: { ...POSITION, domain: "metro.example" }, peers: [] };
    const stated = settlement({ payee: "access.example", payer: "metro.example" });
    const own = { ...stated, id: uuid(302), steps: stated.steps.map((step) => ({ ...step, by: ALICE })) };
    await show({
      ...taking(tokens),
      accounts: async () => ({ accounts: [ACCOUNT, of("access.example"), of("metro.example")] }),
      usage: async (input: unknown) => {
        asked.push(input);
        return usage({ counted: 2 });
      },
      settlements: async () => ({ ...metro, settlements: [stated, own] }),
    });
    await userEvent.selectOptions(await screen.findByLabelText("Accounts of"), "metro.example");
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ of: "metro.example", by: "agent" }));
    expect(url.now.of).toBe("metro.example");
    expect(await screen.findByText(/2 records count what other domains did for this one/)).toBeVisible();
    expect(screen.queryByRole("radio", { name: "Limits" })).toBeNull();
    await userEvent.click(screen.getByRole("radio", { name: "Settlements" }));
    const [first, second] = await screen.findAllByRole("button", { name: "Accept …" });
    await userEvent.click(second ?? document.body);
    expect(await screen.findByRole("button", { name: "Sign: accept" })).toHaveAccessibleDescription(
      /You have spoken for the other side/,
    );
    await userEvent.click(screen.getByRole("button", { name: "Say nothing" }));
    await userEvent.click(first ?? document.body);
    await userEvent.click(await screen.findByRole("button", { name: "Sign: accept" }));
    await waitFor(() => expect(tokens).toHaveLength(1));
    expect(decodeJwt(tokens[0] ?? "").aud).toEqual(["spiffe://access.example/log", "spiffe://metro.example/log"]);
    expect(screen.getByRole("button", { name: "Open the ledger of access.example …" })).toBeVisible();
  });
});

describe("the past", () => {
  it("[XA-43] shows accounts as of a moment, and says which are of now only", async () => {
    const then = { nowMs: 1_772_064_000_000, why: "This is the past.", search: { asof: 40 } };
    const metro = { ...ACCOUNT, domain: "metro.example" };
    const accounts = async () => ({ accounts: [ACCOUNT, metro] });
    await show({ accounts }, {}, ["finance"], then);
    expect(await screen.findByRole("button", { name: /^Correct the record of Plan the change/ })).toBeDisabled();
    await userEvent.click(screen.getByRole("radio", { name: "Reconciliation" }));
    expect(await screen.findByText("Two ledgers are compared as of now only")).toBeVisible();
    await userEvent.selectOptions(await screen.findByLabelText("Accounts of"), "metro.example");
    expect(await screen.findByText("The accounts of metro.example are shown as of now only")).toBeVisible();
  });
});

describe("reconciliation", () => {
  it("[XDA-16] shows both ledgers line by line with signed differences, by shape and words", async () => {
    const line = (n: number, change: object) => ({
      ...{
        kind: "matched",
        wid: uuid(9),
        task: uuid(n),
        taskName: `Task ${n}`,
        resource: "llm_input_token",
        unit: "token",
      },
      ...{ ours: "100", theirs: "100", difference: "0", ourPrice: null, theirPrice: "0.000003", estimated: false },
      ...{ within: false, ourRecords: [], theirRecords: [], ...change },
    });
    const asked: unknown[] = [];
    const reconcile = async (input: unknown) => {
      asked.push(input);
      return {
        ...{ position: POSITION, domain: "ops.example", ledgerAt: 1_772_064_000, total: 3, disputes: [] },
        counts: { matched: 1, quantity: 1, missing_here: 1, missing_there: 0, price: 0 },
        differences: [{ resource: "llm_input_token", unit: "token", difference: "-1050" }],
        lines: [
          line(1, { kind: "quantity", ours: "11000", theirs: "12000", difference: "-1000" }),
          line(2, { kind: "missing_here", ours: null, theirs: "50", difference: "-50" }),
          line(3, {}),
        ],
      };
    };
    const peer = {
      domain: "ops.example",
      logKid: "kid",
      records: 3,
      at: 1,
      by: "spiffe://console.local/human/a",
      seq: 1,
    };
    const settlements = async () => ({ position: POSITION, settlements: [], peers: [peer] });
    await show({ reconcile, settlements }, { view: "reconcile" });
    const table = await screen.findByRole("table", { name: "Lines of both ledgers" });
    expect(cells(table).map(([state, , , here, there, difference]) => [state, here, there, difference])).toEqual([
      ["other quantity", "11,000", "12,000", "−1,000 tokens"],
      ["missing here", "none", "50", "−50 tokens"],
      ["matched", "100", "100", "0 tokens"],
    ]);
    expect(screen.getByText(/ours less theirs: Input tokens −1,050 tokens/)).toBeVisible();
    await userEvent.click(screen.getByRole("radio", { name: "Quantity 1" }));
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ domain: "ops.example", kind: "quantity" }));
  });
});
