import { toBase64url, utf8 } from "../../../base/bytes.ts";
import { createSha256 } from "../../jose/hasher.ts";
import type { LedgerRecord } from "./ledger.ts";
import { type Tariff, type TariffBody, type TariffLine, tariffHash } from "./tariff.ts";
import { type UsageRecordClaims, usageRecordClaimsSchema } from "./usage-record.ts";

export const sha256 = await createSha256();
export const digestOf = (text: string): string => toBase64url(sha256(utf8(text)));
export const uuid = (n: number): string => `0195400c-0000-7000-8000-${String(n).padStart(12, "0")}`;

export const line = (change: Partial<TariffLine> = {}): TariffLine => ({
  resource: "llm_input_token",
  unit: "token",
  price: "0.000003",
  rounding: "half_even",
  scale: 4,
  ...change,
});

export function tariffOf(lines: readonly TariffLine[], change: Partial<TariffBody> = {}): Tariff {
  const body: TariffBody = {
    ...{ tariff_id: "t-2026", version: 1, currency: "EUR", valid_from: 0, lines: [...lines] },
    ...change,
  };
  return { ...body, hash: tariffHash(body, sha256) };
}

/** The tariff that the specification's example (g) was made under. */
export const EXAMPLE_TARIFF = tariffOf([line(), line({ resource: "llm_output_token", price: "0.000015" })]);

/** The record of the specification's example (g), with the hash of the tariff here. */
export const EXAMPLE: UsageRecordClaims = usageRecordClaimsSchema.parse({
  iss: "spiffe://ops.example/meter/llm-1",
  aud: ["spiffe://ops.example/billing", "spiffe://partner.example/billing"],
  iat: 1772064040,
  exp: 1772150440,
  jti: uuid(201),
  wid: "0195400c-0000-7000-8000-00000000000a",
  mp_id: "llm-1",
  consumer: "spiffe://partner.example/agent/analyst",
  payer: "partner.example",
  task: uuid(2),
  period: { from: 1772064000, to: 1772064030 },
  seq: 0,
  prev: "A".repeat(43),
  items: [
    {
      ...{ resource: "llm_input_token", quantity: "12000", unit: "token", unit_price: "0.000003" },
      ...{ amount: "0.036", currency: "EUR", estimated: false },
    },
    {
      ...{ resource: "llm_output_token", quantity: "1500", unit: "token", unit_price: "0.000015" },
      ...{ amount: "0.0225", currency: "EUR", estimated: false },
    },
  ],
  tariff: { id: "t-2026", version: 1, hash: EXAMPLE_TARIFF.hash },
});

export interface Made extends Partial<Omit<LedgerRecord, "items">> {
  readonly uses?: Readonly<Record<string, string>>;
  readonly estimated?: boolean;
}

/** A record of a ledger; `uses` are quantities by resource. */
export function recordOf(
  n: number,
  { uses = { llm_input_token: "100" }, estimated = false, ...change }: Made = {},
): LedgerRecord {
  return {
    jti: uuid(n),
    digest: digestOf(`record ${n}`),
    meter: "spiffe://ops.example/meter/gateway",
    seq: n,
    wid: uuid(900),
    task: uuid(500 + n),
    consumer: "spiffe://ops.example/agent/a",
    payer: "partner.example",
    period: { from: 1000 + n, to: 1001 + n },
    items: Object.entries(uses).map(([resource, quantity]) => ({
      ...{ resource, quantity, unit: resource.endsWith("token") ? "token" : resource === "api_call" ? "call" : "s" },
      ...{ unitPrice: null, estimated, model: null },
    })),
    tariff: { id: "t-2026", version: 1, hash: EXAMPLE_TARIFF.hash },
    correctionOf: null,
    ...change,
  };
}
