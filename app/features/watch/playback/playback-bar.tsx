import { ChevronsLeft, ChevronsRight, Pause, Play, StepForward } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection } from "../../../api/client/api-context.tsx";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { IconButton } from "../../../ui/button.tsx";
import { formatDuration } from "../../../ui/duration.ts";
import { Select } from "../../../ui/select.tsx";
import { type LiveAnswer, useLive } from "../queries.ts";
import { positionAt, SPEEDS } from "./position.ts";
import type { PlaybackControl } from "./use-playback.ts";

export interface PlaybackBarProps {
  readonly wid: string;
  readonly status: WorkflowSummary["status"];
  readonly control: PlaybackControl;
}

interface Live extends Pick<LiveAnswer, "position"> {
  readonly playback: NonNullable<LiveAnswer["playback"]>;
}
const playbackOf = ({ playback, position }: LiveAnswer): Live | null =>
  playback === null ? null : { playback, position };

/** Time of the recording: where it stands, how fast it goes, pause and one step. Not a safety control. */
export function PlaybackBar({ wid, status, control }: PlaybackBarProps) {
  const live = useLive(wid, playbackOf).data;
  if (live === undefined) return null;
  if (live === null) return <p className="text-xs text-muted">How it was played is not kept for the past.</p>;
  const { playback } = live;
  const ended = status === "finished" || status === "stopped";
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      {ended ? null : (
        <div role="toolbar" aria-label="Playback" className="flex items-center gap-0.5">
          <IconButton
            label={playback.paused ? "Resume the re-enactment" : "Pause the re-enactment"}
            icon={playback.paused ? Play : Pause}
            shortcut="p"
            variant="plain"
            onPress={control.toggle}
          />
          <IconButton
            label="One step: the next task that is due"
            icon={StepForward}
            shortcut="."
            onPress={control.step}
          />
          <span className="mx-1 h-5 border-l border-line" />
          <IconButton label="Slower" icon={ChevronsLeft} size="sm" shortcut="[" onPress={control.slower} />
          <Select
            label="Speed"
            hideLabel
            className="w-21"
            items={speedItems(playback.speed)}
            selectedKey={String(playback.speed)}
            onSelectionChange={(id) => control.speed(Number(id))}
          />
          <IconButton label="Faster" icon={ChevronsRight} size="sm" shortcut="]" onPress={control.faster} />
        </div>
      )}
      {status === "finished" ? null : <Position live={live} moving={status === "running"} />}
    </div>
  );
}

const speedItems = (current: number) =>
  [...new Set([...SPEEDS, current])].sort((a, b) => a - b).map((speed) => ({ id: String(speed), name: `× ${speed}` }));

/** Recorded time passed, of how much; moved on between two answers of the host while there is one. */
function Position({ live, moving }: { readonly live: Live; readonly moving: boolean }) {
  const connection = useConnection();
  const connected = connection.state === "leader" || connection.state === "follower";
  const { playback, position } = live;
  const runs = moving && connected && !playback.paused;
  const nowMs = useFrameClock(runs);
  const at = positionAt(playback, position.atMs, nowMs, runs);
  const share = playback.endMs === 0 ? 1 : at / playback.endMs;
  return (
    <div className="flex min-w-40 flex-1 items-center gap-2">
      <div
        role="progressbar"
        aria-label="Recorded time"
        aria-valuemin={0}
        aria-valuemax={Math.round(playback.endMs / 1000)}
        aria-valuenow={Math.round(at / 1000)}
        aria-valuetext={`${formatDuration(at)} of ${formatDuration(playback.endMs)}`}
        className="h-1 min-w-12 flex-1 overflow-hidden bg-line"
      >
        <div className="h-full origin-left bg-strong" style={{ transform: `scaleX(${share})` }} />
      </div>
      <span className="text-xs whitespace-nowrap text-muted">
        {formatDuration(at)} of {formatDuration(playback.endMs)} recorded
      </span>
    </div>
  );
}

/** The wall clock four times a second while something moves. */
function useFrameClock(moving: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, [moving]);
  return nowMs;
}
