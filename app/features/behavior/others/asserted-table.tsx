import type { AssertedResult } from "../../../api/contract/behavior.ts";
import { useMinute } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import type { Look } from "../state-looks.ts";
import { countOf, score, word } from "../words.ts";

type Said<T extends AssertedResult["said"]["typ"]> = Extract<AssertedResult["said"], { typ: T }>;

/**
 * Never the shapes of a verdict of this log: all are rings, which stand for the word of another. What it calls bad is not shown
 * as anything softer (BEH-9).
 */
const STATUS_LOOKS: Readonly<Record<Said<"ear">["status"], Omit<Look, "label">>> = {
  none: { shape: "ring", tone: "neutral" },
  affirming: { shape: "ring", tone: "neutral" },
  warning: { shape: "ring", tone: "warning" },
  contraindicated: { shape: "ring", tone: "critical" },
};

/** Everything that pinned verifiers of other domains have said, newest first. */
export function AssertedTable({ results }: { readonly results: readonly AssertedResult[] }) {
  return (
    <Table
      label="Asserted by other domains"
      columns={["About", "Asserted by", "It says", "With", "Issued", { name: "Entry", isNumber: true }, "Its verifier"]}
    >
      {results.map((one) => (
        <Row key={`${one.jti} ${one.subject}`}>
          <HeadCell>
            <bdi>{word(one.subject, 120)}</bdi>
          </HeadCell>
          <Cell>
            the verifier of <bdi>{word(one.domain)}</bdi>
          </Cell>
          <Cell>
            {one.said.typ === "ear" ? (
              <Mark {...STATUS_LOOKS[one.said.status]} label={`asserted: ${one.said.verdict}`} />
            ) : (
              <Mark shape="ring" tone="neutral" label={`asserted: score ${one.said.score.toFixed(1)}`} />
            )}
          </Cell>
          <Cell>{one.said.typ === "ear" ? <EarFigures said={one.said} /> : <BenchFigures said={one.said} />}</Cell>
          <Cell>
            <Instant epochMs={one.issuedAt * 1000} full />
          </Cell>
          <NumberCell>{formatCount(one.seq)}</NumberCell>
          <Cell>
            <PinNow pin={one.pin} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function EarFigures({ said }: { readonly said: Said<"ear"> }) {
  const nowMs = useMinute();
  const { compliance, drift, trust, reasons, profile, until } = said;
  return (
    <>
      compliance {score(compliance)}, drift {score(drift)}, trust {score(trust)}, {countOf(reasons, "reason")}, by its
      profile {word(profile.profile_id)} v{profile.version}.{" "}
      {until * 1000 <= nowMs ? <Mark shape="bar" tone="notice" label="has run out" /> : null}
    </>
  );
}

/** What follows from a profile is recomputed where this log has exactly that benchmark; elsewhere nothing of it is checked. */
function BenchFigures({ said }: { readonly said: Said<"bench"> }) {
  const { benchId, version, runs, held } = said;
  const [first] = held?.problems ?? [];
  return (
    <>
      {word(benchId)} v{version}, {countOf(runs, "run")}.{" "}
      {held === null
        ? "Not checked: this log has no such benchmark."
        : first === undefined
          ? "Its score follows from its figures and the benchmark this log has."
          : null}
      {first === undefined ? null : <Mark shape="triangle" tone="warning" label={word(first, 200)} />}
    </>
  );
}

function PinNow({ pin }: { readonly pin: AssertedResult["pin"] }) {
  const nowMs = useMinute();
  if (pin.endedSeq !== null)
    return (
      <Mark
        shape="cross"
        tone="neutral"
        label={`pinned in entry ${formatCount(pin.seq)}, ended in ${formatCount(pin.endedSeq)}`}
      />
    );
  return pin.until * 1000 <= nowMs ? (
    <Mark shape="bar" tone="neutral" label={`pinned in entry ${formatCount(pin.seq)}, run out`} />
  ) : (
    <Mark shape="dot" tone="neutral" label={`pinned in entry ${formatCount(pin.seq)}`} />
  );
}
