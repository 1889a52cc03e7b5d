import pLimit from "p-limit";
import type { EventLog, KeyValueStore, Snapshot } from "../../engine/ports.ts";
import { isSnapshotDue } from "../../engine/seal.ts";
import { STATE_VERSION } from "../../engine/state.ts";
import { STH_TYPE } from "../../protocol/audit/tree-head.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";

/** Snapshots at most, and bytes of them: a state of 100,000 entries has some 20 MB [ours]. */
const MOST = 8;
const MOST_BYTES = 64_000_000;

const SHELF = "past-snapshot/";
/** What another version of the state left here is of no use to this one. */
const PREFIX = `${SHELF}${STATE_VERSION}/`;
const keyOf = ({ size, bytes }: Snapshot): string => `${PREFIX}${String(size).padStart(16, "0")}/${bytes.byteLength}`;

interface Kept {
  readonly key: string;
  readonly size: number;
  readonly bytes: number;
}

/**
 * Snapshots the log took earlier, a few of them, spread over it: any place of the past is folded from the nearest one before
 * it (XA-79). The log itself keeps the newest only, which its next start needs. They are derived: one that is lost, cut off or not what
 * the log signed costs time and nothing else.
 */
export interface SnapshotShelf {
  /** What is kept, by size. */
  sizes(): Promise<readonly number[]>;
  /** As it is stored, to be trusted by nobody who has not verified it; null where it is not there, or of another tree. */
  read(size: number): Promise<Snapshot | null>;
  /** By the log's size alone it is known whether it took a snapshot since; that is kept then. */
  appended(size: number): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export interface ShelfPorts {
  readonly log: Pick<EventLog, "snapshot" | "heads">;
  readonly domain: string;
  readonly values: KeyValueStore;
}

export function createSnapshotShelf(
  { log, domain, values }: ShelfPorts,
  isDue: (size: number, last: number) => boolean = isSnapshotDue,
  most: { readonly count: number; readonly bytes: number } = { count: MOST, bytes: MOST_BYTES },
): SnapshotShelf {
  const inTurn = pLimit(1);
  /** Of the newest snapshot that was looked at; null until it is known what is kept. */
  let last: number | null = null;
  let waits = false;

  const kept = async (): Promise<readonly Kept[]> => {
    const keys = await values.keys(PREFIX);
    return (keys.ok ? keys.value : []).map((key) => {
      const [size = "", bytes = ""] = key.slice(PREFIX.length).split("/");
      return { key, size: Number(size), bytes: Number(bytes) };
    });
  };
  const letGo = async (): Promise<void> => {
    let all = await kept();
    while (all.length > most.count || (all.length > 1 && all.reduce((sum, { bytes }) => sum + bytes, 0) > most.bytes)) {
      const least = leastMissed(all);
      const gone = await values.delete(least.key);
      if (!gone.ok) return;
      all = all.filter((one) => one !== least);
    }
  };
  const keepNewest = async (): Promise<void> => {
    const newest = await log.snapshot(domain);
    if (!newest.ok || newest.value === null) return;
    last = newest.value.size;
    // What is new is durable before anything is let go.
    const put = await values.put(keyOf(newest.value), newest.value);
    if (put.ok) return letGo();
    // What can be made again takes no room from the log.
    if (put.error.code === "storage_full") for (const { key } of await kept()) await values.delete(key);
  };
  const look = async (size: number): Promise<void> => {
    if (last === null) {
      const all = await values.keys(SHELF);
      for (const key of all.ok ? all.value : []) if (!key.startsWith(PREFIX)) await values.delete(key);
      last = (await kept()).at(-1)?.size ?? 0;
    }
    if (isDue(size, last)) await keepNewest();
  };

  return {
    sizes: async () => (await kept()).map(({ size }) => size),
    read: async (size) => {
      const one = (await kept()).find((of) => of.size === size);
      const stored = one === undefined ? null : await values.get(one.key);
      if (stored?.ok !== true || stored.value === null || typeof stored.value !== "object") return null;
      const snapshot = stored.value as Snapshot; // whoever opens it looks at what it has
      return snapshot.size === size && (await isOfThisTree(snapshot)) ? snapshot : null;
    },
    appended: (size) => {
      if (waits || (last !== null && !isDue(size, last))) return;
      waits = true;
      void inTurn(async () => {
        waits = false;
        await look(size);
      }).catch(() => undefined);
    },
    settled: () => inTurn(async () => undefined),
  };

  /** The log signed a head with each snapshot: over as many entries the same root, and no other. */
  async function isOfThisTree({ size, root }: Snapshot): Promise<boolean> {
    const heads = await log.heads(domain);
    const roots = (heads.ok ? heads.value : []).flatMap((compact) => {
      const parsed = parseCompact(compact);
      const head = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
      return head?.success === true && head.data.tree_size === size ? [head.data.root] : [];
    });
    return roots.length > 0 && roots.every((one) => one === root);
  }
}

/** Never the newest: the one without which the fold between its neighbours is shortest. */
function leastMissed(all: readonly Kept[]): Kept {
  let [least] = all;
  let shortest = Number.POSITIVE_INFINITY;
  for (const [at, one] of all.entries()) {
    const after = all[at + 1];
    const fold = after === undefined ? Number.POSITIVE_INFINITY : after.size - (all[at - 1]?.size ?? 0);
    if (fold >= shortest) continue;
    [least, shortest] = [one, fold];
  }
  return least as Kept; // there is more than one
}
