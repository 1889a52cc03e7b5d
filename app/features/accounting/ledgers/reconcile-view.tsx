import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { LineView } from "../../../api/contract/accounting-settling.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Mark, type MarkShapeProps } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { type AccountingSearch, type SearchProps, spanOf } from "../accounting-search.ts";
import { Answered } from "../answered.tsx";
import { formatDecimal, resourceName, shortId, signed, unitName, word } from "../words.ts";
import { LedgerExchange } from "./ledger-exchange.tsx";

const PAGE = 200;

export const LINE_LOOK: Readonly<Record<LineView["kind"], MarkShapeProps & { readonly label: string }>> = {
  matched: { shape: "dot", tone: "neutral", label: "matched" },
  quantity: { shape: "triangle", tone: "warning", label: "other quantity" },
  price: { shape: "diamond", tone: "warning", label: "other price" },
  missing_here: { shape: "cross", tone: "warning", label: "missing here" },
  missing_there: { shape: "ring", tone: "warning", label: "missing there" },
};

/** Two domains' ledgers of the same work beside each other, line by line, with signed differences (N18). */
export function ReconcileView({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const peers = useQuery(orpc.accounting.settlements.queryOptions());
  return (
    <Answered query={peers} what="the ledgers">
      {({ peers: known, settlements }) => {
        const domain = search.domain ?? known[0]?.domain;
        const names = [
          ...new Set([
            ...known.map((peer) => peer.domain),
            ...settlements.flatMap(({ payer, payee, side }) => [side === "payee" ? payer : payee]),
          ]),
        ];
        return (
          <>
            {domain === undefined ? (
              <Empty title="No ledger of another domain is here">
                <p>Take theirs in below, and hand yours over: then both are compared line by line.</p>
              </Empty>
            ) : (
              <Lines
                key={domain}
                domain={domain}
                domains={known.map((peer) => peer.domain)}
                search={search}
                setSearch={setSearch}
              />
            )}
            <Section title="Ledgers" level={2}>
              <LedgerExchange domains={names} />
            </Section>
          </>
        );
      }}
    </Answered>
  );
}

interface LinesProps extends SearchProps {
  readonly domain: string;
  readonly domains: readonly string[];
}

function Lines({ domain, domains, search, setSearch }: LinesProps) {
  const { orpc } = useApi();
  const [offset, setOffset] = useState(0);
  const input = {
    ...{ ...spanOf(search), domain, offset, limit: PAGE },
    ...(search.line === undefined ? {} : { kind: search.line }),
  };
  const query = useQuery(orpc.accounting.reconcile.queryOptions({ input, placeholderData: keepPreviousData }));
  const turn = (line: AccountingSearch["line"]): void => {
    setOffset(0);
    setSearch({ line }, { replace: true });
  };
  return (
    <Section title={`Compared with ${word(domain)}`} level={2}>
      {domains.length < 2 ? null : (
        <Select
          label="With"
          items={domains.map((id) => ({ id, name: word(id) }))}
          selectedKey={domain}
          onSelectionChange={(next) => setSearch({ domain: next })}
          className="max-w-64"
        />
      )}
      <Answered query={query} what="the comparison">
        {({ counts, differences, lines, total, ledgerAt }) => (
          <>
            <p className="py-1 text-muted">
              Their ledger was taken in <Ago sinceMs={ledgerAt * 1000} />. A line is what one task used of one resource;
              what was counted must be equal, what was estimated within 1 %.
            </p>
            <Segmented
              label="Which lines"
              selected={search.line ?? "all"}
              onChange={(id) => turn(id === "all" ? undefined : id)}
              options={[
                { id: "all", name: `All ${formatCount(Object.values(counts).reduce((sum, count) => sum + count, 0))}` },
                { id: "quantity", name: `Quantity ${formatCount(counts.quantity ?? 0)}` },
                { id: "price", name: `Price ${formatCount(counts.price ?? 0)}` },
                { id: "missing_here", name: `Missing here ${formatCount(counts.missing_here ?? 0)}` },
                { id: "missing_there", name: `Missing there ${formatCount(counts.missing_there ?? 0)}` },
                { id: "matched", name: `Matched ${formatCount(counts.matched ?? 0)}` },
              ]}
            />
            <p className="py-2">
              In all, ours less theirs:{" "}
              {differences
                .map((one) => `${resourceName(one.resource)} ${signed(one.difference)} ${unitName(one.unit)}`)
                .join("; ") || "nothing to compare"}
              .
            </p>
            <LinesTable lines={lines} />
            {total <= PAGE ? null : (
              <p className="flex items-center gap-2 py-1 text-xs text-muted">
                Lines {formatCount(offset + 1)} to {formatCount(Math.min(total, offset + PAGE))} of {formatCount(total)}
                <Button size="sm" isDisabled={offset === 0} onPress={() => setOffset(Math.max(0, offset - PAGE))}>
                  Before
                </Button>
                <Button size="sm" isDisabled={offset + PAGE >= total} onPress={() => setOffset(offset + PAGE)}>
                  After
                </Button>
              </p>
            )}
          </>
        )}
      </Answered>
    </Section>
  );
}

function LinesTable({ lines }: { readonly lines: readonly LineView[] }) {
  if (lines.length === 0) return <p className="py-2 text-muted">No such lines.</p>;
  return (
    <Table
      label="Lines of both ledgers"
      columns={[
        { name: "State" },
        { name: "Task" },
        { name: "Resource" },
        { name: "Here", isNumber: true },
        { name: "There", isNumber: true },
        { name: "Difference", isNumber: true },
        { name: "Prices, here and there", isNumber: true },
      ]}
    >
      {lines.map((line) => (
        <Row key={`${line.task} ${line.resource}`}>
          <Cell>
            <Mark {...LINE_LOOK[line.kind]} />
            {line.within ? <span className="block text-xs text-muted">within 1 % of an estimate</span> : null}
          </Cell>
          <HeadCell>
            <UntrustedText text={line.taskName ?? shortId(line.task)} maxCharacters={60} />
          </HeadCell>
          <Cell>
            {resourceName(line.resource)}
            {line.estimated ? <span className="text-xs text-muted"> (estimated)</span> : null}
          </Cell>
          <NumberCell>{line.ours === null ? "none" : formatDecimal(line.ours)}</NumberCell>
          <NumberCell>{line.theirs === null ? "none" : formatDecimal(line.theirs)}</NumberCell>
          <NumberCell>
            {signed(line.difference)} {unitName(line.unit)}
          </NumberCell>
          <NumberCell>
            {line.ourPrice ?? "none"}, {line.theirPrice ?? "none"}
          </NumberCell>
        </Row>
      ))}
    </Table>
  );
}
