import { Download, ShieldCheck } from "lucide-react";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Progress } from "../../ui/progress.tsx";
import type { useExport } from "./use-export.ts";

export interface TitleBarProps {
  /** Entries in the log, and how many of them match; null before they are known. */
  readonly size: number | null;
  readonly matching: number | null;
  readonly isFiltered: boolean;
  readonly exporting: ReturnType<typeof useExport>;
  onVerify(): void;
}

export function TitleBar({ size, matching, isFiltered, exporting, onVerify }: TitleBarProps) {
  const { progress, start, cancel } = exporting;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
      {/* The shell has the heading of the pane; this is what is seen of it. */}
      <span aria-hidden="true" className="text-base font-semibold max-md:hidden">
        Timeline
      </span>
      <p className="min-w-0 flex-1 text-muted">{countText(size, matching, isFiltered)}</p>
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
      <Button onPress={start} isDisabled={progress !== null || size === null} shortcut="e">
        <Download aria-hidden="true" size={14} />
        Export
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
