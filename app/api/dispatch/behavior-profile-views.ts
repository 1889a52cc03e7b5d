import { createSlices } from "../../base/slices.ts";
import { isConduct } from "../../engine/behavior/conduct.ts";
import type { State, TaskState } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import type { ProfileVersion } from "../contract/behavior.ts";
import { MAX_SEEN } from "../contract/behavior-profiles.ts";
import { inParts, SLICE_MS } from "./behavior-tasks.ts";

/** Every version of every profile, by profile, the newest version first. */
export function profileRows(state: State, nowS: number): ProfileVersion[] {
  return [...state.behavior.profiles.values()].flatMap((versions) =>
    versions.toReversed().map((version, at) => ({
      ...version,
      inForce: at === 0 && (version.profile.not_after === undefined || version.profile.not_after > nowS),
    })),
  );
}

interface Seen {
  readonly instances: Set<string>;
  readonly actions: Map<string, number>;
  tasks: number;
}

/** What agents of this log were and did, and what they stated to touch: to choose from where a profile is written. Drills and benchmarks are no conduct. */
export async function seenIn(host: Host) {
  const agents = new Map<string, Seen>();
  const dataClasses = new Set<string>();
  const targets = new Set<string>();
  const pointers = new Set<string>();
  const agentOf = (id: string): Seen => {
    const standing = standingOf(id);
    const known = agents.get(standing) ?? { instances: new Set(), actions: new Map(), tasks: 0 };
    agents.set(standing, known);
    known.instances.add(id);
    return known;
  };
  const note = (into: Set<string>, words: readonly string[]): void => {
    for (const word of words) if (into.size < MAX_SEEN) into.add(word);
  };
  const see = ({ agent, execAct, intent }: TaskState): void => {
    const seen = agentOf(agent);
    seen.tasks += 1;
    seen.actions.set(execAct, (seen.actions.get(execAct) ?? 0) + 1);
    const { data_classes = [], resources = [], domains = [], named = {} } = intent?.needs ?? {};
    note(dataClasses, data_classes);
    note(pointers, Object.keys(named));
    note(targets, [...(intent?.target == null ? [] : [intent.target]), ...resources, ...domains]);
  };
  const wids = await host.engine.read((state) => {
    const conduct = [...state.workflows.values()].filter(isConduct);
    for (const { agents: ids } of conduct) for (const id of ids) agentOf(id);
    return conduct.map(({ wid }) => wid);
  });
  const slice = createSlices(host.ports.clock, SLICE_MS);
  const breath = async (): Promise<void> => slice();
  for (const wid of wids)
    await inParts(
      host,
      wid,
      (workflow, jtis) => {
        for (const jti of jtis) {
          const task = workflow.tasks.get(jti);
          if (task !== undefined) see(task);
        }
        return [];
      },
      breath,
    );
  return {
    agents: [...agents]
      .map(([agent, { instances, tasks, actions }]) => ({
        agent,
        instances: instances.size,
        tasks,
        actions: [...actions]
          .map(([action, count]) => ({ action, tasks: count }))
          .sort((a, b) => b.tasks - a.tasks)
          .slice(0, MAX_SEEN),
      }))
      .sort((a, b) => b.tasks - a.tasks)
      .slice(0, MAX_SEEN),
    dataClasses: [...dataClasses].sort(),
    targets: [...targets].sort(),
    named: [...pointers].sort(),
  };
}
