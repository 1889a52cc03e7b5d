import { useAccount } from "../../../api/client/account-api.tsx";
import type { SettlementView } from "../../../api/contract/accounting-settling.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { EntryLink } from "../entry-link.tsx";
import { lastPart, money, shortId, word } from "../words.ts";
import { ACT_WORDS, type Act, actsOf, PHASE_WORDS, STATUS_LOOK } from "./settlement-words.ts";
import { TotalsTable } from "./totals-table.tsx";

export interface SettlementCardProps {
  readonly settlement: SettlementView;
  readonly nowS: number;
  readonly isOpen: boolean;
  onOpen(isOpen: boolean): void;
  onAct(act: Act): void;
}

/** One settlement: what is owed, where it stands, what the own copies say, and what can be said next. */
export function SettlementCard({ settlement, nowS, isOpen, onOpen, onAct }: SettlementCardProps) {
  const { id, payee, payer, side, amount, currency, count, from, to, status, round, arbitration } = settlement;
  const other = side === "payee" ? payer : payee;
  const account = useAccount();
  return (
    <Section
      title={
        side === "payee"
          ? `${word(other)} owes ${money(amount, currency)}`
          : `${money(amount, currency)} owed to ${word(other)}`
      }
      level={2}
      aside={
        <Button
          size="sm"
          variant="quiet"
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Less of" : "More of"} settlement ${shortId(id)}`}
          onPress={() => onOpen(!isOpen)}
        >
          {isOpen ? "Less" : "More"}
        </Button>
      }
    >
      <p className="flex flex-wrap items-center gap-x-3">
        <Mark {...STATUS_LOOK[status]} />
        <span>
          {formatCount(count)} records from <Instant epochMs={from * 1000} full /> until before{" "}
          <Instant epochMs={to * 1000} full />
          {round === 0 ? "" : `; disputed ${formatCount(round)} ${round === 1 ? "time" : "times"}`}
        </span>
      </p>
      <Check settlement={settlement} />
      {arbitration === null ? null : (
        <p>
          Arbitrated: <UntrustedText text={arbitration} maxCharacters={300} />
        </p>
      )}
      <Waiting settlement={settlement} nowS={nowS} />
      <p className="flex flex-wrap gap-2 py-1">
        {actsOf(settlement, nowS).map((act) => (
          <Button
            key={act}
            size="sm"
            writes
            variant={act === "dispute" ? "plain" : "primary"}
            onPress={() => onAct(act)}
          >
            {ACT_WORDS[act].button} …
          </Button>
        ))}
        {side === "payer" && settlement.disputes.length === 0 ? (
          <GoLink to="/accounting" search={{ view: "reconcile", domain: payee, of: account?.domain }}>
            Compare both ledgers
          </GoLink>
        ) : null}
      </p>
      {isOpen ? <More settlement={settlement} /> : null}
    </Section>
  );
}

/** The payer's copies against the statement; what a command is said to be worth is never taken from the command. */
function Check({ settlement: { check, side, amount } }: { readonly settlement: SettlementView }) {
  if (check === null)
    return <p className="text-muted">Their records are not here: take their ledger in to check what is stated.</p>;
  if (check.problems.length === 0)
    return (
      <p>
        {side === "payee"
          ? "The ledger here comes to the same."
          : "Your own copies come to the same, record by record."}
      </p>
    );
  return (
    <div>
      <Mark
        shape="triangle"
        tone="warning"
        label={`${side === "payee" ? "The ledger here" : "Your copies"} come to ${check.amount} instead of ${amount}`}
      />
      <ul className="list-disc pl-5">
        {check.problems.slice(0, 5).map((problem) => (
          <li key={problem}>{word(problem)}</li>
        ))}
      </ul>
    </div>
  );
}

function Waiting({ settlement, nowS }: { readonly settlement: SettlementView; readonly nowS: number }) {
  const { status, side, disputableUntil } = settlement;
  if (status !== "stated") return null;
  return (
    <p className="text-muted">
      {nowS <= disputableUntil ? (
        <>
          It can be disputed until <Instant epochMs={disputableUntil * 1000} full />.
        </>
      ) : (
        "It cannot be disputed any more."
      )}{" "}
      {side === "payee" ? "Their silence is no acceptance." : "Saying nothing accepts nothing."}
    </p>
  );
}

function More({ settlement: { totals, currency, disputes, steps, id } }: { readonly settlement: SettlementView }) {
  return (
    <div className="space-y-2">
      <TotalsTable totals={totals} currency={currency} />
      {disputes.length === 0 ? null : (
        <div>
          <p className="font-medium">Disputed</p>
          <ul className="list-disc pl-5">
            {disputes.map(({ jti, kind, resource, expected }) => (
              <li key={`${jti} ${resource ?? ""} ${kind}`}>
                record {shortId(jti)}: {kind}
                {resource === undefined ? "" : ` of ${word(resource)}`}
                {expected === undefined ? "" : `, they expect ${word(expected)}`}
              </li>
            ))}
          </ul>
        </div>
      )}
      <ol className="space-y-1">
        {steps.map(({ phase, by, at, seq, reason, jti }) => (
          <li key={jti}>
            {PHASE_WORDS[phase]} by {lastPart(by)}, <Instant epochMs={at * 1000} full />, <EntryLink seq={seq} />
            {reason === "" ? null : (
              <>
                : <UntrustedText text={reason} maxCharacters={200} />
              </>
            )}
          </li>
        ))}
      </ol>
      <p className="font-mono text-xs text-muted">{id}</p>
    </div>
  );
}
