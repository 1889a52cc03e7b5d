import { useMemo } from "react";
import type { Result } from "../../../base/result.ts";
import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { policyEffect } from "./check-policy.ts";

export interface PolicySummaryProps {
  readonly checked: Result<AcpClaims, readonly DraftProblem[]>;
  readonly graph: TaskGraph;
  readonly agents: readonly string[];
}

/** What the policy means for this run, in words: how much will wait for the operator. */
export function PolicySummary({ checked, graph, agents }: PolicySummaryProps) {
  const effect = useMemo(
    () => (checked.ok ? policyEffect(checked.value, graph, agents) : null),
    [checked, graph, agents],
  );
  if (!checked.ok || effect === null) {
    return (
      <p role="status">
        <Mark shape="triangle" tone="warning" label="This is not a policy that can be signed yet; see below." />
      </p>
    );
  }
  const claims = checked.value;
  const approvals = Math.max(1, ...claims.hitl.rules.map((rule) => rule.approvals));
  return (
    <div role="status">
      <ul className="flex flex-col gap-1">
        <li className="flex gap-2">
          <span className="mt-1">
            <MarkIcon shape="diamond" tone={effect.waiting > 0 ? "notice" : "neutral"} />
          </span>
          <span>
            {effect.waiting === 0 ? (
              "No task will wait for you."
            ) : (
              <>
                <b>
                  {formatCount(effect.waiting)} {effect.waiting === 1 ? "task" : "tasks"} of{" "}
                  {listed(effect.waitingActions)}
                </b>{" "}
                will wait for you.{approvals > 1 ? ` Each needs ${approvals} different operators.` : ""}
              </>
            )}
          </span>
        </li>
        <li className="flex gap-2">
          <span className="mt-1">
            <MarkIcon shape="dot" tone="neutral" />
          </span>
          <span>
            {formatCount(effect.free)} {effect.free === 1 ? "task goes" : "tasks go"} ahead without asking you: each is
            still checked and logged.
          </span>
        </li>
        {effect.refused === 0 ? null : (
          <li className="flex gap-2">
            <span className="mt-1">
              <MarkIcon shape="triangle" tone="warning" />
            </span>
            <span>
              <b>
                {formatCount(effect.refused)} {effect.refused === 1 ? "task" : "tasks"} of{" "}
                {listed(effect.refusedActions)}
              </b>{" "}
              will be refused, and what comes after them will not start.
            </span>
          </li>
        )}
        <li className="flex gap-2">
          <span className="mt-1">
            <MarkIcon shape="ring" tone="neutral" />
          </span>
          <span className="text-muted">
            Valid for {formatDuration((claims.exp - claims.iat) * 1000)} from your signature.
          </span>
        </li>
      </ul>
    </div>
  );
}

function listed(actions: readonly string[]): string {
  const shown = actions.slice(0, 3).map((action) => visibleText(action));
  const more = actions.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more actions` : shown.join(" and ");
}
