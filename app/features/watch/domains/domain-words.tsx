import type { DomainView } from "../../../api/contract/cascade.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import { useSecondsLeft } from "../breakers/breaker-words.tsx";

export type DomainState = DomainView["state"];

/** A box in each of its states, in 12 by 12: whole, gapped, barred, and with an opening. Shapes that differ without colour. */
const PATHS: Record<DomainState, string> = {
  normal: "M1.5 1.5H10.5V10.5H1.5Z",
  degraded: "M1.5 1.5H10.5V4M10.5 8V10.5H1.5V8M1.5 4V1.5",
  isolated: "M1.5 1.5H10.5V10.5H1.5ZM4 4L8 8M8 4L4 8",
  recovering: "M7 1.5H1.5V10.5H10.5V5M7 5L10.5 1.5",
};
const TONES: Record<DomainState, string> = {
  normal: "text-muted",
  degraded: "text-notice",
  isolated: "text-critical",
  recovering: "text-notice",
};

const REASON_WORDS: Record<NonNullable<DomainView["reason"]>, string> = {
  border: "by the breakers at its border",
  members_failing: "more than half of its agents fail",
  cascade: "a cascade of failures goes through it",
  bulkhead: "more wanted in than it takes",
  operator: "an operator ordered it",
  override: "an override forced it",
  timer: "its time was over",
};

export function domainReason({ reason, by }: Pick<DomainView, "reason" | "by">): string {
  if (reason === null) return "nothing has moved it yet";
  if (reason === "operator" && by !== null) return `ordered by ${visibleText(by.split("/").at(-1) ?? by)}`;
  return REASON_WORDS[reason];
}

/** "isolated 280 s", "degraded, 1 of 4 breakers at its border is shut". */
export function domainStateWords({ state, border }: DomainView, secondsLeft: number | null): string {
  if (state === "isolated") return secondsLeft === null ? state : `${state} ${secondsLeft} s`;
  if (state !== "degraded") return state;
  return `${state}, ${border.shut} of ${border.all} ${border.all === 1 ? "breaker" : "breakers"} at its border shut`;
}

/** "60 % of its tasks failed, 4 % in the hour before". */
export const alertWords = ({ kind, value, mean }: NonNullable<DomainView["alert"]>): string =>
  kind === "error_rate"
    ? `${percent(value)} of its tasks failed, ${percent(mean)} in the hour before`
    : `its tasks take ${formatDuration(value)}, ${formatDuration(mean)} in the hour before`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** "2 of 2 run, 3 of 10 wait". */
export const bulkheadWords = ({ most, running, queued, queueMost }: NonNullable<DomainView["bulkhead"]>): string =>
  `${running} of ${most} run${queueMost === 0 ? "" : `, ${queued} of ${queueMost} wait`}`;

/** Shape and words of a domain's state, with what is left of it. */
export function DomainMark({
  domain,
  readAtMs,
  isShort = false,
}: {
  readonly domain: DomainView;
  readonly readAtMs: number;
  readonly isShort?: boolean;
}) {
  const left = useSecondsLeft(domain, readAtMs);
  const tone = TONES[domain.state];
  return (
    <span
      className={`inline-flex items-center gap-1.5 tabular-nums ${domain.state === "normal" ? "text-muted" : `font-medium ${tone}`}`}
    >
      <svg aria-hidden="true" width={12} height={12} viewBox="0 0 12 12" className={`shrink-0 ${tone}`}>
        <path d={PATHS[domain.state]} fill="none" stroke="currentColor" strokeWidth="1.75" />
      </svg>
      {isShort && domain.state === "degraded" ? domain.state : domainStateWords(domain, left)}
    </span>
  );
}
