export type MarkShape = "dot" | "ring" | "square" | "triangle" | "diamond" | "cross" | "bar" | "half";
export type MarkTone = "neutral" | "notice" | "warning" | "critical" | "good";

const TONES: Record<MarkTone, string> = {
  neutral: "text-muted",
  notice: "text-notice",
  warning: "text-warning",
  critical: "text-critical",
  good: "text-good",
};

/** The shapes in a box of 12 by 12; exported as paths, so that a canvas can draw the same ones. */
export const MARK_PATHS: Record<MarkShape, { readonly d: string; readonly filled: boolean }> = {
  dot: { d: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8z", filled: true },
  ring: { d: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8z", filled: false },
  square: { d: "M2 2h8v8h-8z", filled: true },
  triangle: { d: "M6 1.5L11 10.5H1z", filled: true },
  diamond: { d: "M6 1L11 6L6 11L1 6z", filled: true },
  cross: { d: "M2.5 2.5L9.5 9.5M9.5 2.5L2.5 9.5", filled: false },
  bar: { d: "M1.5 6H10.5", filled: false },
  half: { d: "M6 2a4 4 0 0 1 0 8z", filled: true },
};

export interface MarkShapeProps {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly size?: number;
}

/** The shape alone, where the word stands right beside it already. */
export function MarkIcon({ shape, tone, size = 12 }: MarkShapeProps) {
  const path = MARK_PATHS[shape];
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 12 12" className={`shrink-0 ${TONES[tone]}`}>
      {shape === "half" ? <path d={MARK_PATHS.ring.d} fill="none" stroke="currentColor" strokeWidth="1.5" /> : null}
      <path
        d={path.d}
        fill={path.filled ? "currentColor" : "none"}
        stroke={path.filled ? "none" : "currentColor"}
        strokeWidth={shape === "ring" ? 1.5 : 2}
      />
    </svg>
  );
}

/** A state: shape, tone and word together, so that it never hangs on colour (A9). */
export function Mark({ label, ...shape }: MarkShapeProps & { readonly label: string }) {
  const emphasis = shape.tone === "neutral" || shape.tone === "good" ? "text-ink" : `${TONES[shape.tone]} font-medium`;
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${emphasis}`}>
      <MarkIcon {...shape} />
      {label}
    </span>
  );
}
