import { Anchor, Briefcase, Download, ShieldCheck } from "lucide-react";
import type { Position } from "../../api/contract/common.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Ago } from "../../ui/instant.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import type { useExport } from "./use-export.ts";

export interface TitleBarProps {
  /** The log as it was read; null before it is. */
  readonly position: Position | null;
  /** How many of its entries match; null before that is known. */
  readonly matching: number | null;
  readonly isFiltered: boolean;
  readonly exporting: ReturnType<typeof useExport>;
  /** How the log is shown. */
  readonly view: "table" | "lanes";
  onView(view: "table" | "lanes"): void;
  onEvidence(): void;
  onAnchors(): void;
  onVerify(): void;
}

export function TitleBar({
  position,
  matching,
  isFiltered,
  exporting,
  view,
  onView,
  onEvidence,
  onAnchors,
  onVerify,
}: TitleBarProps) {
  const { progress, start, cancel } = exporting;
  const size = position?.size ?? null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
      {/* The shell has the heading of the pane; this is what is seen of it. */}
      <span aria-hidden="true" className="text-base font-semibold max-md:hidden">
        Timeline
      </span>
      <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 text-muted">
        <p>{countText(size, matching, isFiltered)}</p>
        {position === null ? null : (
          <p className="text-xs whitespace-nowrap">
            read <Ago sinceMs={position.atMs} />
          </p>
        )}
      </div>
      {progress === null ? null : (
        <div className="flex w-full items-center gap-2 md:w-72">
          <div className="flex-1">
            <Progress
              label="Exporting"
              value={progress.done}
              max={progress.total}
              detail={`${formatCount(progress.done)} of ${formatCount(progress.total)}`}
            />
          </div>
          <Button size="sm" onPress={cancel}>
            Cancel
          </Button>
        </div>
      )}
      <Segmented
        label="View"
        options={[
          { id: "table", name: "Table" },
          { id: "lanes", name: "Lanes" },
        ]}
        selected={view}
        onChange={onView}
      />
      <Button onPress={start} isDisabled={progress !== null || size === null} shortcut="e">
        <Download aria-hidden="true" size={14} />
        Export
      </Button>
      <Button onPress={onEvidence} isDisabled={size === null} shortcut="p">
        <Briefcase aria-hidden="true" size={14} />
        Evidence pack
      </Button>
      <Button onPress={onAnchors} shortcut="a">
        <Anchor aria-hidden="true" size={14} />
        Anchors
      </Button>
      <Button onPress={onVerify} shortcut="v">
        <ShieldCheck aria-hidden="true" size={14} />
        Verify
      </Button>
    </div>
  );
}

function countText(size: number | null, matching: number | null, isFiltered: boolean): string {
  if (size === null) return "";
  const entries = `${formatCount(size)} ${size === 1 ? "entry" : "entries"}`;
  return isFiltered && matching !== null ? `${formatCount(matching)} of ${entries}` : entries;
}
