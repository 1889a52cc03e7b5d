/** What a column of FOCUS 1.2 holds, as far as its validator here looks (cross-domain-audit.md, export to FOCUS). */
export type FocusType =
  | "decimal"
  | "date"
  | "text"
  | "currency"
  | "tags"
  | "category"
  | "class"
  | "service"
  | "frequency";

export interface FocusColumn {
  readonly name: string;
  readonly type: FocusType;
  /** It must be in the file. */
  readonly mandatory: boolean;
  readonly nullable: boolean;
}

const column = (name: string, type: FocusType, mandatory: boolean, nullable = false): FocusColumn => ({
  ...{ name, type, mandatory, nullable },
});

/** In the order they are written. */
export const FOCUS_COLUMNS = [
  column("BilledCost", "decimal", true),
  column("BillingAccountId", "text", true),
  column("BillingAccountName", "text", true, true),
  column("BillingCurrency", "currency", true),
  column("BillingPeriodEnd", "date", true),
  column("BillingPeriodStart", "date", true),
  column("ChargeCategory", "category", true),
  column("ChargeClass", "class", true, true),
  column("ChargeDescription", "text", true, true),
  column("ChargeFrequency", "frequency", false),
  column("ChargePeriodEnd", "date", true),
  column("ChargePeriodStart", "date", true),
  column("ConsumedQuantity", "decimal", false, true),
  column("ConsumedUnit", "text", false, true),
  column("ContractedCost", "decimal", true),
  column("ContractedUnitPrice", "decimal", false, true),
  column("EffectiveCost", "decimal", true),
  column("InvoiceId", "text", false, true),
  column("InvoiceIssuerName", "text", true),
  column("ListCost", "decimal", true),
  column("ListUnitPrice", "decimal", false, true),
  column("PricingCategory", "text", false, true),
  column("PricingQuantity", "decimal", true, true),
  column("PricingUnit", "text", true, true),
  column("ProviderName", "text", true),
  column("PublisherName", "text", true),
  column("ResourceId", "text", false, true),
  column("ServiceCategory", "service", true),
  column("ServiceName", "text", true),
  column("SkuId", "text", false, true),
  column("SubAccountId", "text", false, true),
  column("Tags", "tags", false, true),
] as const;

/** One charge. Null is an empty field of the CSV; decimals are text everywhere, so that no reader makes floats of them. */
export type FocusRow = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

export const CHARGE_CATEGORIES: readonly string[] = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"];
export const CHARGE_FREQUENCIES: readonly string[] = ["One-Time", "Recurring", "Usage-Based"];
export const SERVICE_CATEGORIES: readonly string[] = [
  "AI and Machine Learning",
  "Analytics",
  "Business Applications",
  "Compute",
  "Databases",
  "Developer Tools",
  "Multicloud",
  "Identity",
  "Integration",
  "Internet of Things",
  "Management and Governance",
  "Media",
  "Migration",
  "Mobile",
  "Networking",
  "Security",
  "Storage",
  "Web",
  "Other",
];
