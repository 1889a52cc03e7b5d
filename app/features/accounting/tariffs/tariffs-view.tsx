import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { TariffView } from "../../../api/contract/accounting.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Answered } from "../answered.tsx";
import { EntryLink } from "../entry-link.tsx";
import { useNeighbours } from "../settlements/use-told.ts";
import { formatDecimal, lastPart, money, resourceName, shortId, unitName } from "../words.ts";
import { draftOf, emptyDraft, type TariffDraft } from "./tariff-draft.ts";
import { TariffForm } from "./tariff-form.tsx";

/** Every tariff that was set, the newest first: prices, who is charged, who set it and why. */
export function TariffsView() {
  const { orpc } = useApi();
  const query = useQuery(orpc.accounting.tariffs.queryOptions());
  const neighbours = useNeighbours();
  const [draft, setDraft] = useState<TariffDraft | null>(null);
  return (
    <Answered query={query} what="the tariffs">
      {({ tariffs, position }) => (
        <>
          <div className="flex flex-wrap items-center gap-3 py-2">
            <Button variant="primary" onPress={() => setDraft(emptyDraft(neighbours[0] ?? position.domain))}>
              Set a tariff …
            </Button>
            <p className="text-muted">A tariff is signed by finance or a safety officer, and counts from then on.</p>
          </div>
          {tariffs.length === 0 ? (
            <Empty title="No tariff is set">
              <p>What agents use is metered all the same; it costs nothing until somebody says what it costs.</p>
            </Empty>
          ) : (
            tariffs.map((one) => (
              <OneTariff key={one.seq} one={one} onNext={() => setDraft(draftOf(one.tariff, one.account))} />
            ))
          )}
          {draft === null ? null : <TariffForm first={draft} onClose={() => setDraft(null)} />}
        </>
      )}
    </Answered>
  );
}

function OneTariff({ one, onNext }: { readonly one: TariffView; onNext(): void }) {
  const { tariff, account, by, at, seq, reason, inForce, records } = one;
  const name = `${tariff.tariff_id}, version ${tariff.version}`;
  return (
    <Section
      title={name}
      level={2}
      aside={
        <Button size="sm" writes aria-label={`Next version of ${name}`} onPress={onNext}>
          Next version …
        </Button>
      }
    >
      <p>
        {inForce ? "In force" : "Not in force any more"}; charged to {lastPart(account.payer)}
        {account.wids === undefined ? ", for every workflow" : `, for ${account.wids.map(shortId).join(", ")}`};{" "}
        {formatCount(records)} records name it.
      </p>
      <p className="text-xs text-muted">
        Set by {lastPart(by)} <Ago sinceMs={at * 1000} />, because: <UntrustedText text={reason} maxCharacters={200} />;{" "}
        <EntryLink seq={seq} />
        {tariff.valid_to === undefined ? null : (
          <>
            ; until <Instant epochMs={tariff.valid_to * 1000} full />
          </>
        )}
      </p>
      <Table
        label={`Prices of ${name}`}
        columns={[
          { name: "Resource" },
          { name: "Tiers" },
          { name: "Price", isNumber: true },
          { name: "At least", isNumber: true },
          { name: "Decimal places", isNumber: true },
        ]}
      >
        {tariff.lines.map((line) => (
          <Row key={line.resource}>
            <HeadCell>{resourceName(line.resource)}</HeadCell>
            <Cell>
              {line.tiers === undefined
                ? "one price"
                : line.tiers.map(({ upto, price }) => (
                    <span key={upto} className="block">
                      up to {formatDecimal(upto)} {unitName(line.unit)}: {money(price, tariff.currency)}
                    </span>
                  ))}
            </Cell>
            <NumberCell>{money(line.price, tariff.currency)}</NumberCell>
            <NumberCell>{line.minimum === undefined ? "nothing" : money(line.minimum, tariff.currency)}</NumberCell>
            <NumberCell>{line.scale}</NumberCell>
          </Row>
        ))}
      </Table>
    </Section>
  );
}
