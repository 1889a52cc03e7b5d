import type { BehaviorWindow, ProfileVersion } from "../../../api/contract/behavior.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { STATE_LOOKS, VERDICT_LOOKS } from "../state-looks.ts";
import { driftWords, lastPart, score, word } from "../words.ts";
import { TestWords } from "./drift-part.tsx";

export interface VerdictPartProps {
  readonly window: BehaviorWindow;
  readonly profile: ProfileVersion | null;
}

/** What one appraisal said, by which profile, on what it rests, and how old it is. */
export function VerdictPart({ window, profile }: VerdictPartProps) {
  const thresholds = profile?.profile.thresholds;
  return (
    <Facts
      items={[
        { term: "Verdict", value: <Mark {...VERDICT_LOOKS[window.verdict]} /> },
        {
          term: "Compliance",
          value: score(window.compliance),
          ...(thresholds === undefined
            ? {}
            : {
                hint: `drifting from ${score(1 - thresholds.warn)} down, nonconformant from ${score(1 - thresholds.fail)}`,
              }),
        },
        {
          term: "Drift",
          value: driftWords(window),
          ...(thresholds === undefined
            ? {}
            : {
                hint: `drifting from ${score(thresholds.drift_warn)}, nonconformant from ${score(thresholds.drift_fail)}`,
              }),
        },
        {
          term: "Sequential test",
          value:
            window.alarm === null && profile?.profile.baseline?.bursts === true ? (
              "not run: its actions come in bursts, in which it would alarm wrongly"
            ) : (
              <TestWords alarm={window.alarm} />
            ),
        },
        {
          term: "Window",
          value: (
            <>
              <Instant epochMs={window.from * 1000} /> to <Instant epochMs={window.to * 1000} />,{" "}
              {formatDuration((window.to - window.from) * 1000)}, {CLOSED[window.closed]}; ended{" "}
              <Ago sinceMs={window.to * 1000} />
            </>
          ),
        },
        { term: "Tasks", value: formatCount(window.samples) },
        {
          term: "Seen by",
          value: (
            <>
              {window.observers.length === 0 ? "the log alone" : window.observers.join(", ")}
              {window.conflict ? (
                <>
                  {" "}
                  <Mark shape="triangle" tone="warning" label="they do not agree: the worst counts" />
                </>
              ) : null}
            </>
          ),
        },
        {
          term: "Judged by",
          value: (
            <GoLink
              to="/behavior"
              search={{ view: "profiles", profile: window.profile.profile_id, version: window.profile.version }}
            >
              {word(window.profile.profile_id)}, version {window.profile.version}
            </GoLink>
          ),
        },
        { term: "Trust after", value: score(window.trust), hint: `state after: ${STATE_LOOKS[window.state].label}` },
        {
          term: "Stated by",
          value: (
            <>
              <GoLink to="/timeline" search={{ entry: window.seq }}>
                entry {formatCount(window.seq)}
              </GoLink>
              ,{" "}
              <GoLink to="/inspector" search={{ jti: window.ear }}>
                its signed result
              </GoLink>
            </>
          ),
        },
        {
          term: "Instance",
          value: (
            <GoLink to="/watch" search={{ wid: window.wid }}>
              {lastPart(window.agent)} in workflow {window.wid.slice(0, 8)}
            </GoLink>
          ),
        },
      ]}
    />
  );
}

const CLOSED: Readonly<Record<BehaviorWindow["closed"], string>> = {
  time: "closed by the clock",
  over: "closed with its workflow",
  severity: "closed at once by a finding of the gravest kind",
};
