import { Check, Unlock } from "lucide-react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { WhyButton } from "../../operator/why/why-button.tsx";
import { Button } from "../../ui/button.tsx";
import { type Fact, Facts } from "../../ui/definition-list.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Ago, Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Remaining } from "../../ui/remaining.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { isConfirmable } from "./confirm-dialog.tsx";
import { endWords } from "./end-dialog.tsx";
import { LadderNote } from "./ladder-note.tsx";
import { actionWords, limitWords, standingOf } from "./signal-words.ts";
import { scopeWords, shortId } from "./stop-facts.ts";
import { markOf, worstOf, wrongWords } from "./stop-marks.ts";
import { StragglersNote } from "./stragglers-note.tsx";
import { type TargetsFilter, TargetsTable } from "./targets-table.tsx";
import { Unfinished } from "./unfinished.tsx";

export interface SignalDetailProps {
  readonly signal: OverrideSignal;
  /** Which targets are shown; all when undefined. */
  readonly targets: TargetsFilter;
  /** Wall clock, epoch ms, at which it was read. */
  readonly readAtMs: number;
  onTargets(targets: TargetsFilter): void;
  onEnd(): void;
  onConfirm(): void;
}

/** One signal: what was commanded and what is known, fact by fact. */
export function SignalDetail({ signal, targets, readAtMs, onTargets, onEnd, onConfirm }: SignalDetailProps) {
  const end = endWords(signal);
  return (
    <section aria-label="Selected signal" className="flex flex-none flex-col md:min-h-0 md:flex-1">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
        <Mark {...standingOf(signal)} />
        <h2 className="min-w-0 text-base font-semibold [overflow-wrap:anywhere]">
          {actionWords(signal)} · {visibleText(scopeWords(signal.scope))}
        </h2>
        <div className="flex-1" />
        {signal.seq === null ? null : <WhyButton asked={{ seq: lastEntryOf(signal, signal.seq) }} what="this signal" />}
        {isConfirmable(signal) ? (
          <Button variant="primary" onPress={onConfirm} shortcut="c">
            <Check aria-hidden="true" size={14} />
            Confirm …
          </Button>
        ) : null}
        {end !== null && (signal.inForce || signal.latched) && !signal.drill && !signal.stopping ? (
          <Button writes onPress={onEnd} shortcut="r">
            <Unlock aria-hidden="true" size={14} />
            {end.verb} …
          </Button>
        ) : null}
      </header>
      {signal.drill ? (
        <p className="mx-3 mb-2 border border-dashed border-strong px-3 py-1">
          <strong>A drill.</strong> It tested delivery and acknowledgement and has changed nothing.
        </p>
      ) : null}
      <div className="grid gap-x-10 gap-y-3 border-b border-line px-3 pb-3 md:grid-cols-2">
        <Facts items={commandFacts(signal)} />
        <Facts items={outcomeFacts(signal, readAtMs)} />
      </div>
      <LadderNote signal={signal} readAtMs={readAtMs} />
      <StragglersNote key={signal.jti} signal={signal} />
      <Unfinished signal={signal} />
      <TargetsTable signal={signal} filter={targets} onFilter={onTargets} />
    </section>
  );
}

/** The newest entry that the signal stands as it stands by: its end, a rung of its ladder, itself. */
const lastEntryOf = ({ released, ladder }: OverrideSignal, seq: number): number =>
  released?.seq ?? ladder.rungs.at(-1)?.seq ?? seq;

function commandFacts(signal: OverrideSignal): Fact[] {
  return [
    {
      term: "By",
      value: visibleText(shortId(signal.by)),
      hint: <Identifier value={signal.by} label="operator id" whole />,
    },
    {
      term: "At",
      value: (
        <>
          <Instant epochMs={signal.at * 1000} full /> · <Ago sinceMs={signal.at * 1000} />
        </>
      ),
    },
    { term: "Reason", value: <UntrustedText text={signal.reason} /> },
    { term: "Level", value: visibleText(signal.level) },
    ...(signal.action === "modify" ? [{ term: "Limits set", value: limitWords(signal).join(" · ") }] : []),
    ...otherSignals(signal),
    { term: "Signal", value: <Identifier value={signal.jti} label="signal id" /> },
    ...(signal.code === undefined ? [] : [wrongFact(signal.code)]),
  ];
}

