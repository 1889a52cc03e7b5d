import { useMemo } from "react";
import { v4 } from "uuid";
import { useAccount } from "../api/client/account-api.tsx";
import { useApi } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import type { LedgerImportClaims, UsageCorrectionClaims } from "../protocol/audit/accounting/orders.ts";
import type { SettlementClaims } from "../protocol/audit/accounting/settlement.ts";
import { type TariffBody, type TariffClaims, tariffHash } from "../protocol/audit/accounting/tariff.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";
import { useOperator, useOperatorSession } from "./operator-context.tsx";
import type { Operator } from "./session.ts";

const LIFETIME_S = 120;
/** A message between two domains travels as a file: it may be two weeks on its way. */
const MESSAGE_LIFETIME_S = 1_209_600;

/** Who may arbitrate where two rounds led to nothing. */
const ARBITERS: readonly SettlementClaims["role"][] = ["duty_manager", "safety_officer"];

export type SettlementMessage = Omit<
  SettlementClaims,
  "iss" | "aud" | "iat" | "exp" | "jti" | "role" | "auth_time" | "amr"
>;

export interface Accounting {
  setTariff(body: TariffBody, account: TariffClaims["account"], reason: string): Promise<void>;
  correct(record: string, items: UsageCorrectionClaims["items"], reason: string): Promise<void>;
  /** Says why the log of the other side did not take it, where that is a domain of this console too; else null. */
  settle(message: SettlementMessage): Promise<{ readonly code: string; readonly detail: string } | null>;
  importLedger(
    text: string,
    about: Pick<LedgerImportClaims, "domain" | "log_kid" | "ledger" | "records_count" | "records_root" | "keys">,
    reason: string,
  ): Promise<{
    readonly taken: number;
    readonly refused: readonly { readonly jti: string; readonly code: string; readonly detail: string }[];
  }>;
}

/** Signs what finance signs: tariffs, corrections, messages of a settlement, ledgers taken in. All reject with the client's error. */
export function useAccounting(): Accounting {
  const session = useOperatorSession();
  const { client } = useApi();
  const account = useAccount();
  return useMemo(() => {
    const operator = (): Operator =>
      must(session.store.getState().operator, "somebody is signed in when finance signs");
    const order = () => {
      const { subject, pepId } = operator();
      return {
        ...commonClaims({ iss: subject, aud: [account?.pepId ?? pepId], lifetimeS: LIFETIME_S }),
        auth_time: session.touch(),
        amr: [...OPERATOR_AMR],
      };
    };
    return {
      setTariff: async (body, account, reason) => {
        const tariff = { ...body, hash: tariffHash(body, await createSha256()) };
        const role = operator().roles.includes("finance") ? ("finance" as const) : ("safety_officer" as const);
        const claims: TariffClaims = { ...order(), tariff, account, reason, role };
        await client.accounting.setTariff({ token: await session.sign("tariff+jwt", claims) });
      },
      correct: async (record, items, reason) => {
        const claims: UsageCorrectionClaims = { ...order(), record, items, reason, role: "finance" };
        await client.accounting.correct({ token: await session.sign("usage-correction+jwt", claims) });
      },
      settle: async (message) => {
        const { subject, roles } = operator();
        const arbiter = message.arbitration === undefined ? undefined : ARBITERS.find((role) => roles.includes(role));
        const claims: SettlementClaims = {
          ...commonClaims({
            iss: subject,
            aud: [`spiffe://${message.payee}/log`, `spiffe://${message.payer}/log`],
            lifetimeS: MESSAGE_LIFETIME_S,
          }),
          ...message,
          role: arbiter ?? "finance",
          auth_time: session.touch(),
          amr: [...OPERATOR_AMR],
        };
        const { undelivered } = await client.accounting.settle({ token: await session.sign("settlement+jwt", claims) });
        return undelivered;
      },
      importLedger: async (text, about, reason) => {
        const claims: LedgerImportClaims = { ...order(), ...about, reason, role: "finance" };
        return client.accounting.importLedger({ text, token: await session.sign("ledger-import+jwt", claims) });
      },
    };
  }, [session, client, account]);
}

/** Why the person at this console may not do what a role may; null when they may, as far as the log has told. */
export function useRoleProblem(anyOf: readonly string[]): string | null {
  const { operator } = useOperator();
  if (operator === null) return "Nobody is signed in: sign in first.";
  if (operator.roles.length === 0 || anyOf.some((role) => operator.roles.includes(role))) return null;
  return `This needs the role ${anyOf.map((role) => role.replaceAll("_", " ")).join(" or ")}.`;
}

export const newSettlementId = (): string => v4();
