import { agentsWords, gatewaysWords, stayWords, stepsWords, tasksWords } from "../../../api/client/rollback-words.ts";
import type { RollbackPlanView } from "../../../api/contract/rollback.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { TaskName } from "./names.tsx";
import type { PlanDiff } from "./plan-diff.ts";
import { LIST_MARKS } from "./rollback-words.ts";

/** As somebody asks: what is undone, how, and what is not. */
const IN_ORDER = ["undone", "compensated", "manual", "impossible", "skipped"] as const;

/** "3 undone, 1 compensated, 1 cannot be undone", nothing of what there is none of. */
export function countsWords({ counts }: Pick<RollbackPlanView, "counts">): string {
  const words = IN_ORDER.flatMap((list) =>
    counts[list] === 0 ? [] : [`${formatCount(counts[list])} ${LIST_MARKS[list].label}`],
  );
  return words.join(", ");
}

export interface PlanSummaryProps {
  readonly plan: RollbackPlanView;
  readonly tookMs: number;
  /** Wall clock, epoch ms, of the answer. */
  readonly readAtMs: number;
}

/** What it would do, in numbers (J6). */
export function PlanSummary({ plan, tookMs, readAtMs }: PlanSummaryProps) {
  const { counts, cost, participants, planHash, steps, waves } = plan;
  const gateways = new Set(steps.flatMap(({ gateway }) => gateway ?? [])).size;
  return (
    <div className="space-y-2">
      <div role="status" className="space-y-1">
        <p className="font-semibold">
          {tasksWords(steps.length)} after the cut, {stayWords(plan.cut.stays)}:
        </p>
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {IN_ORDER.filter((list) => counts[list] > 0).map((list) => (
            <li key={list}>
              <Mark {...LIST_MARKS[list]} label={`${formatCount(counts[list])} ${LIST_MARKS[list].label}`} />
            </li>
          ))}
        </ul>
      </div>
      <Facts
        items={[
          {
            term: "Cost",
            value: cost.total,
            hint:
              cost.unstated === 0
                ? "as stated; the currency is not"
                : `as stated, without currency; ${stepsWords(cost.unstated)} without one`,
          },
          {
            term: "Takes part",
            value: `${agentsWords(participants.length - gateways)}${gateways === 0 ? "" : ` and ${gatewaysWords(gateways)}`}, in ${formatCount(waves)} waves`,
          },
          {
            term: "Plan",
            value: <Identifier value={planHash} label="digest of the plan" />,
            hint: "what both people sign",
          },
        ]}
      />
      <p className="text-xs text-muted">
        A dry run: nothing was changed. Made <Ago sinceMs={readAtMs} /> in {formatDuration(tookMs)}, and again as tasks
        go on.
      </p>
    </div>
  );
}

const LISTED = 5;

/** What is different in the plan that was made since. */
export function DiffWords({ diff }: { readonly diff: PlanDiff }) {
  const lines = [
    ...diff.added.map((step) => ({ step, words: `is undone too: ${LIST_MARKS[step.list].label}` })),
    ...diff.gone.map((step) => ({ step, words: "is not undone any more" })),
    ...diff.changed.map(({ before, now }) => ({
      step: now,
      words:
        before.list === now.list
          ? "is undone by somebody else, or from another checkpoint"
          : `was ${LIST_MARKS[before.list].label}, now ${LIST_MARKS[now.list].label}`,
    })),
  ];
  if (lines.length === 0) return <p>The order of the steps is another one.</p>;
  return (
    <ul>
      {lines.slice(0, LISTED).map(({ step, words }) => (
        <li key={step.task}>
          <TaskName task={step} plain /> {words}
        </li>
      ))}
      {lines.length > LISTED ? <li>and {formatCount(lines.length - LISTED)} more</li> : null}
    </ul>
  );
}
