import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { problemOf } from "../../../api/client/problem.ts";
import type { ReplayDifference, ReplayOutcome } from "../../../api/contract/policy.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { SearchProps } from "../policies-search.ts";
import { askedWords, EFFECT_LOOK } from "../try/decision-view.tsx";
import type { ShownPolicy } from "../use-policy.ts";
import { agentName, word } from "../words.ts";

type Report = Awaited<ReturnType<SignalboxClient["policy"]["replay"]>>;

const MAX_SHOWN = 200;

export interface ReplayTabProps extends SearchProps {
  readonly shown: ShownPolicy;
}

/** Replay it: what would have been decided differently, before the policy is issued. Nothing is recorded. */
export function ReplayTab({ shown, search, setSearch }: ReplayTabProps) {
  const { orpc } = useApi();
  const replay = useMutation(orpc.policy.replay.mutationOptions());
  const { wid } = shown.answer.policy;
  const input = { claims: shown.claims, limit: MAX_SHOWN, ...(search.over === undefined ? { wid } : {}) };
  const made = replay.variables;
  const { mutate } = replay;
  // A link may ask for the replay of what it shows; each thing is replayed once by itself.
  const asked = useRef<unknown>(null);
  const isWanted = search.replay === "now";
  const isOwn = search.over === undefined;
  useEffect(() => {
    if (!isWanted || asked.current === shown.claims) return;
    asked.current = shown.claims;
    mutate({ claims: shown.claims, limit: MAX_SHOWN, ...(isOwn ? { wid } : {}) });
  }, [isWanted, isOwn, shown.claims, wid, mutate]);
  const isOld = made !== undefined && (made.claims !== shown.claims || made.wid !== input.wid);
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-3xl">
        Every action in the log is decided anew under {shown.isDraft ? "the draft" : "this policy"}, in order, and
        limits are used up by what the replay itself lets through. Where a human answered, the answer is taken again;
        where nobody was asked then, a new request is taken as approved.
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Over what"
          selected={search.over ?? "own"}
          onChange={(id) => setSearch({ over: id === "all" ? "all" : undefined }, { replace: true })}
          options={[
            { id: "own", name: "Its own workflow" },
            { id: "all", name: "The whole log" },
          ]}
        />
        <Button variant="primary" isDisabled={replay.isPending} onPress={() => replay.mutate(input)}>
          {replay.isPending ? "Replaying …" : "Replay it"}
        </Button>
      </div>
      {replay.isError ? <ProblemNote problem={problemOf(replay.error)} onRetry={() => replay.mutate(input)} /> : null}
      {replay.data === undefined || replay.isPending ? null : (
        <>
          {isOld ? (
            <p role="status" className="flex items-center gap-2 text-warning">
              <Mark shape="triangle" tone="warning" label="Not current:" />
              what is replayed has changed since. Replay it again.
            </p>
          ) : null}
          <ReportView report={replay.data} />
        </>
      )}
    </div>
  );
}

/** What a replay found: how many, by kind, and each of the first. */
export function ReportView({ report }: { readonly report: Report }) {
  const { total, decided, intents, differences, position, tookMs } = report;
  return (
    <section aria-label="Replay" className="flex flex-col gap-2">
      <p role="status" className="text-base font-semibold">
        {total === 0
          ? `Nothing would be decided differently, of ${formatCount(decided)} actions.`
          : `${formatCount(total)} of ${formatCount(decided)} actions would be decided differently.`}
      </p>
      <Counts report={report} />
      <p className="text-xs text-muted">
        {intents === decided
          ? ""
          : `${formatCount(intents - decided)} more were answered before any policy was asked, e.g. by a stop. `}
        Read from {formatCount(position.size)} entries in {formatDuration(tookMs)}, <Ago sinceMs={position.atMs} />.
      </p>
      {total === 0 ? null : <Differences differences={differences} total={total} />}
    </section>
  );
}

const EFFECTS = ["allow", "gate", "refuse", "abort"] as const;

function Counts({ report: { before, after } }: { readonly report: Report }) {
  return (
    <table aria-label="Decisions" className="w-fit border border-line">
      <thead className="text-left text-xs text-muted">
        <tr>
          <th className="px-2 py-1 font-medium">Decision</th>
          <th className="px-2 py-1 text-right font-medium">Then</th>
          <th className="px-2 py-1 text-right font-medium">Now</th>
        </tr>
      </thead>
      <tbody>
        {EFFECTS.map((effect) => (
          <tr key={effect} className="border-t border-line">
            <td className="px-2 py-1">
              <Mark {...EFFECT_LOOK[effect]} />
            </td>
            <td className="px-2 py-1 text-right">{formatCount(before[effect])}</td>
            <td className={`px-2 py-1 text-right ${before[effect] === after[effect] ? "" : "font-semibold"}`}>
              {formatCount(after[effect])}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Differences({
  differences,
  total,
}: {
  readonly differences: readonly ReplayDifference[];
  readonly total: number;
}) {
  return (
    <>
      <section
        aria-label="What would be decided differently"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard as well
        tabIndex={0}
        className="relative overflow-x-auto border border-line"
      >
        <table aria-label="Differences" className="w-full min-w-[52rem]">
          <thead className="text-left text-xs text-muted">
            <tr>
              {["Entry", "Agent", "Action", "Task", "Then", "Now", "Because"].map((name) => (
                <th key={name} className="px-2 py-1 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {differences.map((difference) => (
              <tr key={difference.seq} className="border-t border-line align-top">
                <td className="px-2 py-1">
                  <GoLink to="/timeline" search={{ entry: difference.seq }}>
                    {formatCount(difference.seq)}
                  </GoLink>
                </td>
                <td className="px-2 py-1" title={word(difference.agent)}>
                  {agentName(difference.agent)}
                </td>
                <td className="px-2 py-1 font-mono text-xs leading-5">{word(difference.execAct)}</td>
                <td className="px-2 py-1">
                  {difference.taskName === null ? "—" : <UntrustedText text={difference.taskName} maxCharacters={80} />}
                </td>
                <td className="px-2 py-1">
                  <Outcome outcome={difference.before} />
                </td>
                <td className="px-2 py-1">
                  <Outcome outcome={difference.after} />
                </td>
                <td className="px-2 py-1">
                  <UntrustedText text={difference.reason} maxCharacters={200} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {differences.length === total ? null : (
        <p className="text-muted">
          The first {formatCount(differences.length)} of {formatCount(total)} are shown.
        </p>
      )}
    </>
  );
}

function Outcome({ outcome }: { readonly outcome: ReplayOutcome }) {
  const detail =
    outcome.effect === "gate"
      ? `${askedWords(outcome.roles)} within ${formatDuration((outcome.timeoutS ?? 0) * 1000)}`
      : (outcome.constraint ?? outcome.code);
  return (
    <>
      <Mark {...EFFECT_LOOK[outcome.effect]} />
      {detail === null ? null : <div className="text-xs text-muted">{word(detail)}</div>}
    </>
  );
}
