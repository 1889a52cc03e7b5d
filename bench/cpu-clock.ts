import { median } from "./stats.ts";
import type { AppendSample, CpuClock } from "./work/append.ts";

/** CPU time of this process, user and system, all threads. */
export const processCpu: CpuClock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What is said of CPU time below a figure; nothing where the platform does not tell. */
export function cpuDetails(samples: readonly Pick<AppendSample, "cpuUs">[]): Record<string, number> {
  const told = samples.flatMap(({ cpuUs }) => cpuUs ?? []);
  if (told.length === 0) return {};
  return {
    "CPU an entry, ours, µs": median(told.map(({ ours }) => ours)),
    "CPU an entry, floor, µs": median(told.map(({ floor }) => floor)),
    "ratio of CPU time": median(told.map(({ ours, floor }) => ours / floor)),
  };
}
