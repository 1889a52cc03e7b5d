import { MarkIcon, type MarkShapeProps } from "./mark.tsx";

export interface MeterProps {
  /** What is measured. */
  readonly label: string;
  /** Share of the whole, 1 for all of it; may be more. */
  readonly share: number;
  /** What it reads, e.g. "3 of 10 calls". */
  readonly text: string;
}

/** From here on somebody should look. */
const NEAR = 0.8;

/** How much of something is used up: words and a bar, in colour only when it is nearly or wholly used up (A9). */
export function Meter({ label, share, text }: MeterProps) {
  const look = lookOf(share);
  const percent = percentOf(share);
  const words = `${text}, ${percent} %${look === null ? "" : `, ${look.words}`}`;
  return (
    <div className="flex flex-col gap-0.5">
      <meter className="sr-only" min={0} max={100} value={Math.min(100, percent)} aria-label={`${label}: ${words}`} />
      <span aria-hidden="true" className={`flex items-center gap-1.5 ${look === null ? "text-ink" : look.text}`}>
        {look === null ? null : <MarkIcon {...look.mark} size={10} />}
        {words}
      </span>
      <span aria-hidden="true" className="block h-1.5 overflow-hidden bg-sunken">
        <span
          className={`block h-full ${look?.bar ?? "bg-strong"}`}
          style={{ width: `${Math.min(100, share * 100)}%` }}
        />
      </span>
    </div>
  );
}

/** Whole percents, rounded down, so that what is not used up does not read like it. */
export const percentOf = (share: number): number => Math.floor(share * 100 + 1e-9);

export interface ShareLook {
  readonly mark: MarkShapeProps;
  readonly text: string;
  readonly bar: string;
  readonly words: string;
}

/** How a share is shown; null while nobody has to look. */
export function lookOf(share: number): ShareLook | null {
  if (share < NEAR) return null;
  if (share < 1)
    return {
      mark: { shape: "triangle", tone: "warning" },
      text: "font-medium text-warning",
      bar: "bg-warning",
      words: "nearly used up",
    };
  return {
    mark: { shape: "cross", tone: "critical" },
    text: "font-medium text-critical",
    bar: "bg-critical",
    words: share > 1 ? "more than allowed" : "used up",
  };
}
