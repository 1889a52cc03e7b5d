import { useId } from "react";

export interface ProgressProps {
  readonly label: string;
  readonly value: number;
  /** The whole; 0 or less where it is not known, then the bar only says that work goes on. */
  readonly max: number;
  /** What is being counted, e.g. "12,000 of 15,000 tasks". */
  readonly detail?: string;
}

export function Progress({ label, value, max, detail }: ProgressProps) {
  const id = useId();
  const known = max > 0;
  const percent = known ? Math.max(0, Math.min(100, (value / max) * 100)) : 0;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex justify-between gap-4">
        <span id={id}>{label}</span>
        <span className="text-muted">{detail ?? (known ? `${Math.floor(percent)} %` : "")}</span>
      </div>
      <div
        role="progressbar"
        aria-labelledby={id}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known ? Math.floor(percent) : undefined}
        aria-valuetext={detail}
        className="h-1.5 overflow-hidden bg-sunken"
      >
        <div
          className={`h-full bg-accent ${known ? "" : "w-1/4 animate-pulse"}`}
          style={known ? { width: `${percent}%` } : undefined}
        />
      </div>
    </div>
  );
}
