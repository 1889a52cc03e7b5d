import type { CheckpointView } from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { TaskName, useNames, Who } from "./names.tsx";
import type { Cut } from "./rollback-link.ts";
import { Usable } from "./usable.tsx";

export interface ChooseCutProps {
  readonly cut: Cut;
  readonly keepTarget: boolean;
  readonly bestEffort: boolean;
  /** The one selected task, where it is another than the cut's. */
  readonly other: number | null;
  readonly checkpoints: readonly CheckpointView[];
  onCut(cut: Cut): void;
  onKeepTarget(keep: boolean): void;
  onBestEffort(best: boolean): void;
}

type Where = "before" | "after" | "checkpoint" | "beginning";

const WHERE: Record<Where, string> = {
  before: "Before this task",
  after: "After this task",
  checkpoint: "A checkpoint",
  beginning: "The beginning",
};

/** Where to go back to, and how: on the graph, in the table, or to a checkpoint; each choice is rehearsed at once (J6). */
export function ChooseCut(props: ChooseCutProps) {
  const { cut, keepTarget, bestEffort, other, checkpoints, onCut, onKeepTarget, onBestEffort } = props;
  const { run } = useNames();
  const task = cut.kind === "task" ? cut.index : other;
  const where: Where =
    cut.kind === "workflow" ? "beginning" : cut.kind === "checkpoint" ? "checkpoint" : keepTarget ? "after" : "before";
  const offered: readonly Where[] = [
    ...(task === null ? [] : (["before", "after"] as const)),
    ...(checkpoints.length === 0 ? [] : (["checkpoint"] as const)),
    "beginning",
  ];
  const choose = (next: Where): void => {
    const [first] = checkpoints;
    if (next === "beginning") onCut({ kind: "workflow" });
    else if (next === "checkpoint") {
      if (first !== undefined) onCut({ kind: "checkpoint", id: first.ckptId });
    } else if (task !== null) {
      onKeepTarget(next === "after");
      if (cut.kind !== "task") onCut({ kind: "task", index: task });
    }
  };
  return (
    <div className="space-y-2">
      <Segmented
        label="Go back to"
        selected={where}
        onChange={choose}
        options={offered.map((id) => ({ id, name: WHERE[id] }))}
      />
      {cut.kind === "task" ? (
        <p>
          {keepTarget ? "It stays, and all that follows it is undone: " : "It and all that follows it is undone: "}
          <UntrustedText text={run.names[cut.index] ?? ""} maxCharacters={120} className="font-semibold" />
        </p>
      ) : null}
      {cut.kind === "workflow" ? <p>Everything that was done in this workflow is undone.</p> : null}
      {cut.kind === "checkpoint" ? (
        <CheckpointList
          checkpoints={checkpoints}
          chosen={cut.id}
          onChoose={(id) => onCut({ kind: "checkpoint", id })}
        />
      ) : null}
      {other === null || (cut.kind === "task" && cut.index === other) ? null : (
        <p className="flex flex-wrap items-center gap-2">
          <Button size="sm" onPress={() => onCut({ kind: "task", index: other })}>
            Cut at the selected task instead
          </Button>
          <bdi className="min-w-0 truncate text-muted">{visibleText(run.names[other] ?? "")}</bdi>
        </p>
      )}
      <Segmented
        label="Where something cannot be undone"
        selected={bestEffort ? "best" : "all"}
        onChange={(id) => onBestEffort(id === "best")}
        options={[
          { id: "all", name: "All or nothing" },
          { id: "best", name: "As much as can be" },
        ]}
      />
    </div>
  );
}

/** More than these are in the log: they are found by their task. */
const LISTED = 12;

interface CheckpointListProps {
  readonly checkpoints: readonly CheckpointView[];
  readonly chosen: string;
  onChoose(id: string): void;
}

/** Checkpoints, newest first. One that is over is still a place to go back to: what it saved is not used then (CAS-21). */
function CheckpointList({ checkpoints, chosen, onChoose }: CheckpointListProps) {
  const first = checkpoints.slice(0, LISTED);
  const picked = checkpoints.find(({ ckptId }) => ckptId === chosen);
  const shown = picked === undefined || first.includes(picked) ? first : [...first, picked];
  return (
    <fieldset className="border border-line px-2 pb-1">
      <legend className="px-1 text-xs font-medium text-muted">Everything after it that touched what it holds</legend>
      {shown.map((one) => (
        <div key={one.ckptId} className="flex items-baseline gap-2 border-b border-line py-1 last:border-b-0">
          <input
            type="radio"
            name="checkpoint"
            checked={one.ckptId === chosen}
            onChange={() => onChoose(one.ckptId)}
            aria-label={`Checkpoint of ${visibleText(one.scope.join(", ")).slice(0, 200)}`}
          />
          <div className="min-w-0 flex-1 text-xs">
            <UntrustedText text={one.scope.join(", ")} maxCharacters={120} mono />
            <p>
              by <Who id={one.agent} />, <Ago sinceMs={one.madeAt * 1000} />
              {one.madeAfter === null ? (
                ", before the first task"
              ) : (
                <>
                  , after <TaskName task={one.madeAfter} />
                </>
              )}
            </p>
            <Usable checkpoint={one} />
          </div>
        </div>
      ))}
      {checkpoints.length > shown.length ? (
        <p className="text-xs text-muted">and {formatCount(checkpoints.length - shown.length)} older ones</p>
      ) : null}
    </fieldset>
  );
}
