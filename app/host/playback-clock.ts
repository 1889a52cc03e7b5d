import type { Clock } from "../base/ports.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import type { RunPlan } from "../engine/workflow/plan.ts";

/** How a re-enactment plays, as the contract shows it. */
export interface Playback {
  readonly speed: number;
  readonly paused: boolean;
  readonly positionMs: number;
  readonly endMs: number;
}

/** The virtual clock of one re-enactment: recorded milliseconds that pass `speed` times as fast. Kept over a reload. */
export interface PlaybackClock {
  nowMs(): number;
  speed(): number;
  running(): boolean;
  setSpeed(speed: number): void;
  pause(): void;
  resume(): void;
  jump(virtualMs: number): void;
  /** Real ms until a virtual time, or null while it does not run. */
  realDelayTo(virtualMs: number): number | null;
  end(plan: RunPlan): void;
  playback(): Playback;
  /** Reads where it stood; a clock that is running already is left alone. */
  load(): Promise<void>;
  save(): Promise<void>;
}

/** How often the position is noted while it runs: a reload goes back by at most this much real time. */
const SAVE_EVERY_MS = 3000;

interface Stored {
  readonly speed: number;
  readonly paused: boolean;
  readonly positionMs: number;
}

export function createPlaybackClock(clock: Clock, values: KeyValueStore, wid: string): PlaybackClock {
  const key = `playback/${wid}`;
  let speed = 1;
  let paused = false;
  let anchorVirtualMs = 0;
  let anchorRealMs = clock.monotonicMs();
  let endMs = 0;
  let loaded = false;
  let saving: (() => void) | null = null;

  const nowMs = (): number =>
    paused ? anchorVirtualMs : anchorVirtualMs + (clock.monotonicMs() - anchorRealMs) * speed;
  const anchor = (virtualMs: number): void => {
    anchorVirtualMs = virtualMs;
    anchorRealMs = clock.monotonicMs();
  };
  const save = async (): Promise<void> => {
    const stored: Stored = { speed, paused, positionMs: nowMs() };
    // Losing the position loses nothing that was acknowledged; storage trouble is shown by the log's own writes.
    await values.put(key, stored);
  };
  const keepSaving = (): void => {
    saving?.();
    saving = paused
      ? null
      : clock.after(SAVE_EVERY_MS, () => {
          void save();
          keepSaving();
        });
  };
  const playback = (): Playback => ({ speed, paused, positionMs: Math.min(nowMs(), endMs), endMs });

  return {
    nowMs,
    speed: () => speed,
    running: () => !paused,
    setSpeed: (next) => {
      anchor(nowMs());
      speed = next;
    },
    pause: () => {
      anchor(nowMs());
      paused = true;
      keepSaving();
    },
    resume: () => {
      anchor(nowMs());
      paused = false;
      keepSaving();
    },
    jump: (virtualMs) => anchor(Math.max(nowMs(), virtualMs)),
    realDelayTo: (virtualMs) => (paused ? null : Math.max(0, (virtualMs - nowMs()) / speed)),
    end: (plan) => {
      endMs = plan.tasks.reduce(
        (end, task) => Math.max(end, (task.startMs ?? 0) + task.durationMs),
        plan.run.makespanMs ?? 0,
      );
    },
    playback,
    load: async () => {
      if (loaded) return;
      loaded = true;
      const stored = await values.get(key);
      const value = (stored.ok ? stored.value : null) as Stored | null | undefined;
      if (value !== null && value !== undefined) {
        speed = value.speed;
        paused = value.paused;
        anchor(value.positionMs);
      } else {
        anchor(0);
      }
      keepSaving();
    },
    save,
  };
}
