import type { ReactNode } from "react";
import { MarkIcon, type MarkShape } from "../ui/mark.tsx";

export interface BannerProps {
  readonly shape: MarkShape;
  readonly tone?: keyof typeof TONES;
  readonly children: ReactNode;
  /** How old it is: beside what is read out, which would otherwise be read out every second. */
  readonly age?: ReactNode;
  readonly action?: ReactNode;
}

const TONES = {
  critical: "border-critical bg-critical-soft",
  warning: "border-warning bg-warning-soft",
} as const;

/** One line that nobody can overlook: what it is by shape and words, what happened, and where to go. */
export function Banner({ shape, tone = "critical", children, age, action }: BannerProps) {
  return (
    <div className={`flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b-2 px-3 py-1 ${TONES[tone]}`}>
      <MarkIcon shape={shape} tone={tone} />
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-2">
        <p role="alert">{children}</p>
        {age === undefined ? null : <p className="text-muted">{age}</p>}
      </div>
      {action}
    </div>
  );
}
