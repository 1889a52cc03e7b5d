import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { EvidenceRow } from "../../../api/contract/behavior.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useRoleProblem } from "../../../operator/use-accounting.ts";
import { formatCount } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Answered } from "../answered.tsx";
import { VERDICT_LOOKS } from "../state-looks.ts";
import { lastPart, score } from "../words.ts";

/**
 * What observers signed and what was made of it, link by link: only for who holds the role auditor, because raw evidence may
 * tell of people (BEH-S7). Opening it is recorded.
 */
export function EvidenceView({ agent }: { readonly agent: string }) {
  const { operator } = useOperator();
  const forbidden = useRoleProblem(["auditor"]);
  const frozen = useFrozen();
  if (frozen !== null)
    return (
      <Empty title="Evidence is read as of now">
        <p>Who looks at it is recorded, which nothing in the past can be. Return to now to read it.</p>
      </Empty>
    );
  if (operator === null || forbidden !== null)
    return (
      <Empty title="Raw evidence is for the role auditor">
        <p>
          It may tell of people. {forbidden} Verdicts, reasons and figures of this agent are under Conduct, for
          everybody.
        </p>
      </Empty>
    );
  return <Evidence agent={agent} reader={operator.subject} />;
}

function Evidence({ agent, reader }: { readonly agent: string; readonly reader: string }) {
  const { orpc } = useApi();
  // Each reading is an entry of the log: it is asked for when the view is opened, and not by itself after that.
  const query = useQuery(
    orpc.behavior.evidence.queryOptions({
      input: { agent, reader },
      staleTime: Number.POSITIVE_INFINITY,
      queryKey: ["behavior-evidence", agent, reader],
    }),
  );
  return (
    <Answered query={query} what="the evidence">
      {({ evidence, position }) =>
        evidence.length === 0 ? (
          <Empty title="There is no evidence about this agent">
            <p>The first comes when its first window closes under a profile that applies to it.</p>
          </Empty>
        ) : (
          <div className="py-3">
            <Table
              label="Evidence and results"
              columns={[
                "When",
                "Token",
                "From",
                "Verified",
                "Link to the one before",
                { name: "Tasks", isNumber: true },
                { name: "Violations", isNumber: true },
                { name: "Compliance", isNumber: true },
                { name: "Drift", isNumber: true },
              ]}
            >
              {evidence.map((row) => (
                <EvidenceLine key={row.jti} row={row} />
              ))}
            </Table>
            <p className="mt-1 text-xs text-muted">
              Read at {formatCount(position.size)} entries of {position.domain}; that you have read it is in the log.
              Figures are the observer's word: what was recomputed from the log stands under Conduct.
            </p>
          </div>
        )
      }
    </Answered>
  );
}

function EvidenceLine({ row }: { readonly row: EvidenceRow }) {
  return (
    <Row>
      <HeadCell>
        <Instant epochMs={row.at * 1000} />
      </HeadCell>
      <Cell isWide>
        {row.typ === "bet" ? "evidence" : "result"}{" "}
        {row.verdict === null ? null : <Mark {...VERDICT_LOOKS[row.verdict]} />}
        <div>
          <Identifier value={row.jti} label="token id" />{" "}
          <GoLink to="/inspector" search={{ jti: row.jti }}>
            inspect
          </GoLink>{" "}
          <GoLink to="/timeline" search={{ entry: row.seq }}>
            entry {formatCount(row.seq)}
          </GoLink>
        </div>
      </Cell>
      <Cell>
        {row.observer ?? "verifier"}
        <div className="text-xs text-muted">{lastPart(row.iss)}</div>
      </Cell>
      <Cell isWide>
        {row.problem === null ? (
          <Mark shape="dot" tone="good" label="taken" />
        ) : (
          <>
            <Mark shape="cross" tone="critical" label="refused" />
            <div>
              <UntrustedText text={row.problem.detail} maxCharacters={200} />{" "}
              <span className="font-mono text-xs">{row.problem.code}</span>
            </div>
          </>
        )}
      </Cell>
      <Cell isWide>
        <Chain row={row} />
      </Cell>
      <NumberCell>{row.samples === null ? "" : formatCount(row.samples)}</NumberCell>
      <NumberCell>{formatCount(row.violations)}</NumberCell>
      <NumberCell>{row.compliance === null ? "" : score(row.compliance)}</NumberCell>
      <NumberCell>{row.drift === null ? "" : score(row.drift)}</NumberCell>
    </Row>
  );
}

/** Of evidence the one before it; of a result what it rests on. */
function Chain({ row }: { readonly row: EvidenceRow }) {
  if (row.typ === "ear")
    return row.bets.length === 0 ? (
      "rests on the log alone"
    ) : (
      <>
        rests on{" "}
        {row.bets.map(({ jti }, at) => (
          <span key={jti}>
            {at === 0 ? "" : ", "}
            <Identifier value={jti} label="evidence id" />
          </span>
        ))}
      </>
    );
  switch (row.chain) {
    case "linked":
      return <>unbroken, after {row.prev === null ? null : <Identifier value={row.prev.jti} label="evidence id" />}</>;
    case "gap":
      return <Mark shape="triangle" tone="warning" label="a gap: the one before is not in this log" />;
    case "first":
      return "the first of its chain";
    case null:
      return "not linked";
  }
}