/** What it ends and what it takes the place of, each with the way there. */
function otherSignals({ params, supersedes }: OverrideSignal): Fact[] {
  const link = (jti: string) => (
    <GoLink to="/control" search={{ signal: jti }}>
      signal {visibleText(jti.slice(0, 8))}
    </GoLink>
  );
  return [
    ...(typeof params.of === "string" ? [{ term: "Is about", value: link(params.of) }] : []),
    ...(supersedes === null ? [] : [{ term: "In place of", value: link(supersedes) }]),
  ];
}

function wrongFact(code: string): Fact {
  return {
    term: "Wrong with it",
    value: <Mark shape="triangle" tone="warning" label={visibleText(wrongWords(code))} />,
    hint: "it halted all the same: nothing that is wrong with a stop undoes it",
  };
}

/** Of a group, the worst that is known of anybody in it (O4). */
function groupFacts({ scope, targets }: OverrideSignal): Fact[] {
  const worst = scope.kind === "group" ? worstOf(targets) : null;
  return worst === null
    ? []
    : [{ term: "Group", value: <Mark {...markOf(worst)} />, hint: "the worst of its members" }];
}

function outcomeFacts(signal: OverrideSignal, readAtMs: number): Fact[] {
  const recorded: Fact = {
    term: "Recorded",
    value:
      signal.seq === null ? (
        <Mark shape="triangle" tone="critical" label="not in the log; the stop holds all the same" />
      ) : (
        <GoLink to="/timeline" search={{ entry: signal.seq }}>
          entry {formatCount(signal.seq)}
        </GoLink>
      ),
  };
  const refused: Fact = {
    term: "Effects refused",
    value: formatCount(signal.effectsRefused),
    hint: "asked for after the stop, and not let through",
  };
  return [
    ...groupFacts(signal),
    recorded,
    ...(signal.action === "stop" ? [refused] : []),
    ...(signal.inForce ? untilFacts(signal, readAtMs) : []),
    ...(signal.released === null ? [] : endedFacts(signal, signal.released)),
  ];
}

/** When its effect ends by itself. A stop never does. */
function untilFacts(signal: OverrideSignal, readAtMs: number): Fact[] {
  const { action, lapsed, effectUntil, remainingMs } = signal;
  if (signal.stopping)
    return [
      {
        term: "At once in",
        value: remainingMs === null ? "not known" : <Remaining remainingMs={remainingMs} readAtMs={readAtMs} />,
        hint: "by the host's clock: what still goes on then is stopped, also where an agent hangs",
      },
    ];
  if (lapsed) return [{ term: "Until", value: "resumed: its own time is over, and it holds as a pause" }];
  if (action === "rollback")
    return [
      {
        term: "Until",
        value: (
          <>
            it is over: its steps stand under{" "}
            <GoLink to="/control" search={{ view: "rollbacks" }}>
              Rollbacks
            </GoLink>
          </>
        ),
      },
    ];
  if (effectUntil === null) return [{ term: "Until", value: action === "stop" ? "released" : "an operator ends it" }];
  return [
    {
      term: action === "modify" ? "Reverts in" : "Ends in",
      value: remainingMs === null ? "not known" : <Remaining remainingMs={remainingMs} readAtMs={readAtMs} />,
      hint: (
        <>
          by the host's clock, about <Instant epochMs={effectUntil * 1000} full />
          {action === "modify" ? ", unless it is confirmed" : action === "takeover" ? ", into a pause" : ""}
        </>
      ),
    },
  ];
}

const ENDS = {
  released: "Released",
  resumed: "Resumed",
  superseded: "Replaced",
  expired: "Time was over",
} as const;

function endedFacts(
  signal: OverrideSignal,
  { how, by, at, reason, seq }: NonNullable<OverrideSignal["released"]>,
): Fact[] {
  return [
    {
      term: ENDS[how],
      value: (
        <>
          by {visibleText(shortId(by))}, <Instant epochMs={at * 1000} full />,{" "}
          <GoLink to="/timeline" search={{ entry: seq }}>
            entry {formatCount(seq)}
          </GoLink>
        </>
      ),
      ...(signal.action === "stop"
        ? { hint: "starts nothing: what was stopped stays stopped until it is started" }
        : {}),
    },
    ...(reason === "" ? [] : [{ term: `Why ${ENDS[how].toLowerCase()}`, value: <UntrustedText text={reason} /> }]),
  ];
}
