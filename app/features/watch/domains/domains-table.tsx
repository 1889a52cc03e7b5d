import { type KeyboardEvent, useState } from "react";
import { WhyButton } from "../../../operator/why/why-button.tsx";
import { Button } from "../../../ui/button.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../../ui/grid.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { Breakers } from "../breakers/use-breakers.ts";
import { isOwnKey } from "../own-key.ts";
import { alertWords, bulkheadWords, DomainMark, domainReason } from "./domain-words.tsx";
import type { ShownDomain } from "./shown-domains.ts";

export interface DomainsTableProps {
  readonly breakers: Breakers;
  onOrder(domain: ShownDomain): void;
}

const COLUMNS =
  "grid grid-cols-[minmax(7rem,1fr)_minmax(8rem,2fr)_minmax(9rem,1.5fr)_minmax(9rem,2fr)_7rem] gap-x-3 px-2 py-1.5";

/** The boxes of the graph as a table, with the same powers. */
export function DomainsTable({ breakers, onOrder }: DomainsTableProps) {
  const { domains } = breakers;
  const [row, setRow] = useState(0);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const next = isOwnKey(event) ? undefined : rowAfterKey(event.key, row, domains.length);
    if (next === undefined) return;
    event.preventDefault();
    setRow(next);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")[next]?.focus();
  };
  return (
    <Grid aria-label="Failure domains" onKeyDown={onKeyDown} className="border border-line text-sm">
      <GridRowGroup>
        <GridRow className={`${COLUMNS} border-b border-line bg-sunken text-xs font-semibold text-muted`}>
          <GridHeaderCell>Domain</GridHeaderCell>
          <GridHeaderCell>Agents</GridHeaderCell>
          <GridHeaderCell>State</GridHeaderCell>
          <GridHeaderCell>Why</GridHeaderCell>
          <GridHeaderCell>Orders</GridHeaderCell>
        </GridRow>
      </GridRowGroup>
      <GridRowGroup>
        {domains.map((domain, at) => (
          <GridRow
            key={domain.id}
            data-row={domain.id}
            tabIndex={at === Math.min(row, domains.length - 1) ? 0 : -1}
            onFocus={() => setRow(at)}
            className={`${COLUMNS} items-center border-b border-line last:border-b-0`}
          >
            <GridCell className="min-w-0 break-words">
              <bdi>{visibleText(domain.id)}</bdi>
              {domain.parent === null ? null : <span className="block text-xs">in {visibleText(domain.parent)}</span>}
            </GridCell>
            <GridCell className="min-w-0 text-xs break-words">
              {domain.agents.map(breakers.nameOf).join(", ")}
              {domain.failing.length === 0 ? null : (
                <span className="block font-medium text-critical">
                  fail: {domain.failing.map((agent) => breakers.nameOf(breakers.indexOf(agent))).join(", ")}
                </span>
              )}
            </GridCell>
            <GridCell>
              <DomainMark domain={domain} readAtMs={breakers.readAtMs} />
              {domain.alert === null ? null : (
                <span className="block text-xs font-medium text-critical">
                  {alertWords(domain.alert)}{" "}
                  <GoLink to="/timeline" search={{ entry: domain.alert.entry }}>
                    Entry {domain.alert.entry}
                  </GoLink>
                </span>
              )}
              {domain.bulkhead === null ? null : (
                <span className="block text-xs">{bulkheadWords(domain.bulkhead)}</span>
              )}
            </GridCell>
            <GridCell className="min-w-0 text-xs break-words">
              {domainReason(domain)}.{" "}
              {domain.entry === null ? null : (
                <>
                  <GoLink to="/timeline" search={{ entry: domain.entry }}>
                    Entry {domain.entry}
                  </GoLink>
                  <WhyButton asked={{ seq: domain.entry }} what={`failure domain ${domain.id}`} />
                </>
              )}
            </GridCell>
            <GridCell>
              <Button
                writes
                size="sm"
                aria-label={`${domain.state === "isolated" ? "Release" : "Isolate"}: ${domain.id}`}
                onPress={() => onOrder(domain)}
              >
                {domain.state === "isolated" ? "Release" : "Isolate"}
              </Button>
            </GridCell>
          </GridRow>
        ))}
      </GridRowGroup>
    </Grid>
  );
}
