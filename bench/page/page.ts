import type { EngineAnswer, EngineJob } from "../workers/messages.ts";
import { type LanesOptions, type LanesSample, measureLanes } from "./lanes.ts";
import { measureStop, type StopOptions, type StopSample } from "./stop.ts";
import {
  closeTab,
  type FollowerPress,
  type Freeze,
  freeze,
  openFollower,
  openLeader,
  pressHere,
  startBusy,
} from "./stop-tabs.ts";

/** What the bench's page does for the driver, called from outside by name. */
export interface BenchPage {
  /** Runs a job in a new worker; the worker is ended afterwards. Rejects with what went wrong in it. */
  engine(job: EngineJob): Promise<unknown>;
  stop(options: StopOptions): Promise<StopSample[]>;
  lanes(options: LanesOptions): Promise<LanesSample>;
  openLeader(profile: string): Promise<void>;
  openFollower(profile: string): Promise<void>;
  startBusy(): Promise<void>;
  freeze(how: Freeze): number;
  pressHere(options: { readonly thawMs: number }): Promise<FollowerPress>;
  closeTab(options: { readonly last: boolean }): Promise<void>;
}

declare global {
  interface Window {
    bench?: BenchPage;
  }
}

function engine(job: EngineJob): Promise<unknown> {
  const worker = new Worker(new URL("../workers/engine-worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<EngineAnswer>) => {
      worker.terminate();
      if (data.ok) resolve(data.samples);
      else reject(new Error(data.detail));
    };
    worker.onerror = (event) => reject(new Error(`the bench's worker did not start: ${event.message}`));
    worker.postMessage(job);
  });
}

window.bench = {
  ...{ engine, stop: measureStop, lanes: measureLanes },
  ...{ openLeader, openFollower, startBusy, freeze, pressHere, closeTab },
};
