import { useMemo } from "react";
import { blamedWho, blameWord } from "../../../api/client/blame-words.ts";
import type { RecordedRun } from "../../../protocol/run/recorded-run.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";
import { ProblemNote, type ShownProblem } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { formatName } from "../playback/reenactment.tsx";

/** What a file turned out to hold, before anything of it is stored. */
export function RunPreview({ run, problem }: { readonly run: RecordedRun; readonly problem: ShownProblem | null }) {
  const counts = useMemo(() => countRun(run), [run]);
  const origin = run.source.origin;
  const counted = Object.entries(run.counts).map(
    ([name, count]) => `${name.replaceAll("_", " ")} ${formatCount(count)}`,
  );
  return (
    <div className="flex flex-col gap-4">
      <h3 className="text-base font-semibold">
        <UntrustedText text={run.name} />
      </h3>
      <Facts
        items={[
          { term: "Format", value: `${formatName(run.format)} ${run.formatVersion}` },
          {
            term: "File",
            value: <UntrustedText text={run.source.file} mono />,
            ...(run.source.scenario === true ? { hint: "a scenario written for this console, no recording" } : {}),
            ...(origin === null ? {} : { hint: `${origin.repository} · ${origin.licence}` }),
          },
          { term: "Tasks", value: formatCount(run.tasks.length), hint: `${formatCount(counts.actions)} actions` },
          { term: "Agents", value: formatCount(run.agents.length) },
          {
            term: "Edges",
            value: formatCount(counts.edges),
            ...(counts.inferred === 0
              ? {}
              : { hint: `${formatCount(counts.inferred)} of them inferred, shown dashed` }),
          },
          counts.hasTimes
            ? { term: "Took", value: formatDuration(counts.endMs), hint: SCHEDULE[run.schedule] }
            : { term: "Took", value: "not recorded", hint: "no times in the recording: its steps keep their order" },
          {
            term: "Failed",
            value:
              counts.failed === 0 ? "none" : <Mark shape="cross" tone="critical" label={formatCount(counts.failed)} />,
          },
          ...(counts.attributes === 0
            ? []
            : [
                {
                  term: "Attributes",
                  value: `${formatCount(counts.attributes)} without a place of their own, kept and shown`,
                },
              ]),
          ...(counted.length === 0
            ? []
            : [
                { term: "Source counts", value: counted.join(" · "), hint: "as the importer counted them in the file" },
              ]),
          ...(run.blame === undefined
            ? []
            : [
                {
                  term: "Annotated",
                  value: run.blame.map((one) => `${blamedWho(one, visibleText)}: ${blameWord(one)}`).join(" · "),
                  hint: "noted in the recording, no finding of this console",
                },
              ]),
          ...(run.observedOnly
            ? [{ term: "Evidence", value: "traces: what was reported, not what was enforced" }]
            : []),
        ]}
      />
      {run.warnings.length === 0 ? null : (
        <section aria-labelledby="import-warnings" className="border border-line bg-raised p-3">
          <h4 id="import-warnings" className="mb-1 font-semibold">
            {run.warnings.length === 1 ? "1 remark" : `${formatCount(run.warnings.length)} remarks`} of the import
          </h4>
          <ul className="list-disc space-y-1 pl-4">
            {run.warnings.map((warning) => (
              <li key={warning.code}>
                <UntrustedText text={warning.message} />: {formatCount(warning.count)}{" "}
                {warning.count === 1 ? "place" : "places"}
                {warning.where === null ? null : (
                  <>
                    , first at <UntrustedText text={warning.where} mono maxCharacters={120} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {problem === null ? null : <ProblemNote problem={problem} />}
    </div>
  );
}

const SCHEDULE: Record<RecordedRun["schedule"], string> = {
  recorded: "start times are the recording's",
  computed: "no start times in the recording: each task starts when its predecessors have finished",
};

function countRun(run: RecordedRun) {
  return {
    edges: run.tasks.reduce((sum, task) => sum + task.parents.length, 0),
    inferred: run.tasks.reduce((sum, task) => sum + task.parents.filter((parent) => parent.inferred).length, 0),
    failed: run.tasks.filter((task) => task.outcome === "failure").length,
    actions: new Set(run.tasks.map((task) => task.action)).size,
    attributes: run.tasks.reduce((sum, task) => sum + Object.keys(task.attributes).length, 0),
    hasTimes: run.makespanMs !== null || run.tasks.some((task) => task.startMs !== null || task.durationMs > 0),
    endMs: run.tasks.reduce((end, task) => Math.max(end, (task.startMs ?? 0) + task.durationMs), run.makespanMs ?? 0),
  };
}
