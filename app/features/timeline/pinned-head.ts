import * as z from "zod";
import type { VerifyReport } from "../../api/contract/audit.ts";
import { digestSchema } from "../../protocol/jose/formats.ts";
import { treeGrowth } from "./tree-growth.ts";

/**
 * What this browser remembers of a log: the size and root it last verified. Kept apart from the log's own storage, so that a
 * log rewritten as a whole, heads included, still disagrees with it.
 */
const pinnedHeadSchema = z.object({
  size: z.int().positive(),
  root: digestSchema,
  /** Epoch ms. */
  pinnedAtMs: z.number(),
});
export type PinnedHead = z.infer<typeof pinnedHeadSchema>;

const keyOf = (logId: string): string => `signalbox.verified-head.${logId}`;

export function readPin(logId: string, storage: Pick<Storage, "getItem">): PinnedHead | null {
  try {
    const parsed = pinnedHeadSchema.safeParse(JSON.parse(storage.getItem(keyOf(logId)) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    // Blocked storage or damaged text: nothing is remembered, and the check says so.
    return null;
  }
}

/** False when the browser would not keep it. */
export function writePin(logId: string, pin: PinnedHead, storage: Pick<Storage, "setItem">): boolean {
  try {
    storage.setItem(keyOf(logId), JSON.stringify(pin));
    return true;
  } catch {
    return false;
  }
}

export interface PinAnswer {
  readonly result: "passed" | "failed" | "not_checked";
  readonly detail: string;
}

/** A receipt as `audit.entry` gives it, reduced to its proof. */
export interface Proof {
  readonly leaf: string;
  readonly seq: number;
  readonly treeSize: number;
  readonly root: string;
  readonly path: readonly string[];
}

/**
 * Holds a passed report against the pinned head. A longer log must have grown out of the pinned one: the proof of its entry
 * `pin.size - 1` gives both roots. `proofOf` fetches the proof of an entry in the log as it is now.
 */
export async function comparePin(
  pin: PinnedHead | null,
  report: VerifyReport,
  proofOf: (seq: number) => Promise<Proof>,
): Promise<PinAnswer> {
  if (pin === null) return { result: "not_checked", detail: "this browser remembers no earlier head of this log" };
  if (report.firstBad !== null && report.firstBad.seq < pin.size)
    return {
      result: "not_checked",
      detail: `entry ${report.firstBad.seq} is bad, so the remembered head was not reached`,
    };
  if (report.size < pin.size) {
    return {
      result: "failed",
      detail: `${pin.size} entries were verified here before; the log has ${report.size} now`,
    };
  }
  if (report.size === pin.size) return sameRoot(pin, report.root);
  const proofs = await proofsOfOneTree(pin.size - 1, report.size - 1, proofOf);
  if (proofs === null) return { result: "not_checked", detail: "the log grew while it was compared: verify again" };
  const [then, now] = proofs;
  const [old, fresh] = await Promise.all([growthOf(then), growthOf(now)]);
  if (old === null || fresh === null || old.rootNow !== fresh.rootNow || fresh.rootThen !== report.root)
    return { result: "failed", detail: "the log's own proofs do not lead to the root that was recomputed" };
  return sameRoot(pin, old.rootThen);
}

/** Both proofs in a tree of one size; a log that is being written grows in between, so it is tried a few times. */
async function proofsOfOneTree(
  first: number,
  second: number,
  proofOf: (seq: number) => Promise<Proof>,
): Promise<readonly [Proof, Proof] | null> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const [one, other] = await Promise.all([proofOf(first), proofOf(second)]);
    if (one.treeSize === other.treeSize) return [one, other];
  }
  return null;
}

function growthOf(proof: Proof): ReturnType<typeof treeGrowth> {
  return treeGrowth(proof.leaf, proof.seq, proof.treeSize, proof.path);
}

function sameRoot(pin: PinnedHead, root: string): PinAnswer {
  return root === pin.root
    ? { result: "passed", detail: `the log grew out of the head remembered at ${pin.size} entries` }
    : { result: "failed", detail: `the first ${pin.size} entries are not those this browser verified before` };
}
