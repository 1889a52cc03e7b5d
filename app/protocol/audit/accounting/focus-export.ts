import { drained, STEP } from "../../../base/steps.ts";
import { Exact, textOf } from "./decimals.ts";
import { FOCUS_COLUMNS, type FocusRow } from "./focus-columns.ts";
import type { LedgerRecord, Tariffs } from "./ledger.ts";
import { flatPrice } from "./rate.ts";
import { RESOURCES, type Resource } from "./resources.ts";
import { type ChargedItem, chargingItems, monthOf } from "./statement.ts";
import type { Period } from "./usage-record.ts";

export interface FocusInput {
  readonly records: readonly LedgerRecord[];
  readonly tariffs: Tariffs;
  /** The domain that charges. */
  readonly payee: string;
  /** The settlement a charge is in, and its period, where there is one. */
  settlementOf(record: LedgerRecord): { readonly id: string; readonly period: Period } | null;
}

export interface FocusExport {
  readonly rows: readonly FocusRow[];
  /** Items that no tariff prices: nobody is charged for them, so they are no charges. */
  readonly unpriced: number;
}

const RESOURCE_WORDS: Readonly<Record<Resource, string>> = {
  cpu: "processor time",
  gpu: "graphics processor time",
  memory: "memory",
  network_in: "network in",
  network_out: "network out",
  storage: "storage",
  api_call: "actions",
  llm_input_token: "input tokens",
  llm_output_token: "output tokens",
  llm_cached_token: "cached tokens",
  human_review: "human review",
  agent_time: "agent time",
};

const SERVICES: Readonly<Record<Resource, { readonly category: string; readonly name: string }>> = {
  cpu: { category: "Compute", name: "Processor" },
  gpu: { category: "Compute", name: "Graphics processor" },
  memory: { category: "Compute", name: "Memory" },
  network_in: { category: "Networking", name: "Network" },
  network_out: { category: "Networking", name: "Network" },
  storage: { category: "Storage", name: "Storage" },
  api_call: { category: "Integration", name: "Agent actions" },
  llm_input_token: { category: "AI and Machine Learning", name: "Language model" },
  llm_output_token: { category: "AI and Machine Learning", name: "Language model" },
  llm_cached_token: { category: "AI and Machine Learning", name: "Language model" },
  human_review: { category: "Other", name: "Human review" },
  agent_time: { category: "Compute", name: "Agent time" },
};

const isResource = (name: string): name is Resource => RESOURCES.some((resource) => resource === name);

/** ISO 8601 in UTC, as FOCUS writes times. */
const isoOf = (epochS: number): string => new Date(epochS * 1000).toISOString().replace(".000Z", "Z");

/** FOCUS 1.2: a row for each priced item of each record; billed costs add up to what the statements say, to the last place. */
export const focusRows = (input: FocusInput): FocusExport => drained(writingFocusRows(input));

/** `focusRows` in steps, for whoever lets others run in between. */
export function* writingFocusRows(input: FocusInput): Generator<void, FocusExport> {
  const { records, tariffs, payee, settlementOf } = input;
  let unpriced = 0;
  const rows: FocusRow[] = [];
  const charged: ChargedItem[] = [];
  for (const bill of byBilling(records, settlementOf))
    for (const one of yield* chargingItems(bill, tariffs)) charged.push(one);
  for (const [at, { record, item, amount }] of charged.entries()) {
    if (at % STEP === 0) yield;
    const tariff = tariffs.get(record.tariff?.hash ?? "");
    if (amount === null || tariff === undefined || !isResource(item.resource)) {
      unpriced += 1;
      continue;
    }
    const price = flatPrice(tariff, item.resource);
    const listed = price === null ? amount : textOf(new Exact(item.quantity).times(price));
    const settled = settlementOf(record);
    const billing = settled?.period ?? monthOf(record.period.from);
    const service = SERVICES[item.resource];
    rows.push({
      BilledCost: amount,
      BillingAccountId: record.payer,
      BillingAccountName: record.payer,
      BillingCurrency: tariff.currency,
      BillingPeriodEnd: isoOf(billing.to),
      BillingPeriodStart: isoOf(billing.from),
      ChargeCategory: "Usage",
      ChargeClass: record.correctionOf === null ? null : "Correction",
      ChargeDescription: `${RESOURCE_WORDS[item.resource]} of task ${record.task}`,
      ChargeFrequency: "Usage-Based",
      ChargePeriodEnd: isoOf(record.period.to),
      ChargePeriodStart: isoOf(record.period.from),
      ConsumedQuantity: item.quantity,
      ConsumedUnit: item.unit,
      ContractedCost: listed,
      ContractedUnitPrice: price,
      EffectiveCost: amount,
      InvoiceId: settled?.id ?? null,
      InvoiceIssuerName: payee,
      ListCost: listed,
      ListUnitPrice: price,
      PricingCategory: "Standard",
      PricingQuantity: item.quantity,
      PricingUnit: item.unit,
      ProviderName: payee,
      PublisherName: payee,
      ResourceId: record.consumer,
      ServiceCategory: service.category,
      ServiceName: service.name,
      SkuId: item.resource,
      SubAccountId: record.payer,
      Tags: {
        wid: record.wid,
        jti: record.jti,
        task: record.task,
        estimated: String(item.estimated),
        ...(item.model === null ? {} : { model: item.model }),
      },
    });
  }
  return { rows, unpriced };
}

/** Records that are billed together: tiers count within a settlement, or within a month. */
function byBilling(records: readonly LedgerRecord[], settlementOf: FocusInput["settlementOf"]): LedgerRecord[][] {
  const bills = new Map<string, LedgerRecord[]>();
  for (const record of records) {
    const key = `${record.payer} ${settlementOf(record)?.id ?? monthOf(record.period.from).from}`;
    const bill = bills.get(key);
    if (bill === undefined) bills.set(key, [record]);
    else bill.push(record);
  }
  return [...bills.values()];
}

/** Rows in the order and with the texts of a file: tags as JSON, null as nothing. */
export function focusTable(rows: readonly FocusRow[]): { readonly fields: string[]; readonly data: string[][] } {
  const fields = FOCUS_COLUMNS.map(({ name }) => name);
  const data = rows.map((row) =>
    fields.map((name) => {
      const value = row[name] ?? null;
      return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
    }),
  );
  return { fields, data };
}
