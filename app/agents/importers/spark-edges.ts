import type { RunTask } from "../../protocol/run/recorded-run.ts";
import type { StageInfo } from "./spark-events.ts";
import type { SparkLog } from "./spark-log.ts";

type Parent = RunTask["parents"][number];

interface Ran {
  readonly key: string;
  readonly order: number;
}

/**
 * Finds the stage attempts a stage waited for. A stage names its parents by stage id, and the parent may never have been
 * submitted: when its output is there from an earlier job, Spark plans it under a new id and skips it. The stage that
 * made the output has the same last RDD (the highest id); an edge found that way is inferred.
 */
export class SparkEdges {
  readonly #planned: ReadonlyMap<number, StageInfo>;
  readonly #order = new Map<string, number>();
  readonly #byId = new Map<number, Ran[]>();
  readonly #byRdd = new Map<number, Ran[]>();

  constructor(log: SparkLog) {
    this.#planned = log.planned;
    for (const [key, { info }] of log.stages) {
      const ran = { key, order: this.#order.size };
      this.#order.set(key, ran.order);
      append(this.#byId, info["Stage ID"], ran);
      const rdd = lastRdd(info);
      if (rdd !== null) append(this.#byRdd, rdd, ran);
    }
  }

  /** The parents of a stage attempt, and the parent ids for which nothing that ran was found. */
  of(key: string, info: StageInfo): { readonly parents: Parent[]; readonly missing: number[] } {
    const before = this.#order.get(key) ?? 0;
    const found = new Map<string, Parent>();
    const missing: number[] = [];
    for (const id of info["Parent IDs"]) {
      const direct = latestBefore(this.#byId.get(id), before);
      const parents = direct === null ? this.#ofSkipped(id, before, new Set()) : [{ id: direct, inferred: false }];
      if (parents.length === 0) missing.push(id);
      for (const parent of parents) {
        if (!parent.inferred || !found.has(parent.id)) found.set(parent.id, parent);
      }
    }
    return { parents: [...found.values()], missing };
  }

  #ofSkipped(id: number, before: number, seen: Set<number>): Parent[] {
    const info = this.#planned.get(id);
    if (info === undefined || seen.has(id)) return [];
    seen.add(id);
    const rdd = lastRdd(info);
    const made = rdd === null ? null : latestBefore(this.#byRdd.get(rdd), before);
    if (made !== null) return [{ id: made, inferred: true }];
    return info["Parent IDs"].flatMap((parent) => {
      const direct = latestBefore(this.#byId.get(parent), before);
      return direct === null ? this.#ofSkipped(parent, before, seen) : [{ id: direct, inferred: true }];
    });
  }
}

function append(map: Map<number, Ran[]>, key: number, ran: Ran): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [ran]);
  else list.push(ran);
}

/** The last attempt that was submitted before; attempts after it would be circles. */
function latestBefore(list: readonly Ran[] | undefined, before: number): string | null {
  return list?.findLast((ran) => ran.order < before)?.key ?? null;
}

function lastRdd(info: StageInfo): number | null {
  return info["RDD Info"].reduce<number | null>(
    (most, rdd) => (most === null || rdd["RDD ID"] > most ? rdd["RDD ID"] : most),
    null,
  );
}
