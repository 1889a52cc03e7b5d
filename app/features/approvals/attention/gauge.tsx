import { MarkIcon } from "../../../ui/mark.tsx";

export interface GaugeProps {
  /** What is measured. */
  readonly label: string;
  readonly value: number;
  /** Up to here it is as it is aimed at; above the second somebody should look. */
  readonly aim: number;
  readonly warn: number;
  /** What it reads, with its limits. */
  readonly text: string;
}

/** A figure against two limits: a bar with a line at each, in colour only above the second (A9). */
export function Gauge({ label, value, aim, warn, text }: GaugeProps) {
  const end = Math.max(warn * 1.5, value * 1.1);
  const isOver = value > warn;
  const at = (limit: number): string => `${Math.min(100, (100 * limit) / end)}%`;
  const verdict = isOver ? "above its limit" : value > aim ? "above its aim" : "as it is aimed at";
  return (
    <div className="min-w-0 flex-1 basis-64">
      <p className="text-xs text-muted">{label}</p>
      <meter
        className="sr-only"
        min={0}
        max={end}
        low={aim}
        high={warn}
        optimum={0}
        value={value}
        aria-label={`${label}: ${text}, ${verdict}`}
      />
      <p aria-hidden="true" className={`flex items-center gap-1.5 ${isOver ? "font-medium text-warning" : ""}`}>
        {isOver ? <MarkIcon shape="triangle" tone="warning" /> : null}
        {text}
        <span className="text-xs text-muted">({verdict})</span>
      </p>
      <span aria-hidden="true" className="relative mt-1 block h-2 bg-sunken">
        <span className={`block h-full ${isOver ? "bg-warning" : "bg-strong"}`} style={{ width: at(value) }} />
        {[aim, warn].map((limit) => (
          <span key={limit} className="absolute inset-y-[-2px] w-px bg-ink" style={{ left: at(limit) }} />
        ))}
      </span>
    </div>
  );
}
