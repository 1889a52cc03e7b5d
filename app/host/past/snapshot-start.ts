import { fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import { decodePieces } from "../../engine/past/decode-pieces.ts";
import { type Ladder, ladderFrom } from "../../engine/past/ladder.ts";
import type { EventLog, Snapshot } from "../../engine/ports.ts";
import type { HostIds } from "../../engine/records.ts";
import { openSnapshot } from "../../engine/snapshot.ts";
import type { PublicJwk } from "../../protocol/identity/claims.ts";
import { importPublicKey } from "../../protocol/jose/keys.ts";
import type { SnapshotShelf } from "./snapshot-shelf.ts";

export interface SnapshotPorts {
  readonly log: Pick<EventLog, "snapshot">;
  /** Earlier ones, where some are kept. */
  readonly shelf?: Pick<SnapshotShelf, "sizes" | "read">;
  readonly ids: HostIds;
  readonly sha256: Sha256;
  /** The log's key; null where the log is not beyond doubt. */
  logKey(): Promise<PublicJwk | null>;
}

/** The state of an entry that the log has signed, as a place where a ladder can begin. */
export interface SnapshotStart {
  /** Entries it is of. */
  readonly size: number;
  /** Null where the snapshot is not exactly what the log has signed. */
  ladder(spacing: number): Promise<Ladder | null>;
}

/** The snapshots of a log, by size: what came after one can be shown without folding what came before it. */
export async function snapshotStarts({ log, shelf, ids, sha256, logKey }: SnapshotPorts): Promise<SnapshotStart[]> {
  const jwk = await logKey();
  const key = jwk === null ? null : await importPublicKey(jwk);
  if (key?.ok !== true) return [];
  const own = { ids, sha256, logPublicKey: key.value.key };
  const startAt = (size: number, read: () => Promise<Snapshot | null>): SnapshotStart => ({
    size,
    ladder: async (spacing) => {
      const snapshot = await read();
      const content =
        snapshot === null ? null : await openSnapshot(own, snapshot, (bytes) => inTurns(decodePieces(bytes)));
      if (content === null) return null;
      const { state, head, lastAt } = content;
      const frontier = head.frontier.map(fromBase64url).filter((root) => root !== null);
      return inTurns(ladderFrom(state, { size: head.size, lastAt, frontier }, spacing, sha256));
    },
  });
  const stored = await log.snapshot(ids.domain);
  const newest = stored.ok ? stored.value : null;
  const earlier = ((await shelf?.sizes()) ?? []).filter((size) => size !== newest?.size);
  const starts = earlier.map((size) => startAt(size, async () => (await shelf?.read(size)) ?? null));
  if (newest !== null) starts.push(startAt(newest.size, async () => newest));
  return starts.toSorted((a, b) => a.size - b.size);
}

async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await turn();
  return step.value;
}
