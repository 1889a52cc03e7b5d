import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { MakePolicy } from "../../../operator/make-policy.tsx";
import { PROPOSE } from "../../../protocol/attention/limits.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { Cell, type Column, HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { shortName } from "../names.ts";
import type { Figures, Overview } from "./use-attention.ts";
import { percentWords, rateWords, secondsWords } from "./words.ts";

export const FIGURE_COLUMNS: readonly (string | Column)[] = [
  { name: "Decisions", isNumber: true },
  "Approved",
  { name: "Looked at, median", isNumber: true },
  { name: "Reading takes at least", isNumber: true },
  "Faster than that",
  "Arguments unfolded whole",
  { name: "Decided together, median", isNumber: true },
];

/** The figures of one row, in the order of their columns. */
export function FigureCells({ of }: { readonly of: Figures }) {
  return (
    <>
      <NumberCell>{formatCount(of.decisions)}</NumberCell>
      <Cell isWide>{rateWords(of.approvals)}</Cell>
      <NumberCell>{secondsWords(of.medianLookS)}</NumberCell>
      <NumberCell>{secondsWords(of.leastReadingS)}</NumberCell>
      <Cell isWide>{rateWords(of.tooFast)}</Cell>
      <Cell isWide>{rateWords(of.readWhole)}</Cell>
      <NumberCell>{of.batches.median === null ? "not known" : formatCount(of.batches.median)}</NumberCell>
    </>
  );
}

/** How decisions are given, by class (R1), and which classes a policy should answer instead of anybody (R2). */
export function JudgedPart({ told: { all, classes, classCount, shift } }: { readonly told: Overview }) {
  const proposed = classes.filter(({ isProposed }) => isProposed);
  return (
    <Section title="How decisions are given" level={2}>
      <p className="mb-2 max-w-3xl text-xs text-muted">
        Looked at: from when it was shown until it was signed, in whole seconds. Reading takes at least half a second,
        and a second for each 60 characters that were on screen. Figures of fewer than 20 are told as a count. Whether
        evidence was opened is not in the log; whether the arguments were unfolded is, in the view that was signed for.
      </p>
      {proposed.length === 0 ? (
        <p className="mb-2">
          No class is approved in more than {percentWords(PROPOSE.approvals)} at a median below {PROPOSE.medianS} s.
        </p>
      ) : (
        <ul aria-label="Proposed for policy" className="mb-3 flex max-w-3xl flex-col gap-2">
          {proposed.map((one) => (
            <Proposal key={one.key} of={one} />
          ))}
        </ul>
      )}
      {all.decisions === 0 ? (
        <p className="text-muted">Nobody decided anything in this time.</p>
      ) : (
        <>
          <Table label="Decisions by class" isBounded columns={["Agent, action and rules", ...FIGURE_COLUMNS]}>
            <Row>
              <HeadCell>All classes</HeadCell>
              <FigureCells of={all} />
            </Row>
            {classes.map((one) => (
              <Row key={one.key}>
                <HeadCell isWide>
                  <bdi>{visibleText(shortName(one.standing))}</bdi>:{" "}
                  <bdi className="font-mono text-xs">{visibleText(one.action)}</bdi>,{" "}
                  <bdi>{visibleText(one.ruleIds.join(", "))}</bdi>
                </HeadCell>
                <FigureCells of={one} />
              </Row>
            ))}
          </Table>
          {classCount > classes.length ? <p>and {formatCount(classCount - classes.length)} rarer classes.</p> : null}
          <h3 className="mt-3 mb-1 text-xs font-semibold">By the hour of a shift, all people together</h3>
          <ShiftTable label="By the hour of a shift" shift={shift} />
        </>
      )}
    </Section>
  );
}

/** Hours since somebody began, after four hours without anything. */
export function ShiftTable({ label, shift }: { readonly label: string; readonly shift: Overview["shift"] }) {
  return (
    <Table
      label={label}
      columns={[
        "Hour",
        { name: "Decisions", isNumber: true },
        "Approved",
        { name: "Looked at, median", isNumber: true },
        "Faster than reading",
      ]}
    >
      {shift.map(({ hour, decisions, approvals, medianLookS, tooFast }) => (
        <Row key={hour}>
          <HeadCell>{hour}</HeadCell>
          <NumberCell>{formatCount(decisions)}</NumberCell>
          <Cell isWide>{rateWords(approvals)}</Cell>
          <NumberCell>{secondsWords(medianLookS)}</NumberCell>
          <Cell isWide>{rateWords(tooFast)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

/** A class that nobody reads is told to whoever writes the policy, before anybody is told anything (R2). */
function Proposal({ of }: { readonly of: Overview["classes"][number] }) {
  const { orpc } = useApi();
  const { agent, standing, action, ruleIds, policy: jti, approvals, medianLookS } = of;
  const policy = useQuery(orpc.policy.get.queryOptions({ input: { jti } }));
  return (
    <li className="flex items-start gap-2 border border-line bg-panel p-2">
      <span className="pt-1">
        <MarkIcon shape="diamond" tone="notice" />
      </span>
      <div className="min-w-0">
        <p>
          <bdi className="font-mono text-xs">{visibleText(action)}</bdi> by{" "}
          <bdi>{visibleText(shortName(standing))}</bdi> is approved in {rateWords(approvals)} after{" "}
          {secondsWords(medianLookS)}: the policy should answer it.
        </p>
        {policy.isError ? (
          <ProblemNote problem={problemOf(policy.error)} onRetry={() => void policy.refetch()} />
        ) : policy.data === undefined ? null : (
          <MakePolicy policy={policy.data.claims} decided={{ agent, execAct: action, ruleIds, outcome: "approved" }} />
        )}
      </div>
    </li>
  );
}
