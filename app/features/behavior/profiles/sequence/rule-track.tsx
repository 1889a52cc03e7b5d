import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { SequenceRule } from "../../../../protocol/behavior/profile.ts";
import { MarkIcon } from "../../../../ui/mark.tsx";
import { phrase, word } from "../words.ts";
import type { Span } from "./sequence-track.ts";
import {
  MAX_WITHIN_S,
  matchWords,
  mayLast,
  placeOf,
  ruleWords,
  spanAt,
  spanOf,
  spanWords,
  stepped,
} from "./sequence-track.ts";

export interface RuleTrackProps {
  readonly rule: SequenceRule;
  /** Absent where the rule is only shown. */
  onSpan?(span: Span): void;
  onSide?(side: "a" | "b"): void;
}

const KEYS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/**
 * A rule drawn along time: A at the left, the time as a bracket that ends at a handle, and B in it, crossed out where it must
 * not be. The handle is a slider; what it draws, the sentence and the fields say as well.
 */
export function RuleTrack({ rule, onSpan, onSide }: RuleTrackProps) {
  const line = useRef<HTMLDivElement>(null);
  const span = spanOf(rule);
  const end = span === null ? 1 : placeOf(span, rule.kind);
  const isNever = rule.kind === "never_after";
  const left = `${end * 100}%`;

  const dragged = (event: PointerEvent<HTMLDivElement>): void => {
    const box = line.current?.getBoundingClientRect();
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    onSpan?.(spanAt((event.clientX - box.left) / box.width, rule.kind));
  };
  const pressed = (event: KeyboardEvent): void => {
    if (span === null) return;
    const by = KEYS[event.key];
    const ends: Readonly<Record<string, Span>> = { Home: 1, End: mayLast(rule.kind) ? "lasting" : MAX_WITHIN_S };
    const to = by === undefined ? ends[event.key] : stepped(span, by, rule.kind);
    if (to === undefined) return;
    event.preventDefault();
    onSpan?.(to);
  };

  return (
    <figure aria-label={phrase(ruleWords(rule))} className="m-0 min-w-0 border border-line bg-sunken px-4 py-2">
      <div className="flex justify-between gap-4 text-xs">
        <Side name="A" text={matchWords(rule.a)} {...(onSide === undefined ? {} : { onPress: () => onSide("a") })} />
        <Side name="B" text={matchWords(rule.b)} {...(onSide === undefined ? {} : { onPress: () => onSide("b") })} />
      </div>
      <div ref={line} className="relative mx-2 mt-6 mb-5 h-6">
        <div aria-hidden="true" className="absolute top-3 right-0 left-0 border-t border-strong" />
        {/* The bracket: from A to the end of the time. */}
        <div
          aria-hidden="true"
          className={`absolute top-0 h-3 border-x-2 border-t-2 border-ink ${isNever ? "[background:repeating-linear-gradient(45deg,var(--color-strong)_0_1px,transparent_1px_6px)]" : ""}`}
          style={{ left: 0, width: left }}
        />
        <span
          aria-hidden="true"
          className="absolute -top-5 max-w-full -translate-x-1/2 text-xs font-medium whitespace-nowrap"
          style={{ left: `max(2.5rem, ${end * 50}%)` }}
        >
          {span === null ? "before" : spanWords(span)}
        </span>
        <Point at="0%" name="A" shape="dot" />
        <Point
          at={rule.kind === "must_precede" ? "100%" : `max(1.25rem, ${end * 50}%)`}
          name="B"
          shape={isNever ? "cross" : "dot"}
        />
        {span === null ? null : onSpan === undefined ? null : (
          <div
            role="slider"
            tabIndex={0}
            aria-label="Time"
            aria-valuemin={1}
            aria-valuemax={MAX_WITHIN_S}
            aria-valuenow={span === "lasting" ? MAX_WITHIN_S : span}
            aria-valuetext={spanWords(span)}
            onKeyDown={pressed}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={dragged}
            className="absolute -top-2 h-9 w-6 -translate-x-1/2 cursor-ew-resize touch-none"
            style={{ left }}
          >
            <span className="mx-auto block h-full w-1.5 rounded-sm bg-accent" />
          </div>
        )}
      </div>
      <figcaption className="text-xs text-muted">{phrase(ruleWords(rule))}</figcaption>
    </figure>
  );
}

function Side({ name, text, onPress }: { readonly name: "A" | "B"; readonly text: string; onPress?(): void }) {
  const shown = (
    <>
      <strong>{name}</strong> <span className="font-mono">{word(text)}</span>
    </>
  );
  const look = `min-w-0 max-w-[48%] [overflow-wrap:anywhere] ${name === "A" ? "text-left" : "text-right"}`;
  if (onPress === undefined) return <span className={look}>{shown}</span>;
  return (
    <button type="button" onClick={onPress} title={`Change ${name}`} className={`${look} min-h-6 hover:underline`}>
      {shown}
    </button>
  );
}

function Point({ at, name, shape }: { readonly at: string; readonly name: string; readonly shape: "dot" | "cross" }) {
  return (
    <span
      aria-hidden="true"
      className="absolute top-[0.3rem] flex -translate-x-1/2 flex-col items-center text-xs leading-3"
      style={{ left: at }}
    >
      <span className="bg-sunken p-0.5">
        <MarkIcon shape={shape} tone="neutral" />
      </span>
      {name}
    </span>
  );
}
