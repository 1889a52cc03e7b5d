import { fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import { decodePieces } from "../../engine/past/decode-pieces.ts";
import { type Ladder, ladderFrom } from "../../engine/past/ladder.ts";
import type { EventLog } from "../../engine/ports.ts";
import type { HostIds } from "../../engine/records.ts";
import { openSnapshot } from "../../engine/snapshot.ts";
import type { PublicJwk } from "../../protocol/identity/claims.ts";
import { importPublicKey } from "../../protocol/jose/keys.ts";

export interface SnapshotPorts {
  readonly log: Pick<EventLog, "snapshot">;
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

/** The newest snapshot of a log: what came after it can be shown without folding what came before. */
export async function snapshotStart({ log, ids, sha256, logKey }: SnapshotPorts): Promise<SnapshotStart | null> {
  const jwk = await logKey();
  const key = jwk === null ? null : await importPublicKey(jwk);
  const stored = await log.snapshot(ids.domain);
  if (key?.ok !== true || !stored.ok || stored.value === null) return null;
  const snapshot = stored.value;
  const own = { ids, sha256, logPublicKey: key.value.key };
  return {
    size: snapshot.size,
    ladder: async (spacing) => {
      const content = await openSnapshot(own, snapshot, (bytes) => inTurns(decodePieces(bytes)));
      if (content === null) return null;
      const { state, head, lastAt } = content;
      const frontier = head.frontier.map(fromBase64url).filter((root) => root !== null);
      return inTurns(ladderFrom(state, { size: head.size, lastAt, frontier }, spacing, sha256));
    },
  };
}

async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await turn();
  return step.value;
}
