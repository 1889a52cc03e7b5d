import { useState } from "react";
import { formatCount } from "./duration.ts";
import { cutText, visibleSegments } from "./visible-text.ts";

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
            <span key={index} className="mx-px rounded-sm bg-warning-soft px-0.5 font-mono text-[0.85em] text-warning">
              {segment.mark}
            </span>
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
