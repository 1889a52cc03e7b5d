import type {
  FlaggedTask,
  JudgedWindow,
  ReplayCounts,
  ReplayWindow,
} from "../../../../api/contract/behavior-profiles.ts";
import { formatCount, formatDuration } from "../../../../ui/duration.ts";
import { GoLink } from "../../../../ui/go-link.tsx";
import { Instant } from "../../../../ui/instant.tsx";
import { Mark, type MarkShapeProps } from "../../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../../ui/table.tsx";
import { UntrustedText } from "../../../../ui/untrusted-text.tsx";
import { agentWord, counted, formatShare, word } from "../words.ts";
import type { ReplayAnswer } from "./use-profile-replay.ts";

type Look = Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string };

const LOOKS: Readonly<Record<JudgedWindow["verdict"], Look>> = {
  conformant: { shape: "dot", tone: "neutral", label: "conformant" },
  drifting: { shape: "triangle", tone: "warning", label: "drifting" },
  nonconformant: { shape: "cross", tone: "critical", label: "nonconformant" },
  insufficient: { shape: "ring", tone: "neutral", label: "too few tasks" },
};

const ROWS: readonly (readonly [keyof ReplayCounts, string])[] = [
  ["windows", "windows judged"],
  ["conformant", "conformant"],
  ["drifting", "drifting"],
  ["nonconformant", "nonconformant"],
  ["insufficient", "too few tasks"],
  ["violations", "violations"],
];

/** What the draft would have said of the past, beside what is in force. */
export function ReplayReport({ answer }: { readonly answer: ReplayAnswer }) {
  const { draft, inForce, tasks, agents, differ, flaggedTotal } = answer;
  const isCompared = inForce.windows > 0;
  return (
    <section aria-label="Replay" className="flex flex-col gap-3">
      <p role="status" className="text-base font-semibold">
        {tasks === 0
          ? "It applies to no task in this part of the log."
          : flaggedTotal === 0
            ? `No task would have been flagged, of ${formatCount(tasks)}.`
            : `${counted(flaggedTotal, "finding")} in ${counted(tasks, "task")}.`}
      </p>
      <p className="text-xs text-muted">
        {counted(agents, "instance")} of agents, {counted(draft.windows, "window")}
        {isCompared ? `, ${formatCount(differ)} of them with another verdict than under what is in force` : ""}.
        Computed in {formatDuration(answer.tookMs)} from {formatCount(answer.position.size)} entries.
      </p>
      <Table
        label="Verdicts"
        columns={["Of the windows", { name: "Draft", isNumber: true }, { name: "In force", isNumber: true }]}
      >
        {ROWS.map(([member, name]) => (
          <Row key={member}>
            <HeadCell>{name}</HeadCell>
            <NumberCell>{formatCount(draft[member])}</NumberCell>
            <NumberCell>{isCompared ? formatCount(inForce[member]) : "none in force"}</NumberCell>
          </Row>
        ))}
      </Table>
      {answer.unjudged.length === 0 ? null : (
        <p>
          <Mark shape="triangle" tone="warning" label="Not judged, because what they are about is not known:" />{" "}
          {answer.unjudged.map(({ rule, windows }) => `${word(rule)} in ${counted(windows, "window")}`).join(", ")}.
        </p>
      )}
      <Flagged flagged={answer.flagged} total={flaggedTotal} />
      <Windows windows={answer.windows} total={draft.windows} />
    </section>
  );
}

function Flagged({ flagged, total }: { readonly flagged: readonly FlaggedTask[]; readonly total: number }) {
  if (flagged.length === 0) return null;
  return (
    <>
      <p className="font-semibold">Tasks that would have been flagged</p>
      <Table
        label="Tasks that would have been flagged"
        columns={["Entry", "Agent", "Action", "Task", "Rule", { name: "Severity", isNumber: true }, "In force"]}
        isBounded
      >
        {flagged.map((task) => (
          <Row key={`${task.jti} ${task.rule} ${task.at}`}>
            <HeadCell>
              {task.seq === null ? (
                "—"
              ) : (
                <GoLink to="/timeline" search={{ entry: task.seq }}>
                  {formatCount(task.seq)}
                </GoLink>
              )}
            </HeadCell>
            <Cell>{agentWord(task.agent)}</Cell>
            <Cell isMono>{word(task.action)}</Cell>
            <Cell>{task.taskName === null ? "—" : <UntrustedText text={task.taskName} maxCharacters={60} />}</Cell>
            <Cell isMono>{word(task.rule)}</Cell>
            <NumberCell>{task.severity}</NumberCell>
            <Cell>{task.already ? "flagged as well" : "not flagged"}</Cell>
          </Row>
        ))}
      </Table>
      {total > flagged.length ? (
        <p className="text-muted">
          The {formatCount(flagged.length)} gravest of {formatCount(total)} findings are shown.
        </p>
      ) : null}
    </>
  );
}

function Windows({ windows, total }: { readonly windows: readonly ReplayWindow[]; readonly total: number }) {
  if (windows.length === 0) return null;
  return (
    <>
      <p className="font-semibold">Windows</p>
      <Table
        label="Windows"
        columns={[
          "Agent",
          "From",
          { name: "Tasks", isNumber: true },
          "Draft",
          "In force",
          { name: "Loss", isNumber: true },
          { name: "Drift", isNumber: true },
        ]}
        isBounded
      >
        {windows.map(({ agent, wid, from, samples, draft, inForce }) => (
          <Row key={`${wid} ${agent} ${from}`}>
            <HeadCell>{agentWord(agent)}</HeadCell>
            <Cell>
              <Instant epochMs={from * 1000} />
            </Cell>
            <NumberCell>{formatCount(samples)}</NumberCell>
            <Cell>
              <Mark {...LOOKS[draft.verdict]} />
            </Cell>
            <Cell>{inForce === null ? "—" : <Mark {...LOOKS[inForce.verdict]} />}</Cell>
            <NumberCell>{formatShare(1 - draft.compliance)}</NumberCell>
            <NumberCell>{draft.drift === null ? "—" : draft.drift.toFixed(3)}</NumberCell>
          </Row>
        ))}
      </Table>
      {total > windows.length ? (
        <p className="text-muted">
          {formatCount(windows.length)} of {formatCount(total)} windows are shown, those with something to see first.
        </p>
      ) : null}
    </>
  );
}
