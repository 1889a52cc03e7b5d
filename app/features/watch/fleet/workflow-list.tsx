import { FolderOpen } from "lucide-react";
import { taskMark } from "../../../api/client/task-marks.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { cutText, visibleText } from "../../../ui/visible-text.ts";
import { ReadAt } from "../playback/log-read.tsx";
import { aRecording } from "../playback/reenactment.tsx";
import type { LiveAnswer } from "../queries.ts";
import { STATES_BY_NEED } from "../task-states.ts";

export interface WorkflowListProps {
  readonly workflows: readonly WorkflowSummary[];
  /** The state of the log they were read from. */
  readonly position: LiveAnswer["position"];
  onOpen(wid: string): void;
  onLoad(): void;
}

/** All workflows at a glance: what waits for a human or was stopped first, then what runs, then what has ended. */
export function WorkflowList({ workflows, position, onOpen, onLoad }: WorkflowListProps) {
  const ordered = workflows.toSorted((a, b) => rank(a) - rank(b) || b.startedAt - a.startedAt);
  const waiting = workflows.reduce((sum, workflow) => sum + workflow.waiting, 0);
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-3 p-4">
        <header className="flex flex-wrap items-center gap-3">
          <h2 className="flex-1 text-base font-semibold">
            {formatCount(workflows.length)} {workflows.length === 1 ? "workflow" : "workflows"}
            {waiting === 0
              ? ""
              : `, ${formatCount(waiting)} ${waiting === 1 ? "task waits" : "tasks wait"} for a human`}
          </h2>
          <ReadAt position={position} />
          <Button writes shortcut="o" onPress={onLoad}>
            <FolderOpen aria-hidden="true" size={15} /> Load a run
          </Button>
        </header>
        <ul className="border-t border-line">
          {ordered.map((workflow) => (
            <li key={workflow.wid} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
              <div className="min-w-0 flex-1 basis-72">
                <p className="truncate font-medium">
                  <UntrustedText text={workflow.run.name} maxCharacters={120} />
                </p>
                <p className="text-xs text-muted">
                  {workflow.drill === undefined ? (
                    `re-enactment of ${aRecording(workflow.run.format)}`
                  ) : (
                    <Mark shape="diamond" tone="notice" label="Drill: its agents misbehave on purpose" />
                  )}{" "}
                  · started <Instant epochMs={workflow.startedAt * 1000} />
                </p>
              </div>
              <span className="w-24">
                <Mark {...STATUS[workflow.status]} />
              </span>
              <ul aria-label="Tasks by state" className="flex w-72 flex-wrap gap-x-3 text-xs">
                {STATES_BY_NEED.filter((state) => (workflow.counts[state] ?? 0) > 0).map((state) => {
                  const mark = taskMark(state);
                  return (
                    <li key={state} className="flex items-center gap-1">
                      <MarkIcon shape={mark.shape} tone={mark.tone} size={10} />
                      {formatCount(workflow.counts[state] ?? 0)} <span className="text-muted">{mark.label}</span>
                    </li>
                  );
                })}
              </ul>
              <Button
                aria-label={`Open ${visibleText(cutText(workflow.run.name, 60).head)}`}
                onPress={() => onOpen(workflow.wid)}
              >
                Open
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

const STATUS = {
  running: { shape: "half", tone: "neutral", label: "running" },
  paused: { shape: "bar", tone: "neutral", label: "paused" },
  stopped: { shape: "square", tone: "critical", label: "stopped" },
  finished: { shape: "dot", tone: "good", label: "finished" },
} as const satisfies Record<WorkflowSummary["status"], object>;

function rank({ waiting, status }: WorkflowSummary): number {
  if (waiting > 0) return 0;
  return { stopped: 1, running: 2, paused: 3, finished: 4 }[status];
}
