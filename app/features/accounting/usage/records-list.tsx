import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { UsageRecordView } from "../../../api/contract/accounting.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Answered } from "../answered.tsx";
import { EntryLink } from "../entry-link.tsx";
import { lastPart, money, quantityWords, resourceName, shortId, word } from "../words.ts";
import { CorrectDialog } from "./correct-dialog.tsx";

const PAGE = 50;

export const STATE_WORDS: Readonly<Record<UsageRecordView["state"], string>> = {
  metered: "metered, no tariff",
  rated: "rated",
  stated: "in a statement",
  disputed: "disputed",
  corrected: "corrected",
  accepted: "accepted",
  settled: "settled",
};

export interface RecordsListProps {
  readonly span: { readonly from?: number; readonly to?: number; readonly wid?: string };
  readonly agent?: string;
  readonly task?: string;
}

/** The signed records that the numbers above are made of, newest first. */
export function RecordsList({ span, agent, task }: RecordsListProps) {
  const { orpc } = useApi();
  const [offset, setOffset] = useState(0);
  const [correcting, setCorrecting] = useState<UsageRecordView | null>(null);
  const input = {
    ...{ ...span, offset, limit: PAGE },
    ...(agent === undefined ? {} : { agent }),
    ...(task === undefined ? {} : { task }),
  };
  const query = useQuery(orpc.accounting.records.queryOptions({ input, placeholderData: keepPreviousData }));
  return (
    <Section title="Usage records" level={2}>
      <Answered query={query} what="the records">
        {({ records, total }) => (
          <>
            <Table
              label="Usage records"
              columns={[
                { name: "Task" },
                { name: "Agent" },
                { name: "Used" },
                { name: "Charged to" },
                { name: "State" },
              ]}
            >
              {records.map((record) => (
                <RecordRow key={record.jti} record={record} onCorrect={() => setCorrecting(record)} />
              ))}
            </Table>
            <p className="flex flex-wrap items-center gap-2 py-1 text-xs text-muted">
              {formatCount(total)} records
              {total > PAGE ? (
                <>
                  <Button size="sm" isDisabled={offset === 0} onPress={() => setOffset(Math.max(0, offset - PAGE))}>
                    Newer
                  </Button>
                  <Button size="sm" isDisabled={offset + PAGE >= total} onPress={() => setOffset(offset + PAGE)}>
                    Older
                  </Button>
                </>
              ) : null}
            </p>
          </>
        )}
      </Answered>
      {correcting === null ? null : <CorrectDialog record={correcting} onClose={() => setCorrecting(null)} />}
    </Section>
  );
}

/** Where a correction is not the one that was ordered, line by line. */
function NotAsOrdered({ correction }: Pick<UsageRecordView, "correction">) {
  const lines = correction?.lines.filter(({ differs }) => differs) ?? [];
  if (lines.length === 0) return null;
  return (
    <ul aria-label="Not as ordered">
      {lines.map(({ resource, ordered, recorded }) => (
        <li key={resource}>
          <Mark
            shape="triangle"
            tone="warning"
            label={`${resourceName(resource)}: ${ordered ?? "nothing"} ordered, ${recorded ?? "nothing"} recorded`}
          />
        </li>
      ))}
    </ul>
  );
}

function RecordRow({ record, onCorrect }: { readonly record: UsageRecordView; onCorrect(): void }) {
  return (
    <Row>
      <HeadCell>
        <UntrustedText text={record.taskName ?? record.execAct ?? shortId(record.task)} maxCharacters={80} />
        <span className="flex flex-wrap gap-x-2 text-xs text-muted">
          <Instant epochMs={record.from * 1000} full />
          <EntryLink seq={record.entry} />
        </span>
        {record.correctionOf === null ? null : (
          <span className="block text-xs">corrects record {shortId(record.correctionOf)}</span>
        )}
        <NotAsOrdered correction={record.correction} />
      </HeadCell>
      <Cell>
        <span title={record.consumer}>{lastPart(record.consumer)}</span>
      </Cell>
      <Cell>
        <ul className="min-w-52">
          {record.items.map(({ resource, quantity, unit, amount, estimated, model }) => (
            <li key={resource}>
              {resourceName(resource)}: <span className="tabular-nums">{quantityWords(quantity, unit)}</span>
              {amount === null || record.currency === null ? "" : `, ${money(amount, record.currency)}`}
              {estimated ? <span className="text-xs text-muted"> (estimated)</span> : null}
              {model === null ? null : (
                <span className="text-xs text-muted">
                  {" "}
                  <UntrustedText text={model} maxCharacters={40} />
                </span>
              )}
            </li>
          ))}
        </ul>
      </Cell>
      <Cell>
        {record.doneBy === null ? (
          lastPart(record.payer)
        ) : (
          <span className="text-muted">nobody here: {word(record.doneBy)} did it</span>
        )}
      </Cell>
      <Cell>
        {record.doneBy === null ? STATE_WORDS[record.state] : "counted, to compare"}
        {record.overLimit ? (
          <span className="block">
            <Mark shape="triangle" tone="warning" label="more than its limit" />
          </span>
        ) : null}
        {record.unusual ? (
          <span className="block">
            <Mark shape="diamond" tone="notice" label="over 3 times the usual" />
          </span>
        ) : null}
        {record.correctionOf === null && record.doneBy === null ? (
          <Button
            size="sm"
            variant="quiet"
            writes
            aria-label={`Correct the record of ${record.taskName ?? shortId(record.task)}`}
            onPress={onCorrect}
          >
            Correct …
          </Button>
        ) : null}
      </Cell>
    </Row>
  );
}
