import { LEDGER_IMPORT_TYPE, USAGE_CORRECTION_TYPE } from "./orders.ts";
import { SETTLEMENT_TYPE } from "./settlement.ts";
import { TARIFF_TYPE } from "./tariff.ts";
import { USAGE_RECORD_TYPE } from "./usage-record.ts";

/** Types of token that metering and settling bring. */
export const ACCOUNTING_TYPES = [
  USAGE_RECORD_TYPE,
  TARIFF_TYPE,
  SETTLEMENT_TYPE,
  USAGE_CORRECTION_TYPE,
  LEDGER_IMPORT_TYPE,
] as const;
