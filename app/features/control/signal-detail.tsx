import { Unlock } from "lucide-react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { Button } from "../../ui/button.tsx";
import { type Fact, Facts } from "../../ui/definition-list.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Ago, Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { scopeWords, shortId, wrongWords } from "./stop-facts.ts";
import { type TargetsFilter, TargetsTable } from "./targets-table.tsx";

export interface SignalDetailProps {
  readonly signal: OverrideSignal;
  /** Which targets are shown; all when undefined. */
  readonly targets: TargetsFilter;
  onTargets(targets: TargetsFilter): void;
  onRelease(): void;
}

/** One signal: what was commanded and what is known, fact by fact. */
export function SignalDetail({ signal, targets, onTargets, onRelease }: SignalDetailProps) {
  return (
    <section aria-label="Selected signal" className="flex flex-none flex-col md:min-h-0 md:flex-1">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
        {signal.latched ? (
          <Mark shape="square" tone="critical" label="in force" />
        ) : (
          <Mark shape="ring" tone="neutral" label={signal.released === null ? "recorded" : "released"} />
        )}
        <h2 className="min-w-0 text-base font-semibold [overflow-wrap:anywhere]">
          {visibleText(signal.action)} · {visibleText(scopeWords(signal.scope))}
        </h2>
        <div className="flex-1" />
        {signal.latched ? (
          <Button onPress={onRelease} shortcut="r">
            <Unlock aria-hidden="true" size={14} />
            Release …
          </Button>
        ) : null}
      </header>
      <div className="grid gap-x-10 gap-y-3 border-b border-line px-3 pb-3 md:grid-cols-2">
        <Facts items={commandFacts(signal)} />
        <Facts items={outcomeFacts(signal)} />
      </div>
      <TargetsTable signal={signal} filter={targets} onFilter={onTargets} />
    </section>
  );
}

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
    { term: "Signal", value: <Identifier value={signal.jti} label="signal id" /> },
    ...(signal.code === undefined ? [] : [wrongFact(signal.code)]),
  ];
}

function wrongFact(code: string): Fact {
  return {
    term: "Wrong with it",
    value: <Mark shape="triangle" tone="warning" label={visibleText(wrongWords(code))} />,
    hint: "it halted all the same: nothing that is wrong with a stop undoes it",
  };
}

function outcomeFacts(signal: OverrideSignal): Fact[] {
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
  if (signal.released === null) return [recorded, refused];
  const { by, at, reason, seq } = signal.released;
  return [
    recorded,
    refused,
    {
      term: "Released",
      value: (
        <>
          by {visibleText(shortId(by))}, <Instant epochMs={at * 1000} full />,{" "}
          <GoLink to="/timeline" search={{ entry: seq }}>
            entry {formatCount(seq)}
          </GoLink>
        </>
      ),
      hint: "starts nothing: what was stopped stays stopped until it is started",
    },
    { term: "Why released", value: <UntrustedText text={reason} /> },
  ];
}
