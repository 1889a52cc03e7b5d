import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { laneName, type RunNames } from "./lane-names.ts";
import type { Grouping, Lane } from "./lanes.ts";
import { AXIS_PX, type LaneRow, ROW_PX } from "./rows.ts";

export interface LaneHeadersProps {
  readonly lanes: readonly Lane[];
  readonly rows: readonly LaneRow[];
  readonly by: Grouping;
  readonly runs: RunNames;
  /** What times are told in. */
  readonly times: string;
  /** Two runs side by side: each lane says which it is of. */
  readonly isAligned: boolean;
  /** Domains whose clock is apart from that of the log in view. */
  readonly apart: ReadonlySet<string>;
  /** Opens or closes a domain. */
  onToggle(domain: string): void;
}

/** The names of the lanes, beside their rows. */
export const LaneHeaders = memo(function LaneHeaders(props: LaneHeadersProps) {
  const { lanes, rows, by, runs, times, isAligned, apart, onToggle } = props;
  return (
    <div className="relative z-10 w-30 shrink-0 border-r border-line bg-panel md:w-52">
      <div
        className="sticky top-0 z-10 flex items-center border-b border-line bg-panel px-2 text-xs text-muted"
        style={{ height: AXIS_PX }}
      >
        {times}
      </div>
      <ul aria-label="Lanes">
        {rows.map((row) => {
          if (row.kind === "head")
            return (
              <li key={`${row.domain} `} className="border-b border-line bg-sunken" style={{ height: ROW_PX }}>
                <DomainButton
                  domain={row.domain}
                  isOpen
                  entries={row.entries}
                  isApart={apart.has(row.domain)}
                  onToggle={onToggle}
                />
              </li>
            );
          const lane = lanes[row.lane];
          if (lane === undefined) return null;
          const { short, whole } = laneName(lane, by, runs);
          return (
            <li key={lane.key} className="border-b border-line" style={{ height: ROW_PX }}>
              {row.opens ? (
                <DomainButton
                  domain={lane.log.domain}
                  isOpen={false}
                  entries={lane.entries.length}
                  isApart={apart.has(lane.log.domain)}
                  onToggle={onToggle}
                />
              ) : (
                <div
                  className={`flex h-full items-center gap-1.5 pr-2 ${lane.what === "domain" ? "pl-2 font-medium" : isAligned ? "pl-2" : "pl-2 md:pl-6"}`}
                  title={whole}
                >
                  {isAligned ? (
                    <span className="border border-strong px-1 font-mono text-xs leading-4">{lane.log.domain}</span>
                  ) : null}
                  <bdi className="min-w-0 flex-1 truncate">{short}</bdi>
                  <Worst lane={lane} />
                  <span className="text-xs text-muted max-md:hidden">{formatCount(lane.entries.length)}</span>
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
});

interface DomainButtonProps {
  readonly domain: string;
  readonly isOpen: boolean;
  readonly entries: number;
  readonly isApart: boolean;
  onToggle(domain: string): void;
}

function DomainButton({ domain, isOpen, entries, isApart, onToggle }: DomainButtonProps) {
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={() => onToggle(domain)}
      className="flex h-full w-full items-center gap-1 px-2 text-left font-medium -outline-offset-2 hover:bg-line"
    >
      <Icon aria-hidden="true" size={14} className="shrink-0" />
      <bdi className="min-w-0 flex-1 truncate">{visibleText(domain)}</bdi>
      {isApart ? (
        <span
          title="Its clock and that of this log are surely apart: their times tell no order"
          className="flex items-center gap-0.5 text-xs font-normal text-warning"
        >
          <MarkIcon shape="triangle" tone="warning" size={10} />
          <span className="max-md:sr-only">clock apart</span>
        </span>
      ) : null}
      <span className="text-xs font-normal text-muted max-md:hidden">{formatCount(entries)}</span>
    </button>
  );
}

/** How many are abnormal in a lane: by shape, number and word. */
function Worst({ lane }: { readonly lane: Lane }) {
  const critical = lane.marked[3]?.length ?? 0;
  const warning = lane.marked[2]?.length ?? 0;
  if (critical + warning === 0) return null;
  const isCritical = critical > 0;
  return (
    <span className={`flex items-center gap-0.5 text-xs ${isCritical ? "text-critical" : "text-warning"}`}>
      <MarkIcon shape={isCritical ? "cross" : "triangle"} tone={isCritical ? "critical" : "warning"} size={10} />
      {formatCount(isCritical ? critical : warning)}
      <span className="sr-only">{isCritical ? "critical" : "warning"}</span>
    </span>
  );
}
