import type { BehaviorReason } from "../../../api/contract/behavior.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { KIND_WORDS, SEVERITIES, word } from "../words.ts";
import { TaskLink } from "./task-link.tsx";

/** Why a window was judged as it was: each rule with the task that broke it, the gravest first (BEH-20). */
export function ReasonsTable({ reasons }: { readonly reasons: readonly BehaviorReason[] }) {
  if (reasons.length === 0) return <p className="text-muted">No rule was broken in this window.</p>;
  return (
    <Table label="Reasons" columns={["Rule", "What was found", "Severity", "Task", "When"]} isBounded>
      {reasons
        .toSorted((a, b) => (b.severity ?? 0) - (a.severity ?? 0) || a.at - b.at)
        .map((reason) => (
          <Row key={`${reason.rule} ${reason.task} ${reason.at}`}>
            <HeadCell isMono>{word(reason.rule, 128)}</HeadCell>
            <Cell isWide>
              {KIND_WORDS[reason.kind]}
              {reason.detail === null || reason.detail === "" ? null : (
                <div className="text-xs text-muted">
                  <UntrustedText text={reason.detail} maxCharacters={160} />
                </div>
              )}
              {reason.hidden ? (
                <div>
                  <Mark shape="diamond" tone="warning" label="no observer told of it" />
                </div>
              ) : null}
            </Cell>
            <Cell>
              <Severity severity={reason.severity} />
            </Cell>
            <Cell isWide>
              <TaskLink reason={reason} />
            </Cell>
            <Cell>
              <Instant epochMs={reason.at * 1000} />
            </Cell>
          </Row>
        ))}
    </Table>
  );
}

function Severity({ severity }: { readonly severity: number | null }) {
  if (severity === null) return "none";
  const words = SEVERITIES[severity] ?? String(severity);
  if (severity >= 4) return <Mark shape="cross" tone="critical" label={words} />;
  return severity === 3 ? <Mark shape="triangle" tone="warning" label={words} /> : words;
}
