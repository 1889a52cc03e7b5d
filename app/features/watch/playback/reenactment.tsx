import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { Details } from "../../../ui/details.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { cutText, visibleText } from "../../../ui/visible-text.ts";
import { LogRead } from "./log-read.tsx";

const FORMATS: Record<WorkflowSummary["run"]["format"], string> = {
  wfformat: "WfCommons WfFormat",
  "spark-eventlog": "Spark event log",
  langfuse: "Langfuse export",
  otlp: "OpenTelemetry traces",
  "signalbox-log": "Signalbox log",
  drill: "drill script",
  agentrx: "AgentRx",
  "who-and-when": "Who&When",
  "swe-agent": "SWE-agent",
  inspect: "Inspect log",
  temporal: "Temporal history",
  "ag-ui": "AG-UI session",
};

export const formatName = (format: WorkflowSummary["run"]["format"]): string => FORMATS[format];

/** With its article: "an AgentRx recording". */
export const aRecording = (format: WorkflowSummary["run"]["format"]): string =>
  `${/^[AIO]/.test(FORMATS[format]) ? "an" : "a"} ${FORMATS[format]} recording`;

/** Says, always in view, that this is a recording played again: of what, from where, under what licence. */
export function Reenactment({ workflow }: { readonly workflow: WorkflowSummary }) {
  const { run, drill } = workflow;
  if (drill !== undefined) return <DrillTitle {...drill} />;
  const { origin } = run.source;
  const file = visibleText(cutText(run.source.file, 60).head);
  const licence = origin === null ? "" : `, ${origin.licence}`;
  const isScenario = run.source.scenario === true;
  const of = isScenario ? "of a scenario written for this console" : `of ${aRecording(run.format)}`;
  return (
    <Details
      title={isScenario ? "Re-enactment of a scenario" : "Re-enactment of a recording"}
      label={`RE-ENACTMENT ${of}, ${file}${licence}`}
      placement="bottom start"
      className="min-h-6 min-w-0 gap-2 rounded-sm text-left"
      trigger={
        <>
          <b className="shrink-0 border border-strong bg-sunken px-1.5 py-0.5 text-xs tracking-wide">RE-ENACTMENT</b>{" "}
          <span className="min-w-0 truncate text-xs text-muted">
            {of}, <bdi>{file}</bdi>
            {licence}
          </span>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          Nothing outside this browser is touched. The order, durations and failures are those of the{" "}
          {isScenario ? "scenario, which records nothing that happened" : "recording"}; the permissions, approvals,
          stops and tokens are of this console and real.
        </p>
        <Facts
          items={[
            { term: isScenario ? "Scenario" : "Recording", value: <UntrustedText text={run.name} /> },
            { term: "Format", value: FORMATS[run.format] },
            { term: "File", value: <UntrustedText text={run.source.file} mono /> },
            ...(origin === null
              ? [{ term: "Origin", value: isScenario ? "this console" : "a file of yours" }]
              : [
                  { term: "Origin", value: <UntrustedText text={`${origin.repository} ${origin.path}`} mono /> },
                  { term: "Commit", value: <Identifier value={origin.commit} label="commit" /> },
                  { term: "Licence", value: <UntrustedText text={origin.licence} /> },
                ]),
            {
              term: "Holds",
              value: `${formatCount(run.tasks)} tasks, ${formatCount(run.edges)} edges, ${formatCount(run.agents)} agents`,
              hint: run.failed === 0 ? "no recorded failure" : `${formatCount(run.failed)} recorded failures`,
            },
            { term: "Digest", value: <Identifier value={run.digest} label="digest of the recorded run" /> },
            { term: "Started", value: <Instant epochMs={workflow.startedAt * 1000} full /> },
            { term: "Workflow", value: <Identifier value={workflow.wid} label="workflow id" /> },
            { term: "Read", value: <LogRead wid={workflow.wid} whole /> },
            ...(run.observedOnly
              ? [{ term: "Evidence", value: "traces: what was reported, not what was enforced" }]
              : []),
          ]}
        />
        {run.warnings.length === 0 ? null : (
          <ul aria-label="Warnings of the import" className="list-disc space-y-1 pl-4 text-xs">
            {run.warnings.map((warning) => (
              <li key={warning.code}>
                <UntrustedText text={warning.message} /> ({formatCount(warning.count)})
              </li>
            ))}
          </ul>
        )}
      </div>
    </Details>
  );
}

/** Unmistakably no work: by shape and words, where other workflows say what they re-enact (OVR-25). */
function DrillTitle({ script, size }: { readonly script: string; readonly size: number }) {
  return (
    <p className="flex min-w-0 items-center gap-2">
      <b className="flex shrink-0 items-center gap-1 border-2 border-dashed border-notice bg-notice-soft px-1.5 py-0.5 text-xs tracking-wide">
        <MarkIcon shape="diamond" tone="notice" size={10} /> DRILL
      </b>
      <span className="min-w-0 truncate text-xs">
        script {visibleText(script)}, {formatCount(size)} agents that misbehave on purpose
      </span>
    </p>
  );
}
