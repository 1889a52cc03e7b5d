import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SettlementView } from "../../../api/contract/accounting-settling.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Section } from "../../../ui/section.tsx";
import { Empty } from "../../../ui/states.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import type { SearchProps } from "../accounting-search.ts";
import { Answered } from "../answered.tsx";
import { LedgerExchange } from "../ledgers/ledger-exchange.tsx";
import { SettleDialog } from "./settle-dialog.tsx";
import { SettlementCard } from "./settlement-card.tsx";
import type { Act } from "./settlement-words.ts";
import { StatementDialog } from "./statement-dialog.tsx";

/** What domains owe each other, and where each settlement stands. */
export function SettlementsView({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const query = useQuery(orpc.accounting.settlements.queryOptions());
  const tariffs = useQuery(orpc.accounting.tariffs.queryOptions());
  const nowMs = useNow();
  const [isStating, setStating] = useState(false);
  const [acting, setActing] = useState<{ readonly settlement: SettlementView; readonly act: Act } | null>(null);
  const settlements = query.data?.settlements ?? [];
  const at = settlements.findIndex(({ id }) => id === search.settlement);
  const select = (id: string | undefined): void => setSearch({ settlement: id }, { replace: true });
  useKeys({
    j: () => select(settlements[Math.min(settlements.length - 1, at + 1)]?.id),
    k: () => select(settlements[Math.max(0, at - 1)]?.id),
  });
  return (
    <Answered query={query} what="the settlements">
      {({ position, peers }) => {
        const payee = position.domain;
        const accounts = tariffs.data?.tariffs ?? [];
        const payers = [...new Set(accounts.map(({ account }) => account.payer))].filter((payer) => payer !== payee);
        const others = [...new Set([...peers.map(({ domain }) => domain), ...payers])];
        return (
          <>
            <div className="flex flex-wrap items-center gap-3 py-2">
              <Button variant="primary" onPress={() => setStating(true)}>
                Make a statement …
              </Button>
              <p className="text-muted">Both domains sign each step. Whoever says nothing has agreed to nothing.</p>
            </div>
            {settlements.length === 0 ? (
              <Empty title="Nothing is settled with another domain">
                <p>
                  Charge a workflow to another domain under Tariffs, make a statement, and hand your ledger over. What
                  they answer comes with theirs.
                </p>
              </Empty>
            ) : (
              settlements.map((settlement) => (
                <SettlementCard
                  key={settlement.id}
                  settlement={settlement}
                  nowS={Math.floor(nowMs / 1000)}
                  isOpen={settlement.id === search.settlement}
                  onOpen={(isOpen) => select(isOpen ? settlement.id : undefined)}
                  onAct={(act) => setActing({ settlement, act })}
                />
              ))
            )}
            <Section title="Ledgers" level={2}>
              <LedgerExchange key={others.join(" ")} domains={others} />
            </Section>
            {isStating ? (
              <StatementDialog
                {...{ payee, payers, nowMs }}
                currency={accounts[0]?.tariff.currency ?? "EUR"}
                onClose={() => setStating(false)}
              />
            ) : null}
            {acting === null ? null : <SettleDialog {...acting} onClose={() => setActing(null)} />}
          </>
        );
      }}
    </Answered>
  );
}
