export interface WhiskerProps {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The scale, which rows that are held against each other share. */
  readonly from: number;
  readonly to: number;
  /** What is aimed at, where that lies on the scale. */
  readonly goal?: number | undefined;
}

const WIDTH = 160;
const HEIGHT = 16;
const EDGE = 6;

/**
 * A value and its interval as dot and whisker; a hollow tick is the goal. Its numbers always stand beside it in the same row, so
 * that it is hidden from assistive technology.
 */
export function Whisker({ value, low, high, from, to, goal }: WhiskerProps) {
  const span = to - from;
  const x = (at: number): number =>
    span <= 0 ? WIDTH / 2 : EDGE + Math.min(1, Math.max(0, (at - from) / span)) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  const aim = goal === undefined || goal < from || goal > to ? null : x(goal);
  return (
    <svg aria-hidden="true" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="block">
      <path d={`M${EDGE} ${middle}H${WIDTH - EDGE}`} className="stroke-line" />
      {aim === null ? null : (
        <rect x={aim - 1.5} y={1} width={3} height={HEIGHT - 2} fill="none" className="stroke-strong" />
      )}
      <path
        d={`M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 4}v8M${x(high)} ${middle - 4}v8`}
        fill="none"
        strokeWidth={1.5}
        className="stroke-ink"
      />
      <circle cx={x(value)} cy={middle} r={3.5} className="fill-ink" />
    </svg>
  );
}

/** A scale that holds all of these, from 0 where they are amounts, and up to 1 where they are shares. */
export function scaleOf(
  measured: readonly { readonly ci_high: number; readonly ci_low: number }[],
  goal: number | undefined,
  most: number | null,
): { readonly from: number; readonly to: number } {
  const ends = [...measured.flatMap(({ ci_low, ci_high }) => [ci_low, ci_high]), ...(goal === undefined ? [] : [goal])];
  return { from: Math.min(0, ...ends), to: most ?? (Math.max(...ends) || 1) };
}
