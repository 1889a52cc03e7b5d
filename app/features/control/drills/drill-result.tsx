import type { DrillView } from "../../../api/contract/drill.ts";
import { scriptWords } from "../../../operator/drill-scripts.ts";
import { type Fact, Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { shortId } from "../stop-facts.ts";
import { leftNoTrace, REASONS, RESULTS } from "./drill-words.ts";

type Score = NonNullable<DrillView["score"]>;

/** How one drill went: the score as the enforcement point signed it, and what the operator was shown meanwhile. */
export function DrillResult({ drill, score }: { readonly drill: DrillView; readonly score: Score }) {
  return (
    <Section
      level={2}
      title={`Drill: ${scriptWords(drill.script).name}, ${formatCount(drill.size)} agents`}
      aside={<Mark {...RESULTS[score.result]} />}
    >
      {score.reasons.length === 0 ? null : (
        <ul className="mb-2 list-disc pl-4 font-semibold">
          {score.reasons.map((reason) => (
            <li key={reason}>{REASONS[reason]}</li>
          ))}
        </ul>
      )}
      {leftNoTrace(drill, score) ? (
        <p className="mb-2 font-semibold">
          What was to go wrong did not show: the agent was stopped before it went on. The stop is proven by this,
          finding such an agent is not.
        </p>
      ) : null}
      <div className="grid gap-x-8 gap-y-3 lg:grid-cols-2">
        <Facts items={factsOf(drill, score)} />
        <Seen score={score} />
      </div>
      <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        <GoLink to="/timeline" search={{ entry: score.seq }}>
          Entry {formatCount(score.seq)} of the log, signed by the enforcement point
        </GoLink>
        {score.command === null ? null : (
          <GoLink to="/control" search={{ signal: score.command.jti }}>
            The stop in Control, to be released there
          </GoLink>
        )}
      </p>
    </Section>
  );
}

function factsOf(drill: DrillView, score: Score): Fact[] {
  const { command } = score;
  const after = (ms: number): string => `${formatDuration(ms - (command?.at_ms ?? 0))} after the stop`;
  const step = (found: Score["verified"]): Fact["value"] =>
    found === null
      ? "none"
      : `${formatCount(found.agents)} of ${formatCount(score.agents)}, the last one ${after(found.last_ms)}`;
  return [
    {
      term: "Started",
      value: <Instant epochMs={drill.startedAt * 1000} full />,
      hint: `by ${visibleText(shortId(drill.by))}`,
    },
    {
      term: "Time to the stop",
      value: command === null ? "no stop was given" : formatDuration(command.at_ms),
      hint: command === null ? undefined : `by ${visibleText(shortId(command.by))}`,
    },
    {
      term: "Named",
      value: command === null ? "none" : `${formatCount(command.named)} of ${formatCount(score.agents)} agents`,
    },
    { term: "Acknowledged", value: step(score.acknowledged), hint: "the agents' word" },
    { term: "Verified", value: step(score.verified), hint: "no call since, and its worker shows nothing under way" },
    {
      term: "Violated",
      value: step(score.violated),
      hint: score.violations.map(({ agent, at_ms }) => `${visibleText(shortId(agent))}, ${after(at_ms)}`).join("; "),
    },
    { term: "Worker ended", value: step(score.terminated) },
    { term: "Unconfirmed", value: formatCount(score.unconfirmed) },
    {
      term: "Left out",
      value: score.missed.length === 0 ? "none" : score.missed.map((agent) => visibleText(shortId(agent))).join(", "),
      hint: "agents that the first act of stopping did not name",
    },
    {
      term: "Went on",
      value:
        score.acted.length === 0
          ? "none"
          : score.acted.map(({ agent, at_ms }) => `${visibleText(shortId(agent))}, ${after(at_ms)}`).join("; "),
      hint: "those of them that asked for a task",
    },
    {
      term: "Refused calls",
      value: formatCount(score.refused_calls),
      hint: "effects that the enforcement point held back",
    },
    {
      term: "Measured",
      value:
        score.clock === "host_ms" ? "by the host's clock, ms" : "by the log, s: the console was opened again meanwhile",
    },
  ];
}

const MOST_ROWS = 40;

/** What the screen showed, in order: the twin of what the operator saw. */
function Seen({ score }: { readonly score: Score }) {
  if (score.seen.length === 0) return <p className="text-muted">Nothing was shown of its agents: no stop was given.</p>;
  return (
    <table className="h-fit text-left">
      <caption className="pb-1 text-left text-muted">What the operator was shown, after the stop</caption>
      <thead className="text-xs text-muted">
        <tr>
          <th scope="col" className="pr-4 font-normal">
            After
          </th>
          <th scope="col" className="pr-4 font-normal">
            State
          </th>
          <th scope="col" className="text-right font-normal">
            Agents
          </th>
        </tr>
      </thead>
      <tbody>
        {score.seen.slice(0, MOST_ROWS).map(({ at_ms, state, agents }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record of the log, which never changes
          <tr key={at}>
            <td className="pr-4 tabular-nums">{formatCount(at_ms - (score.command?.at_ms ?? 0))} ms</td>
            <td className="pr-4">{state === "violated" ? <b>VIOLATED</b> : visibleText(state)}</td>
            <td className="text-right tabular-nums">{formatCount(agents)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
