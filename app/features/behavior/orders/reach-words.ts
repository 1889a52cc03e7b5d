import type { QuarantineReach } from "../../../api/contract/behavior.ts";
import { countOf } from "../words.ts";

/** What a quarantine touches, or holds, counted over the agent's instances. */
export interface ReachCounts {
  /** In workflows that run. */
  readonly instances: number;
  readonly workflows: number;
  /** Begun and not ended: it ends as it ends. */
  readonly underWay: number;
  readonly leases: { readonly open: number; readonly cut: number };
  readonly breakers: { readonly all: number; readonly held: number };
}

export function countReach(instances: readonly QuarantineReach[]): ReachCounts {
  const running = instances.filter(({ status }) => status === "running");
  const breakers = running.flatMap((instance) => instance.breakers);
  return {
    instances: running.length,
    workflows: new Set(running.map(({ wid }) => wid)).size,
    underWay: running.reduce((sum, { tasks }) => sum + tasks.length, 0),
    leases: {
      open: running.filter(({ lease }) => lease?.open === true).length,
      cut: instances.filter(({ lease }) => lease?.cut === true).length,
    },
    breakers: { all: breakers.length, held: breakers.filter(({ held }) => held).length },
  };
}

export const instancesWords = ({ instances, workflows }: ReachCounts): string =>
  instances === 0
    ? "none runs now; what starts later is refused"
    : `${countOf(instances, "instance")} in ${countOf(workflows, "workflow")}`;
