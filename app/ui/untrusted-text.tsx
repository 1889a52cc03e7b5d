import { useState } from "react";
import { formatCount } from "./duration.ts";
import { cutText, type Segment, visibleSegments } from "./visible-text.ts";

const STEP = 20_000;

export interface UntrustedTextProps {
  readonly text: string;
  /** Shown at first; 400 unless told. */
  readonly maxCharacters?: number;
  /** Keeps line breaks and tabs; otherwise they are named like every other unseen character. */
  readonly multiline?: boolean;
  readonly mono?: boolean;
  readonly className?: string;
}

/**
 * Text that comes from an agent or a recording: always text, never markup or a link, bounded, with every character named
 * that could hide something or turn the order of reading (F4).
 */
export function UntrustedText({
  text,
  maxCharacters = 400,
  multiline = false,
  mono = false,
  className = "",
}: UntrustedTextProps) {
  const [shown, setShown] = useState(maxCharacters);
  const { head, more } = cutText(text, Math.max(shown, maxCharacters));
  const space = multiline ? "whitespace-pre-wrap" : "";
  return (
    <span className={`[overflow-wrap:anywhere] ${mono ? "font-mono text-xs" : ""} ${className}`}>
      <bdi className={`${space} [unicode-bidi:isolate]`}>
        {visibleSegments(head, multiline).map((segment, index) =>
          segment.kind === "text" ? (
            segment.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the segments of one text have no other identity
            <Marked key={index} segment={segment} />
          ),
        )}
      </bdi>
      {more === 0 ? null : (
        <button
          type="button"
          className="ml-1 whitespace-nowrap text-accent underline"
          onClick={() => setShown((now) => Math.max(now, maxCharacters) + STEP)}
        >
          … {formatCount(more)} more characters
        </button>
      )}
    </span>
  );
}

const MARK = "mx-px rounded-sm bg-warning-soft px-0.5 font-mono text-[0.85em] text-warning";

/** A named character, or a look-alike with its note. `data-text` is what the text really has there. */
function Marked({ segment }: { readonly segment: Exclude<Segment, { readonly kind: "text" }> }) {
  if (segment.kind === "mark") {
    return (
      <span data-text={segment.raw} className={MARK}>
        {segment.mark}
      </span>
    );
  }
  return (
    <>
      <span className="underline decoration-warning decoration-dotted">{segment.text}</span>
      <span data-text="" className={MARK}>
        {segment.note}
      </span>
    </>
  );
}
